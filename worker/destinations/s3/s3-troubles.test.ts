import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type S3DestinationConfig, s3Destination } from "#lib/contract/config/destination.ts";
import { Secret } from "#lib/platform/secret.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { readBack } from "../read-back.ts";
import { digest, fault } from "../testing/observe.ts";
import { StrictS3 } from "../testing/strict-s3.ts";
import { withRetry } from "../with-retry.ts";
import { S3Destination } from "./s3.ts";

const MIB = 1024 * 1024;
const KEY = "db-1/full/20261123T020000Z-4f9a1c/data.sql.zst.gpg";

let server: StrictS3;
let folder: string;
let bare: S3Destination;
let place: Destination;
let retries: string[];

beforeEach(async () => {
  server = new StrictS3({ bucket: "copies" });
  await server.start();
  folder = await mkdtemp(join(tmpdir(), "sv-s3-"));
  bare = open();
  retries = [];
  place = patient(bare);
});
afterEach(async () => {
  await bare.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function open(change: Partial<S3DestinationConfig> = {}, idleMs = 10_000): S3Destination {
  const { accessKeyId, region, secretAccessKey } = server.account;
  const config = s3Destination.parse({
    kind: "s3", name: "cloud", endpoint: server.endpoint, region, bucket: "copies", forcePathStyle: true, accessKeyId, secretKey: { file: "unused" },
    partBytes: 5 * MIB, parallelParts: 1, ...change,
  });
  return new S3Destination(config, { stateFolder: join(folder, "state"), secretKey: async () => new Secret(secretAccessKey), idleMs });
}

function patient(destination: Destination): Destination {
  return withRetry(destination, { attempts: 4, baseMs: 1, capMs: 4, onRetry: (thrown) => retries.push(`${thrown.code}: ${thrown.params.message}`) });
}

async function spooled(bytes: number) {
  const data = randomBytes(bytes);
  const path = join(folder, `body-${randomBytes(4).toString("hex")}`);
  await writeFile(path, data);
  return { kind: "file", path, bytes, sha256: createHash("sha256").update(data).digest("hex") } as const;
}

describe("troubles that pass are repeated", () => {
  it.each([
    ["500 InternalError", { kind: "refuse", status: 500, code: "InternalError" }, /DESTINATION_FAILED: 500 InternalError/],
    ["503 SlowDown", { kind: "refuse", status: 503, code: "SlowDown" }, /DESTINATION_FAILED: 503 SlowDown/],
    ["a connection reset in the middle", { kind: "reset", afterBytes: 200_000 }, /DESTINATION_UNREACHABLE: (ECONNRESET|EPIPE)/],
    ["an answer that never comes", { kind: "hang" }, /DESTINATION_UNREACHABLE: TimeoutError/],
  ] as const)("%s, on a whole put and on a part", async (_what, trouble, words) => {
    // Long enough that a busy machine is not taken for a dead one.
    const subject = trouble.kind === "hang" ? patient(open({}, 1_500)) : place;
    server.plan("PUT", /data\.sql/, trouble, 2);
    const small = await spooled(2 * MIB);
    await subject.put(KEY, small);
    expect(retries).toHaveLength(2);
    expect(retries[0]).toMatch(words);
    await readBack(subject, KEY, small);

    server.plan("PUT", /big.*partNumber=2/, trouble, 1);
    const big = await spooled(11 * MIB);
    await subject.put(`${KEY}.big`, big);
    expect(server.requests.filter((line) => /^PUT .*big.*partNumber=1&/.test(line)), "part 1 is sent once").toHaveLength(1);
    await readBack(subject, `${KEY}.big`, big);
  });

  it("an answer lost after the work was done: the second try finds the object", async () => {
    server.plan("PUT", /data\.sql/, { kind: "lose-answer" });
    const small = await spooled(1_000);
    await place.put(KEY, small);
    expect(server.requests.filter((line) => line.startsWith("PUT"))).toHaveLength(1);
    server.plan("POST", /uploadId=/, { kind: "lose-answer" });
    const big = await spooled(11 * MIB);
    await place.put(`${KEY}.big`, big);
    expect(server.requests.filter((line) => line.startsWith("PUT"))).toHaveLength(1 + 3);
    await readBack(place, `${KEY}.big`, big);
  });

  it("a download that breaks off goes on at that byte", async () => {
    const body = await spooled(3 * MIB);
    await place.put(KEY, body);
    server.plan("GET", /data\.sql/, { kind: "truncate" }, 2);
    expect(await digest(await place.get(KEY))).toBe(body.sha256);
    expect(retries).toHaveLength(2);
    expect(retries[0]).toMatch(/DESTINATION_UNREACHABLE/);
  });

  it("gives up after the tries it was given, with the server's words", async () => {
    server.plan("PUT", /data\.sql/, { kind: "refuse", status: 503, code: "SlowDown", message: "Please reduce your request rate." }, 99);
    await expect(fault(place.put(KEY, await spooled(10)))).resolves.toMatchObject({
      code: "DESTINATION_FAILED",
      retryable: true,
      params: { message: "503 SlowDown: Please reduce your request rate." },
    });
    expect(server.requests.filter((line) => line.startsWith("PUT"))).toHaveLength(4);
  });

  it("a server that is away for a while", async () => {
    const body = await spooled(11 * MIB);
    let stopped: Promise<void> | undefined;
    let sent = 0;
    const waiting = withRetry(bare, { attempts: 50, baseMs: 20, capMs: 100 });
    await waiting.put(KEY, body, {
      onBytes: (bytes) => {
        sent += bytes;
        if (sent >= 7 * MIB) stopped ??= server.stop().then(() => new Promise((resolve) => setTimeout(resolve, 200))).then(() => server.start());
      },
    });
    await stopped;
    await readBack(waiting, KEY, body);
    expect(server.requests.filter((line) => line.startsWith("PUT") && line.includes("partNumber=1&"))).toHaveLength(1);
  });

  it("an upload that the server forgot begins anew", async () => {
    const body = await spooled(11 * MIB);
    server.plan("PUT", /partNumber=3/, { kind: "refuse", status: 500, code: "InternalError" }, 1);
    await expect(fault(bare.put(KEY, body))).resolves.toMatchObject({ retryable: true });
    server.bucket.uploads.clear();
    await place.put(KEY, body);
    expect(retries[0]).toMatch(/NoSuchUpload/);
    await readBack(place, KEY, body);
  });
});

describe("what does not pass is said at once", () => {
  it.each([
    [403, "AccessDenied", { code: "DESTINATION_DENIED", params: { message: "403 AccessDenied: planned" } }],
    [507, "InsufficientStorage", { code: "DESTINATION_FULL", retryable: true }],
    [403, "QuotaExceeded", { code: "DESTINATION_FULL" }],
    [400, "InvalidArgument", { code: "DESTINATION_FAILED", retryable: false }],
    [501, "NotImplemented", { code: "DESTINATION_FAILED", retryable: false }],
  ])("%i %s", async (status, code, expected) => {
    server.plan("PUT", /data\.sql/, { kind: "refuse", status, code }, 99);
    await expect(fault(place.put(KEY, await spooled(10)))).resolves.toMatchObject(expected);
    expect(retries).toEqual([]);
    expect(await place.stat(KEY)).toBeNull();
  });

  it("a refused HEAD is explained by a request that has words", async () => {
    const wrong = new S3Destination(
      s3Destination.parse({ kind: "s3", name: "cloud", endpoint: server.endpoint, region: server.account.region, bucket: "copies", forcePathStyle: true, accessKeyId: server.account.accessKeyId, secretKey: { file: "unused" } }),
      { stateFolder: folder, secretKey: async () => new Secret("hunter2-wrong") },
    );
    const thrown = await fault(wrong.stat(KEY));
    expect(thrown).toMatchObject({ code: "DESTINATION_DENIED", retryable: false });
    expect(thrown.params.message).toMatch(/^403 SignatureDoesNotMatch: The request signature we calculated/);
    expect(JSON.stringify(thrown) + thrown.message + thrown.stack).not.toContain("hunter2");
    await wrong.close();
  });

  it("a locked object stays, is not hidden, and is named", async () => {
    await place.put(KEY, await spooled(100));
    server.bucket.object(KEY).lockedUntil = new Date(Date.now() + 60_000);
    await expect(fault(place.remove(KEY))).resolves.toMatchObject({ code: "DESTINATION_OBJECT_LOCKED", retryable: false, params: { key: KEY } });
    expect(server.requests.some((line) => line.startsWith("DELETE"))).toBe(false);
    expect(await place.stat(KEY)).not.toBeNull();
    server.bucket.object(KEY).lockedUntil = new Date(Date.now() - 1);
    await place.remove(KEY);
    expect(await place.stat(KEY)).toBeNull();
  });

  it("another host's object under the key is not overwritten even when it appears in the middle", async () => {
    const mine = await spooled(11 * MIB);
    const theirs = randomBytes(100);
    await expect(
      fault(bare.put(KEY, mine, { onBytes: () => void server.bucket.put(KEY, theirs, {}, false) })),
    ).resolves.toMatchObject({ code: "DESTINATION_KEY_TAKEN" });
    expect(server.bucket.object(KEY).data).toEqual(theirs);
    expect(server.bucket.uploads.size, "the useless upload is given back").toBe(0);
  });
});

describe("damage is found", () => {
  it("bytes turned on the way back, and bytes rotted in the store", async () => {
    const body = await spooled(100_000);
    await place.put(KEY, body);
    server.plan("GET", /data\.sql/, { kind: "flip-bit" });
    await expect(fault(readBack(place, KEY, body))).resolves.toMatchObject({ code: "COPY_CORRUPT" });
    await readBack(place, KEY, body);
    const stored = server.bucket.object(KEY);
    stored.data = Buffer.concat([stored.data.subarray(0, 5), Buffer.from([(stored.data[5] ?? 0) ^ 8]), stored.data.subarray(6)]);
    await expect(fault(readBack(place, KEY, body))).resolves.toMatchObject({ code: "COPY_CORRUPT" });
    stored.data = stored.data.subarray(0, 50_000);
    await expect(fault(readBack(place, KEY, body))).resolves.toMatchObject({ params: { message: "expected 100000 bytes, found 50000" } });
  });
});

describe("bytes altered on the way", () => {
  it("are refused by the server's own check of the signed digest, and nothing is stored", async () => {
    const body = await spooled(2 * MIB);
    const altered = fault(place.put(KEY, body, { pace: async () => writeFile(body.path, Buffer.alloc(2 * MIB, 1)) }));
    await expect(altered).resolves.toMatchObject({ code: "DESTINATION_FAILED", retryable: false });
    expect(retries[0]).toMatch(/400 XAmzContentSHA256Mismatch/);
    expect(await place.stat(KEY)).toBeNull();
  });
});

describe("dead uploads", () => {
  it("are ended by sweep: ours by journal and by layout, never those of others or young ones", async () => {
    const begin = (key: string) => server.bucket.begin(key, {}, undefined);
    server.plan("PUT", /partNumber=2/, { kind: "refuse", status: 403, code: "AccessDenied" });
    await fault(bare.put(KEY, await spooled(11 * MIB)));
    begin("db-1/full/20261123T020000Z-aaaaaa/x.gpg");
    begin("photos/holiday.jpg");
    expect(await bare.sweep(60_000)).toBe(0);
    expect(server.bucket.uploads.size).toBe(3);
    expect(await bare.sweep(0)).toBe(2);
    expect([...server.bucket.uploads.values()].map((upload) => upload.key)).toEqual(["photos/holiday.jpg"]);
  });
});
