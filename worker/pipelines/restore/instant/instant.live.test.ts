import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReplayBoundary, WantedInstant } from "#lib/contract/recovery/instant.ts";
import type { SwapPlanResult } from "#lib/contract/recovery/swap.ts";
import { HEARTBEAT_SCHEMA } from "#lib/domain/archive/heartbeat.ts";
import { artifactPart } from "#lib/domain/backup/artifact-names.ts";
import { archivePrefix, setPrefix } from "#lib/domain/backup/storage-keys.ts";
import { Secret } from "#lib/platform/secret.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { Heartbeat } from "#worker/engines/heartbeat/heartbeat.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { backupDifferential, backupFull } from "#worker/pipelines/backup/index.ts";
import { archiveAtOnce, onlyInPieces } from "#worker/testing/archive-at-once.ts";
import { commandLine } from "#worker/testing/command-line.ts";
import { type LedgerEntry, makeLedger } from "#worker/testing/ledger.ts";
import { type LiveHost, makeLiveHost } from "#worker/testing/live-host.ts";
import { flipMiddle, storedFiles } from "#worker/testing/stored-set.ts";
import { planRestore, runRestore } from "../index.ts";
import { planSwap } from "../swap/plan-swap.ts";
import { resolveInstant } from "./resolve-instant.ts";

