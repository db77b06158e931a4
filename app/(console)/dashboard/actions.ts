"use server";
import { type KindNow, runBackup } from "#lib/services/run/run-backup.ts";
import { attempt } from "../../attempt.ts";

/** Queues a backup of the policy now; the service checks role and that none is active. */
export async function runBackupAction(kind: KindNow, policy: string) {
  return attempt((context) => runBackup(context, { policy, kind }));
}
