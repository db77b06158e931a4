import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FaultScene } from "./fault-scene.ts";

/** What one connection asked a server for; when it came, its account (`root@localhost on …`). */
export interface LoggedStatement {
  readonly thread: string;
  readonly text: string;
}

/** Everything that a server of the test's own was asked for while the work went on, in the order in which it began it. */
export async function statementsDuring<T>(scene: Pick<FaultScene, "sql" | "value">, work: () => Promise<T>): Promise<{ result: T; statements: LoggedStatement[] }> {
  const name = `asked-${process.hrtime.bigint()}.log`;
  await scene.sql("SET GLOBAL log_output = 'FILE'", `SET GLOBAL general_log_file = '${name}'`, "SET GLOBAL general_log = ON");
  const result = await work().finally(() => scene.sql("SET GLOBAL general_log = OFF"));
  const log = readFileSync(join(await scene.value("SELECT @@GLOBAL.datadir"), name), "utf8");
  return { result, statements: log.split("\n").flatMap(statementOf) };
}

/** Lines of statements that go on over several are left out but for their first. */
function statementOf(line: string): LoggedStatement[] {
  const [, thread, text] = /\t\s*(\d+) (?:Connect|Query)\t(.*)$/.exec(line) ?? [];
  return thread === undefined || text === undefined ? [] : [{ thread, text }];
}

/** Place of the first statement of a connection (null: of any) that begins with the text; -1 where there is none. */
export function placeOf(statements: readonly LoggedStatement[], thread: string | null, text: string): number {
  return statements.findIndex((one) => (thread === null || one.thread === thread) && one.text.startsWith(text));
}
