import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import { systemClock } from "#lib/platform/clock.ts";
import { readDatabaseUrl } from "#lib/platform/env.ts";
import { createFirstUser } from "#lib/services/user/create-first-user.ts";
import { openDatabase } from "#lib/store/open-database.ts";

/** `controller/first-user.ts --email a@b.c --name Anna < password-file`: the first DBA of a new console. The password comes by standard input, never as an argument. */
try {
  const { values } = parseArgs({ options: { email: { type: "string", default: "" }, name: { type: "string", default: "" } } });
  const password = (await text(process.stdin)).replace(/\r?\n$/, "");
  const db = openDatabase({ url: readDatabaseUrl(), connections: 1 });
  const user = await createFirstUser({ db, clock: systemClock }, { ...values, password }).finally(() => db.$disconnect());
  process.stdout.write(`${JSON.stringify(user)}\n`);
} catch (error) {
  process.stderr.write(`${JSON.stringify({ fault: faultRecord(error) })}\n`);
  process.exitCode = 1;
}
