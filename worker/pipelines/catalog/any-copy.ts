import { parseSegmentKey } from "#lib/domain/backup/storage-keys.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { type RunContext, throwIfCancelled } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { Destination } from "#worker/ports/destination.ts";

/** So many damaged or missing objects at a destination, and the others are asked before it. */
const PATIENT_WITH = 3;

/**
 * Reads what several destinations hold the same bytes of: from one after the other until one is sound. Lives as long as a run, or as a search: what a
 * destination that is away costs in patience is paid once, not for each object.
 */
export class AnyCopy {
  readonly #tell: (fault: Fault) => void;
  /** By destination; from {@link PATIENT_WITH} on it is asked last. */
  readonly #failures = new Map<string, number>();
  readonly #noted = new Set<string>();
  readonly #told = new Set<string>();

  /** `tell`: is told once of each copy of a file that gave way to another, and of each destination that is away. */
  constructor(tell: (fault: Fault) => void) {
    this.#tell = tell;
  }

  /**
   * What `work` makes of the first copy that it does not fail with. `copies`: in the order wished. `elsewhere`: should none be sound, the same stands somewhere in another form, so the last one that
   * fails gave way, too. Faults: of a single copy its own; of several NO_SOUND_COPY with the reason of each; at once what is no copy's fault (DISK_FULL, KEY_MISSING …) and CANCELLED.
   */
  async read<T>(key: string, copies: readonly Destination[], signal: AbortSignal | undefined, work: (copy: Destination) => Promise<T>, elsewhere = false): Promise<T> {
    const faults = new Map<string, Fault>();
    for (const copy of copies.toSorted((one, other) => this.#rank(one) - this.#rank(other))) {
      if (signal) throwIfCancelled(signal);
      try {
        return await work(copy);
      } catch (error) {
        if (signal) throwIfCancelled(signal);
        const fault = asFault(error);
        if (!isOfCopy(fault)) throw error;
        faults.set(copy.id, fault);
        this.#note(copy.id, fault, key, elsewhere || faults.size < copies.length);
      }
    }
    throw exhausted(key, faults);
  }

  /** Notes and tells that a destination gave way otherwise than in {@link read}. */
  gaveWay(id: string, fault: Fault): void {
    this.#note(id, fault, "", true);
  }

  #rank({ id }: Destination): number {
    return (this.#failures.get(id) ?? 0) < PATIENT_WITH ? 0 : 1;
  }

  #note(id: string, fault: Fault, key: string, othersLeft: boolean): void {
    const away = !OF_ONE_OBJECT.has(fault.code);
    const once = away ? `${id} ${fault.code}` : `${id} ${fault.code} ${key}`;
    if (isReplaced(fault)) return;
    if (!this.#noted.has(once)) this.#failures.set(id, (this.#failures.get(id) ?? 0) + (away ? PATIENT_WITH : 1));
    this.#noted.add(once);
    if (!othersLeft || this.#told.has(once)) return;
    this.#told.add(once);
    this.#tell(fault);
  }
}

/** A run tells as findings which copies gave way. */
export function copiesOfRun(context: Pick<RunContext, "finding">): AnyCopy {
  return new AnyCopy((fault) => context.finding("warning", faultRecord(fault)));
}

/** Where there is no run to tell anything: only the log of the host hears of it. */
export function copiesUntold({ log }: Pick<HostRuntime, "log">): AnyCopy {
  return new AnyCopy(({ code, params }) => log.warn({ fault: code, ...params }, "a copy gave way to another"));
}

/** The fault for what no destination gives: the only one's own, or NO_SOUND_COPY. `faults`: by destination. */
export function exhausted(key: string, faults: ReadonlyMap<string, Fault>): Fault {
  const [only, ...more] = faults.values();
  if (!only) return new Fault("DESTINATION_OBJECT_MISSING", { params: { key, destination: "—" } });
  if (more.length === 0) return only;
  const message = [...faults].map(([id, { code, params }]) => `${id}: ${code}${params.message === undefined ? "" : ` (${params.message})`}`).join("; ");
  return new Fault("NO_SOUND_COPY", { params: { key, message }, retryable: [only, ...more].some(({ retryable }) => retryable), detail: [only, ...more].map((fault) => fault.message).join("\n"), cause: new AggregateError([only, ...more]) });
}

/** Is it that, or one of the reasons, that an object is not there? */
export function isMissing(error: unknown): boolean {
  const { code, cause } = asFault(error);
  return code === "DESTINATION_OBJECT_MISSING" || (cause instanceof AggregateError && cause.errors.some(isMissing));
}

/** Is what {@link AnyCopy.read} threw the fault of the copies, so that another form of the same is worth looking for? */
export function isOfCopies(error: unknown): boolean {
  const fault = asFault(error);
  return fault.code === "NO_SOUND_COPY" || isOfCopy(fault);
}

const OF_ONE_OBJECT: ReadonlySet<string> = new Set(["COPY_CORRUPT", "UNSEAL_FAILED", "DESTINATION_OBJECT_MISSING", "MANIFEST_INVALID", "MANIFEST_FORGED", "MANIFEST_MISSING"]);

function isOfCopy({ code }: Fault): boolean {
  return OF_ONE_OBJECT.has(code) || code.startsWith("DESTINATION_");
}

/** Pieces of a file that is still written go all the time, when longer ones have taken their place. */
function isReplaced({ code, params }: Fault): boolean {
  return code === "DESTINATION_OBJECT_MISSING" && typeof parseSegmentKey(String(params.key))?.tailEnd === "number";
}
