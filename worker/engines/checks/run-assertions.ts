import type { Connection } from "mysql2/promise";
import type { Assertion } from "#lib/contract/config/server.ts";
import type { Difference } from "#lib/contract/manifest/verification.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { literal, textRows } from "../inventory/information-schema.ts";
import { connect, type ServerAccess } from "../server/connect.ts";
import { type CheckOutcome, isConnectionLoss, messageOf } from "./check-outcome.ts";
import { meets } from "./expectation.ts";

/**
 * The user's own checks, each in a read-only transaction that is rolled back. `schemas` are those of the backup that hold tables: names without a schema mean that
 * of the assertion, else the only one there is. A query that fails, or does not give one value, is a difference. Fault ASSERTION_SCHEMA_MISSING as requireAssertionSchemas.
 */
export async function runAssertions(access: ServerAccess, assertions: readonly Assertion[], schemas: readonly string[]): Promise<CheckOutcome> {
  const differences: Difference[] = [];
  for (const assertion of assertions) {
    const problem = await onOwnConnection(access, (connection) => problemWith(connection, assertion, schemas));
    if (problem !== null) differences.push({ kind: "assertion", object: assertion.name, expected: assertion.expect, found: problem });
  }
  return { checked: assertions.length, differences };
}

/** Before anything is loaded: the server itself says which queries have names that could be of several schemas. Fault ASSERTION_SCHEMA_MISSING. */
export async function requireAssertionSchemas(access: ServerAccess, assertions: readonly Assertion[], schemas: readonly string[]): Promise<void> {
  for (const assertion of assertions.filter((one) => schemaOf(one, schemas) === null && isQuestion(one))) {
    await onOwnConnection(access, async (connection) => {
      await connection.query(`SET @salvagente_assertion = ${literal(assertion.sql)}`);
      await connection.query("PREPARE salvagente_assertion FROM @salvagente_assertion").catch((error: unknown) => refuseUnnamed(error, assertion, schemas));
    });
  }
}

async function problemWith(connection: Connection, assertion: Assertion, schemas: readonly string[]): Promise<string | null> {
  if (!isQuestion(assertion)) return "not a SELECT: not run";
  try {
    const schema = schemaOf(assertion, schemas);
    if (schema !== null) await connection.query(`USE ${quoteName(schema)}`);
    await connection.query("START TRANSACTION READ ONLY");
    const rows = await textRows(connection, assertion.sql);
    const [row] = rows;
    if (rows.length !== 1 || row?.length !== 1) return `${rows.length} rows of ${row?.length ?? 0} columns instead of one value`;
    const value = row[0] ?? null;
    return meets(value, assertion.expect) ? null : (value ?? "NULL").slice(0, 100);
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    refuseUnnamed(error, assertion, schemas);
    return messageOf(error);
  } finally {
    await connection.query("ROLLBACK").catch(() => undefined);
  }
}

/** A read-only transaction stops writes to tables; only a SELECT stops statements that work on the server itself. */
function isQuestion({ sql }: Assertion): boolean {
  return /^\s*(?:SELECT|WITH|\()/i.test(sql);
}

function schemaOf({ schema }: Assertion, schemas: readonly string[]): string | null {
  return schema ?? (schemas.length === 1 ? (schemas[0] ?? null) : null);
}

const NO_DATABASE_SELECTED = 1046;

function refuseUnnamed(error: unknown, { name }: Assertion, schemas: readonly string[]): void {
  if ((error as { errno?: number }).errno === NO_DATABASE_SELECTED) throw new Fault("ASSERTION_SCHEMA_MISSING", { params: { assertion: name, schemas: schemas.join(", ") } });
}

/** A connection that no schema was chosen on, and that nothing is left of. */
async function onOwnConnection<T>(access: ServerAccess, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connect(access);
  try {
    return await work(connection);
  } finally {
    connection.destroy();
  }
}
