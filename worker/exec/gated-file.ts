import { closeSync, constants, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Secret } from "#lib/platform/secret.ts";
import { run } from "./run.ts";

const LOOK_MS = 4;

/** A file that a program may open at once and that has nothing in it before it is told: the program stands still until then. */
export interface GatedFile {
  /** Given to the program. Only this account may open it; it is opened once. */
  readonly path: string;
  /** Resolves once a program has opened the file and waits for what it says. Rejects with the signal's reason. */
  opened(signal: AbortSignal): Promise<void>;
  /** Lets the program read. After {@link opened}; never fails: a program that is gone tells so itself. */
  release(content: Secret): void;
  /** No program will read it any more: one that waits gets an empty file. Safe to call at any time. */
  close(): void;
}

/**
 * So many gated files. They are pipes with a name (Node makes none, mkfifo does): nothing of their content ever lies on a disk. `discard` takes their names away, which is safe as
 * soon as each was opened or nobody will. Faults: TOOL_MISSING, TOOL_FAILED.
 */
export async function gatedFiles(count: number): Promise<{ readonly files: readonly GatedFile[]; discard(): Promise<void> }> {
  if (count === 0) return { files: [], discard: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), "sg-gate-"));
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const paths = Array.from({ length: count }, (_, index) => join(folder, String(index)));
    const { code, stderr } = await run("mkfifo", ["-m", "600", "--", ...paths]);
    if (code !== 0) throw new Fault("TOOL_FAILED", { params: { tool: "mkfifo", outcome: `exit code ${code}` }, detail: stderr });
    return { files: paths.map((path) => new NamedPipe(path)), discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/**
 * The same program, started only while this process is its parent. A program is told to end with its parent (see launch.ts), but only once it runs: one whose parent is killed in that instant would wait
 * at its gate for ever. `parent`: for tests.
 */
export function withParent(argv: readonly string[], parent = process.pid): string[] {
  return ["/bin/sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"', String(parent), ...argv];
}

class NamedPipe implements GatedFile {
  readonly path: string;
  #end: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  async opened(signal: AbortSignal): Promise<void> {
    while (this.#end === undefined) {
      signal.throwIfAborted();
      this.#end = writingEnd(this.path);
      if (this.#end === undefined) await sleep(LOOK_MS);
    }
  }

  release(content: Secret): void {
    const fd = this.#taken();
    if (fd === undefined) throw new Error("nobody has opened the file");
    const socket = new Socket({ fd, readable: false, writable: true });
    socket.on("error", () => socket.destroy());
    socket.end(content.reveal());
  }

  close(): void {
    const fd = this.#taken();
    if (fd !== undefined) closeSync(fd);
  }

  #taken(): number | undefined {
    const fd = this.#end;
    this.#end = undefined;
    return fd;
  }
}

/** A pipe that nobody reads cannot be opened for writing without waiting (ENXIO): that tells who has come. */
function writingEnd(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENXIO") return undefined;
    throw error;
  }
}
