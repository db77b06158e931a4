import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { workerConfig } from "#lib/contract/config/worker.ts";
import type { RunEvent, RunKind } from "#lib/contract/events.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { systemClock } from "#lib/platform/clock.ts";
import { createLog } from "#lib/platform/log.ts";
import { ActiveRuns } from "./active-runs.ts";
import { loadIdentity } from "./identity.ts";
import { journalPath, readJournal } from "./journal.ts";
import { type HostRuntime, prepareFolders } from "./runtime.ts";

const RUN = "20261123T020000Z-4f9a1c";
const START = { kind: "restore", trigger: "manual", stages: ["load"] } as const;
let folder: string;
let host: HostRuntime;
let heard: RunEvent[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sg-runs-"));
  const config = workerConfig.parse({ host: "db-1", stateDir: join(folder, "state"), spoolDir: join(folder, "spool"), sandboxDir: join(folder, "sandbox"), keyring: { home: folder } });
  const tools = { clients: {}, gpg: "gpg", gpgconf: "gpgconf", zstd: "zstd" };
  host = { config, settings: config, folders: prepareFolders(config), identity: await loadIdentity(config.stateDir), tools, clock: systemClock, log: createLog({ name: "test", level: "silent" }) };
  heard = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const newRuns = (): ActiveRuns => new ActiveRuns(host, (event) => heard.push(event));
const journal = (): RunEvent[] => readJournal(journalPath(host.folders.journals, RUN));

/** What a worker leaves that was killed in a run: journal without end (cut at a byte), owner's note of a process that is gone. */
async function killedWorker(tornBytes: number): Promise<void> {
  const runs = newRuns();
  await runs.conduct(RUN, START, (context) => context.stage("load", async () => undefined));
  const path = journalPath(host.folders.journals, RUN);
  const lines = readFileSync(path, "utf8").split("\n");
  writeFileSync(path, `${lines.slice(0, 2).join("\n")}\n${(lines[2] ?? "").slice(0, tornBytes)}`);
  const child = spawn("true");
  await once(child, "exit");
  writeFileSync(join(host.folders.journals, `${RUN}.owner`), `${child.pid} 1`);
}

describe("ActiveRuns", () => {
  it("conducts once: handed out again after its end, the recorded end is given", async () => {
    let times = 0;
    const pipeline = async (): Promise<void> => {
      times += 1;
    };
    const runs = newRuns();
    const first = await runs.conduct(RUN, START, pipeline);
    const again = await newRuns().conduct(RUN, START, pipeline);
    expect(times).toBe(1);
    expect(again).toMatchObject({ outcome: "completed", lastSeq: first.lastSeq, seconds: first.seconds });
    expect(heard.map((event) => event.seq)).toEqual([1, 2]);
    expect(runs.current).toBeNull();
  });

  it("handed out again while it works, it is refused and goes on undisturbed", async () => {
    const runs = newRuns();
    const gate = Promise.withResolvers<string>();
    const first = runs.conduct(RUN, START, () => gate.promise);
    expect(runs.current).toBe(RUN);
    await expect(runs.conduct(RUN, START, async () => "second")).rejects.toMatchObject({ code: "RUN_ALREADY_ACTIVE" });
    expect(newRuns().markLost()).toEqual([]);
    gate.resolve("first");
    expect(await first).toMatchObject({ outcome: "completed", value: "first" });
    expect(journal().map(({ body }) => body.type)).toEqual(["run-started", "run-finished"]);
  });

  it.each([0, 1, 40])("killed in the middle (%d bytes of its next line written): interrupted once, never started again", async (torn) => {
    await killedWorker(torn);
    heard = [];
    expect(newRuns().markLost()).toEqual([RUN]);
    expect(newRuns().markLost()).toEqual([]);
    expect(journal().at(-1)).toMatchObject({ seq: 3, body: { type: "run-finished", outcome: "interrupted", fault: { code: "INTERRUPTED" } } });
    expect(heard).toEqual([journal().at(-1)]);
    const pipeline = vi.fn();
    expect(await newRuns().conduct(RUN, START, pipeline)).toMatchObject({ outcome: "interrupted", fault: { code: "INTERRUPTED" } });
    expect(pipeline).not.toHaveBeenCalled();
  });

  it("a job handed out again before anybody marked it finds the same", async () => {
    await killedWorker(10);
    expect(await newRuns().conduct(RUN, START, async () => "again")).toMatchObject({ outcome: "interrupted", lastSeq: 3 });
  });

  it("cancels what works here and nothing else; draining takes no more", async () => {
    const runs = newRuns();
    const first = runs.conduct(RUN, START, (context) => new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason))));
    expect(runs.cancel("20261123T020000Z-000000")).toBe(false);
    runs.drain();
    expect(await first).toMatchObject({ outcome: "cancelled" });
    await expect(runs.conduct("20261123T020000Z-aaaaaa", START, async () => undefined)).rejects.toMatchObject({ code: "CANCELLED" });
    expect(existsSync(journalPath(host.folders.journals, "20261123T020000Z-aaaaaa"))).toBe(false);
    expect(readdirSync(host.folders.journals)).toEqual([`${RUN}.jsonl`]);
  });

  it("long runs come one after the other in their order; an incremental passes beside, those of one server do not", async () => {
    const runs = newRuns();
    const order: string[] = [];
    const gates = new Map<string, () => void>();
    const conduct = (name: string, kind: RunKind, server = "db"): Promise<unknown> =>
      runs.conduct(`20261123T020000Z-${name}`, { kind, trigger: "manual", server, stages: [] }, () => {
        order.push(name);
        return new Promise<void>((resolve) => gates.set(name, resolve));
      });
    const ends = [conduct("aaaaaa", "backup-full"), conduct("bbbbbb", "verify"), conduct("cccccc", "restore"), conduct("dddddd", "backup-incremental"), conduct("eeeeee", "backup-incremental"), conduct("ffffff", "backup-incremental", "db2")];
    expect(order).toEqual(["aaaaaa", "dddddd", "ffffff"]);
    expect(runs.all.map(({ runId, waits }) => `${runId.slice(-6)} ${waits}`)).toEqual(["aaaaaa false", "bbbbbb true", "cccccc true", "dddddd false", "eeeeee true", "ffffff false"]);
    expect(runs.current).toMatch(/aaaaaa$/);
    for (const name of ["aaaaaa", "bbbbbb", "cccccc", "dddddd", "eeeeee", "ffffff"]) {
      await vi.waitFor(() => expect(gates.has(name)).toBe(true));
      gates.get(name)?.();
    }
    await Promise.all(ends);
    expect(order.filter((name) => /[abc]/.test(name))).toEqual(["aaaaaa", "bbbbbb", "cccccc"]);
    expect(runs.all).toEqual([]);
  });

  it("a run that waits is cancelled without having begun, and lets the next one pass; when the worker stops it leaves no trace", async () => {
    const runs = newRuns();
    const gate = Promise.withResolvers<void>();
    const id = (name: string): string => `20261123T020000Z-${name}`;
    const first = runs.conduct(RUN, START, () => gate.promise);
    const pipeline = vi.fn(async () => undefined);
    const second = runs.conduct(id("bbbbbb"), START, pipeline);
    const third = runs.conduct(id("cccccc"), START, async () => "done");
    await expect(runs.conduct(id("bbbbbb"), START, pipeline)).rejects.toMatchObject({ code: "RUN_ALREADY_ACTIVE" });
    expect(runs.cancel(id("bbbbbb"))).toBe(true);
    expect(await second).toMatchObject({ outcome: "cancelled" });
    gate.resolve();
    await first;
    expect(await third).toMatchObject({ value: "done" });
    expect(pipeline).not.toHaveBeenCalled();

    const blocked = runs.conduct(id("dddddd"), START, (context) => new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason))));
    const waiting = runs.conduct(id("eeeeee"), START, pipeline);
    runs.drain();
    await expect(waiting).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await blocked).toMatchObject({ outcome: "cancelled" });
    expect(existsSync(journalPath(host.folders.journals, id("eeeeee")))).toBe(false);
  });

  it("puts a run that never began on record, once", () => {
    const end = { outcome: "missed", fault: faultRecord(new Fault("SCHEDULE_MISSED", { params: { schedule: "night" } })), result: { count: 2 } } as const;
    newRuns().record(RUN, START, end);
    newRuns().record(RUN, START, end);
    expect(journal().map(({ body }) => body)).toMatchObject([{ type: "run-started", kind: "restore" }, { type: "run-finished", outcome: "missed", result: { count: 2 } }]);
    expect(readdirSync(host.folders.journals)).toEqual([`${RUN}.jsonl`]);
  });

  it("rubbish behind the end does not start a run again", async () => {
    await newRuns().conduct(RUN, START, async () => undefined);
    appendFileSync(journalPath(host.folders.journals, RUN), '{"v":1,"torn');
    expect(await newRuns().conduct(RUN, START, async () => "again")).toMatchObject({ outcome: "completed" });
  });
});
