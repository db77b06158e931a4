import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { transactionQuery } from "#lib/contract/archive/transaction-search.ts";
import { recoveryReport } from "#lib/contract/archive/window.ts";
import { destinationConfig } from "#lib/contract/config/destination.ts";
import { HEARTBEAT_SCHEMA } from "#lib/domain/archive/heartbeat.ts";
import { segmentIndexKey, segmentKey } from "#lib/domain/backup/storage-keys.ts";
import { Secret } from "#lib/platform/secret.ts";
import { Heartbeat } from "#worker/engines/heartbeat/heartbeat.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { backupIncremental } from "#worker/pipelines/archive/incremental.ts";
import { backupFull } from "#worker/pipelines/backup/index.ts";
import { type ArchiveScene, makeArchiveScene } from "#worker/testing/archive-scene.ts";
import { until } from "#worker/testing/processes.ts";
import { archivedSegments } from "./archived-segments.ts";
import { fetchPlainSegment } from "./plain-segment.ts";
import { readBackHeartbeat } from "./read-back-heartbeat.ts";
import { RecoveryReports } from "./recovery-reports.ts";
import { searchTransactions } from "./search-transactions.ts";

let scene: ArchiveScene;
let stop: (() => Promise<void>) | undefined;
let reports: RecoveryReports;

/** The report once the destinations hold all that the server wrote. */
const complete = async () => {
  await scene.stored();
  await until("the window is complete", async () => {
    await reports.refresh();
    return reports.all()[0]?.complete === true;
  }, 60_000);
  return recoveryReport.parse(reports.all()[0]);
};
const closeFile = async () => {
  await scene.write(5);
  const end = await scene.live.run((context) => backupIncremental(context, scene.live.host, "db", 100));
  expect(end.fault).toBeUndefined();
  return scene.keys("one").filter(({ tailEnd }) => tailEnd === null).at(-1);
};

beforeAll(async () => {
  scene = await makeArchiveScene("mysql");
  reports = new RecoveryReports(scene.live.host);
});
afterAll(async () => {
  await stop?.();
  await scene?.close();
});

it("tells nothing before the first full, then from its snapshot to the last commit, and more with every commit", async () => {
  stop = scene.archive();
  await closeFile();
  expect(await complete()).toMatchObject({ server: "db", bands: [], gaps: [], archive: "streaming", trouble: null });

  const full = await scene.live.run((context) => backupFull(context, scene.live.host, "all"));
  expect(full.fault).toBeUndefined();
  await closeFile();
  const first = await complete();
  expect(first.bands).toHaveLength(1);
  expect(first.bands[0]?.from).toBe(String(BigInt(Date.parse(full.value?.manifest.snapshotAt ?? "")) * 1000n));
  await closeFile();
  const second = await complete();
  expect(second.bands[0]?.from).toBe(first.bands[0]?.from);
  expect(BigInt(second.bands[0]?.to ?? 0)).toBeGreaterThan(BigInt(first.bands[0]?.to ?? 0));
});

it("ends at a file that vanished from every destination, and says which", async () => {
  const before = await complete();
  const missing = await closeFile();
  if (!missing) throw new Error("no closed file");
  await closeFile();
  for (const at of ["one", "two"] as const) {
    const key = segmentKey(missing, missing.file);
    for (const gone of [key, segmentIndexKey(key)]) rmSync(join(scene.live.destination(at), gone));
  }
  const told = (all: RecoveryReports) => all.all()[0];
  // One that knew the file, and one that never saw it.
  await scene.write(5);
  await until("the gap is told", async () => {
    await reports.refresh();
    return (told(reports)?.gaps.length ?? 0) > 0;
  }, 120_000);
  const fresh = new RecoveryReports(scene.live.host);
  await fresh.refresh();
  for (const report of [told(reports), told(fresh)]) {
    expect(report?.bands.at(-1)?.to).toBe(before.bands[0]?.to);
    expect(report?.gaps).toEqual([{ from: before.bands[0]?.to, to: null, reason: "missing-files", about: missing.file }]);
  }
});

