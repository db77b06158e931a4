import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import { type FaultScene, makeScene } from "#worker/testing/fault-scene.ts";
import type { LiveHost } from "#worker/testing/live-host.ts";
import { childrenOf, until } from "#worker/testing/processes.ts";

/** Calls `act` once, when the first rows of the large table are on their way and most of it is still to come. */
function inMidTable(act: () => void): (event: RunEvent) => void {
  let done = false;
  return ({ body }) => {
    if (done || body.type !== "progress" || body.progress.stage !== "dump") return;
    done = true;
    act();
  };
}

describe.each(["mysql", "mariadb"] as const)("programs and connections that die during a dump of %s", (flavor) => {
  const dumpName = flavor === "mysql" ? "mysqldump" : "mariadb-dump";
  let scene: FaultScene;

  beforeAll(async () => {
    // Nobody asks how fast the server answers: the first connection is the coordinator's.
    scene = await makeScene({ flavor, bulk: 4, policy: { parallel: 2, niceness: { latencyFactor: 0 } } });
  });
  afterAll(() => scene?.close());

  /** Kills every process of that name as soon as one is there while rows are on their way. */
  const killing = (name: string) => {
    let killed = 0;
    let looking: NodeJS.Timeout | undefined;
    const look = (): void => {
      for (const pid of killed > 0 ? [] : childrenOf(process.pid, name)) {
        process.kill(pid, "SIGKILL");
        killed++;
        clearInterval(looking);
      }
    };
    const onEvent = inMidTable(() => {
      looking = setInterval(look, 1);
      look();
    });
    return { onEvent, done: () => {
      clearInterval(looking);
      return killed;
    } };
  };

  it.each([
    [dumpName, ["DUMP_FAILED"]],
    ["gpg", ["SEAL_FAILED"]],
  ])("%s killed in mid-table: a fault that names it, nothing left, the next backup works", async (name, codes) => {
    const kill = killing(name);
    const run = await scene.backup({ onEvent: kill.onEvent });
    expect(kill.done()).toBeGreaterThan(0);
    expect(run.outcome).toBe("failed");
    expect(codes, JSON.stringify(run.fault)).toContain(run.fault?.code);
    expect(JSON.stringify(run.fault)).toMatch(/SIGKILL|before their input|ended/);
    await scene.nothingLeft(run.runId);
    expect((await scene.backup()).fault).toBeUndefined();
  });

  /** A dump program that ends well and is believed, but for what it keeps to itself. */
  const withDumpThat = (script: string): LiveHost["host"] => {
    const { host } = scene.live;
    const client = host.tools.clients[flavor];
    if (!client) throw new Error("no programs");
    const mysqldump = join(scene.live.folder, `dump-${script.length}`);
    writeFileSync(mysqldump, `#!/bin/sh\n'${client.mysqldump}' "$@" | LC_ALL=C sed '${script}'\n`, { mode: 0o755 });
    return { ...host, tools: { ...host.tools, clients: { ...host.tools.clients, [flavor]: { ...client, mysqldump } } } };
  };
  it.each([
    ["the rows of a table", "/^INSERT INTO .customers. .*;$/d; /^INSERT INTO .customers. /,/;$/d", { code: "COUNT_MISMATCH", params: { table: "shop.customers", found: 0 } }],
    ["a table altogether", "/customers/d", { code: "DUMP_INCOMPLETE", params: { missing: "tables: shop.customers" } }],
    ["its last line", "/^-- Dump completed/d", { code: "DUMP_TRUNCATED" }],
  ])("%s left out by a dump program that ends well: no set", async (_what, script, fault) => {
    const run = await scene.backup({ host: withDumpThat(script) });
    expect(run.fault).toMatchObject(fault);
    await scene.nothingLeft(run.runId);
  });

  it.runIf(flavor === "mysql")("one row of many left out by a dump program that ends well: what was counted in the snapshot withholds the proof and names the table", async () => {
    const run = await scene.backup({ host: withDumpThat("/^INSERT INTO .orders. /s/(1,1,1.50),//") });
    expect(run.fault).toBeUndefined();
    const proof = await scene.verify(run.value?.manifest.id ?? "");
    expect([proof.outcome, proof.fault?.code, proof.fault?.params.difference]).toEqual(["failed", "VERIFICATION_FAILED", "rows shop.orders: expected 50, found 49"]);
  });

  // Streams of mysqldump name no place: it is proven by the coordinator alone.
  it.runIf(flavor === "mariadb").each([
    ["another place in the log than the lock's", "/^-- CHANGE MASTER TO/s/binlog.[0-9]*/binlog.000099/", "binlog.000099:"],
    ["no place at all", "/CHANGE MASTER TO/d", "a stream named none"],
  ])("%s named by a stream: COORDINATE_MISMATCH, no set", async (_what, script, found) => {
    const run = await scene.backup({ host: withDumpThat(script) });
    expect(run.fault).toMatchObject({ code: "COORDINATE_MISMATCH", params: { coordinates: expect.stringContaining(found) } });
    await scene.nothingLeft(run.runId);
  });

  it("the log goes on to another file between the place that was read and the snapshots: COORDINATE_MISMATCH, no set", async () => {
    const { host } = scene.live;
    const policies = host.settings.policies.map((policy) => ({ ...policy, lockTimeoutSeconds: 60 }));
    const stopped = new Set<number>();
    let flushing: Promise<void> | undefined;
    const place = join(scene.server.dataDir, "asked-under-the-lock.log");
    await scene.sql("SET GLOBAL log_output = 'FILE'", `SET GLOBAL general_log_file = '${place}'`, "SET GLOBAL general_log = ON");
    const run = await scene.backup({
      host: { ...host, settings: { ...host.settings, policies } },
      onEvent: ({ body }) => {
        if (flushing || body.type !== "log" || !body.text.endsWith("stand ready")) return;
        for (const pid of childrenOf(process.pid, dumpName)) {
          process.kill(pid, "SIGSTOP");
          stopped.add(pid);
        }
        flushing = until("the place is read under the lock", () => readFileSync(place, "utf8").includes("UNIX_TIMESTAMP(NOW(6))"), 30_000)
          .then(() => scene.sql("FLUSH BINARY LOGS"))
          .finally(() => {
            for (const pid of stopped) process.kill(pid, "SIGCONT");
          });
        flushing.catch(() => undefined);
      },
    }).finally(() => scene.sql("SET GLOBAL general_log = OFF"));
    await flushing;
    expect(stopped.size).toBe(2);
    expect(run.fault).toMatchObject({ code: "COORDINATE_MISMATCH", params: { coordinates: expect.stringMatching(/^(\S+):\d+, (?!\1)\S+:\d+$/) } });
    await scene.nothingLeft(run.runId);
  });

  it("the coordinator's connection killed: the protection was gone, nothing of it is kept", async () => {
    const run = await scene.backup({ onEvent: inMidTable(() => {
      const [id] = scene.now(`SELECT ID FROM information_schema.PROCESSLIST WHERE ID > ${scene.connection.threadId} AND ID <> CONNECTION_ID() AND COMMAND <> 'Daemon' ORDER BY ID LIMIT 1`);
      scene.now(`KILL ${id}`);
    }) });
    expect(run.fault).toMatchObject({ code: "SERVER_CONNECTION_LOST", params: { server: "db" } });
    await scene.nothingLeft(run.runId);
  });

  it("a child's connection killed in mid-table", async () => {
    let killed = false;
    const run = await scene.backup({ onEvent: ({ body }) => {
      if (killed || body.type !== "log" || !body.text.startsWith("snapshot at")) return;
      // Nobody reads the child's output meanwhile, and its rows are more than pipes hold: it stands in mid-table.
      for (let tries = 0; tries < 100 && !killed; tries++) {
        const [id] = scene.now("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%`bulk`%' AND ID <> CONNECTION_ID()");
        if (id) scene.now(`KILL ${id}`);
        killed = id !== undefined;
      }
    } });
    expect(killed).toBe(true);
    expect(run.fault?.code).toBe("DUMP_FAILED");
    expect(JSON.stringify(run.fault)).toMatch(/Lost connection|gone away|killed|2013/i);
    await scene.nothingLeft(run.runId);
  });

  it("the server itself killed: no set, and a fault that says the server is gone", async () => {
    const run = await scene.backup({ onEvent: inMidTable(() => process.kill(scene.server.pid, "SIGKILL")) });
    expect(["SERVER_CONNECTION_LOST", "DUMP_FAILED"]).toContain(run.fault?.code);
    expect(JSON.stringify(run.fault)).toMatch(/lost/i);
    expect(run.events.at(-1)?.body).toMatchObject({ type: "run-finished", outcome: "failed" });
    const next = await scene.backup();
    expect(next.fault?.code).toBe("SERVER_UNREACHABLE");
  });
});
