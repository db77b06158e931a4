import { setTimeout as sleep } from "node:timers/promises";
import { type Niceness, nicenessOf } from "#lib/contract/config/niceness.ts";
import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import { type GuardState, LatencyGuard } from "#lib/domain/backup/latency-guard.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { LatencyProbe } from "#worker/engines/server/latency-probe.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { Pace } from "#worker/streams/paced.ts";

/** The server is asked this often, ms. */
const ASK_MS = 250;
/** After a question that it did not take, ms. */
const AGAIN_MS = 5_000;
/** While reading is held back, a piece passes so often, ms. */
const ALIVE_MS = 15_000;
/** Shorter waits than this are saved up: a timer would be late by as much, ms. */
const LEAST_WAIT_MS = 5;

/**
 * How a backup reads from production: not faster than its policy allows, and not while the server answers many times slower than before. From {@link learn} to {@link begin} it only learns what is
 * normal and lets everything pass: what is read under a lock must never wait.
 */
export class GentleReading implements Pace {
  readonly #context: RunContext;
  readonly #server: string;
  readonly #niceness: Niceness;
  readonly #guard: LatencyGuard;
  readonly #probe: LatencyProbe;
  readonly #watches: boolean;
  #timer: NodeJS.Timeout | undefined;
  #begun = false;
  #closed = false;
  #notBefore = Number.NEGATIVE_INFINITY;
  /** Since when an answer is waited for. */
  #asked: number | null = null;
  #state: GuardState = "read";
  #held: PromiseWithResolvers<void> | null = null;
  #failure: Fault | null = null;
  /** When the bytes that passed are paid for. */
  #due = 0;

  /** `heartbeatSchema`: of the host, null: none. */
  constructor(context: RunContext, { access, policy, host, heartbeatSchema }: { readonly access: ServerAccess; readonly policy: PolicyConfig; readonly host: string; readonly heartbeatSchema: string | null }) {
    this.#context = context;
    this.#server = access.name;
    this.#niceness = nicenessOf(policy);
    const { latencyFactor: factor, latencyFloorMs: floorMs, longestPauseSeconds } = this.#niceness;
    this.#guard = new LatencyGuard({ factor, floorMs, longestPauseMs: longestPauseSeconds * 1000 });
    // Only where the archive writes them anyway.
    this.#probe = new LatencyProbe(access, policy.archive && !policy.schemas && heartbeatSchema !== null ? { schema: heartbeatSchema, host } : null);
    this.#watches = factor > 0;
  }

  /** Begins to ask the server how fast it answers. Before this it is not touched. */
  learn(): void {
    if (!this.#watches) return;
    this.#timer = setInterval(() => this.#look(), ASK_MS);
    this.#look();
  }

  /** Niceness of the backup's programs. */
  get priority(): number {
    return this.#niceness.priority;
  }

  /** How fast something may read that cannot wait for {@link pass}; null: as fast as it can. While reading is held back, the least there is. */
  get bytesPerSecond(): number | null {
    return this.#held ? 0 : (this.#niceness.bytesPerSecond ?? null);
  }

  /** No lock is held any more: from now on reading may be held back. */
  begin(): void {
    this.#begun = true;
    this.#due = this.#now();
  }

  pass(bytes: number): Promise<void> | undefined {
    if (this.#failure) return Promise.reject(this.#failure);
    if (!this.#begun) return undefined;
    const { bytesPerSecond } = this.#niceness;
    if (bytesPerSecond) this.#due = Math.max(this.#due, this.#now()) + (bytes / bytesPerSecond) * 1000;
    if (!this.#held && this.#due - this.#now() < LEAST_WAIT_MS) return undefined;
    return this.#wait(this.#due);
  }

  /** Nobody is held any more, and the server is asked no longer. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#probe.close();
    this.#release();
    const seconds = this.#pausedSeconds();
    if (seconds > 0) this.#context.log("info", `reading ${this.#server} was paused for ${seconds} s in all`);
  }

  async #wait(due: number): Promise<void> {
    const { signal } = this.#context;
    const milliseconds = due - this.#now();
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
    // The server ends a connection that takes nothing for a minute (net_write_timeout): a piece passes now and then.
    const held = this.#held?.promise;
    if (held) await Promise.race([held, sleep(ALIVE_MS, undefined, { signal, ref: false }).catch(() => undefined)]);
  }

  #look(): void {
    if (this.#context.signal.aborted) {
      this.close();
      return;
    }
    const now = this.#now();
    if (this.#asked !== null) {
      if (this.#begun) this.#guard.look(now - this.#asked);
    } else if (now >= this.#notBefore) void this.#ask(now);
    if (this.#begun && this.#state !== "exhausted") this.#follow(this.#guard.decide(now));
  }

  /** A server that cannot be asked tells nothing of its answers; what reads from it will say what is wrong. */
  async #ask(now: number): Promise<void> {
    this.#asked = now;
    const answer = await this.#probe.ask().catch(() => null);
    this.#asked = null;
    if (answer === null) this.#notBefore = this.#now() + AGAIN_MS;
    else if (this.#begun) this.#guard.look(answer);
    else this.#guard.calm(answer);
  }

  #follow(state: GuardState): void {
    if (state === this.#state) return;
    this.#state = state;
    const { answerMs, normalMs } = this.#guard;
    if (state === "pause") {
      this.#held = Promise.withResolvers();
      this.#held.promise.catch(() => undefined);
      this.#context.log("warn", `reading pauses until ${this.#server} answers faster: ${round(answerMs)} ms, before the backup ${round(normalMs)} ms`);
      return;
    }
    if (state === "exhausted") this.#exhausted();
    if (this.#failure) return;
    this.#context.log("info", `reading goes on: ${this.#server} answers in ${round(answerMs)} ms, paused for ${this.#pausedSeconds()} s so far`);
    this.#release();
  }

  #exhausted(): void {
    const fault = new Fault("BACKUP_SERVER_STRAINED", { params: { server: this.#server, seconds: this.#pausedSeconds() } });
    if (this.#niceness.afterLongestPause === "continue") {
      this.#context.finding("warning", faultRecord(fault));
      return;
    }
    this.#context.log("warn", `reading ${this.#server} was paused for ${this.#pausedSeconds()} s: no longer`);
    this.#failure = fault;
    this.#held?.reject(fault);
  }

  #release(): void {
    this.#held?.resolve();
    this.#held = null;
  }

  #pausedSeconds(): number {
    return Math.round(this.#guard.pausedMs(this.#now()) / 100) / 10;
  }

  #now(): number {
    return this.#context.clock.monotonic();
  }
}

function round(ms: number | null): number {
  return Math.round((ms ?? 0) * 10) / 10;
}
