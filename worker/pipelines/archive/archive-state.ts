import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type ArchiveFault, archiveFault } from "#lib/contract/archive/status.ts";
import { type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";
import type { Clock } from "#lib/platform/clock.ts";
import { replaceFile } from "#worker/host/replace-file.ts";

const MOST_FAULTS = 50;

/** One history of binary logs: a server as long as its file names mean the same bytes. */
export interface History {
  readonly uuid: string;
  /** Counts up from 0 with each new beginning that was noticed here. */
  readonly era: number;
}

const historyState = z.object({
  /** Era of the present history of this server. */
  era: z.number().int(),
  /** Epoch of era 0 at the destinations; null until they were asked which are taken. */
  base: z.number().int().nullable(),
  /** By era: number of the newest file that is sealed and intact at every destination. */
  sealed: z.record(z.string(), z.number().int()),
  /** When the last of them got there, milliseconds since 1970; 0 before. */
  sealedAt: z.number(),
});

const archiveState = z.object({
  v: z.literal(1),
  current: z.string().nullable(),
  histories: z.record(z.string(), historyState),
  faults: z.array(archiveFault),
});

/** What the archive of a server must remember beyond its files. Every change is durable before the call returns. */
export class ArchiveState {
  readonly #path: string;
  readonly #clock: Clock;
  #state: z.infer<typeof archiveState>;

  constructor(folder: string, clock: Clock) {
    this.#path = join(folder, "state.json");
    this.#clock = clock;
    this.#state = readState(this.#path);
  }

  /** The history that the stream follows; null before the server was first reached. */
  get current(): History | null {
    const uuid = this.#state.current;
    return uuid === null ? null : { uuid, era: this.#of(uuid).era };
  }

  get faults(): readonly ArchiveFault[] {
    return this.#state.faults;
  }

  /** Turns to a server by its uuid. One that was left before and comes back begins a new era: in between, its files were not followed. */
  turnTo(uuid: string): { history: History; left: string | null } {
    const left = this.#state.current;
    if (left !== uuid) {
      const known = this.#state.histories[uuid];
      this.#set(uuid, known ? { ...known, era: known.era + 1 } : { era: 0, base: null, sealed: {}, sealedAt: 0 }, uuid);
    }
    return { history: { uuid, era: this.#of(uuid).era }, left: left === uuid ? null : left };
  }

  /** Other bytes under known names from now on. */
  beginEra(uuid: string): History {
    const known = this.#of(uuid);
    this.#set(uuid, { ...known, era: known.era + 1 });
    return { uuid, era: known.era + 1 };
  }

  /** Epoch of a history at the destinations; null until {@link setBase} was called for its server. */
  epochOf({ uuid, era }: History): number | null {
    const { base } = this.#of(uuid);
    return base === null ? null : base + era;
  }

  setBase(uuid: string, base: number): void {
    this.#set(uuid, { ...this.#of(uuid), base });
  }

  /** Number of the newest file that needs nothing more; -1 before the first. */
  sealedUpTo({ uuid, era }: History): number {
    return this.#of(uuid).sealed[era] ?? -1;
  }

  /** When a file of this server was last brought everywhere, milliseconds since 1970; 0 before the first. */
  sealedAt({ uuid }: History): number {
    return this.#of(uuid).sealedAt;
  }

  setSealed({ uuid, era }: History, number: number): void {
    const known = this.#of(uuid);
    this.#set(uuid, { ...known, sealed: { ...known.sealed, [era]: number }, sealedAt: this.#clock.now() });
  }

  /** Keeps a fault on record; gives it back. */
  note(error: unknown): FaultRecord {
    const fault = faultRecord(error);
    const at = new Date(this.#clock.now()).toISOString();
    this.#write({ ...this.#state, faults: [{ at, fault }, ...this.#state.faults].slice(0, MOST_FAULTS) });
    return fault;
  }

  #of(uuid: string): z.infer<typeof historyState> {
    return this.#state.histories[uuid] ?? { era: 0, base: null, sealed: {}, sealedAt: 0 };
  }

  #set(uuid: string, history: z.infer<typeof historyState>, current = this.#state.current): void {
    this.#write({ ...this.#state, current, histories: { ...this.#state.histories, [uuid]: history } });
  }

  #write(state: z.infer<typeof archiveState>): void {
    replaceFile(this.#path, `${JSON.stringify(state)}\n`);
    this.#state = state;
  }
}

/** Empty when there is none. One that cannot be read is none: the next epoch is then asked of the destinations, so nothing there is touched. */
function readState(path: string): z.infer<typeof archiveState> {
  try {
    return archiveState.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return { v: 1, current: null, histories: {}, faults: [] };
  }
}
