import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TransactionQuery, transactionQuery, transactionSearchResult } from "#lib/contract/archive/transaction-search.ts";
import { segmentKey, transactionsKey } from "#lib/domain/backup/storage-keys.ts";
import { searchTransactions } from "#worker/pipelines/restore/instant/search-transactions.ts";
import { type ArchiveScene, makeArchiveScene } from "#worker/testing/archive-scene.ts";
import { filesUnder } from "#worker/testing/fault-scene.ts";
import { until } from "#worker/testing/processes.ts";
import { backupIncremental } from "./incremental.ts";

const ROWS = 2500;

describe.each(["mysql", "mariadb"] as const)("lists of transactions beside the archive of %s", (flavor) => {
  let scene: ArchiveScene;
  let stop: (() => Promise<void>) | undefined;
  const search = async (more: Partial<TransactionQuery> = {}) => {
    const found = await searchTransactions(scene.live.host, transactionQuery.parse({ server: "db", schema: "shop", ...more }), new AbortController().signal);
    expect(transactionSearchResult.parse(found)).toEqual(found);
    return found;
  };
  const said = ({ transactions }: Awaited<ReturnType<typeof search>>): string[] => transactions.map(({ dangers, tables, statements }) => `${dangers.join()} ${[...tables, ...statements.flatMap((one) => one.tables)].map(({ table }) => table).join()}`);
  const lists = (): string => join(scene.root, "transactions");
  const stored = (at: "one" | "two"): string[] => filesUnder(scene.live.destination(at)).filter((path) => path.endsWith(".transactions.zst.gpg"));
  const DANGERS = ["many-deleted bulk", "many-updated bulk", "truncate emptied", "drop gone"];

  beforeAll(async () => {
    scene = await makeArchiveScene(flavor);
    stop = scene.archive();
    await scene.sql(
      "CREATE TABLE shop.bulk (id INT PRIMARY KEY, secret VARCHAR(40))",
      "CREATE TABLE shop.gone (id INT)",
      "CREATE TABLE shop.emptied (id INT)",
      `INSERT INTO shop.bulk WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i, 'confidential' FROM n`,
      `INSERT INTO shop.bulk SELECT id + 900, secret FROM shop.bulk`,
      `INSERT INTO shop.bulk SELECT id + 1800, secret FROM shop.bulk WHERE id <= ${ROWS - 1800}`,
      "DROP TABLE shop.gone",
      "TRUNCATE TABLE shop.emptied",
    );
    expect((await scene.live.run((context) => backupIncremental(context, scene.live.host, "db", 100))).fault).toBeUndefined();
    await scene.sql("UPDATE shop.bulk SET secret = 'confidential, too'");
    expect((await scene.live.run((context) => backupIncremental(context, scene.live.host, "db", 100))).fault).toBeUndefined();
  });
  afterAll(async () => {
    await stop?.();
    await scene?.close();
  });

  it("stand beside each closed file at every destination, named by its signed description, and hold no row", () => {
    for (const at of ["one", "two"] as const) {
      const closed = scene.keys(at).filter(({ tailEnd }) => tailEnd === null);
      expect(closed.length).toBeGreaterThan(1);
      expect(stored(at).sort()).toEqual(closed.map((key) => join(scene.live.destination(at), transactionsKey(segmentKey(key, key.file)))).sort());
      for (const key of closed) expect(scene.index(at, key).transactions?.sealed.bytes).toBe(statSync(join(scene.live.destination(at), transactionsKey(segmentKey(key, key.file)))).size);
    }
    const local = filesUnder(lists());
    expect(local.length).toBeGreaterThan(1);
    expect(statSync(lists()).mode & 0o777).toBe(0o700);
    for (const path of local) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readFileSync(path).includes("confidential")).toBe(false);
    }
  });

  it("answer without opening a binary log, and tell where the clock went back; the open file's tail has one, too", async () => {
    // On MariaDB a session can make the log's clock go forward and back; MySQL writes its own stamp.
    await scene.sql("SET timestamp = UNIX_TIMESTAMP() + 500", "INSERT INTO shop.ledger (content) VALUES ('ahead')", "SET timestamp = DEFAULT", "INSERT INTO shop.ledger (content) VALUES ('back')");
    await scene.sql(`DELETE FROM shop.bulk`);
    await until("the deletion is found", async () => (await search()).transactions.length === DANGERS.length, 60_000);
    const found = await search();
    expect(said(found)).toEqual(DANGERS);
    expect(found).toMatchObject({ truncated: false, next: null, unread: [], scanned: { fetched: 0, built: 0 } });
    expect(found.transactions[0]).toMatchObject({ tables: [{ schema: "shop", table: "bulk", inserted: 0, updated: 0, deleted: ROWS }] });
    const [back, ahead] = (await search({ dangerousOnly: false, table: "ledger" })).transactions;
    expect(found.clockSteps).toEqual(flavor === "mysql" ? [] : [{ from: ahead?.committedAt, to: back?.committedAt, file: back?.file, start: back?.start }]);
    expect((await search({ to: String(BigInt(Date.now() - 3_600_000) * 1000n) })).clockSteps).toEqual([]);
  });

  it("are searched by kind, table, rows and text, page by page, from either end", async () => {
    expect(said(await search({ kinds: ["drop"] }))).toEqual(["drop gone"]);
    expect(said(await search({ text: "TRUNCATE table" }))).toEqual(["truncate emptied"]);
    expect(said(await search({ table: "bulk", rowsOver: ROWS }))).toEqual([]);
    expect((await search({ table: "bulk", dangerousOnly: false, kinds: ["insert"], rowsOver: 899 })).transactions).toHaveLength(2);
    for (const order of ["newest", "oldest"] as const) {
      const all = await search({ dangerousOnly: false, order, limit: 500 });
      const paged: typeof all.transactions = [];
      for (let page = await search({ dangerousOnly: false, order, limit: 3 }); ; page = await search({ dangerousOnly: false, order, limit: 3, after: page.next ?? undefined })) {
        paged.push(...page.transactions);
        expect(page.truncated).toBe(page.next !== null);
        if (!page.next) break;
      }
      expect(paged).toEqual(all.transactions);
      const places = all.transactions.map(({ file, start }) => `${file} ${String(start).padStart(12, "0")}`);
      expect(places).toEqual(order === "oldest" ? places.toSorted() : places.toSorted().reverse());
    }
  });

  it("come back when they are lost here: from a destination, whichever copy is sound, else from the binary logs", async () => {
    await stop?.();
    stop = undefined;
    const before = await search({ dangerousOnly: false, limit: 500 });
    const answer = async () => {
      const { scanned, ...found } = await search({ dangerousOnly: false, limit: 500 });
      const { scanned: _before, ...expected } = before;
      expect(found).toEqual(expected);
      return scanned;
    };
    rmSync(lists(), { recursive: true });
    const closed = stored("one").length;
    expect(await answer()).toMatchObject({ fetched: closed, built: 1 });
    expect(await answer()).toMatchObject({ fetched: 0, built: 0 });
    // A byte of one here, and of one there.
    const [local = ""] = filesUnder(lists());
    for (const path of [local, stored("one")[0] ?? ""]) {
      const bytes = readFileSync(path);
      bytes.writeUInt8((bytes.at(-30) ?? 0) ^ 4, bytes.length - 30);
      writeFileSync(path, bytes);
    }
    const repaired = await answer();
    expect(repaired.fetched + repaired.built).toBe(1);
    rmSync(lists(), { recursive: true });
    expect(await answer()).toMatchObject({ fetched: closed, built: 1 });
    for (const at of ["one", "two"] as const) for (const path of stored(at)) rmSync(path);
    rmSync(lists(), { recursive: true });
    expect(await answer()).toMatchObject({ fetched: 0, built: closed + 1 });
  });

  it("name a file that cannot be looked into, and answer for the others", async () => {
    const [first] = scene.keys("one").filter(({ tailEnd }) => tailEnd === null);
    if (!first) throw new Error("no file");
    for (const at of ["one", "two"] as const) rmSync(join(scene.live.destination(at), segmentKey(first, first.file)));
    rmSync(lists(), { recursive: true });
    const found = await search();
    expect(found.unread).toMatchObject([{ file: first.file, fault: { code: "NO_SOUND_COPY", params: { message: "one: DESTINATION_OBJECT_MISSING; two: DESTINATION_OBJECT_MISSING" } } }]);
    expect(said(found)).toEqual(DANGERS.slice(0, 2));
  });
});
