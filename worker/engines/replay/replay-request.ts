import type { Flavor } from "#lib/contract/names.ts";
import type { Sandbox } from "#worker/engines/sandbox/sandbox.ts";
import type { ClientTools } from "#worker/ports/tools.ts";

export interface ReplayRequest {
  /** Holds the full, loaded or as data files; started with `replay`. */
  readonly sandbox: Sandbox;
  readonly flavor: Flavor;
  readonly tools: ClientTools;
  /** Plain binary log files without a gap, in order: the first holds the start, the last the stop. */
  readonly files: readonly string[];
  /** Where the full stands: position in the first file, and its GTIDs (null where they are off). */
  readonly start: { readonly position: string; readonly gtidSet: string | null };
  /** Where to stop. `position`: end of the last transaction wanted, in the last file. `beforeGtid`: the first that is not wanted, where it is known by name. */
  readonly stop: { readonly position: string; readonly beforeGtid?: string | undefined };
  /** GTIDs after the replay, skipped ones included (MySQL: set; MariaDB: the last of each domain); null where GTIDs are off. */
  readonly expectedGtids: string | null;
  /** GTIDs of transactions that are left out. MySQL with GTIDs on. */
  readonly skip?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  /** Text for people: position or GTIDs reached. */
  readonly onProgress?: ((item: string) => void) | undefined;
  /** Default: the applier where the server has one that does (MySQL 8.0.26 and later), else one client session. */
  readonly way?: ReplayWay | undefined;
}

export type ReplayWay = "applier" | "client";
