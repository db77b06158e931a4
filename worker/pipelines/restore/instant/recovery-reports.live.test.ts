import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { recoveryReport } from "#lib/contract/archive/window.ts";
import { segmentIndexKey, segmentKey } from "#lib/domain/backup/storage-keys.ts";
import { backupIncremental } from "#worker/pipelines/archive/incremental.ts";
import { backupFull } from "#worker/pipelines/backup/index.ts";
import { type ArchiveScene, makeArchiveScene } from "#worker/testing/archive-scene.ts";
import { until } from "#worker/testing/processes.ts";
import { RecoveryReports } from "./recovery-reports.ts";

let scene: ArchiveScene;
let stop: (() => Promise<void>) | undefined;
let reports: RecoveryReports;

/** The report once the destinations hold all that the server wrote. */
const complete = async () => {
  await until("a destination holds everything", async () => {
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