describe.each(["mysql", "mariadb"] as const)("restore to an instant on %s", { timeout: 300_000 }, (flavor) => {
  let server: RunningMysql;
  let source: Connection;
  let live: LiveHost;
  let setId: string;
  let beats: Heartbeat;
  /** GTID of a transaction that was begun before the eighth, and committed behind it. */
  let across: string;
  const ledger: LedgerEntry[] = [];

  const { value, sql, note, fifteen } = makeLedger(flavor, () => source, ledger);
  /** At both destinations. */
  const archive = async (): Promise<void> => {
    await archiveAtOnce(live, { connection: source, dataDir: server.dataDir, flavor });
    mirror();
  };
  const mirror = (): void => cpSync(join(live.destination("one"), archivePrefix("db")), join(live.destination("two"), archivePrefix("db")), { recursive: true });
  const resolve = (wanted: WantedInstant, skip: string[] = []) => resolveInstant(live.host, { server: "db", wanted, skip }, new AbortController().signal);
  const run = async (boundary: ReplayBoundary, full = setId) => {
    const result = await planRestore(live.host, { setId: full, server: "db", scope: { kind: "schemas", schemas: ["ledger"] }, target: { kind: "beside", server: "db", names: { ledger: "ledger_then" }, leaveOutReferencing: false }, boundary });
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    return live.run((context) => runRestore(context, live.host, result.plan));
  };
  /** Restores beside and gives what is there: the rows and the state. `look`: while the copy stands. */
  const restored = async (wanted: WantedInstant, skip: string[] = [], look: () => Promise<void> = async () => undefined): Promise<{ rows: string; state: string; boundary: ReplayBoundary }> => {
    const { setId: full, boundary } = await resolve(wanted, skip);
    const end = await run(boundary, full);
    expect(end.fault).toBeUndefined();
    const found = { rows: await value("SELECT COALESCE(GROUP_CONCAT(n ORDER BY n), '') FROM ledger_then.rows_of"), state: await value("SELECT n FROM ledger_then.state"), boundary };
    await look();
    await sql("SET SESSION sql_log_bin = 0", "DROP DATABASE ledger_then", "SET SESSION sql_log_bin = 1");
    return found;
  };
  const upTo = (n: number, except: number[] = []): string => Array.from({ length: n + 1 }, (_, at) => at).filter((at) => !except.includes(at)).join(",");

  beforeAll(async () => {
    server = await startMysql({ flavor });
    source = await connect({ name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) });
    live = await makeLiveHost({ server, heartbeat: { schema: HEARTBEAT_SCHEMA } });
    // Between the ledger's transactions, as in every archived server: replayed like all others, and nobody's loss.
    beats = new Heartbeat({ name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) }, HEARTBEAT_SCHEMA, "test-host");
    await beats.beat();
    await sql("CREATE DATABASE ledger", "CREATE TABLE ledger.rows_of (n INT PRIMARY KEY, said VARCHAR(40) DEFAULT 'è così')", "CREATE TABLE ledger.state (n INT)", "INSERT INTO ledger.rows_of (n) VALUES (0)", "INSERT INTO ledger.state VALUES (0)", "CREATE TABLE ledger.slow (n INT PRIMARY KEY)", "CREATE TABLE ledger.same (n INT PRIMARY KEY)", "INSERT INTO ledger.same VALUES (7)");
    const end = await live.run((context) => backupFull(context, live.host, "all"));
    expect(end.fault).toBeUndefined();
    setId = end.value?.manifest.id ?? "";
    await note();
    const other = await connect({ name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) });
    across = await fifteen(other, () => beats.beat());
    other.destroy();
    await beats.beat();
    await sql("DROP TABLE ledger.rows_of");
    await note();
    await beats.beat();
    await sql("UPDATE ledger.state SET n = 99");
    await note();
    await beats.beat();
    await archive();
  });
  afterAll(async () => {
    beats?.close();
    await source?.end();
    await live?.close();
    await server?.stop();
  });

  it.each(flavor === "mysql" ? [3, 8, 14] : [9])("by time: exactly what was committed by then (%i), nothing of what was open", async (n) => {
    let slow = "";
    const found = await restored({ kind: "time", at: ledger[n]?.after ?? "" }, [], async () => {
      slow = await value("SELECT COUNT(*) FROM ledger_then.slow");
    });
    expect({ ...found, slow }).toMatchObject({ rows: upTo(n), state: String(n), slow: n > 8 ? "1" : "0" });
    expect(found.boundary.lastIncluded?.gtid).toBe(ledger[n]?.gtid);
    expect(found.boundary.firstExcluded?.gtid).toBe(n === 8 ? across : ledger[n + 1]?.gtid);
  });

  it("just before the bad transaction, which is shown", async () => {
    let swap: SwapPlanResult | undefined;
    const found = await restored({ kind: "before", gtid: ledger[16]?.gtid ?? "" }, [], async () => {
      swap = await planSwap(live.host, { kind: "swap", server: "db", pairs: { ledger: "ledger_then" }, moveRest: false, lockWaitSeconds: 10, ownChecks: true });
    });
    expect(found).toMatchObject({ rows: upTo(15), state: "15", boundary: { lostTransactions: 2, firstExcluded: { what: expect.stringMatching(/^DROP TABLE/i), did: { statements: [{ kind: "drop" }], tables: [] } } } });
    expect(found.boundary.lastIncluded?.did).toMatchObject({ statements: [], tables: expect.arrayContaining([{ schema: "ledger", table: "rows_of", inserted: 1, updated: 0, deleted: 0 }, { schema: "ledger", table: "state", inserted: 0, updated: 1, deleted: 0 }]), tablesLeftOut: 0 });
    const { kept, lost } = found.boundary.changes ?? {};
    expect(kept).toMatchObject({ transactions: 16, statements: [], unread: { files: 0 } });
    expect(kept?.tables.map(({ table, transactions, inserted, updated, deleted }) => [table, transactions, inserted, updated, deleted]).sort()).toEqual([["rows_of", 15, 15, 0, 0], ["slow", 1, 1, 0, 0], ["state", 15, 0, 15, 0]]);
    expect(lost).toMatchObject({ transactions: 2, tables: [{ schema: "ledger", table: "state", inserted: 0, updated: 1, deleted: 0 }], statements: [{ kind: "drop", schema: "ledger", table: "rows_of", count: 1 }] });
    // Should the copy take the place of what is in use: these transactions would stay behind.
    expect(swap?.ok && swap.plan.since).toMatchObject([{
      schema: "ledger",
      from: { position: Number(found.boundary.stop.position) },
      tables: [{ table: "state", transactions: 1, inserted: 0, updated: 1, deleted: 0 }],
      statements: [{ kind: "drop", table: "rows_of", count: 1 }],
      unread: { files: 0 },
      transactions: [{ gtid: ledger[16]?.gtid, did: { statements: [{ kind: "drop" }] } }, { gtid: ledger[17]?.gtid, did: { tables: [{ table: "state", updated: 1 }] } }],
      more: false,
    }]);
  });

  it("after a transaction, and at a position", async () => {
    expect(await restored({ kind: "after", gtid: ledger[6]?.gtid ?? "" })).toMatchObject({ rows: upTo(6), state: "6" });
    const { file = "", position = 0 } = ledger[10] ?? {};
    expect(await restored({ kind: "position", file, position })).toMatchObject({ rows: upTo(10), state: "10" });
  });

  it.runIf(flavor === "mysql")("leaves one transaction out and keeps those behind it; one that later ones need is not silently left out", async () => {
    const last = ledger[17]?.gtid ?? "";
    expect(await restored({ kind: "after", gtid: last }, [ledger[16]?.gtid ?? ""])).toMatchObject({ rows: upTo(15), state: "99", boundary: { lostTransactions: 1, changes: { kept: { transactions: 17 }, lost: { transactions: 1, tables: [], statements: [{ kind: "drop" }] } } } });
    // The row of `state` is found by its whole former content: without transaction 4, the fifth finds none.
    const { boundary } = await resolve({ kind: "after", gtid: last }, [ledger[4]?.gtid ?? ""]);
    const end = await run(boundary);
    expect(end.fault).toMatchObject({ code: "REPLAY_STOPPED", params: { transaction: ledger[5]?.gtid, message: "error 1032 in Update_rows on ledger.state" } });
    expect(await value("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'ledger_then'")).toBe("0");
    await expect(resolve({ kind: "before", gtid: ledger[10]?.gtid ?? "" }, [ledger[11]?.gtid ?? ""])).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  it("every copy damaged in another place, of the set and of the archive: what is sound of each is taken, and it is told", async () => {
    const { boundary } = await resolve({ kind: "before", gtid: ledger[16]?.gtid ?? "" });
    const files = storedFiles(live, setId);
    const [rows, tables] = ["data", "tables"].map((part) => files.manifest().artifacts.find(({ name, schema }) => artifactPart(name) === part && schema === "ledger")?.name ?? "");
    const [first, middle] = boundary.segments.map(({ key }) => key);
    const [lost, kept, flipped] = [join(live.destination("one"), first ?? ""), join(live.destination("two"), first ?? ""), join(live.destination("one"), middle ?? "")];
    rmSync(lost);
    // Closed at one destination, and not sound there; the other got no further than to its last piece.
    await onlyInPieces(live, middle ?? "");
    [files.path("one", rows ?? ""), files.path("two", tables ?? ""), flipped].forEach(flipMiddle);
    const end = await run(boundary);
    cpSync(kept, lost);
    flipMiddle(flipped);
    // Nor is it missing from what can be reached when its description at the one cannot be read.
    const description = `${flipped.slice(0, -".zst.gpg".length)}.json`;
    const signed = readFileSync(description);
    writeFileSync(description, "{}");
    const again = await resolve({ kind: "before", gtid: ledger[16]?.gtid ?? "" });
    writeFileSync(description, signed);
    rmSync(join(live.destination("two"), archivePrefix("db")), { recursive: true });
    mirror();
    files.putBack();
    expect(again.boundary.segments).toEqual(boundary.segments.map((bound, at) => (at === 1 ? { ...bound, key: expect.stringMatching(/\.tail\.zst\.gpg$/) } : bound)));
    expect(end.fault).toBeUndefined();
    const told = end.events.flatMap(({ body }) => (body.type === "finding" ? [`${body.fault.code} ${body.fault.params.key}`] : []));
    expect(told).toEqual([`DESTINATION_OBJECT_MISSING ${first}`, `COPY_CORRUPT ${middle}`, `COPY_CORRUPT ${setPrefix("db", "full", setId)}${rows}`]);
    expect(await value("SELECT GROUP_CONCAT(n ORDER BY n) FROM ledger_then.rows_of")).toBe(upTo(15));
    await sql("SET SESSION sql_log_bin = 0", "DROP DATABASE ledger_then", "SET SESSION sql_log_bin = 1");
  });

  it("a byte flipped in every copy of a file of the archive, every copy missing: refused, nothing restored", async () => {
    const { boundary } = await resolve({ kind: "before", gtid: ledger[16]?.gtid ?? "" });
    const [, middle] = boundary.segments;
    const paths = (["one", "two"] as const).map((copy) => join(live.destination(copy), middle?.key ?? ""));
    paths.forEach(flipMiddle);
    expect((await run(boundary)).fault).toMatchObject({ code: "NO_SOUND_COPY", params: { key: middle?.key, message: expect.stringMatching(/^one: COPY_CORRUPT .*; two: COPY_CORRUPT /) } });
    paths.forEach(flipMiddle);
    const descriptions = paths.map((path) => `${path.slice(0, -".zst.gpg".length)}.json`);
    const signed = readFileSync(descriptions[0] ?? "");
    for (const path of descriptions) rmSync(path);
    await expect(resolve({ kind: "before", gtid: ledger[16]?.gtid ?? "" })).rejects.toMatchObject({ code: "INSTANT_UNREACHABLE", params: { reason: expect.stringContaining("missing files") } });
    for (const path of descriptions) writeFileSync(path, signed.toString("utf8").replace('"transactions":', '"transactions":1'));
    await expect(resolve({ kind: "before", gtid: ledger[16]?.gtid ?? "" })).rejects.toMatchObject({ code: "NO_SOUND_COPY", params: { message: expect.stringMatching(/one: MANIFEST_INVALID .*two: MANIFEST_INVALID/) } });
    for (const path of descriptions) writeFileSync(path, signed);
  });

  it("refuses what cannot be reached, and names the nearest", async () => {
    const at = (milliseconds: number): WantedInstant => ({ kind: "time", at: String(BigInt(milliseconds) * 1000n) });
    await expect(resolve(at(Date.now() + 3_600_000))).rejects.toMatchObject({ code: "INSTANT_UNREACHABLE", params: { reason: "it lies in the future" } });
    await expect(resolve(at(Date.now() - 86_400_000))).rejects.toMatchObject({ code: "INSTANT_UNREACHABLE", params: { reason: "no full backup stands before it", nearest: expect.stringMatching(/^\d{4}-\S+Z$/) } });
    await expect(resolve({ kind: "position", file: "binlog.000999", position: 4 })).rejects.toMatchObject({ code: "INSTANT_UNREACHABLE" });
    const { file = "", position = 0, gtid = "" } = ledger[10] ?? {};
    await expect(resolve({ kind: "position", file, position: position - 1 })).rejects.toMatchObject({ code: "INSTANT_UNREACHABLE", params: { reason: expect.stringContaining(gtid), nearest: expect.stringContaining(`${file}:${position} (after it)`) } });
  });

  it("the command line: what can be reached, what was dangerous, plan and restore", async () => {
    const command = commandLine(live);
    const said = async (...args: string[]): Promise<{ code: number | null; answer: Record<string, unknown> }> => {
      const { code, stdout } = await command(...args).end;
      return { code, answer: JSON.parse(stdout) as Record<string, unknown> };
    };
    const window = await said("window", "db");
    expect(window).toMatchObject({ code: 0, answer: { ok: true, bands: [{ from: expect.any(String), to: expect.any(String) }], gaps: [] } });
    const events = await said("events", "db", "--type", "drop", "--table", "ledger.rows_of");
    expect(events).toMatchObject({ code: 0, answer: { events: [{ gtid: ledger[16]?.gtid, dangers: ["drop"] }] } });
    const file = join(live.folder, "plan.json");
    const plan = await said("plan", "db", "--before", ledger[16]?.gtid ?? "", "--schema", "ledger", "--as", "ledger=ledger_cli", "-o", file);
    expect(plan).toMatchObject({ code: 0, answer: { plan: { request: { setId, boundary: { firstExcluded: { gtid: ledger[16]?.gtid }, lostTransactions: 2 } }, steps: expect.arrayContaining([expect.objectContaining({ id: "prepare" })]) } } });
    // The boundary is bound: a plan whose stop was changed is refused.
    const changed = JSON.parse(readFileSync(file, "utf8")) as { request: { boundary: ReplayBoundary } };
    writeFileSync(`${file}.changed`, JSON.stringify({ ...changed, request: { ...changed.request, boundary: { ...changed.request.boundary, stop: { position: "4" } } } }));
    expect(await said("restore", `${file}.changed`)).toMatchObject({ code: 1, answer: { fault: { code: "PLAN_CHANGED" } } });
    expect((await said("restore", file)).code).toBe(0);
    expect(await value("SELECT GROUP_CONCAT(n ORDER BY n) FROM ledger_cli.rows_of")).toBe(upTo(15));
    await sql("SET SESSION sql_log_bin = 0", "DROP DATABASE ledger_cli", "SET SESSION sql_log_bin = 1");
    expect(await said("plan", "db", "--time", "2026-10-25 02:30:00", "--zone", "Europe/Rome", "--schema", "ledger", "--as", "ledger=x")).toMatchObject({ code: 1, answer: { fault: { code: "INSTANT_AMBIGUOUS" } } });
    expect(await said("plan", "db", "--schema", "ledger")).toMatchObject({ code: 2, answer: { fault: { code: "INPUT_INVALID" } } });
  });

  it("in place: what is there now is kept, what was there then is back", async () => {
    const { boundary } = await resolve({ kind: "before", gtid: ledger[16]?.gtid ?? "" });
    const result = await planRestore(live.host, { setId, server: "db", scope: { kind: "schemas", schemas: ["ledger"] }, target: { kind: "in-place", server: "db" }, boundary });
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    const end = await live.run((context) => runRestore(context, live.host, result.plan, "ledger"));
    expect(end.fault).toBeUndefined();
    expect(await value("SELECT GROUP_CONCAT(n ORDER BY n) FROM ledger.rows_of")).toBe(upTo(15));
    expect([await value("SELECT n FROM ledger.state"), await value(`SELECT n FROM ${end.value?.kept[0]}.state`)]).toEqual(["15", "99"]);
  });

  it("begins at a differential where that is the newest proven set before the instant, at its full where it is not", async () => {
    storedFiles(live, setId).prove();
    const taken = await live.run((context) => backupDifferential(context, live.host, "all"));
    expect(taken.fault).toBeUndefined();
    const { id = "", parent } = taken.value?.manifest ?? {};
    expect(parent?.artifacts.map(({ schema, tables }) => [schema, tables])).toEqual([["ledger", ["same"]]]);
    storedFiles(live, id, "differential").prove();
    await sql("INSERT INTO ledger.rows_of (n) VALUES (16)");
    await note();
    await sql("DELETE FROM ledger.rows_of");
    await archive();
    const found = await resolve({ kind: "after", gtid: ledger.at(-1)?.gtid ?? "" });
    expect(found.setId).toBe(id);
    expect((await run(found.boundary, id)).fault).toBeUndefined();
    expect(await value("SELECT GROUP_CONCAT(n ORDER BY n) FROM ledger_then.rows_of")).toBe(upTo(16));
    // Its rows are in no file of the differential, and in no binary log after it.
    expect(await value("SELECT n FROM ledger_then.same")).toBe("7");
    expect((await resolve({ kind: "before", gtid: ledger[16]?.gtid ?? "" })).setId).toBe(setId);
  });
});
