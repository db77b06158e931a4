import type { ChildProcess } from "node:child_process";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import type { RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { Secret } from "#lib/platform/secret.ts";
import { freePort } from "#scripts/services/place.ts";
import { makePlace, wipe } from "#worker/engines/sandbox/place.ts";
import { actAs } from "#worker/engines/sandbox/run-as.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import type { RunEnd } from "#worker/host/run-context.ts";
import { copiesUntold } from "#worker/pipelines/catalog/any-copy.ts";
import { unpackSet } from "#worker/pipelines/catalog/unpack-set.ts";
import { planRestore, runRestore } from "#worker/pipelines/restore/index.ts";
import { type ArchiveScene, makeArchiveScene } from "./archive-scene.ts";
import { startInstance } from "./start-instance.ts";

/** The least that it takes; a password that is hard on option files. */
const ACCOUNT = { user: "copier", password: "a-Copy \"#account\\1" };
const GRANTS = "SELECT, SHOW VIEW, TRIGGER, EVENT, RELOAD, BINLOG MONITOR, PROCESS, REPLICATION SLAVE";

/** Rows in `untouched`, and in all of `emptied`, `wider`, `one_name` and `dropped`. */
export const STANDING_ROWS = 28_000;

/**
 * A MariaDB server whose files policy `all` copies by mariadb-backup, and whose binary logs may be archived. Tables that tests write to: `ledger` (InnoDB), `old` (MyISAM), `crash_safe` (Aria);
 * that they change otherwise: `emptied`, `wider`, `one_name`, `dropped`; left alone: `untouched`. It makes checkpoints all the time.
 */
export async function makeMariadbBackupScene(): Promise<ArchiveScene> {
  const scene = await makeArchiveScene("mariadb", [], { method: "mariadb-backup", parallel: 2 });
  chmodSync(scene.live.folder, 0o711);
  await scene.sql(
    `CREATE USER copier@localhost IDENTIFIED BY '${ACCOUNT.password.replaceAll("\\", "\\\\")}'`,
    `GRANT ${GRANTS} ON *.* TO copier@localhost`,
    "CREATE USER app@'host.that.is.told.by.name' IDENTIFIED BY 'an-Application-1'",
    "CREATE TABLE shop.old (id INT AUTO_INCREMENT PRIMARY KEY, content VARCHAR(80)) ENGINE=MyISAM",
    "CREATE TABLE shop.crash_safe (id INT AUTO_INCREMENT PRIMARY KEY, content VARCHAR(80)) ENGINE=Aria",
    "CREATE SEQUENCE shop.numbers",
    ...["emptied", "wider", "one_name", "dropped"].map((name) => `CREATE TABLE shop.${name} AS SELECT seq, MD5(seq) AS content FROM shop.seq_1_to_2000`),
    "CREATE TABLE shop.untouched AS SELECT seq, REPEAT(MD5(seq), 6) AS content FROM shop.seq_1_to_20000",
    "INSERT INTO shop.ledger (content) SELECT CONCAT('never-to-be-read-outside ', seq) FROM shop.seq_1_to_5000",
    "SET GLOBAL innodb_max_dirty_pages_pct_lwm = 0",
    "SET GLOBAL innodb_max_dirty_pages_pct = 0",
  );
  const password = join(scene.live.folder, "copier");
  writeFileSync(password, ACCOUNT.password, { mode: 0o600 });
  Object.assign(scene.live.host.settings.servers[0] ?? {}, { user: ACCOUNT.user, password: { file: password } });
  return scene;
}

/** Makes the data directory of a set, as every restore does; it is gone afterwards. */
export async function unpacked(scene: ArchiveScene, manifest: Manifest): Promise<RunEnd<void>> {
  const { host } = scene.live;
  const account = actAs(statSync(scene.server().dataDir));
  if (!account) throw new Error("not the server's account");
  const place = await makePlace(host.folders.sandbox, account);
  const from = { copies: copiesUntold(host), destinations: openDestinations(host, ["one"]) };
  return scene.live.run((context) => unpackSet(context, host, { signed: { manifest } }, { data: join(place.folder, "data"), account, stage: "load", from })).finally(() => wipe(place));
}

/** Restores a set, as of an instant or not, as a new server, and starts that. */
export async function madeServer({ live, server }: ArchiveScene, name: string, wanted: Pick<RestoreRequest, "setId" | "boundary">): Promise<{ readonly child: ChildProcess; readonly access: ServerAccess }> {
  const planned = await planRestore(live.host, { server: "db", scope: { kind: "server", accounts: true }, target: { kind: "instance", server: name, port: await freePort() }, ...wanted });
  if (!planned.ok) throw new Error(JSON.stringify(planned.faults));
  const run = await live.run((context) => runRestore(context, live.host, planned.plan));
  const made = run.value?.instance;
  if (!made) throw new Error(`no new server: ${JSON.stringify(run.fault)}`);
  if (!readFileSync(made.unit, "utf8").includes(`MariaDB server ${name}`)) throw new Error(`the unit does not say whose it is: ${made.unit}`);
  const root = { name: "db", user: "root", password: new Secret(server().password) };
  return { child: await startInstance(made, root), access: { ...root, socket: made.socket } };
}

/** Rows that a set recorded of these tables, in all schemas. */
export function rowsIn({ inventory }: Manifest, ...names: readonly string[]): number {
  return inventory.schemas.flatMap(({ tables }) => tables).reduce((sum, { name, rows }) => sum + (names.includes(name) ? rows : 0), 0);
}

/** The number in a GTID position of one domain. */
export function sequence(gtids: string): number {
  return Number(gtids.split("-").at(-1));
}
