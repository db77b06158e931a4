import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { StrictBucket } from "./strict-s3-bucket.ts";
import { type Account, S3Refusal, verifyBody, verifySignature } from "./strict-s3-signature.ts";
import { type Answer, serve } from "./strict-s3-verbs.ts";

/** What goes wrong with a request instead of, or beside, its answer. */
export type Trouble =
  | { readonly kind: "refuse"; readonly status: number; readonly code: string; readonly message?: string }
  /** The connection is cut after so many bytes of the request body. */
  | { readonly kind: "reset"; readonly afterBytes: number }
  /** The work is done, but the answer is lost with the connection. */
  | { readonly kind: "lose-answer" }
  /** The answer's body ends half-way, then the connection is cut. */
  | { readonly kind: "truncate" }
  /** One bit of the answer's body is turned. */
  | { readonly kind: "flip-bit" }
  /** Nothing comes back, ever. */
  | { readonly kind: "hang" }
  /** Nothing is done before that. */
  | { readonly kind: "wait"; readonly until: Promise<void> };

interface Planned {
  readonly when: (request: IncomingMessage) => boolean;
  readonly trouble: Trouble;
  left: number;
}

export interface StrictS3Options {
  readonly bucket: string;
  /** PEM; with both the fake speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/**
 * An S3 server in memory that is stricter than the free ones: signatures, payload digests, checksums, part rules, write-once and
 * retention are enforced, pages are tiny, and troubles can be planned. Only for tests; real servers are tested beside it.
 */
export class StrictS3 {
  readonly bucketName: string;
  readonly bucket = new StrictBucket();
  readonly account: Account = { accessKeyId: "STRICTKEY", secretAccessKey: "s/ecret+with=odd&chars", region: "eu-south-1" };
  /** `METHOD /path?query` of every request that arrived, in order. */
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #planned: Planned[] = [];
  readonly #secure: boolean;
  #port = 0;

  constructor(options: StrictS3Options) {
    this.bucketName = options.bucket;
    this.#secure = options.tls !== undefined;
    const listener = (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response);
    this.#server = options.tls ? createSecureServer(options.tls, listener) : createServer(listener);
  }

  get endpoint(): string {
    return `${this.#secure ? "https" : "http"}://127.0.0.1:${this.#port}`;
  }

  /** Listens on a free port; after `stop` on the same one again. */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Stops at once, cutting all connections; what is stored stays. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  /** The next `times` requests of this method whose URL matches meet the trouble. */
  plan(method: string, url: RegExp, trouble: Trouble, times = 1): void {
    this.#planned.push({ when: (request) => request.method === method && url.test(request.url ?? ""), trouble, left: times });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Kept: the request forgets it when its reading is broken off.
    const { socket } = request;
    this.requests.push(`${request.method} ${request.url}`);
    const planned = this.#planned.find((one) => one.left > 0 && one.when(request));
    if (planned) planned.left -= 1;
    const trouble = planned?.trouble;
    response.setHeader("x-amz-request-id", String(this.requests.length));
    try {
      const body = await read(request, trouble?.kind === "reset" ? trouble.afterBytes : Number.POSITIVE_INFINITY);
      if (!body) return void socket.destroy();
      if (trouble?.kind === "hang") return;
      if (trouble?.kind === "wait") await trouble.until;
      if (trouble?.kind === "refuse") throw new S3Refusal(trouble.status, trouble.code, trouble.message ?? "planned");
      verifyBody(request, body, verifySignature(request, this.account));
      const url = new URL(request.url ?? "/", this.endpoint);
      const [name = "", ...rest] = url.pathname.slice(1).split("/").map(decodeURIComponent);
      if (name !== this.bucketName) throw new S3Refusal(404, "NoSuchBucket", "The specified bucket does not exist");
      const answer = serve(this.bucket, name, rest.join("/"), url, request, body);
      if (trouble?.kind === "lose-answer") return void socket.destroy();
      send(request, response, answer, trouble);
    } catch (error) {
      if (socket.destroyed) return;
      const refusal = error instanceof S3Refusal ? error : new S3Refusal(500, "InternalError", String(error));
      const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${refusal.code}</Code><Message>${refusal.message}</Message></Error>`;
      send(request, response, { status: refusal.status, headers: { "content-type": "application/xml" }, body: text }, undefined);
    }
  }
}

/** The request's body, or null when it was cut off on purpose. */
async function read(request: IncomingMessage, most: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= most) return null;
  }
  return Buffer.concat(chunks);
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer, trouble: Trouble | undefined): void {
  let body = Buffer.from(answer.body ?? "");
  response.writeHead(answer.status, { ...answer.headers, ...(answer.status === 204 ? {} : { "content-length": String(body.length) }) });
  if (request.method === "HEAD" || answer.status === 204) return void response.end();
  if (trouble?.kind === "flip-bit") {
    body = Buffer.from(body);
    body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1;
  }
  if (trouble?.kind === "truncate") {
    response.write(body.subarray(0, body.length >> 1), () => request.socket.destroy());
    return;
  }
  response.end(body);
}
