import type { z } from "zod";
import { transactionQuery } from "#lib/contract/archive/transaction-search.ts";
import { ANSWER_MS, searchTransactions } from "#lib/contract/jobs/instants.ts";
import type { DangerPage } from "#lib/contract/views/instant.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { transaction } from "#lib/store/open-database.ts";
import { requireServer } from "#lib/store/settings/require-policy.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const searchDangersInput = transactionQuery.pick({ server: true, from: true, to: true, schema: true, table: true, text: true, rowsOver: true });

/** So many fit on a page that a person reads. */
const MOST = 100;

/**
 * Transactions of a server's archive that may have destroyed something, newest first. They name tables and statements: an access to a backup, and audited as one.
 * Faults FORBIDDEN, NOT_FOUND, HOST_SILENT, QUEUE_UNREACHABLE, those of the archive.
 */
export async function searchDangers(context: ServiceContext, input: z.input<typeof searchDangersInput>): Promise<DangerPage> {
  await permit(context, "backup.view-contents");
  const query = parseInput(searchDangersInput, input);
  const server = await requireServer(context.db, query.server);
  await permit(context, "backup.view-contents", server.environment, server.name);
  await transaction(context.db, (tx) => appendAudit(tx, auditAs(context, { action: "archive.search", subject: server.name, detail: { query } })));
  const { transactions, truncated, unread } = await context.queue.ask(searchTransactions, server.hostName, { ...query, dangerousOnly: true, order: "newest", limit: MOST }, ANSWER_MS + 5_000);
  return { transactions, truncated, unread };
}
