import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ClientTools } from "#worker/ports/tools.ts";

/** Where a MariaDB installation has its parts; undefined parts are where they were compiled in, or missing. */
export interface MariadbParts {
  /** Folder with share/ and lib/. */
  readonly baseFolder: string | undefined;
  readonly installDb: string | undefined;
}

/** Looks two levels above the installer, or above the real server program behind links and launchers. */
export function mariadbParts(tools: ClientTools, program: string): MariadbParts {
  const bases = [tools.installDb, program].filter((path) => path !== undefined && existsSync(path)).map((path) => dirname(dirname(realProgram(path as string))));
  const baseFolder = bases.find((base) => existsSync(join(base, "share/mysql")));
  const beside = baseFolder ? join(baseFolder, "bin/mariadb-install-db") : "";
  return { baseFolder, installDb: tools.installDb ?? (existsSync(beside) ? beside : undefined) };
}

/** Follows symbolic links, and a launcher script whose last act is `exec '/absolute/path' "$@"`. */
function realProgram(path: string): string {
  const real = realpathSync(path);
  if (statSync(real).size > 4096) return real;
  const target = /^exec '?(\/[^'\s]+)'? "\$@"$/m.exec(readFileSync(real, "utf8"))?.[1];
  return target && existsSync(target) ? realpathSync(target) : real;
}
