import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault } from "#lib/domain/fault/fault.ts";
import { namedDataFolder, readSettings, type ServerSettings } from "#lib/domain/recovery/server-settings.ts";
import type { RunAs } from "#worker/engines/sandbox/run-as.ts";
import { run } from "#worker/exec/run.ts";
import { outcomeText } from "#worker/exec/spawn-tool.ts";

/** What a server would start with. */
export interface OwnSettings {
  readonly settings: ServerSettings;
  /** The data directory that its option file names; null: none, so the one that the program was built with. */
  readonly dataFolder: string | null;
  /** Empty folder that the program was told instead of its data directory: paths of settings may begin with it. */
  readonly standIn: string;
}

const PATIENCE_MS = 60_000;

/**
 * What a server of this program and option file would start with, whatever the file includes: the program itself is asked, under the server's account, and starts nothing. Its data directory is kept from
 * it: MariaDB would open tables there. Fault DATADIR_CONFIG.
 */
export async function ownSettings(program: string, config: string, account: RunAs): Promise<OwnSettings> {
  const standIn = await mkdtemp(join(tmpdir(), "salvagente-settings-"));
  try {
    await chown(standIn, account.uid, account.gid);
    const ask = async (...args: string[]): Promise<string> => {
      const [tool = program, ...argv] = [...account.prefix, program, `--defaults-file=${config}`, ...args];
      const asked = await run(tool, argv, { timeoutMs: PATIENCE_MS, cwd: standIn });
      if (asked.code !== 0) throw new Fault("DATADIR_CONFIG", { params: { program, file: config, message: asked.stderr.trim().split("\n").at(-1) || outcomeText(asked) }, detail: asked.stderr });
      return asked.stdout;
    };
    const named = namedDataFolder(await ask("--print-defaults"));
    const settings = readSettings(await ask(`--datadir=${standIn}`, "--verbose", "--help"));
    if (!settings.has("datadir")) throw new Fault("DATADIR_CONFIG", { params: { program, file: config, message: "it did not list its settings" } });
    return { settings, dataFolder: named, standIn };
  } finally {
    await rm(standIn, { recursive: true, force: true });
  }
}
