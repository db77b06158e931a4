import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { openOutputSocket } from "./output-socket.ts";
import { spawnTool } from "./spawn-tool.ts";

async function read(argv: readonly string[], onPiece: (piece: Buffer) => Promise<void> | void): Promise<number | null> {
  const socket = await openOutputSocket();
  const [tool, ...args] = argv as [string, ...string[]];
  const child = spawnTool(tool, args, { stdout: socket.childEnd });
  for await (const piece of socket.output) await onPiece(piece);
  return (await child.done).code;
}

it("brings every byte in order to a reader that takes its time", async () => {
  const hash = createHash("sha256");
  let bytes = 0;
  let pieces = 0;
  const code = await read(["sh", "-c", "seq 1 600000"], async (piece) => {
    hash.update(piece);
    bytes += piece.length;
    if (pieces++ % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  });
  const expected = Buffer.from(Array.from({ length: 600_000 }, (_, at) => `${at + 1}\n`).join(""));
  expect(code).toBe(0);
  expect(bytes).toBe(expected.length);
  expect(hash.digest("hex")).toBe(createHash("sha256").update(expected).digest("hex"));
});

it("ends with a child that writes nothing, and with one that is killed", async () => {
  expect(await read(["true"], () => undefined)).toBe(0);
  const pieces: string[] = [];
  expect(await read(["sh", "-c", "echo one; kill -KILL $$"], (piece) => void pieces.push(piece.toString()))).toBeNull();
  expect(pieces.join("")).toBe("one\n");
});

it("works where the folder for temporary files has a path too long for sockets", async () => {
  const usual = process.env.TMPDIR;
  process.env.TMPDIR = `/tmp/${"a".repeat(100)}`;
  try {
    expect(await read(["sh", "-c", "echo one"], () => undefined)).toBe(0);
  } finally {
    if (usual === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usual;
  }
});

it("a reader that goes away ends the child's writing", async () => {
  const socket = await openOutputSocket();
  const child = spawnTool("yes", [], { stdout: socket.childEnd });
  for await (const piece of socket.output) if (piece.length > 0) break;
  expect((await child.done).code).not.toBe(0);
});
