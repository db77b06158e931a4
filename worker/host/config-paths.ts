import { resolve } from "node:path";

/** Fields of worker.yaml that hold a path (or a list of paths), wherever they stand. */
const PATH_FIELDS = new Set(["stateDir", "spoolDir", "sandboxDir", "instancesDir", "archiveDir", "home", "passphraseFile", "file", "root", "caFile", "ca", "socket", "folders"]);

/** The document with every relative path taken from `base`, the folder of worker.yaml, so that it means the same from wherever a command is started. */
export function withAbsolutePaths(document: unknown, base: string, field = ""): unknown {
  if (Array.isArray(document)) return document.map((item) => withAbsolutePaths(item, base, field));
  if (typeof document === "string") return PATH_FIELDS.has(field) && document !== "" ? resolve(base, document) : document;
  if (typeof document !== "object" || document === null) return document;
  // `programs` maps names to paths; its keys are no fields.
  const inside = (key: string): string => (field === "programs" ? "file" : key);
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, withAbsolutePaths(value, base, inside(key))]));
}
