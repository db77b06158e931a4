import { createHash, randomBytes, randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, inject, it } from "vitest";
import { type S3DestinationConfig, s3Destination } from "#lib/contract/config/destination.ts";
import { Secret } from "#lib/platform/secret.ts";
import { startS3 } from "#scripts/services/s3.ts";
import { openDestination } from "../registry.ts";
import { readBack } from "../read-back.ts";
import { destinationContract } from "../testing/contract-suite.ts";
import { S3Destination } from "./s3.ts";

const MIB = 1024 * 1024;

interface Access {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function configure(access: Access, bucket: string, change: Partial<S3DestinationConfig> = {}): S3DestinationConfig {
  const { endpoint, region, accessKeyId } = access;
  return s3Destination.parse({
    kind: "s3", name: "ceph", endpoint, region, bucket, prefix: "salvagente", forcePathStyle: true, accessKeyId, secretKey: { file: "unused" },
    // Ceph's gateway on files crashes when asked for the parts of an unfinished upload; the strict fake answers.
    findUploads: false, partBytes: 5 * MIB, parallelParts: 2, ...change,
  });
}

destinationContract("S3, Ceph's object gateway", async () => {
  const access = inject("services").s3;
  const bucket = `contract-${randomUUID()}`;
  const client = new S3Client({ endpoint: access.endpoint, region: access.region, forcePathStyle: true, credentials: access });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  const folder = await mkdtemp(join(tmpdir(), "sv-s3-"));
  const open = (change: Partial<S3DestinationConfig> = {}, state = join(folder, "state"), secret = access.secretAccessKey) =>
    new S3Destination(configure(access, bucket, change), { stateFolder: state, secretKey: async () => new Secret(secret) });
  return {
    destination: open(),
    reopen: async (options = {}) => open({}, options.emptyState ? join(folder, `empty-${randomUUID()}`) : undefined),
    resumes: true,
    resumesWithoutRecords: false,
    // The same gateway loses multipart uploads of keys with a dot (404 for every part); single puts of such keys are fine.
    fileName: "data-bin",
    // Its listing is filled in behind a write and now and then read before: memory that was never set stands for the size.
    listsBytes: false,
    bigBytes: 16 * MIB,
    partBytes: 5 * MIB,
    leftovers: async () => [],
    wrong: [
      { what: "secret key", step: "login", detail: /403 SignatureDoesNotMatch/, open: async () => open({}, undefined, "wrong") },
      { what: "access key", step: "login", detail: /403 InvalidAccessKeyId/, open: async () => open({ accessKeyId: "NOBODY" }) },
      { what: "bucket", step: "login", detail: /404 NoSuchBucket/, open: async () => open({ bucket: "elsewhere" }) },
      { what: "port", step: "tcp", detail: /ECONNREFUSED/, open: async () => open({ endpoint: "http://127.0.0.1:9" }) },
    ],
    close: () => rm(folder, { recursive: true, force: true }),
  };
});

describe("a real S3 server that is killed", () => {
  it("in the middle of an upload and comes back: the upload goes on, nothing torn was visible", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sv-k-"));
    await chmod(folder, 0o755);
    let server = await startS3({ dataDir: join(folder, "s3") });
    try {
      const { port } = server;
      await server.createBucket("copies");
      const data = randomBytes(40 * MIB);
      const path = join(folder, "body");
      await writeFile(path, data);
      const body = { kind: "file", path, bytes: data.length, sha256: createHash("sha256").update(data).digest("hex") } as const;
      const secret = new Secret(server.secretAccessKey);
      const faults: string[] = [];
      const destination = openDestination(configure(server, "copies"), {
        stateFolder: join(folder, "state"),
        openSecret: async () => secret,
        retry: { attempts: 40, baseMs: 200, capMs: 1_000, onRetry: (fault) => faults.push(fault.code) },
      });
      let sent = 0;
      let killing: Promise<void> | undefined;
      const stored = await destination.put("db/full/20261123T020000Z-4f9a1c/data-bin", body, {
        onBytes: (bytes) => {
          sent += bytes;
          if (sent < 22 * MIB || killing) return;
          process.kill(server.pid, "SIGKILL");
          killing = server.stop().then(async () => {
            server = await startS3({ dataDir: join(folder, "s3"), port });
          });
        },
      });
      await killing;
      expect(faults.length).toBeGreaterThan(0);
      expect(new Set(faults)).toEqual(new Set(["DESTINATION_UNREACHABLE"]));
      expect(stored.bytes).toBe(body.bytes);
      expect(sent, "whole parts that had arrived are not sent again").toBeLessThan(body.bytes + 22 * MIB - 5 * MIB);
      await readBack(destination, stored.key, body);
      await destination.close();
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
