import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import { Secret } from "#lib/platform/secret.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { ArchiveScene } from "./archive-scene.ts";
import { until } from "./processes.ts";

/**
 * A server on a full and its differential of pages, made with the commands that stand in RECOVER.md at a destination, and nothing else; the full alone is unpacked first. It throws where one of
 * them says something else than it should.
 */
export async function recoveredByHand(scene: ArchiveScene, { full, differential }: { readonly full: Manifest; readonly differential: Manifest }): Promise<{ readonly socket: string; close(): void }> {
  const text = readFileSync(join(scene.live.destination("one"), "db", "RECOVER.md"), "utf8");
  const commandsOf = (heading: string): string[] => text.slice(text.indexOf(heading)).split("\n").flatMap((line) => (line.startsWith("    ") ? [line.trim()] : []));
  const [unpack = "", own = "", start = ""] = commandsOf("## If the folder holds `700-files");
  const [both = "", notes = "", apply = ""] = commandsOf("### If the folder holds `710-changes");
  const check = /cd "\$FOLDER"\n(manifest\(\) [\s\S]*?"\$@"; \})\n/.exec(text)?.[1] ?? "";
  const place = mkdtempSync(join(tmpdir(), "sg-hand-"));
  chmodSync(place, 0o711);
  const root = process.getuid?.() === 0;
  const here = (command: string): string => command.replaceAll("/srv/recovered", join(place, "data")).replaceAll("/srv/changes", join(place, "changes")).replace("mysql:mysql", "nobody:").replace("--user=mysql", root ? "--user=nobody" : "");
  const folder = ({ kind, id }: Manifest): string => join(scene.live.destination("one"), "db", kind, id);
  const environment = { ...process.env, GNUPGHOME: join(scene.live.folder, "keyring"), PATH: `${toolPaths().binDir}${delimiter}${process.env.PATH}` };
  const bash = (command: string, FOLDER: string, sound: (said: string) => boolean): void => {
    const done = spawnSync("bash", ["-c", here(command)], { env: { ...environment, FOLDER }, encoding: "utf8" });
    if (!sound(done.stdout + done.stderr)) throw new Error(`${command}: ${done.stdout}${done.stderr}`);
  };
  const quiet = (said: string): boolean => !/STOPPED|rror/.test(said);
  const close = (): void => rmSync(place, { recursive: true, force: true, maxRetries: 10 });
  let server: ChildProcess | undefined;
  try {
    bash(unpack, folder(full), quiet);
    if (!readdirSync(join(place, "data")).includes("ibdata1")) throw new Error("the full holds no data files");
    rmSync(join(place, "data"), { recursive: true });
    bash(`${check}\n${both}\n${notes}`, folder(differential), quiet);
    bash(`${apply} && ${root ? own : "true"}`, folder(differential), (said) => /completed OK!\s*$/.test(said));
    // What the text leaves to the system: where the package has its messages.
    const { basedir } = toolPaths().mariadb;
    const running = spawn("bash", ["-c", `exec ${here(start)} --basedir=${basedir} --lc-messages-dir=${basedir}/share/mysql --plugin-dir=${basedir}/lib/mysql/plugin`], { env: environment, stdio: "ignore" });
    server = running;
    const socket = join(place, "data", "s");
    const access = { name: "db", user: "root", password: new Secret(scene.server().password), socket };
    await until("the server by hand answers", () => connect(access).then((probe) => probe.end().then(() => true), () => false), 60_000);
    return {
      socket,
      close() {
        running.kill("SIGKILL");
        close();
      },
    };
  } catch (error) {
    server?.kill("SIGKILL");
    close();
    throw error;
  }
}

/** The program in a script of `folder` that stays where its arguments hold `word` until the meeting is open. It may work under another account. */
export function haltedProgram(folder: string, program: string, word: string): { readonly halted: string; readonly meeting: { isReached(): boolean; open(): void } } {
  const place = mkdtempSync(join(folder, "meeting-"));
  chmodSync(place, 0o777);
  const [halted, gate, reached] = [join(folder, "halted"), join(place, "gate"), join(place, "reached")];
  writeFileSync(gate, "");
  writeFileSync(halted, `#!/bin/bash\ncase "$*" in *${word}*) touch '${reached}'; while [ -e '${gate}' ]; do sleep 0.1; done;; esac\nexec '${program}' "$@"\n`, { mode: 0o755 });
  return { halted, meeting: { isReached: () => existsSync(reached), open: () => rmSync(gate) } };
}
