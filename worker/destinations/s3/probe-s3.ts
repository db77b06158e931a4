import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { connect, isIP } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { S3DestinationConfig } from "#lib/contract/config/destination.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Destination, ProbeStep } from "#worker/ports/destination.ts";
import { probeObject } from "../probe-object.ts";
import { type ProbeWork, probeSteps } from "../probe-steps.ts";
import { s3Fault } from "./s3-faults.ts";

const STEP_MS = 10_000;

/** dns, tcp, tls (https only), login (signature, bucket), write, read, delete. */
export function probeS3(destination: Destination, config: S3DestinationConfig, greet: () => Promise<void>): Promise<ProbeStep[]> {
  const url = new URL(config.endpoint ?? `https://s3.${config.region}.amazonaws.com`);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const secure = url.protocol === "https:";
  const port = Number(url.port || (secure ? 443 : 80));
  const steps: ProbeWork[] = [
    ["dns", async () => (isIP(host) ? host : (await lookup(host)).address)],
    ["tcp", () => waitFor(connect({ host, port }), "connect", () => `${host}:${port}`)],
  ];
  if (secure) steps.push(["tls", async () => connectedTls(host, port, config.caFile ? await readFile(config.caFile, "utf8") : undefined)]);
  const named = steps.map(([step, work]): ProbeWork => [step, () => work().catch((error: unknown) => Promise.reject(s3Fault(config.name, error)))]);
  return probeSteps([
    ...named,
    ["login", async () => greet().then(() => `bucket ${config.bucket}`)],
    ...probeObject(destination),
  ]);
}

function connectedTls(host: string, port: number, ca: string | undefined): Promise<string> {
  const socket: TLSSocket = connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...(ca ? { ca } : {}) });
  return waitFor(socket, "secureConnect", () => `${socket.getProtocol()}, certificate until ${socket.getPeerCertificate().valid_to}`);
}

function waitFor(socket: ReturnType<typeof connect>, event: "connect" | "secureConnect", detail: () => string): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    socket.setTimeout(STEP_MS, () => reject(new Fault("DESTINATION_UNREACHABLE", { params: { destination: "", message: `no answer within ${STEP_MS} ms` } })));
    socket.once(event, () => resolve(detail()));
    socket.once("error", reject);
  }).finally(() => socket.destroy());
}
