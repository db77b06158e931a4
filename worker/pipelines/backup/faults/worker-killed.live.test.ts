import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJournal } from "#worker/host/journal.ts";
import { commandLine, type RunningCommand } from "#worker/testing/command-line.ts";
import { type FaultScene, filesUnder, makeScene } from "#worker/testing/fault-scene.ts";
import { childrenOf, until } from "#worker/testing/processes.ts";

/** `bin/salvagente` as a process of its own, killed as no program can foresee. */
describe("the worker's own process killed", () => {
  let scene: FaultScene;
  let salvagente: (...args: string[]) => RunningCommand;
  const backup = () => salvagente("backup", "full", "--policy", "all");

  beforeAll(async () => {
    scene = await makeScene({ bulk: 10, policy: { parallel: 2 } });
    salvagente = commandLine(scene.live);
  });
  afterAll(() => scene?.close());

  const journals = () => readdirSync(scene.live.host.folders.journals).filter((name) => name.endsWith(".jsonl")).sort();
  const lastJournal = () => readJournal(join(scene.live.host.folders.journals, journals().at(-1) ?? ""));

  it.each([
    ["dump", /▶ dump[\s\S]*dump: /],
    ["store", /▶ store/],
    ["commit", /▶ commit/],
  ])("during %s: no manifest, children gone, the next run clears up and says what happened", async (_stage, moment) => {
    const before = new Set(journals());
    const command = backup();
    let children: number[] = [];
    command.child.stderr?.on("data", () => {
      if (children.length > 0 || !moment.test(command.said())) return;
      children = [command.pid, ...childrenOf(command.pid)];
      process.kill(command.pid, "SIGKILL");
    });
    expect((await command.end).signal).toBe("SIGKILL");
    await until("children gone", () => children.every((pid) => !isAlive(pid)));
    const died = journals().find((name) => !before.has(name))?.replace(".jsonl", "") ?? "";
    expect(died).not.toBe("");
    expect(readJournal(join(scene.live.host.folders.journals, `${died}.jsonl`)).some(({ body }) => body.type === "run-finished")).toBe(false);
    const manifests = filesUnder(scene.live.folder).filter((name) => name.endsWith("manifest.json") && name.includes(died));
    // Killed in the commit, one manifest may be there: it was written last, so its copy is whole.
    for (const manifest of manifests) expect(manifest).toMatch(/one|two/);
    if (_stage !== "commit") expect(manifests).toEqual([]);
    for (const name of filesUnder(scene.live.folder)) expect(readFileSync(name).includes("never-to-be-read-outside")).toBe(false);
    expect(await scene.value("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER = 'root'")).toBe("0");

    const next = await backup().end;
    expect(next.stderr).not.toMatch(/RUN_ALREADY_ACTIVE/);
    expect(next.code).toBe(0);
    expect(JSON.parse(next.stdout)).toMatchObject({ ok: true });
    expect(readJournal(join(scene.live.host.folders.journals, `${died}.jsonl`)).at(-1)?.body).toMatchObject({ type: "run-finished", outcome: "interrupted", fault: { code: "INTERRUPTED" } });
    expect(readdirSync(scene.live.host.folders.spool)).toEqual([]);
    expect(lastJournal().at(-1)?.body).toMatchObject({ type: "run-finished" });
  });

  it("during the load of a restore test: the isolated server and its files are gone after the next run", async () => {
    const set = JSON.parse((await backup().end).stdout) as { set: { setId: string } };
    const command = salvagente("verify", "db", set.set.setId);
    let servers: number[] = [];
    command.child.stderr?.on("data", () => {
      if (servers.length > 0 || !/▶ load/.test(command.said())) return;
      servers = childrenOf(command.pid, "mysqld");
      process.kill(command.pid, "SIGKILL");
    });
    expect((await command.end).signal).toBe("SIGKILL");
    expect(servers.length).toBe(1);
    await until("isolated server gone", () => servers.every((pid) => !isAlive(pid)));
    const verified = await salvagente("verify", "db", set.set.setId).end;
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, verification: { level: "proven" } });
    expect(readdirSync(scene.live.host.folders.sandbox).filter((name) => name.startsWith("run-"))).toEqual([]);
  });

  it("two runs at once on one server: the second is refused, the first goes on", async () => {
    const first = backup();
    await until("the first dumps", () => /▶ dump/.test(first.said()), 20_000);
    process.kill(first.pid, "SIGSTOP");
    const second = await scene.backup();
    const third = await backup().end;
    process.kill(first.pid, "SIGCONT");
    expect(second.fault).toMatchObject({ code: "RUN_ALREADY_ACTIVE", params: { subject: "backup-db" } });
    expect(third.code).toBe(1);
    expect(JSON.parse(third.stdout)).toMatchObject({ ok: false, fault: { code: "RUN_ALREADY_ACTIVE" } });
    expect((await first.end).code).toBe(0);
  });

  it("Ctrl-C: cancelled, exit code 4, nothing left", async () => {
    const command = backup();
    await until("it dumps", () => /▶ dump/.test(command.said()), 20_000);
    process.kill(command.pid, "SIGINT");
    const end = await command.end;
    expect(end.code).toBe(4);
    expect(JSON.parse(end.stdout)).toMatchObject({ ok: false, outcome: "cancelled", fault: { code: "CANCELLED" } });
    await scene.nothingLeft((JSON.parse(end.stdout) as { runId: string }).runId);
  });
});

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}
