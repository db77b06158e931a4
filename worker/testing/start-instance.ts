import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import type { NewInstance } from "#worker/pipelines/restore/instance/run-instance.ts";
import { until } from "./processes.ts";

/** Starts a new server as its unit would, and waits until the account may log in by the socket. To be killed by who asked for it. */
export async function startInstance(instance: Pick<NewInstance, "folder" | "unit" | "config" | "socket">, account: Pick<ServerAccess, "user" | "password">): Promise<ChildProcess> {
  const unit = readFileSync(instance.unit, "utf8");
  const [, program = "", option = ""] = /^ExecStart="([^"]+)" (--defaults-file=)"/m.exec(unit) ?? [];
  const { uid, gid } = statSync(join(instance.folder, "data"));
  if (!unit.includes(`User=${uid}\nGroup=${gid}\n`)) throw new Error("the unit is of another account than the files");
  const child = spawn("setpriv", [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--pdeathsig", "KILL", "--", program, `${option}${instance.config}`], { stdio: "ignore" });
  await until("the new server answers", async () => {
    if (child.exitCode !== null) throw new Error(readFileSync(join(instance.folder, "error.log"), "utf8").slice(-3000));
    const probe = await connect({ name: "new", ...account, socket: instance.socket }).catch(() => null);
    await probe?.end();
    return probe !== null;
  }, 60_000);
  return child;
}
