import type { Action } from "#lib/domain/access/permissions.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { type Transaction, transaction } from "#lib/store/open-database.ts";
import { readDesiredState } from "#lib/store/settings/desired-state.ts";

import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { type Pushed, sendState } from "./push-state.ts";
import { requireWhole } from "./require-whole.ts";

/**
 * The one way settings change: write, raise the host's revision, check that the whole still fits together, audit, all in one
 * transaction; then send it to the host.
 */
export async function changeSettings(context: ServiceContext, change: { action: Action; host: string; subject: string; detail: Record<string, unknown>; write: (tx: Transaction) => Promise<void> }): Promise<Pushed> {
  await transaction(context.db, async (tx) => {
    // first, so that two changes for one host come one after the other
    const { wantedRevision } = await tx.host.update({ where: { name: change.host }, data: { wantedRevision: { increment: 1 } } });
    await change.write(tx);
    requireWhole(await readDesiredState(tx, change.host, wantedRevision));
    await appendAudit(tx, auditAs(context, { action: change.action, subject: change.subject, detail: { host: change.host, revision: wantedRevision, ...withoutSealed(change.detail) } }));
  });
  return sendState(context, change.host);
}

/** The trail says that a secret was set, and keeps no copy of it, not even a sealed one. */
function withoutSealed(detail: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(detail, (key, value: unknown) => (key === "sealed" ? "[sealed]" : value)));
}