it("ends with the worker while a destination takes connections and answers nothing, and asks it no second time", async () => {
  const { host } = scene.live;
  const secret = join(scene.live.folder, "s3-secret");
  writeFileSync(secret, "never-looked-at");
  const taken: Socket[] = [];
  const silent = createServer((socket) => void taken.push(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  host.settings.destinations.push(destinationConfig.parse({ kind: "s3", name: "cloud", endpoint: `http://127.0.0.1:${port}`, bucket: "copies", forcePathStyle: true, accessKeyId: "none", secretKey: { file: secret } }));
  const ending = new AbortController();
  try {
    const watching = new RecoveryReports(host).watch(ending.signal);
    await until("it is asked", () => taken.length > 0, 60_000);
    ending.abort();
    await watching;
    expect(taken).toHaveLength(1);
  } finally {
    host.settings.destinations.pop();
    for (const socket of taken) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  }
});

it("tells by heartbeats what can be read back from each destination; they are nobody's transactions, and a server that refuses them says so", async () => {
  const { host } = scene.live;
  await stop?.();
  host.config.heartbeat = { schema: HEARTBEAT_SCHEMA };
  await scene.write(3);
  stop = scene.archive();
  const now = new RecoveryReports(host);
  await until("both destinations were read back", async () => {
    await now.refresh();
    return now.all()[0]?.readBack?.length === 2;
  }, 60_000);
  const { readBack = [] } = recoveryReport.parse(now.all()[0]);
  expect(readBack.map(({ destination, opened }) => [destination, opened])).toEqual([["one", true], ["two", true]]);
  await stop();
  stop = undefined;

  // One row is left, whoever wrote before: the archive that begins again writes the second.
  const access = { name: "db", socket: scene.server().socket, user: scene.server().user, password: new Secret(scene.server().password) };
  const again = new Heartbeat(access, HEARTBEAT_SCHEMA, "test-host");
  const connection = await connect(access);
  try {
    await again.beat();
    const [[row]] = (await connection.query(`SELECT COUNT(*) AS count, MAX(id) AS newest FROM ${HEARTBEAT_SCHEMA}.beat`)) as unknown as [[{ count: number; newest: string }]];
    expect(Number(row.count)).toBe(1);
    expect(Number(row.newest)).toBeGreaterThan(1);
    await connection.query("CREATE USER plain@localhost IDENTIFIED BY 'only-reads'");
    const refused = new Heartbeat({ ...access, user: "plain", password: new Secret("only-reads") }, HEARTBEAT_SCHEMA, "test-host");
    await expect(refused.beat()).rejects.toMatchObject({ code: "HEARTBEAT_REFUSED", params: { server: "db", statement: expect.stringContaining("GRANT SELECT, INSERT, DELETE, CREATE ON `salvagente\\_heartbeat`.*") } });
  } finally {
    again.close();
    connection.destroy();
  }

  const search = async (more: object) => (await searchTransactions(host, transactionQuery.parse({ server: "db", rowsOver: 0, ...more }), new AbortController().signal)).transactions.flatMap(({ tables }) => tables.map(({ schema }) => schema));
  expect(await search({ dangerousOnly: false })).not.toContain(HEARTBEAT_SCHEMA);
  expect(await search({ dangerousOnly: false, schema: HEARTBEAT_SCHEMA })).toContain(HEARTBEAT_SCHEMA);

  const destinations = openDestinations(host, ["one", "two"]);
  const segments = await archivedSegments(host, destinations, "db");
  const [one, two] = destinations;
  if (!one || !two) throw new Error("two destinations");
  const signal = new AbortController().signal;
  // Without a private key: the bytes are those that were sealed.
  const blind = Object.create(host, { config: { value: { ...host.config, keyring: { home: join(scene.live.folder, "no-keys") } } } }) as typeof host;
  expect(await readBackHeartbeat(blind, one, segments, HEARTBEAT_SCHEMA, signal)).toMatchObject({ destination: "one", opened: false, committedAt: readBack[0]?.committedAt });
  // Two files that changed places, then their descriptions, too: neither is taken for the other, and the sound copy is.
  const [first, second] = segments.filter(({ pieces }) => pieces.length === 0);
  if (!first || !second) throw new Error("two closed files");
  const exchanged = (of: (key: string) => string): void => {
    const [a, b] = [first.key, second.key].map((key) => join(scene.live.destination("one"), of(key)));
    const bytesOfA = readFileSync(a ?? "");
    writeFileSync(a ?? "", readFileSync(b ?? ""));
    writeFileSync(b ?? "", bytesOfA);
  };
  const plain = join(scene.live.folder, "plain");
  exchanged((key) => key);
  await expect(fetchPlainSegment(host, { ...first, destinations: [one] }, plain, signal)).rejects.toMatchObject({ code: "COPY_CORRUPT", params: { key: first.key } });
  await fetchPlainSegment(host, { ...first, destinations: [one, two] }, plain, signal);
  exchanged(segmentIndexKey);
  await expect(archivedSegments(host, [one], "db")).rejects.toMatchObject({ code: "MANIFEST_INVALID", params: { message: expect.stringContaining(second.index.file) } });
  expect((await archivedSegments(host, [one, two], "db")).map(({ index }) => index.file)).toEqual(segments.map(({ index }) => index.file));
  exchanged((key) => key);
  exchanged(segmentIndexKey);
  // A copy that was changed is not read back; the other still is.
  const holder = segments.findLast(({ index }) => index.content.heartbeats?.last);
  const path = join(scene.live.destination("two"), holder?.key ?? "");
  const bytes = readFileSync(path);
  bytes.writeUInt8((bytes.at(-9) ?? 0) ^ 1, bytes.length - 9);
  writeFileSync(path, bytes);
  await expect(readBackHeartbeat(host, two, segments, HEARTBEAT_SCHEMA, signal)).rejects.toMatchObject({ code: expect.stringMatching(/^(COPY_CORRUPT|UNSEAL_FAILED)$/) });
  expect(await readBackHeartbeat(host, one, segments, HEARTBEAT_SCHEMA, signal)).toMatchObject({ destination: "one", opened: true });
  await Promise.all(destinations.map((destination) => destination.close()));
});
