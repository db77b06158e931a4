import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConsoleEnvironment, readDatabaseUrl } from "./env.ts";

const good = { DATABASE_URL: "postgresql://u:topsecret@localhost/db", REDIS_URL: "redis://:topsecret@localhost/0", SALVAGENTE_STATE_DIR: "/var/lib/salvagente" };

test("values come from variables or from the files they name", () => {
  const folder = mkdtempSync(join(tmpdir(), "sg-env-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "secret");
  writeFileSync(file, `${"s".repeat(40)}\n`);
  const read = readConsoleEnvironment({ ...good, NEXTAUTH_SECRET_FILE: file, LOG_LEVEL: "" });
  expect(read.NEXTAUTH_SECRET?.reveal()).toBe("s".repeat(40));
  expect(read.LOG_LEVEL).toBe("info");
  expect(JSON.stringify(read)).not.toContain("topsecret");
  expect(readDatabaseUrl({ DATABASE_URL: good.DATABASE_URL }).reveal()).toBe(good.DATABASE_URL);
});

test("every wrong one is named, no value is shown", () => {
  const wrong = { ...good, DATABASE_URL: "mysql://u:topsecret@h/db", NEXTAUTH_SECRET: "topsecret", REDIS_URL: undefined, REDIS_URL_FILE: "/nowhere/redis", SALVAGENTE_STATE_DIR: "relative", SALVAGENTE_TRUSTED_PROXIES: "proxy.example.org" };
  expect(() => readConsoleEnvironment(wrong)).toThrow(expect.objectContaining({ code: "ENVIRONMENT_INVALID" }));
  try {
    readConsoleEnvironment(wrong);
  } catch (error) {
    const { params, detail, message } = error as { params: { fields: string }; detail: string; message: string };
    expect(params.fields.split(", ").sort()).toEqual(["DATABASE_URL", "NEXTAUTH_SECRET", "REDIS_URL", "REDIS_URL_FILE", "SALVAGENTE_STATE_DIR", "SALVAGENTE_TRUSTED_PROXIES"]);
    expect(`${detail}${message}`).not.toContain("topsecret");
  }
});
