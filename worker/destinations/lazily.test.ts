import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { localDestination } from "#lib/contract/config/destination.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { lazily } from "./lazily.ts";
import { LocalDestination } from "./local/local.ts";
import { all, digest, fault } from "./testing/observe.ts";

let folder: string;
let opened: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sv-lazily-"));
  opened = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const place = (): Destination =>
  lazily("disk", "local", async () => {
    opened += 1;
    return new LocalDestination(localDestination.parse({ kind: "local", name: "disk", root: join(folder, "copies") }));
  });

it("opens nothing until it is used, not even to close", async () => {
  const destination = place();
  expect([destination.id, destination.kind]).toEqual(["disk", "local"]);
  await destination.close();
  expect(opened).toBe(0);
});

it("opens once, and every method reaches the adapter", async () => {
  const destination = place();
  const data = Buffer.from("row");
  await Promise.all(["a/1", "a/2"].map((key) => destination.put(key, { kind: "bytes", data })));
  expect(await digest(await destination.get("a/1", { offset: 0 }))).toBe(await digest(await destination.get("a/2")));
  expect(await destination.stat("a/1")).toMatchObject({ bytes: 3 });
  expect((await all(destination.list("a/"))).map(({ key }) => key)).toEqual(["a/1", "a/2"]);
  await destination.remove("a/1");
  expect(await destination.stat("a/1")).toBeNull();
  expect((await destination.space())?.totalBytes).toBeGreaterThan(0);
  expect(await destination.sweep(0)).toBe(0);
  expect((await destination.probe()).every(({ ok }) => ok)).toBe(true);
  await destination.close();
  expect(opened).toBe(1);
});

it("what goes wrong on opening is told by the method that was called, and the next one tries again", async () => {
  const good = place();
  let attempts = 0;
  const destination = lazily("disk", "local", async () => {
    attempts += 1;
    if (attempts === 1) throw new Fault("DESTINATION_FAILED", { params: { destination: "disk", message: "no library" } });
    return good;
  });
  expect(await fault(destination.stat("a"))).toMatchObject({ code: "DESTINATION_FAILED" });
  await destination.close();
  expect(attempts).toBe(1);
  expect(await destination.stat("a")).toBeNull();
  expect(attempts).toBe(2);
});
