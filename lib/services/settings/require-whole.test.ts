import { describe, expect, it } from "vitest";
import { desiredState } from "#lib/contract/config/desired-state.ts";
import { requireWhole } from "./require-whole.ts";

/** A host with one policy `daily` and one schedule of it. */
function settings(policy: object, kind: string, server: object = {}) {
  return desiredState.parse({
    servers: [{ name: "db", socket: "/run/s", user: "u", password: { file: "p" }, ...server }],
    destinations: [{ kind: "local", name: "one", root: "/srv" }],
    keys: [{ name: "operations", purpose: "operations", key: { armored: "-" } }],
    policies: [{ name: "daily", server: "db", destinations: ["one"], recipients: ["operations"], ...policy }],
    schedules: [{ name: "twice", policy: "daily", kind, cron: "0 */12 * * *" }],
  });
}

describe("what a schedule starts fits its policy", () => {
  it.each([[{}, "full"], [{}, "differential"], [{ method: "clone", alsoDump: true }, "differential"], [{ archive: true }, "incremental"], [{ method: "clone" }, "full"]])("%j %s", (policy, kind) => {
    expect(() => requireWhole(settings(policy, kind))).not.toThrow();
  });

  it.each([[{ method: "clone" }, "differential", "data files instead of dumps"], [{}, "incremental", "archives no binary logs"]])("%j %s is refused: %s", (policy, kind, why) => {
    expect(() => requireWhole(settings(policy, kind))).toThrow(expect.objectContaining({ code: "INPUT_INVALID", params: { fields: "kind" }, detail: expect.stringContaining(why) }));
  });
});

describe("a method that copies files fits the family of its server, where that is known", () => {
  it.each([[{ method: "clone" }, {}], [{ method: "mariadb-backup" }, {}], [{ method: "clone" }, { flavor: "mysql" }], [{ method: "mariadb-backup" }, { flavor: "mariadb" }], [{}, { flavor: "mariadb" }]])("%j of %j", (policy, server) => {
    expect(() => requireWhole(settings(policy, "full", server))).not.toThrow();
  });

  it.each([[{ method: "clone" }, { flavor: "mariadb" }], [{ method: "mariadb-backup" }, { flavor: "mysql" }]])("%j of %j is refused", (policy, server) => {
    expect(() => requireWhole(settings(policy, "full", server))).toThrow(expect.objectContaining({ code: "INPUT_INVALID", params: { fields: "method" }, detail: expect.stringContaining(server.flavor) }));
  });
});
