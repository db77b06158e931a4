import type { Connection, RowDataPacket } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import { Secret } from "#lib/platform/secret.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { type FaultScene, findingCodes, makeScene } from "#worker/testing/fault-scene.ts";
import { placeOf, statementsDuring } from "#worker/testing/general-log.ts";
import { childrenOf, until } from "#worker/testing/processes.ts";

const LOCK_SECONDS = 2;

/** What stands in the way of the short lock, and what moves under the dump. */
describe.each(["mysql", "mariadb"] as const)("locks and structure changes on %s", (flavor) => {
  const dumpName = flavor === "mysql" ? "mysqldump" : "mariadb-dump";
  let scene: FaultScene;
  const opened: Connection[] = [];
  const other = async (): Promise<Connection> => {
    const connection = await connect({ name: "db", socket: scene.server.socket, user: scene.server.user, password: new Secret(scene.server.password) });
    opened.push(connection);
    return connection;
  };

  beforeAll(async () => {
    scene = await makeScene({ flavor, bulk: 4, policy: { parallel: 2, lockTimeoutSeconds: LOCK_SECONDS, longQuerySeconds: 2 } });
    await scene.sql("CREATE TABLE shop.free (id INT AUTO_INCREMENT PRIMARY KEY)");
  });
  afterEach(() => {
    for (const connection of opened.splice(0)) connection.destroy();
  });
  afterAll(() => scene?.close());

  /** Writes into another table all the time; the longest wait, seconds. */
  const writeMeanwhile = async <T>(work: () => Promise<T>): Promise<{ result: T; longest: () => number }> => {
    const writer = await other();
    let longest = 0;
    let going = true;
    const writing = (async () => {
      while (going) {
        const began = performance.now();
        await writer.query("INSERT INTO shop.free VALUES ()");
        longest = Math.max(longest, (performance.now() - began) / 1000);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    writing.catch(() => undefined);
    try {
      return { result: await work(), longest: () => longest };
    } finally {
      going = false;
      await writing;
    }
  };

  it("an open LOCK TABLES … WRITE: given up in time, writers wait no longer than that", async () => {
    const holder = await other();
    await holder.query("LOCK TABLES shop.customers WRITE");
    const { result, longest } = await writeMeanwhile(() => scene.backup());
    expect(result.fault).toMatchObject({ code: "LOCK_TIMEOUT", params: { seconds: LOCK_SECONDS } });
    expect(longest()).toBeLessThan(LOCK_SECONDS + 1);
    await holder.query("UNLOCK TABLES");
    await scene.nothingLeft(result.runId);
  });

  it("a child that never reaches its snapshot: writers are freed in time", async () => {
    const stopped = new Set<number>();
    const onEvent = ({ body }: RunEvent): void => {
      if (body.type !== "log" || !body.text.endsWith("stand ready")) return;
      for (const pid of childrenOf(process.pid, dumpName)) {
        signal(pid, "SIGSTOP");
        stopped.add(pid);
      }
    };
    const { result, longest } = await writeMeanwhile(() => scene.backup({ onEvent }));
    expect(stopped.size).toBeGreaterThan(0);
    expect(result.fault).toMatchObject({ code: "LOCK_TIMEOUT" });
    expect(longest()).toBeLessThan(LOCK_SECONDS + 1);
    await scene.nothingLeft(result.runId);
  });

  it("every dump program comes to the server and opens its snapshot while the lock is held, none earlier or later", async () => {
    let ready = 0;
    const onEvent = ({ body }: RunEvent): void => {
      if (body.type === "log" && body.text.endsWith("stand ready")) ready = childrenOf(process.pid, dumpName).length;
    };
    const { result: run, statements } = await statementsDuring(scene, () => scene.backup({ onEvent }));
    expect(run.fault).toBeUndefined();
    const [lock, end] = flavor === "mysql" ? ["FLUSH TABLES WITH READ LOCK", "UNLOCK TABLES"] : ["BACKUP STAGE BLOCK_COMMIT", "BACKUP STAGE END"];
    const locked = placeOf(statements, null, lock);
    const freed = statements.findIndex(({ thread, text }, place) => place > locked && thread === statements[locked]?.thread && text === end);
    expect(locked).toBeGreaterThan(-1);
    const readers = [...new Set(statements.filter(({ text }) => text.startsWith("SELECT /*!40001 SQL_NO_CACHE */")).map(({ thread }) => thread))];
    expect([readers.length, ready]).toEqual([2, 2]);
    for (const thread of readers) {
      // came, opened its snapshot, and writers were freed after that
      const order = [locked, placeOf(statements, thread, ""), placeOf(statements, thread, "START TRANSACTION"), freed];
      expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
    }
  });

  it("a statement that has run for too long: no lock is asked for at all", async () => {
    const holder = await other();
    const long = holder.query("SELECT SLEEP(60)").catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 3500));
    const { result, longest } = await writeMeanwhile(() => scene.backup());
    expect(result.fault?.code).toBe("LONG_QUERY");
    expect(Number(result.fault?.params.seconds)).toBeGreaterThan(2);
    expect(String(result.fault?.params.id)).toBe(String(holder.threadId));
    expect(longest()).toBeLessThan(1);
    await scene.sql(`KILL ${holder.threadId}`);
    await long;
  });

  /** Acts once the snapshot stands, while most rows are still to come: until then the compressors take nothing. */
  const whileDumping = (act: () => Promise<unknown>): { onEvent: (event: RunEvent) => void; done: () => Promise<unknown> } => {
    let acting: Promise<unknown> | undefined;
    const held = new Set<number>();
    const onEvent = ({ body }: RunEvent): void => {
      if (acting) return;
      if (body.type === "progress" && body.progress.stage === "dump") {
        for (const pid of childrenOf(process.pid, "zstd")) {
          held.add(pid);
          signal(pid, "SIGSTOP");
        }
      } else if (body.type === "log" && body.text.startsWith("snapshot at")) {
        expect(childrenOf(process.pid, dumpName).length).toBeGreaterThan(0);
        acting = act().finally(() => {
          for (const pid of held) signal(pid, "SIGCONT");
        });
      }
    };
    return {
      onEvent,
      done: async () => {
        if (!acting) throw new Error("nothing was dumped");
        return acting;
      },
    };
  };

  it(flavor === "mysql" ? "ALTER during the dump waits for its end" : "ALTER during the dump: waits, or the dump is discarded", async () => {
    const changer = await other();
    let changed = 0;
    const alter = whileDumping(async () => {
      void changer.query("ALTER TABLE shop.bulk ADD COLUMN later INT").then(() => (changed = performance.now()), () => (changed = -1));
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    const run = await scene.backup({ onEvent: alter.onEvent });
    const ended = performance.now();
    await alter.done();
    if (flavor === "mysql") {
      expect(run.fault).toBeUndefined();
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(changed).toBeGreaterThan(0);
      const verified = await scene.verify(run.value?.manifest.id ?? "");
      expect(verified.value?.verification.restoreTest?.differences).toEqual([]);
    } else if (run.fault) expect(["DDL_DURING_DUMP", "DUMP_WAITS"]).toContain(run.fault.code);
    else expect(changed === 0 || changed > ended - 1500).toBe(true);
    await changer.query("SELECT 1");
    await scene.sql("ALTER TABLE shop.bulk DROP COLUMN later");
  });

  it(`a table that was counted and is still to be dumped: who locks it ${flavor === "mysql" ? "waits for nobody" : "waits for the dump, which gives up in time"}`, async () => {
    const [locker, watcher] = [await other(), await other()];
    await scene.sql("CREATE TABLE shop.zz_last (id INT PRIMARY KEY)", "INSERT INTO shop.zz_last VALUES (1)");
    const [[tables]] = await watcher.query<RowDataPacket[]>("SELECT COUNT(*) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_TYPE = 'BASE TABLE'");
    const letGo = async (): Promise<number> => Number((await watcher.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Com_rollback_to_savepoint'"))[0][0]?.Value);
    const before = await letGo();
    const waits = async (): Promise<boolean> => (await watcher.query<RowDataPacket[]>("SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table%' AND INFO LIKE 'LOCK TABLES%'"))[0].length > 0;
    const { host } = scene.live;
    const policies = host.settings.policies.map((policy) => ({ ...policy, parallel: 1 }));
    const stopped = new Set<number>();
    let locking: Promise<unknown> | undefined;
    const run = await scene.backup({
      host: { ...host, settings: { ...host.settings, policies } },
      onEvent: ({ body }) => {
        if (locking || body.type !== "log" || !body.text.startsWith("snapshot at")) return;
        // what is dumped is not sealed: the one program stays in its first table, the largest, while all are counted
        const freezing = setInterval(() => {
          for (const pid of childrenOf(process.pid, "gpg")) {
            signal(pid, "SIGSTOP");
            stopped.add(pid);
          }
        }, 1);
        const thaw = (): void => {
          clearInterval(freezing);
          for (const pid of stopped) signal(pid, "SIGCONT");
        };
        locking = (async () => {
          await until("every table is counted", async () => (await letGo()) - before >= Number(tables?.n), 30_000);
          await locker.query("SET SESSION lock_wait_timeout = 30");
          const locked = locker.query("LOCK TABLES shop.zz_last WRITE");
          locked.catch(() => undefined);
          if (flavor === "mariadb") {
            await until("the lock is waited for", waits, 30_000);
            thaw();
          }
          await locked;
          await locker.query("UNLOCK TABLES");
        })().finally(thaw);
        locking.catch(() => undefined);
      },
    });
    await locking;
    expect(stopped.size).toBeGreaterThan(0);
    if (flavor === "mysql") expect(run.fault).toBeUndefined();
    else expect(run.fault).toMatchObject({ code: "DUMP_WAITS", params: { seconds: LOCK_SECONDS } });
    await scene.sql("DROP TABLE shop.zz_last");
  });

  it.runIf(flavor === "mariadb").each([
    ["a table renamed", "RENAME TABLE shop.free TO shop.freed", "RENAME TABLE shop.freed TO shop.free"],
    ["a table made", "CREATE TABLE shop.fresh (id INT)", "DROP TABLE shop.fresh"],
    ["a view changed", "ALTER VIEW shop.spending AS SELECT customer, MAX(amount) AS total FROM shop.orders GROUP BY customer", "ALTER VIEW shop.spending AS SELECT customer, SUM(amount) AS total FROM shop.orders GROUP BY customer"],
  ])("%s during the dump: DDL_DURING_DUMP", async (_what, statement, back) => {
    const changer = await other();
    await changer.query("SET SESSION lock_wait_timeout = 2");
    let done = false;
    const change = whileDumping(() => changer.query(statement).then(() => (done = true), () => undefined));
    const run = await scene.backup({ onEvent: change.onEvent });
    await change.done();
    if (done) {
      expect(run.fault?.code).toBe("DDL_DURING_DUMP");
      await scene.sql(back);
    } else expect(run.fault).toBeUndefined();
  });

  it("MyISAM tables are copied while writers are held, and held back no longer than allowed", async () => {
    await scene.sql("CREATE TABLE shop.old (id INT PRIMARY KEY, name VARCHAR(20)) ENGINE=MyISAM", "INSERT INTO shop.old VALUES (1, 'a'), (2, 'b')");
    const { result, longest } = await writeMeanwhile(() => scene.backup());
    expect(result.fault).toBeUndefined();
    expect(findingCodes(result)).toContain("SERVER_NON_TRANSACTIONAL");
    expect(longest()).toBeLessThan(LOCK_SECONDS + 1);
    expect(result.value?.manifest.inventory.schemas.find(({ name }) => name === "shop")?.tables.find(({ name }) => name === "old")?.rows).toBe(2);
    await scene.sql("DROP TABLE shop.old");
  });
});

/** A process that is gone is no error. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone already
  }
}
