import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "#scripts/services/place.ts";
import { clonesLeft, makeCloneScene } from "#worker/testing/clone-scene.ts";
import { commandLine, type RunningCommand, writeWorkerYaml } from "#worker/testing/command-line.ts";
import type { FaultScene } from "#worker/testing/fault-scene.ts";
import { childrenOf, until } from "#worker/testing/processes.ts";

/** The physical road with its worker killed as no program can foresee: what it left is cleared by the next start, and never taken for a backup or a server. */
describe("the worker's own process killed on the physical road", () => {
  let scene: FaultScene;
  let salvagente: (...args: string[]) => RunningCommand;
  /** While this file is there, gpg waits before it encrypts: whoever packs stays at that. */
  let gate = "";

  beforeAll(async () => {
    scene = await makeCloneScene({ bulk: 1 });
    const { folder } = scene.live;
    gate = join(folder, "gate");
    const gpg = join(folder, "gpg-behind-a-gate");
    writeFileSync(gpg, `#!/bin/sh\ncase "$*" in *--encrypt*) while [ -e '${gate}' ]; do sleep 0.1; done;; esac\nexec '${scene.live.host.tools.gpg}' "$@"\n`, { mode: 0o755 });
    Object.assign(scene.live.host.tools, { gpg });
    salvagente = commandLine(scene.live);
  }, 120_000);
  afterAll(() => scene?.close());

  /** Kills the command at the moment; waits for its children to follow. */
  const killAt = async (command: RunningCommand, moment: () => boolean): Promise<void> => {
    await until("the moment", moment, 60_000);
    const children = childrenOf(command.pid);
    process.kill(command.pid, "SIGKILL");
    expect((await command.end).signal).toBe("SIGKILL");
    await until("children gone", () => children.every((pid) => !existsSync(`/proc/${pid}`) || /\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"))));
    // The server goes on with a clone whose asker is gone.
    await until("no clone on the server", async () => (await scene.value("SELECT COUNT(*) FROM performance_schema.clone_status WHERE STATE = 'In Progress'")) === "0", 60_000);
  };
  const manifests = (): string[] => readdirSync(join(scene.live.folder), { recursive: true }).map(String).filter((name) => name.endsWith("manifest.json"));

  it.each(["clone", "seal"])("during %s: the copy lies there, no set does; the next run clears it and works", async (stage) => {
    const before = manifests();
    const { sandbox } = scene.live.host.folders;
    writeFileSync(gate, "");
    const command = salvagente("backup", "full", "--policy", "all");
    const copied = (): boolean => clonesLeft(scene).some((name) => existsSync(join(sandbox, name, "data")));
    await killAt(command, stage === "clone" ? copied : () => command.said().includes(`▶ ${stage}`));
    rmSync(gate);
    expect(clonesLeft(scene)).toHaveLength(1);
    expect(manifests()).toEqual(before);
    const next = await salvagente("backup", "full", "--policy", "all").end;
    expect(next.code).toBe(0);
    expect(clonesLeft(scene)).toEqual([]);
    expect(readdirSync(scene.live.host.folders.spool)).toEqual([]);
  });

  it("while a new server is made: its name is never there, and what was unpacked goes with the next start", async () => {
    const { set } = JSON.parse((await salvagente("backup", "full", "--policy", "all").end).stdout) as { set: { setId: string } };
    const plan = join(scene.live.folder, "plan.json");
    const order = async (): Promise<RunningCommand> => {
      expect((await salvagente("plan", "db", set.setId, "--new-instance", "risorto", "--port", String(await freePort()), "--output", plan).end).code).toBe(0);
      return salvagente("restore", plan);
    };
    const instances = scene.live.host.folders.instances ?? "";
    const [server] = scene.live.host.config.servers;
    // A check of the user's own that takes its time: the comparison does not end before it.
    Object.assign(server ?? {}, { assertions: [{ name: "slow", sql: "SELECT SLEEP(120)", expect: "0" }] });
    writeWorkerYaml(scene.live);
    const command = await order();
    await killAt(command, () => command.said().includes("▶ verify"));
    Object.assign(server ?? {}, { assertions: [] });
    writeWorkerYaml(scene.live);
    expect(readdirSync(instances)).toEqual([expect.stringMatching(/^run-/)]);
    const made = await (await order()).end;
    expect(made.code).toBe(0);
    expect(readdirSync(instances)).toEqual(["risorto"]);
    expect(clonesLeft(scene)).toEqual([]);
  });
});
