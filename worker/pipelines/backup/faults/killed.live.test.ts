import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import { type FaultScene, makeScene } from "#worker/testing/fault-scene.ts";
import { childrenOf } from "#worker/testing/processes.ts";

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
    scene = await makeScene({ flavor, bulk: 4, policy: { parallel: 2 } });
  });
  afterAll(() => scene?.close());

  const killing = (name: string) => inMidTable(() => {
    const pids = childrenOf(process.pid, name);
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) process.kill(pid, "SIGKILL");
  });

  it.each([
    [dumpName, ["DUMP_FAILED"]],
    ["gpg", ["SEAL_FAILED"]],
  ])("%s killed in mid-table: a fault that names it, nothing left, the next backup works", async (name, codes) => {
    const run = await scene.backup({ onEvent: killing(name) });
    expect(run.outcome).toBe("failed");
    expect(codes).toContain(run.fault?.code);
    expect(JSON.stringify(run.fault)).toMatch(/SIGKILL|before their input|ended/);
    await scene.nothingLeft(run.runId);
    expect((await scene.backup()).fault).toBeUndefined();
  });

  const kill = async (where: string, statement = "KILL"): Promise<void> => {
    const id = await scene.value(`SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND ${where} ORDER BY ID LIMIT 1`);
    await scene.sql(`${statement} ${id}`);
  };

  it("the coordinator's connection killed: the protection was gone, nothing of it is kept", async () => {
    let killed: Promise<void> | undefined;
    const run = await scene.backup({ onEvent: inMidTable(() => { killed = kill("INFO IS NULL AND COMMAND = 'Sleep'"); }) });
    await killed;
    expect(run.fault).toMatchObject({ code: "SERVER_CONNECTION_LOST", params: { server: "db" } });
    await scene.nothingLeft(run.runId);
  });

  it("a child's connection killed in mid-table", async () => {
    let killed: Promise<void> | undefined;
    const run = await scene.backup({ onEvent: inMidTable(() => {
      for (const pid of childrenOf(process.pid, dumpName)) process.kill(pid, "SIGSTOP");
      killed = kill("INFO LIKE '%`bulk`%'").finally(() => {
        for (const pid of childrenOf(process.pid, dumpName)) process.kill(pid, "SIGCONT");
      });
    }) });
    await killed;
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
