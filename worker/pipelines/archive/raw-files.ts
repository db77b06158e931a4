import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Flavor, flavor } from "#lib/contract/names.ts";
import { fileNumber } from "#lib/domain/archive/session-plan.ts";
import { replaceFile } from "#worker/host/replace-file.ts";
import type { History } from "./archive-state.ts";

const sessionMark = z.object({
  uuid: z.string(),
  era: z.number().int(),
  flavor,
  /** File that the session began with. */
  first: z.string(),
  /** Its bytes contradicted what was here: set aside, never sealed; the server's present history was then streamed anew. */
  aside: z.boolean(),
});
type SessionMark = z.infer<typeof sessionMark>;

/** A folder that one run of the stream writes into. */
export interface Session extends SessionMark {
  /** `s00000001`, counting up. */
  readonly name: string;
  readonly folder: string;
}

/** A copy of a server's binary log, as the stream wrote it. */
export interface RawFile {
  readonly session: Session;
  readonly name: string;
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
}

const MARK = "session.json";
const SESSION = /^s\d{8}$/;
const RAW = /\.\d{6,10}$/;

/** Makes the folder of the next session, 0700, with its mark on disk before the stream writes its first byte. */
export function openSession(root: string, history: History, family: Flavor, first: string): Session {
  const last = readdirSync(root).filter((name) => SESSION.test(name)).sort().at(-1);
  const name = `s${String(Number(last?.slice(1) ?? 0) + 1).padStart(8, "0")}`;
  const folder = join(root, name);
  mkdirSync(folder, { mode: 0o700 });
  const mark: SessionMark = { ...history, flavor: family, first, aside: false };
  replaceFile(join(folder, MARK), `${JSON.stringify(mark)}\n`);
  return { ...mark, name, folder };
}

/** Sets a session's files aside. */
export function setAside({ name: _name, folder, ...mark }: Session): void {
  replaceFile(join(folder, MARK), `${JSON.stringify({ ...mark, aside: true })}\n`);
}

/** All copies that are here, in the order of sessions and numbers. A session folder without a sound mark holds nothing: the stream starts after it. */
export function rawFiles(root: string): RawFile[] {
  return sessions(root).flatMap((session) =>
    readdirSync(session.folder)
      .filter((name) => RAW.test(name))
      .flatMap((name) => {
        const path = join(session.folder, name);
        const found = statSync(path, { throwIfNoEntry: false });
        return found ? [{ session, name, number: fileNumber(name), path, bytes: found.size }] : [];
      })
      .sort((a, b) => a.number - b.number),
  );
}

/** Copies that belong to a history, oldest session first. */
export function ofHistory(files: readonly RawFile[], { uuid, era }: History): RawFile[] {
  return files.filter(({ session }) => session.uuid === uuid && session.era === era && !session.aside);
}

/** Forces what was written so far to the disk; where the file is `new`, its name as well. */
export function syncRaw(file: RawFile, isNew: boolean): void {
  for (const path of isNew ? [file.path, file.session.folder] : [file.path]) {
    const descriptor = openSync(path, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

/** Removes folders of sessions that hold no copy any more; `keep` is the one that the stream writes into. */
export function removeEmptySessions(root: string, keep: string | null): void {
  const used = new Set(rawFiles(root).map(({ session }) => session.name));
  for (const name of readdirSync(root)) {
    if (SESSION.test(name) && name !== keep && !used.has(name)) rmSync(join(root, name), { recursive: true, force: true });
  }
}

function sessions(root: string): Session[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => SESSION.test(name))
    .sort()
    .flatMap((name) => {
      const folder = join(root, name);
      const mark = readMark(join(folder, MARK));
      return mark ? [{ ...mark, name, folder }] : [];
    });
}

/** By path, as it was last read: the folder is looked at several times a second, and a mark is replaced as a whole or not at all. */
const knownMarks = new Map<string, { readonly ino: number; readonly changed: number; readonly mark: SessionMark }>();

function readMark(path: string): SessionMark | null {
  const { ino, ctimeMs: changed } = statSync(path, { throwIfNoEntry: false }) ?? {};
  const known = knownMarks.get(path);
  if (known && known.ino === ino && known.changed === changed) return known.mark;
  knownMarks.delete(path);
  if (ino === undefined || changed === undefined) return null;
  try {
    const mark = sessionMark.parse(JSON.parse(readFileSync(path, "utf8")));
    knownMarks.set(path, { ino, changed, mark });
    return mark;
  } catch {
    return null;
  }
}
