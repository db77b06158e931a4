import type { ServerConfig } from "#lib/contract/config/server.ts";
import type { SwapPlace } from "#lib/contract/recovery/swap.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { SourceLogs } from "#worker/engines/binlog/source-logs.ts";
import { accessOf } from "#worker/host/access.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";

/** While tables are held, programs wait for the answer, ms. */
const WHILE_HELD_MS = 1000;

/**
 * Where a swap stands in the server's binary logs, so that its way back can tell what was written since. Asked over a session of the backup account, which may see the logs. Nothing of a swap
 * fails for it: without an answer the place is not known.
 */
export class PlaceOfSwap {
  readonly #host: HostRuntime;
  readonly #server: ServerConfig;
  #logs: SourceLogs | undefined;
  #known: SwapPlace | null = null;

  private constructor(host: HostRuntime, server: ServerConfig) {
    this.#host = host;
    this.#server = server;
  }

  /** With the place before anything is held: early by what programs write until then, never late. */
  static async before(host: HostRuntime, server: ServerConfig): Promise<PlaceOfSwap> {
    const place = new PlaceOfSwap(host, server);
    place.#known = await place.#ask();
    return place;
  }

  get known(): SwapPlace | null {
    return this.#known;
  }

  /** To be awaited while nobody can write to the tables: from here on what is written stands in those that came. An answer that is late counts for nothing. */
  async whileHeld(): Promise<void> {
    if (!this.#known) return;
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), WHILE_HELD_MS).unref());
    this.#known = (await Promise.race([this.#ask(), late])) ?? this.#known;
  }

  close(): void {
    this.#logs?.close();
  }

  async #ask(): Promise<SwapPlace | null> {
    try {
      this.#logs ??= new SourceLogs(await accessOf(this.#server, this.#host.identity, "backup"));
      return { log: await this.#logs.uuid(), ...(await this.#logs.place()) };
    } catch (error) {
      this.#host.log.warn({ server: this.#server.name, fault: asFault(error).code }, "the swap's place in the binary logs is not known");
      return null;
    }
  }
}
