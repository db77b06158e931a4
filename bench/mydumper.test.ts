import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunningMysql } from "#scripts/services/mysql.ts";
import { MydumperPeer } from "./mydumper.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sg-peer-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Only what the peer asks of it. */
const server = { pid: process.pid, user: "root", password: "secret-word", socket: "/s", version: "9.7.4-2" } as RunningMysql;

function program(name: string, script: string): string {
  writeFileSync(join(folder, name), `#!/bin/sh\ncase "$1" in --version) echo "${name} 0.10.0, built";; --help*) echo "  -c, --compress  Compress";; *) ${script};; esac\n`, { mode: 0o755 });
  return join(folder, name);
}

test("a peer that is not here is not compared, and tells why", async () => {
  const peer = new MydumperPeer(folder, () => {
    throw new Error("the program mydumper was not set up");
  });
  expect(await peer.attempt(() => peer.dump(server))).toBeNull();
  expect(peer.facts).toEqual({ whyNot: "the program mydumper was not set up" });
});

test("one that fails is not asked again, and its own words are the reason", async () => {
  const myloader = program("myloader", "echo 'no such server' >&2; exit 1");
  const peer = new MydumperPeer(folder, () => ({ mydumper: program("mydumper", "exit 0"), myloader }));
  expect(peer.facts).toMatchObject({ version: "mydumper 0.10.0, built" });
  expect(await peer.attempt(() => peer.load(server))).toBeNull();
  expect(peer.facts).toEqual({ whyNot: expect.stringContaining("no such server") });
  expect(await peer.attempt(async () => "again")).toBeNull();
});

test("a dump is weighed, and the password is in no argument", async () => {
  const writes = `for word in "$@"; do case "$word" in --outputdir=*) to="\${word#--outputdir=}";; esac; done; mkdir "$to"; echo "$@" > '${join(folder, "arguments")}'; printf 12345 > "$to/a.sql.gz"; printf 678 > "$to/metadata"`;
  mkdirSync(join(folder, "dumps"));
  const peer = new MydumperPeer(join(folder, "dumps"), () => ({ mydumper: program("mydumper", writes), myloader: program("myloader", "exit 0") }));
  for (const _again of [1, 2]) expect((await peer.dump(server)).bytes).toBe(8);
  const told = readFileSync(join(folder, "arguments"), "utf8");
  expect(told).toMatch(/^--defaults-file=\S+ --threads=\d/);
  expect(told).not.toContain("secret-word");
});
