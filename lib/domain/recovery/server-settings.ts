/** What a server would start with, names with dashes, by `mysqld --verbose --help`; absent: it has no such setting, or none is set. */
export type ServerSettings = ReadonlyMap<string, string>;

/** What the files demand of a server that starts on them. */
export interface FilesDemand {
  /** Bytes. */
  readonly pageSize: number;
  readonly dataFilePath: string;
  /** MariaDB. */
  readonly undoTablespaces?: number | undefined;
  readonly lowerCaseTableNames: number;
}

/** A setting that is in the way: `differs` from what the files need, or keeps files `elsewhere` that belong to the data directory. */
export interface SettingInTheWay {
  readonly kind: "differs" | "elsewhere";
  readonly option: string;
  readonly found: string;
  /** What the files need; of `elsewhere` the data directory. */
  readonly expected: string;
}

/** Options that name a folder of files which belong to one data directory: of another, they would be taken for this one's. */
const FOLDERS = ["innodb-data-home-dir", "innodb-log-group-home-dir", "innodb-undo-directory", "innodb-doublewrite-dir", "aria-log-dir-path"];
/** Options that name files by a path without their ending. Old binary logs would tell of transactions that the new files do not hold. */
const BASES = ["log-bin", "log-bin-index"];

/** The table that the program prints behind its options. */
export function readSettings(text: string): ServerSettings {
  const lines = text.slice(text.indexOf("\n---------")).split("\n");
  return new Map(lines.flatMap((line) => {
    const [, name, value] = /^([a-z][a-z0-9-]*) +(\S.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined || value === "(No default value)" ? [] : [[name, value] as const];
  }));
}

/** The data directory that the option files name, the last word counting; null: none does. @param text of `--print-defaults` */
export function namedDataFolder(text: string): string | null {
  return [...text.matchAll(/--(?:loose[-_])?datadir=(.*?)(?= --|\s*$)/gm)].at(-1)?.[1] ?? null;
}

/** Why a server of these settings must not be started on the files. @param folders names of the data directory @param standIn folder that the program was told instead of it */
export function settingsInTheWay(settings: ServerSettings, demand: FilesDemand, { folders, standIn }: { readonly folders: readonly string[]; readonly standIn: string }): SettingInTheWay[] {
  const inside = (path: string): boolean => [...folders, standIn].some((base) => within(resolved(standIn, path), base));
  const elsewhere = [...FOLDERS.map((option) => [option, ""] as const), ...BASES.map((option) => [option, ".."] as const)].flatMap(([option, up]) => {
    const found = settings.get(option);
    return found === undefined || inside(`${found}/${up}`) ? [] : [{ kind: "elsewhere" as const, option, found, expected: folders[0] ?? "" }];
  });
  const wanted: readonly (readonly [option: string, expected: string | undefined])[] = [
    ["innodb-page-size", String(demand.pageSize)],
    ["lower-case-table-names", String(demand.lowerCaseTableNames)],
    ["innodb-data-file-path", demand.dataFilePath],
    ["innodb-undo-tablespaces", demand.undoTablespaces?.toString()],
    // Left over from a rescue: the server would take no writes.
    ["innodb-force-recovery", "0"],
  ];
  const differs = wanted.flatMap(([option, expected]) => {
    const found = settings.get(option);
    return found === undefined || expected === undefined || plain(found) === plain(expected) ? [] : [{ kind: "differs" as const, option, found, expected }];
  });
  return [...differs, ...elsewhere];
}

/** Does the server run events, or follow a source, as soon as it starts? */
export function actsByItself(settings: ServerSettings): { readonly events: boolean; readonly replication: boolean } {
  return { events: settings.get("event-scheduler") === "ON", replication: (settings.get("skip-replica-start") ?? settings.get("skip-slave-start")) !== "TRUE" };
}

/** A path without dots, from `base` where it is relative. */
function resolved(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${base}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function within(path: string, base: string): boolean {
  return path === base || path.startsWith(`${base}/`);
}

function plain(value: string): string {
  return value.toLowerCase().replaceAll(/\s/g, "");
}
