import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { s3Destination } from "#lib/contract/config/destination.ts";
import { Secret } from "#lib/platform/secret.ts";
import { readBack } from "../read-back.ts";
import { fault } from "../testing/observe.ts";
import { StrictS3 } from "../testing/strict-s3.ts";
import { S3Destination } from "./s3.ts";

let folder: string;
let server: StrictS3;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sv-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], { stdio: "ignore" });
  server = new StrictS3({ bucket: "copies", tls: { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") } });
  await server.start();
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

function open(caFile?: string): S3Destination {
  const { accessKeyId, region, secretAccessKey } = server.account;
  const config = s3Destination.parse({
    kind: "s3", name: "cloud", endpoint: server.endpoint, region, bucket: "copies", forcePathStyle: true, accessKeyId, secretKey: { file: "unused" }, partBytes: 5 * 1024 * 1024, ...(caFile ? { caFile } : {}),
  });
  return new S3Destination(config, { stateFolder: join(folder, "state"), secretKey: async () => new Secret(secretAccessKey) });
}

it("speaks https with an authority of one's own, small and in parts", async () => {
  const place = open(join(folder, "cert.pem"));
  for (const bytes of [1_000, 11 * 1024 * 1024]) {
    const data = randomBytes(bytes);
    const body = { kind: "bytes", data } as const;
    await place.put(`tls/${bytes}`, body);
    await readBack(place, `tls/${bytes}`, { bytes, sha256: createHash("sha256").update(data).digest("hex") });
  }
  const steps = await place.probe();
  expect(steps.map(({ step, ok }) => `${step} ${ok}`)).toEqual(["dns true", "tcp true", "tls true", "login true", "write true", "read true", "delete true"]);
  await place.close();
});

it("refuses a certificate that nobody vouches for, and does not try again", async () => {
  const place = open();
  await expect(fault(place.stat("a"))).resolves.toMatchObject({ code: "DESTINATION_UNREACHABLE", retryable: false });
  const steps = await place.probe();
  expect(steps.at(-1)).toMatchObject({ step: "tls", ok: false, detail: expect.stringMatching(/self.signed/i) });
  await place.close();
});
