import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Body, Destination } from "#worker/ports/destination.ts";

/** What the suite needs from an adapter under test; objects are the bare adapters, without retry. */
export interface Subject {
  readonly destination: Destination;
  /** The same place as another process would open it; `null` state = a host that lost its records. */
  reopen(options?: { emptyState?: boolean }): Promise<Destination>;
  /** Does a cut upload go on where it was? */
  readonly resumes: boolean;
  /** Also when the host lost its records (the place lists unfinished uploads)? */
  readonly resumesWithoutRecords: boolean;
  /** Size of a body that is sent in several parts, where there are parts; the parts' size otherwise has no meaning. */
  readonly bigBytes: number;
  readonly partBytes: number;
  /** Name of the objects that are sent in parts; `data.bin` unless the server has its limits. */
  readonly fileName?: string;
  /** False: the place's own server lists wrong sizes; only `stat` is asked for them. */
  readonly listsBytes?: false;
  /** Names of unfinished things at the place (partial files, open uploads). */
  leftovers(): Promise<string[]>;
  /** Wrong settings, and the step of the probe that must fail with them. */
  readonly wrong: readonly { readonly what: string; readonly step: string; readonly detail: RegExp; open(): Promise<Destination> }[];
  close(): Promise<void>;
}

/** What every part of the suite works with; filled before the first test of a suite. */
export class ContractBench {
  readonly #make: () => Promise<Subject>;
  #open: { subject: Subject; spool: string } | undefined;
  #count = 0;

  constructor(make: () => Promise<Subject>) {
    this.#make = make;
  }

  async open(): Promise<void> {
    this.#open = { subject: await this.#make(), spool: await mkdtemp(join(tmpdir(), "sv-spool-")) };
  }

  async close(): Promise<void> {
    await this.#open?.subject.close();
    if (this.#open) await rm(this.#open.spool, { recursive: true, force: true });
  }

  get subject(): Subject {
    return this.#opened.subject;
  }

  get place(): Destination {
    return this.#opened.subject.destination;
  }

  /** Folder of bodies to be sent. */
  get spool(): string {
    return this.#opened.spool;
  }

  newKey(file = this.subject.fileName ?? "data.bin"): string {
    return `suite/full/case-${this.#next()}/${file}`;
  }

  async spooled(bytes: number): Promise<Body & { kind: "file" }> {
    const data = randomBytes(bytes);
    const path = join(this.spool, `body-${this.#next()}`);
    await writeFile(path, data);
    return { kind: "file", path, bytes, sha256: createHash("sha256").update(data).digest("hex") };
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }

  get #opened(): { subject: Subject; spool: string } {
    if (!this.#open) throw new Error("the bench is not open");
    return this.#open;
  }
}
