import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DesiredState, desiredState } from "#lib/contract/config/desired-state.ts";
import { workerConfig } from "#lib/contract/config/worker.ts";
import { keepDesiredState, readDesiredState, settingsInForce } from "./desired-state.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sg-state-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function stateOf(revision: number, user: string): DesiredState {
  return desiredState.parse({ revision, servers: [{ name: "db", socket: "/run/db.sock", user, password: { sealed: "AAAA" } }] });
}

describe("the console's settings on this host", () => {
  it("are empty before the first", () => {
    expect(readDesiredState(folder)).toMatchObject({ revision: 0, servers: [], policies: [] });
  });

  it("only ever get newer", () => {
    expect(keepDesiredState(folder, stateOf(5, "five"))).toBe(5);
    expect(keepDesiredState(folder, stateOf(4, "four"))).toBe(5);
    expect(keepDesiredState(folder, stateOf(5, "another five"))).toBe(5);
    expect(readDesiredState(folder).servers[0]?.user).toBe("five");
    expect(keepDesiredState(folder, stateOf(6, "six"))).toBe(6);
    expect(readDesiredState(folder).servers[0]?.user).toBe("six");
  });

  it("survive a crash while a newer one was being written", () => {
    keepDesiredState(folder, stateOf(1, "one"));
    writeFileSync(join(folder, "desired-state.json.partial"), '{"revision":2,"ser', { mode: 0o600 });
    expect(readDesiredState(folder).servers[0]?.user).toBe("one");
    expect(keepDesiredState(folder, stateOf(2, "two"))).toBe(2);
    expect(readdirSync(folder)).toEqual(["desired-state.json"]);
    expect(statSync(join(folder, "desired-state.json")).mode & 0o077).toBe(0);
  });

  it.each([["not JSON", "{"], ["empty", ""], ["another shape", '{"revision":-1}'], ["unknown fields", '{"revision":1,"evil":true}']])("damaged (%s) is a fault that names the file, never empty settings", (_what, text) => {
    writeFileSync(join(folder, "desired-state.json"), text);
    expect(() => readDesiredState(folder)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", params: expect.objectContaining({ file: join(folder, "desired-state.json") }) }));
  });

  it("lie over worker.yaml by name", () => {
    const own = workerConfig.parse({
      host: "db-1", stateDir: "/s", spoolDir: "/p", sandboxDir: "/x", keyring: { home: "/k" },
      servers: [{ name: "db", user: "own", password: { file: "/f" } }, { name: "local-only", user: "own", password: { file: "/f" } }],
    });
    expect(settingsInForce(own, stateOf(1, "sent")).servers.map(({ name, user }) => [name, user])).toEqual([["local-only", "own"], ["db", "sent"]]);
  });
});
