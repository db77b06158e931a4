import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { Secret } from "#lib/platform/secret.ts";

const folder = mkdtempSync(join(tmpdir(), "sg-secret-"));
const env = { DATABASE_URL: new Secret("x"), REDIS_URL: new Secret("x"), SALVAGENTE_STATE_DIR: join(folder, "state"), LOG_LEVEL: "info" } as const;

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("makes one secret, readable by its owner only, and finds it again after a restart", async () => {
  const first = (await import("./session-secret.ts")).loadSessionSecret(env);
  vi.resetModules();
  const again = (await import("./session-secret.ts")).loadSessionSecret(env);
  expect(again).toBe(first);
  expect(Buffer.from(first, "base64")).toHaveLength(48);
  expect(statSync(join(env.SALVAGENTE_STATE_DIR, "session-secret")).mode & 0o777).toBe(0o600);
});

it("prefers the one that is given", async () => {
  vi.resetModules();
  const { loadSessionSecret } = await import("./session-secret.ts");
  expect(loadSessionSecret({ ...env, NEXTAUTH_SECRET: new Secret("given") })).toBe("given");
});
