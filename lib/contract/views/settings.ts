import type { DestinationConfig } from "../config/destination.ts";
import type { RecipientKey, ScheduleConfig } from "../config/desired-state.ts";
import type { PolicyConfig } from "../config/policy.ts";
import type { ServerConfig } from "../config/server.ts";
import type { Heartbeat } from "../pairing.ts";

export interface HostRow {
  readonly name: string;
  readonly hostname: string;
  readonly fingerprint: string;
  readonly pairedAt: string;
  readonly pairedBy: string;
  /** Raw X25519 key, base64: secrets typed in a form are sealed to it. */
  readonly boxKey: string;
  readonly sentRevision: number;
  readonly heldRevision: number;
  readonly heartbeat: Heartbeat | null;
  readonly heartbeatAt: string | null;
  readonly state: "up" | "late" | "down" | "unknown";
}

/** A worker that waits to be accepted. */
export interface PendingHost {
  readonly host: string;
  readonly hostname: string;
  readonly fingerprint: string;
  readonly at: string;
  /** True when a host of this name is paired already with another key. */
  readonly replaces: boolean;
}

/** Everything the settings pages show. Secrets appear only as `{sealed: …}` or `{file: …}`. */
export interface Settings {
  readonly hosts: readonly HostRow[];
  readonly servers: readonly { readonly host: string; readonly config: ServerConfig }[];
  readonly destinations: readonly { readonly host: string; readonly config: DestinationConfig; readonly lastProbe: ProbeView | null }[];
  readonly policies: readonly { readonly host: string; readonly config: PolicyConfig }[];
  readonly schedules: readonly { readonly host: string; readonly server: string; readonly config: ScheduleConfig; readonly nextFires: readonly string[] }[];
  readonly keys: readonly { readonly host: string; readonly config: RecipientKey }[];
}

export interface ProbeView {
  readonly at: string;
  readonly steps: readonly { readonly step: string; readonly ok: boolean; readonly ms: number; readonly detail?: string | undefined }[];
  readonly space: { readonly totalBytes: number; readonly freeBytes: number } | null;
}
