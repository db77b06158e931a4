import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type S3DestinationConfig, s3Destination } from "#lib/contract/config/destination.ts";
import { Secret } from "#lib/platform/secret.ts";
import { destinationContract } from "../testing/contract-suite.ts";
import { StrictS3 } from "../testing/strict-s3.ts";
import { S3Destination } from "./s3.ts";

const MIB = 1024 * 1024;

for (const checksums of ["sha256", "md5", "none"] as const) {
  destinationContract(`S3, the strict fake, checksums ${checksums}`, async () => {
    const server = new StrictS3({ bucket: "copies" });
    await server.start();
    const folder = await mkdtemp(join(tmpdir(), "sv-s3-"));
    const open = (change: Partial<S3DestinationConfig> = {}, state = join(folder, "state"), secret = server.account.secretAccessKey) =>
      new S3Destination(
        s3Destination.parse({
          kind: "s3", name: "cloud", endpoint: server.endpoint, region: server.account.region, bucket: server.bucketName, prefix: "team/salvagente", forcePathStyle: true,
          accessKeyId: server.account.accessKeyId, secretKey: { file: "unused" }, checksums, partBytes: 5 * MIB, parallelParts: 2, ...change,
        }),
        { stateFolder: state, secretKey: async () => new Secret(secret), idleMs: 5_000 },
      );
    return {
      destination: open(),
      reopen: async (options = {}) => open({}, options.emptyState ? join(folder, `empty-${randomUUID()}`) : undefined),
      resumes: true,
      resumesWithoutRecords: true,
      bigBytes: 16 * MIB,
      partBytes: 5 * MIB,
      leftovers: async () => [...server.bucket.uploads.values()].map((upload) => upload.key),
      wrong: [
        { what: "secret key", step: "login", detail: /403 SignatureDoesNotMatch/, open: async () => open({}, undefined, "wrong") },
        { what: "access key", step: "login", detail: /403 InvalidAccessKeyId/, open: async () => open({ accessKeyId: "NOBODY" }) },
        { what: "bucket", step: "login", detail: /404 NoSuchBucket/, open: async () => open({ bucket: "elsewhere" }) },
        { what: "region", step: "login", detail: /AuthorizationHeaderMalformed.*eu-south-1/, open: async () => open({ region: "us-east-1" }) },
        { what: "port", step: "tcp", detail: /ECONNREFUSED/, open: async () => open({ endpoint: "http://127.0.0.1:9" }) },
        { what: "host name", step: "dns", detail: /ENOTFOUND|EAI_AGAIN/, open: async () => open({ endpoint: "http://no-such-host.invalid" }) },
        { what: "https where http is spoken", step: "tls", detail: /does not answer/, open: async () => open({ endpoint: server.endpoint.replace("http:", "https:") }) },
      ],
      close: async () => {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  });
}
