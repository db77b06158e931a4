import { Fault, faultRecord, faultText } from "#lib/domain/fault/fault.ts";
import { readDatabaseUrl } from "#lib/platform/env.ts";
import { verifyAudit } from "#lib/store/audit/verify-audit.ts";
import { openDatabase } from "#lib/store/open-database.ts";

/** `npm run audit:verify`: one JSON line with entries, head and verdict, and where it is broken what to do. Exit 0 whole, 1 broken, 2 could not be read. */
try {
  const db = openDatabase({ url: readDatabaseUrl(), connections: 1 });
  const verdict = await verifyAudit(db);
  await db.$disconnect();
  const fault = verdict.ok ? null : faultRecord(new Fault("AUDIT_BROKEN", { params: { sequence: verdict.brokenAt } }));
  process.stdout.write(`${JSON.stringify({ ...verdict, ...(fault && { fault: { ...fault, ...faultText(fault, "en") } }) })}\n`);
  process.exitCode = verdict.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`${JSON.stringify({ fault: faultRecord(error) })}\n`);
  process.exitCode = 2;
}
