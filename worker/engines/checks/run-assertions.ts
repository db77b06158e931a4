import type { Connection } from "mysql2/promise";
import type { Assertion } from "#lib/contract/config/server.ts";
import type { Difference } from "#lib/contract/manifest/verification.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { textRows } from "../inventory/information-schema.ts";
import { type CheckOutcome, isConnectionLoss, messageOf } from "./check-outcome.ts";
import { meets } from "./expectation.ts";

/**
 * The user's own checks, each in a read-only transaction that is rolled back. `defaultSchema` is what unqualified names mean.
 * A query that fails, or does not give one value, is a difference; the connection's default schema stays changed.
 */
export async function runAssertions(connection: Connection, assertions: readonly Assertion[], defaultSchema: string | null): Promise<CheckOutcome> {
  const differences: Difference[] = [];
  if (assertions.length > 0 && defaultSchema !== null) await connection.query(`USE ${quoteName(defaultSchema)}`);
  for (const assertion of assertions) {
    const problem = await problemWith(connection, assertion);
    if (problem !== null) differences.push({ kind: "assertion", object: assertion.name, expected: assertion.expect, found: problem });
  }
  return { checked: assertions.length, differences };
}

async function problemWith(connection: Connection, { sql, expect }: Assertion): Promise<string | null> {
  // A read-only transaction stops writes to tables; only a SELECT stops statements that work on the server itself.
  if (!/^\s*(?:SELECT|WITH|\()/i.test(sql)) return "not a SELECT: not run";
  await connection.query("START TRANSACTION READ ONLY");
  try {
    const rows = await textRows(connection, sql);
    const [row] = rows;
    if (rows.length !== 1 || row?.length !== 1) return `${rows.length} rows of ${row?.length ?? 0} columns instead of one value`;
    const value = row[0] ?? null;
    return meets(value, expect) ? null : (value ?? "NULL").slice(0, 100);
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    return messageOf(error);
  } finally {
    await connection.query("ROLLBACK").catch(() => undefined);
  }
}
