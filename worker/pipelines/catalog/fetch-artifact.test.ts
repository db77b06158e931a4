import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { localDestination, s3Destination } from "#lib/contract/config/destination.ts";
import type { SetPart } from "#lib/contract/manifest/parts.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { Secret } from "#lib/platform/secret.ts";
import { LocalDestination } from "#worker/destinations/local/local.ts";
import { S3Destination } from "#worker/destinations/s3/s3.ts";
import { fault } from "#worker/destinations/testing/observe.ts";
import { StrictS3 } from "#worker/destinations/testing/strict-s3.ts";
import { flipMiddle } from "#worker/testing/stored-set.ts";
import { AnyCopy } from "./any-copy.ts";
import { fetchArtifact, type Fetching, fetchedStream } from "./fetch-artifact.ts";

type Wanted = Pick<SetPart, "artifact" | "key">;
const signal = new AbortController().signal;

let folder: string;
let server: StrictS3;
let fetching: Fetching;
let told: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sg-fetch-"));
  server = new StrictS3({ bucket: "copies" });
  await server.start();
  const { accessKeyId, region, secretAccessKey } = server.account;
  const cloud = s3Destination.parse({ kind: "s3", name: "cloud", endpoint: server.endpoint, region, bucket: "copies", forcePathStyle: true, accessKeyId, secretKey: { file: "unused" } });
  told = [];
  fetching = {
    copies: new AnyCopy(({ code, params }) => told.push(`${params.destination}: ${code}`)),
    // Without its repetitions: those have tests of their own.
    destinations: [new S3Destination(cloud, { stateFolder: join(folder, "state"), secretKey: async () => new Secret(secretAccessKey) }), new LocalDestination(localDestination.parse({ kind: "local", name: "disk", root: join(folder, "disk") }))],
    folder: join(folder, "here"),
  };
});
afterEach(async () => {
  await Promise.all(fetching.destinations.map((destination) => destination.close()));
  await server.stop().catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
});

const contents = new Map<string, Buffer>();
/** A file of a set, at every destination. */
async function stored(name: string): Promise<Wanted> {
  const data = randomBytes(3_000_000);
  contents.set(name, data);
  const key = `db/full/20261123T020000Z-4f9a1c/${name}`;
  for (const destination of fetching.destinations) await destination.put(key, { kind: "bytes", data });
  return { key, artifact: { name, sealed: { bytes: data.length, sha256: createHash("sha256").update(data).digest("hex"), md5: "" } } as Wanted["artifact"] };
}

const fetched = async (part: Wanted): Promise<void> => {
  let seen = 0;
  const path = await fetchArtifact(fetching, part, signal, (bytes) => {
    seen += bytes;
  });
  expect(readFileSync(path).equals(contents.get(part.artifact.name) ?? Buffer.alloc(0))).toBe(true);
  // What a copy gave that was not sound is taken off again.
  expect(seen).toBe(part.artifact.sealed.bytes);
};

describe("an artifact that several destinations hold", () => {
  it("comes from the next when the server dies in the middle, and the next one is not asked of the dead", async () => {
    const [first, second] = [await stored("a"), await stored("b")];
    server.plan("GET", /\/a/, { kind: "truncate" });
    await fetched(first);
    expect(told).toEqual(["cloud: DESTINATION_UNREACHABLE"]);
    await server.stop();
    const asked = server.requests.length;
    await fetched(second);
    expect(told).toEqual(["cloud: DESTINATION_UNREACHABLE"]);
    expect(server.requests.length).toBe(asked);
  });

  it("comes from the next when the bytes are others, or not there; a place with many of these is asked last", async () => {
    const parts: Wanted[] = [];
    for (const name of ["a", "b", "c", "d"]) parts.push(await stored(name));
    server.plan("GET", /./, { kind: "flip-bit" }, 2);
    for (const part of parts.slice(0, 2)) await fetched(part);
    await fetching.destinations[0]?.remove(parts[2]?.key ?? "");
    await fetched(parts[2] as Wanted);
    expect(told).toEqual(["cloud: COPY_CORRUPT", "cloud: COPY_CORRUPT", "cloud: DESTINATION_OBJECT_MISSING"]);
    const asked = server.requests.length;
    await fetched(parts[3] as Wanted);
    expect(server.requests.length).toBe(asked);
  });

  it("when none is left, each copy's reason is named, and nothing lies here", async () => {
    const part = await stored("a");
    flipMiddle(join(folder, "disk", part.key));
    await server.stop();
    const thrown = await fault(fetchArtifact(fetching, part, signal));
    expect(thrown).toMatchObject({ code: "NO_SOUND_COPY", retryable: true, params: { key: part.key, message: expect.stringMatching(/^cloud: DESTINATION_UNREACHABLE \(.+\); disk: COPY_CORRUPT \(.+\)$/) } });
    expect(readdirSync(fetching.folder)).toEqual([]);
    const [, disk] = fetching.destinations;
    expect(await fault(fetchArtifact({ ...fetching, destinations: disk ? [disk] : [] }, part, signal))).toMatchObject({ code: "COPY_CORRUPT", params: { destination: "disk" } });
  });

  it("is opened from a file that has no name any more", async () => {
    const part = await stored("a");
    const stream = await fetchedStream(fetching, part as SetPart, signal);
    expect(existsSync(join(fetching.folder, "a"))).toBe(false);
    expect(Buffer.concat(await stream.toArray()).equals(contents.get("a") ?? Buffer.alloc(0))).toBe(true);
  });
});

describe("what is no copy's fault", () => {
  it("ends it at once", async () => {
    const asked: string[] = [];
    const work = ({ id }: { readonly id: string }): Promise<never> => {
      asked.push(id);
      return Promise.reject(new Fault("DISK_FULL", { params: { path: "/" } }));
    };
    expect(await fault(fetching.copies.read("key", fetching.destinations, signal, work))).toMatchObject({ code: "DISK_FULL" });
    expect(asked).toEqual(["cloud"]);
  });

  it("a piece of an open binary log that a longer one replaced is nothing to tell of", async () => {
    const key = "db/binlog/0b2a3c4d/1/binlog.000007.4-900.tail.zst.gpg";
    const gone = ({ id }: { readonly id: string }): Promise<string> => (id === "cloud" ? Promise.reject(new Fault("DESTINATION_OBJECT_MISSING", { params: { key, destination: id } })) : Promise.resolve(id));
    expect(await fetching.copies.read(key, fetching.destinations, signal, gone)).toBe("disk");
    expect(told).toEqual([]);
  });
});
