import { afterAll, beforeAll, expect, it } from "vitest";
import { type FaultScene, makeScene } from "#worker/testing/fault-scene.ts";

/** More than are read at once in an inventory, and more than are named to the dump program: none may be lost between two portions. */
const COUNT = 600;
const RELAXED = ["--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite"];

let scene: FaultScene;
beforeAll(async () => {
  scene = await makeScene({ serverOptions: RELAXED, policy: { parallel: 2 } });
  await scene.sql("CREATE DATABASE many", "USE many");
  for (let index = 0; index < COUNT; index += 1) {
    await scene.sql(`CREATE TABLE t_${index} (id INT PRIMARY KEY, parent INT, KEY (parent)${index % 10 === 9 ? `, CONSTRAINT fk_${index} FOREIGN KEY (parent) REFERENCES t_${index - 1} (id)` : ""}${index % 10 === 5 ? ", CHECK (parent > 0)" : ""})`);
    if (index % 100 === 1) await scene.sql(`CREATE VIEW t_${index}_v AS SELECT id FROM t_${index}`);
  }
  await scene.sql("INSERT INTO t_0 VALUES (1, 1)", "INSERT INTO t_599 VALUES (2, NULL)");
}, 300_000);
afterAll(() => scene?.close());

it("a server with many tables is backed up and proven: every one in exactly one stream, with its definition", async () => {
  const backup = await scene.backup();
  expect(backup.fault).toBeUndefined();
  const schema = backup.value?.manifest.inventory.schemas.find(({ name }) => name === "many");
  expect(schema?.tables.length).toBe(COUNT);
  expect(schema?.tables.filter((table) => table.rows > 0).map((table) => table.name)).toEqual(["t_0", "t_599"]);
  expect(schema?.views.length).toBe(6);
  const proof = await scene.verify(backup.value?.manifest.id ?? "");
  expect(proof.fault).toBeUndefined();
  expect(proof.value?.verification).toMatchObject({ level: "proven", restoreTest: { compared: { tables: COUNT + 3 } } });
}, 300_000);
