import type { SetSummary } from "../events.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { RestoreTest, Verification } from "../manifest/verification.ts";
import type { FaultView, RunRow } from "./run.ts";

export const SET_LEVELS = ["completed", "intact", "proven", "refused"] as const;
export type SetLevel = (typeof SET_LEVELS)[number];

export interface CopyView {
  readonly destination: string;
  readonly state: "stored" | "intact" | "corrupt" | "missing" | "unreachable";
  readonly bytes: number;
  readonly checkedAt: string;
  readonly problem: string | null;
}

/** One backup set as the catalog knows it. Instants ISO-8601 UTC, sizes bytes. */
export interface SetRow {
  readonly id: string;
  readonly server: string;
  readonly environment: string | null;
  readonly policy: string;
  readonly host: string;
  readonly kind: "full" | "differential";
  /** Differential: the full that it builds on. */
  readonly parent: string | null;
  readonly level: SetLevel;
  readonly serverVersion: string;
  readonly startedAt: string;
  readonly snapshotAt: string;
  readonly finishedAt: string;
  readonly verifiedAt: string | null;
  /** Measured by the restore test; null if never restored. */
  readonly restoreSeconds: number | null;
  readonly plainBytes: number;
  readonly sealedBytes: number;
  readonly tables: number;
  readonly rows: number;
  readonly copies: readonly CopyView[];
}

export interface SetPage {
  readonly rows: readonly SetRow[];
  readonly total: number;
  readonly page: number;
  readonly pageSize: number;
  readonly pages: number;
  readonly servers: readonly string[];
}

/** What is inside a set, from its manifest on storage, or why that could not be read now. */
export type SetContents =
  | { readonly ok: true; readonly manifest: Manifest; readonly verification: Verification | null }
  | { readonly ok: false; readonly fault: FaultView };

export interface SetDetail extends SetRow {
  readonly summary: SetSummary;
  readonly restoreTest: RestoreTest | null;
  /** Runs about this set, newest first: its backup, verifications, restores. */
  readonly runs: readonly RunRow[];
  /** Null unless asked for (`withContents`) and allowed (`backup.view-contents`). */
  readonly contents: SetContents | null;
}
