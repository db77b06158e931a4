import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { readJournal } from "#worker/host/journal.ts";
import { commandLine, type RunningCommand } from "#worker/testing/command-line.ts";
import { type FaultScene, makeScene } from "#worker/testing/fault-scene.ts";
import { childrenOf, until } from "#worker/testing/processes.ts";

/** Each conducts several runs as processes of their own. */
const LONG = 300_000;

/** What a person finds when the worker died in the middle of a restore in place: no half-restored table, and a journal that names what is left. */
describe("the worker killed during a restore in place", () => {
  let scene: FaultScene;
  let salvagente: (...args: string[]) => RunningCommand;
  let setId = "";

  beforeAll(async () => {
    scene = await makeScene({ bulk: 6, policy: { parallel: 2 } });
    await scene.sql("SET GLOBAL log_bin_trust_function_creators = 1");
    salvagente = commandLine(scene.live);
    const backup = await salvagente("backup", "full", "--policy", "all").end;
    setId = (JSON.parse(backup.stdout) as { set: { setId: string } }).set.setId;
    await scene.sql("UPDATE shop.customers SET name = 'changed since' WHERE id = 1");
  });
  afterAll(() => scene?.close());

  const file = () => join(scene.live.folder, "plan.json");
  const restore = async (): Promise<RunningCommand> => {
    const planned = await salvagente("plan", "db", setId, "--schema", "shop", "--in-place", "--output", file()).end;
    expect(planned.code, planned.stderr).toBe(0);
    return salvagente("restore", file(), "--confirm", "shop");
  };
  const schemas = async () => (await scene.value("SELECT GROUP_CONCAT(SCHEMA_NAME ORDER BY SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'shop%'")).split(",");
  const tables = (schema: string) => scene.value(`SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${schema}' AND TABLE_TYPE = 'BASE TABLE'`);
  const firstName = () => scene.value("SELECT name FROM shop.customers WHERE id = 1");
  /** The next command closes the dead run; its journal is the newest without the words of that command. */
  const journalOf = async (pid: RunningCommand): Promise<string> => {
    expect((await pid.end).signal).toBe("SIGKILL");
    expect((await salvagente("verify", "db", setId, "--level", "intact").end).code).toBe(0);
    const { journals, spool } = scene.live.host.folders;
    const runs = readdirSync(journals).filter((name) => name.endsWith(".jsonl")).sort().map((name) => readJournal(join(journals, name)));
    const died = runs.findLast((events) => events.at(-1)?.body.type === "run-finished" && JSON.stringify(events.at(-1)?.body).includes("INTERRUPTED"));
    expect(died?.at(-1)?.body).toMatchObject({ outcome: "interrupted", fault: { code: "INTERRUPTED" } });
    expect(readdirSync(spool)).toEqual([]);
    return JSON.stringify(died);
  };

  /** Waits for a client that loads, and stops it: the load cannot end any more. */
  const heldClient = async (command: RunningCommand): Promise<number> => {
    await until("it loads", () => /▶ load/.test(command.said()), 90_000);
    let client = 0;
    await until("a loading client stands still", () => {
      const [living = 0] = childrenOf(command.pid, "mysql");
      if (living !== 0 && signalled(living, "SIGSTOP") && isStopped(living)) client = living;
      return client !== 0;
    }, 60_000);
    return client;
  };

  it("while it loads: what was live is untouched, the schema left beside it is named in the journal", async () => {
    const command = await restore();
    const client = await heldClient(command);
    process.kill(command.pid, "SIGKILL");
    // What the kernel sends it at its parent's death reaches it when it goes on.
    signalled(client, "SIGCONT");
    await until("its client gone", () => !isLiving(client), 30_000);
    const journal = await journalOf(command);
    const [live, left = "", ...more] = await schemas();
    expect([live, more]).toEqual(["shop", []]);
    expect(left).toMatch(/^shop_new_\d{8}t\d{6}z$/);
    expect(journal).toContain(`schemas that this run makes: ${left}`);
    expect(await firstName()).toBe("changed since");
    expect(await scene.value("SELECT shop.twice(4)")).toBe("8");
    await scene.sql(`DROP DATABASE ${left}`);
  }, LONG);

  it("at the exchange: every table is the old or every table the new one, the old ones are kept, and the same restore done again mends the rest", async () => {
    // Nobody holds a table when it begins; when its last program is to go, which somebody runs, one is locked.
    const waiting = (statement: string) => async () => (await scene.value(`SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '${statement}%' AND STATE LIKE 'Waiting%'`)) === "1";
    const user = await connect({ name: "db", socket: scene.server.socket, user: scene.server.user, password: new Secret(scene.server.password) });
    const using = user.query("SELECT shop.twice(4), SLEEP(600)").catch(() => undefined);
    const command = await restore();
    await until("the function is to go", waiting("DROP FUNCTION"), 90_000);
    await scene.sql("LOCK TABLES shop.bulk READ", `KILL QUERY ${user.threadId}`);
    await using;
    user.destroy();
    await until("the exchange waits", waiting("RENAME TABLE"), 60_000);
    process.kill(command.pid, "SIGKILL");
    expect((await command.end).signal).toBe("SIGKILL");
    await scene.sql("UNLOCK TABLES");
    await until("its statements are over", async () => (await scene.value("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER = 'root'")) === "0");
    const journal = await journalOf(command);
    const [, staging = "", kept = ""] = await schemas();
    expect(journal).toMatch(new RegExp(`tables change places: ${staging} → shop → ${kept}; safety copy \\d{8}T`));
    const exchanged = (await firstName()) !== "changed since";
    expect([await tables("shop"), await tables(staging), await tables(kept)]).toEqual(exchanged ? ["3", "0", "3"] : ["3", "3", "0"]);
    if (exchanged) expect(await scene.value(`SELECT name FROM ${kept}.customers WHERE id = 1`)).toBe("changed since");
    await expect(scene.value("SELECT shop.twice(4)")).rejects.toMatchObject({ errno: 1305 });

    await scene.sql(`DROP DATABASE ${staging}`, `DROP DATABASE ${kept}`);
    const running = await restore();
    const client = await heldClient(running);
    // Two at once on one target: the second is refused, and the first goes on as if it were alone.
    const second = await salvagente("restore", file(), "--confirm", "shop").end;
    expect([second.code, JSON.parse(second.stdout)]).toMatchObject([1, { ok: false, fault: { code: "RUN_ALREADY_ACTIVE", params: { subject: "restore-db" } } }]);
    signalled(client, "SIGCONT");
    const again = await running.end;
    expect(again.code, again.stderr).toBe(0);
    expect(await firstName()).toBe("never-to-be-read-outside 0");
    expect(await scene.value("SELECT shop.twice(4)")).toBe("8");
    expect(await scene.value("SELECT COUNT(*) FROM shop.spending")).toBe("50");
  }, LONG);

  it("the server killed while it loads: a fault, and the schema that could not be removed is named", async () => {
    const command = await restore();
    const client = await heldClient(command);
    process.kill(scene.server.pid, "SIGKILL");
    await scene.server.ended;
    signalled(client, "SIGCONT");
    const end = await command.end;
    expect(end.code).toBe(1);
    const { fault } = JSON.parse(end.stdout) as { fault: { code: string } };
    expect(["LOAD_FAILED", "SERVER_CONNECTION_LOST", "SERVER_UNREACHABLE"]).toContain(fault.code);
    expect(end.stderr).toMatch(/could not be removed, look at the target: shop_new_\d{8}t\d{6}z/);
    expect(readdirSync(scene.live.host.folders.spool)).toEqual([]);
  }, LONG);
});

/** False when the process is gone. */
function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function isStopped(pid: number): boolean {
  return stateOf(pid) === "T";
}

function isLiving(pid: number): boolean {
  return !["", "Z"].includes(stateOf(pid));
}

/** Letter of proc(5); empty when there is no such process. */
function stateOf(pid: number): string {
  try {
    return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] ?? "";
  } catch {
    return "";
  }
}
