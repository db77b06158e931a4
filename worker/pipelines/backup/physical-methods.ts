import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import type { BackupMethod } from "#lib/domain/backup/methods.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { type CloneReady, requireCloneGround } from "./clone-ground.ts";
import { type CloneJob, type CloneResult, cloneStages } from "./clone-stages.ts";
import type { Base } from "./find-base.ts";
import { requireMariadbBackupGround } from "./mariadb-backup-ground.ts";
import { mariadbBackupStages } from "./mariadb-backup-stages.ts";

/** A way to copy the data files of a server that works. */
interface PhysicalMethod {
  /** All that can be known before; throws what speaks against it, a server of the wrong family first. */
  requireGround(context: RunContext, host: HostRuntime, job: { readonly policy: PolicyConfig; readonly access: ServerAccess; readonly server: SourceServer }): Promise<CloneReady>;
  /** Copy, inventory, archives: the stages between pre-flight and store. `base`: a differential of it, where the method has differentials of its own. */
  run(context: RunContext, host: HostRuntime, job: CloneJob, base?: Base): Promise<CloneResult>;
}

const PHYSICAL_METHODS: Readonly<Record<Exclude<BackupMethod, "dump">, PhysicalMethod>> = {
  clone: { requireGround: requireCloneGround, run: cloneStages },
  "mariadb-backup": { requireGround: requireMariadbBackupGround, run: mariadbBackupStages },
};

/** How a policy's method copies files; null for one that dumps. */
export function physicalMethod({ method }: Pick<PolicyConfig, "method">): PhysicalMethod | null {
  return method === "dump" ? null : PHYSICAL_METHODS[method];
}
