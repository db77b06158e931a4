import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localDestination } from "#lib/contract/config/destination.ts";
import { destinationContract } from "../testing/contract-suite.ts";
import { LocalDestination } from "./local.ts";
import { PARTIAL } from "./write-file.ts";

destinationContract("local folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sv-local-"));
  const open = (root: string) => new LocalDestination(localDestination.parse({ kind: "local", name: "disk", root }));
  const root = join(folder, "copies");
  return {
    destination: open(root),
    reopen: async () => open(root),
    resumes: false,
    resumesWithoutRecords: false,
    bigBytes: 12 * 1024 * 1024,
    partBytes: 0,
    leftovers: async () => (await readdir(root, { recursive: true })).filter((name) => name.includes(PARTIAL)),
    wrong: [
      { what: "a parent that is missing", step: "folder", detail: /does not answer.*ENOENT/s, open: async () => open(join(folder, "not", "mounted")) },
      {
        what: "a file in its place",
        step: "folder",
        detail: /is not a folder/,
        open: async () => {
          await writeFile(join(folder, "file"), "");
          return open(join(folder, "file"));
        },
      },
    ],
    close: () => rm(folder, { recursive: true, force: true }),
  };
});
