import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import type { Niceness } from "#lib/contract/config/niceness.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { accessOf } from "#worker/host/access.ts";
import { requireServer } from "#worker/host/runtime.ts";
import { type LiveHost, makeLiveHost } from "#worker/testing/live-host.ts";
import { backupFull } from "./index.ts";

const ROWS = 300;
const MS = 120_000;

let server: RunningMysql;
let live: LiveHost;

beforeAll(async () => {
  server = await startMysql({ flavor: "mysql" });
  live = await makeLiveHost({ server });
  const connection = await connect(await accessOf(requireServer(live.host.settings, "db"), live.host.identity));
  await connection.query("CREATE DATABASE shop");
  await connection.query("CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(1000) NOT NULL)");
  for (let id = 1; id <= ROWS; id += 1) await connection.query("INSERT INTO shop.orders VALUES (?, REPEAT('x', 1000))", [id]);
  connection.destroy();
}, MS);

afterAll(async () => {
  if (server) process.kill(server.pid, "SIGCONT");
  await live?.close();
  await server?.stop();
});

/** Backs the server up, which stands still from its snapshot until the run says `until`. */
async function backUp(niceness: Partial<Niceness>, until: RegExp): Promise<{ outcome: string; fault: string | undefined; said: string[]; warnings: string[] }> {
  const policies = live.host.config.policies.map((policy) => ({ ...policy, niceness: { bytesPerSecond: 128 * 1024, latencyFloorMs: 500, ...niceness } }));
  Object.assign(live.host.config, { policies });
  const onEvent = ({ body }: RunEvent): void => {
    if (body.type !== "log") return;
    if (body.text.startsWith("snapshot at")) process.kill(server.pid, "SIGSTOP");
    if (until.test(body.text)) process.kill(server.pid, "SIGCONT");
  };
  const { outcome, fault, events } = await live.run((context) => backupFull(context, live.host, "all"), { onEvent });
  const bodies = events.map(({ body }) => body);
  return {
    outcome, fault: fault?.code,
    said: bodies.flatMap((body) => (body.type === "log" && body.text.startsWith("reading") ? [body.text] : [])),
    warnings: bodies.flatMap((body) => (body.type === "finding" && body.severity === "warning" ? [body.fault.code] : [])),
  };
}

it("pauses while the server does not answer, goes on when it does, and the backup is whole", async () => {
  const { outcome, said, warnings } = await backUp({}, /^reading pauses/);
  expect(said.map((text) => /^reading (?:pauses until db answers|goes on: db answers|db was paused)/.exec(text)?.[0])).toEqual(["reading pauses until db answers", "reading goes on: db answers", "reading db was paused"]);
  expect([outcome, warnings]).toEqual(["completed", []]);
}, MS);

it("goes on after its longest pause, with a warning, or ends where the policy says so", async () => {
  const { outcome, warnings } = await backUp({ longestPauseSeconds: 1 }, /^reading goes on/);
  expect([outcome, warnings]).toEqual(["warning", ["BACKUP_SERVER_STRAINED"]]);
  const ended = await backUp({ longestPauseSeconds: 1, afterLongestPause: "fail" }, /^reading db was paused/);
  expect([ended.outcome, ended.fault]).toEqual(["failed", "BACKUP_SERVER_STRAINED"]);
}, MS);
