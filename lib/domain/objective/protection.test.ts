import { describe, expect, test } from "vitest";
import { answeredFor, judgeAll, judgeServer, type ServerFacts, type SetFacts } from "./protection.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const HOUR = 3_600_000;
const copy = (destination: string, state: string) => ({ destination, state });
const set = (hours: number, over: Partial<SetFacts> = {}): SetFacts => ({ snapshotAt: NOW - hours * HOUR, level: "proven", restoreSeconds: 300, copies: [copy("local", "intact"), copy("offsite", "intact")], ...over });
const young = set(8);
const good: ServerFacts = { server: "gestionelogistica", policies: 1, schedules: 1, newest: young, newestGood: young, newestProven: young, lastRunFault: null, missed: [], worker: "up", serverOk: true };
const all = (one: SetFacts | null, over: Partial<ServerFacts> = {}): ServerFacts => ({ ...good, newest: one, newestGood: one, newestProven: one, ...over });

describe("one server", () => {
  test("protected needs nothing less than a young, proven backup on two whole copies", () => {
    expect(judgeServer(good, NOW)).toEqual({ state: "protected", reasons: [] });
  });

  test.each<[string, ServerFacts, string, string[]]>([
    ["no backup yet", all(null), "unprotected", ["no-backup"]],
    ["no policy", { ...good, policies: 0, schedules: 0 }, "unprotected", ["no-policy"]],
    ["no schedule", { ...good, schedules: 0 }, "at-risk", ["no-schedule"]],
    ["25 hours old", all(set(25)), "unprotected", ["backup-old"]],
    ["just under 25 hours", all(set(24.99)), "protected", []],
    ["never proven", { ...all(set(3, { level: "intact" })), newestProven: null }, "at-risk", ["never-proven"]],
    ["proof 8 days old", { ...good, newestProven: set(8 * 24) }, "at-risk", ["proof-old"]],
    ["newest refused", { ...good, newest: set(1, { level: "refused" }) }, "unprotected", ["proof-refused"]],
    ["restore slower than 30 minutes", all(set(3, { restoreSeconds: 1801 })), "at-risk", ["restore-slow"]],
    ["one copy corrupt", all(set(3, { copies: [copy("local", "intact"), copy("offsite", "corrupt")] })), "at-risk", ["copy-damaged", "one-copy"]],
    ["all copies gone", all(set(3, { copies: [copy("local", "missing"), copy("offsite", "corrupt")] })), "unprotected", ["copy-damaged", "copy-damaged"]],
    ["one destination only", all(set(3, { copies: [copy("local", "intact")] })), "at-risk", ["one-copy"]],
    ["last run failed", { ...good, lastRunFault: "DUMP_FAILED" }, "at-risk", ["last-run-failed"]],
    ["fires missed", { ...good, missed: [{ schedule: "night", count: 2, since: NOW - 9 * HOUR }] }, "at-risk", ["schedule-missed"]],
    ["server does not answer", { ...good, serverOk: false }, "at-risk", ["server-down"]],
    ["silent worker", { ...good, worker: "down" }, "unknown", ["worker-silent"]],
    ["worker that never spoke", { ...good, worker: "unknown" }, "unknown", ["worker-silent"]],
    ["late worker", { ...good, worker: "late" }, "protected", []],
    ["silent worker and old backup: the certain harm counts", all(set(30), { worker: "down" }), "unprotected", ["backup-old", "worker-silent"]],
  ])("%s", (_what, facts, state, codes) => {
    const verdict = judgeServer(facts, NOW);
    expect(verdict.state).toBe(state);
    expect(verdict.reasons.map((reason) => reason.code)).toEqual(codes);
  });
});

test("the home page answers for production where there is any", () => {
  const [production, test_] = [{ name: "a", environment: "production" }, { name: "b", environment: "test" }];
  expect(answeredFor([production, test_])).toEqual([production]);
  expect(answeredFor([test_])).toEqual([test_]);
  expect(answeredFor([])).toEqual([]);
});

test("the whole is as good as its worst server, worst reason first", () => {
  const risky = judgeServer({ ...good, schedules: 0 }, NOW);
  const bare = judgeServer(all(null, { server: "b" }), NOW);
  expect(judgeAll([judgeServer(good, NOW)]).state).toBe("protected");
  expect(judgeAll([judgeServer(good, NOW), risky]).state).toBe("at-risk");
  const verdict = judgeAll([risky, bare]);
  expect(verdict.state).toBe("unprotected");
  expect(verdict.reasons.map((reason) => reason.severity)).toEqual(["critical", "warning"]);
  expect(judgeAll([])).toMatchObject({ state: "unprotected", reasons: [{ code: "no-server" }] });
});
