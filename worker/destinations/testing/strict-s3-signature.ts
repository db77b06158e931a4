import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** An error answer of the fake: status, S3 code and message. */
export class S3Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/**
 * Verifies Signature Version 4 in the Authorization header (Amazon S3 API Reference, "Authenticating Requests: Using the Authorization
 * Header"): key, scope, clock, every signed header; host, x-amz-date and all x-amz-* must be signed. Returns the payload digest that was signed.
 */
export function verifySignature(request: IncomingMessage, account: Account): string {
  const header = request.headers.authorization ?? "";
  const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(header);
  if (!match) throw new S3Refusal(403, "AccessDenied", "Access Denied");
  const [, accessKey, day, region, signedHeaders, signature] = match as unknown as [string, string, string, string, string, string];
  if (accessKey !== account.accessKeyId) throw new S3Refusal(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
  if (region !== account.region) {
    throw new S3Refusal(400, "AuthorizationHeaderMalformed", `The authorization header is malformed; the region '${region}' is wrong; expecting '${account.region}'`);
  }
  const date = one(request.headers["x-amz-date"]);
  const time = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!date.startsWith(day) || !(Math.abs(Date.now() - time) < 15 * 60_000)) {
    throw new S3Refusal(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.");
  }
  const signed = signedHeaders.split(";");
  const wanted = ["host", ...Object.keys(request.headers).filter((name) => name.startsWith("x-amz-"))];
  if (wanted.some((name) => !signed.includes(name))) throw new S3Refusal(403, "AccessDenied", "There were headers present in the request which were not signed");
  const payload = one(request.headers["x-amz-content-sha256"]);
  if (payload.startsWith("STREAMING-")) throw new S3Refusal(501, "NotImplemented", "A header you provided implies functionality that is not implemented");
  const url = new URL(request.url ?? "/", "http://host");
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join("&");
  const headers = signed.map((name) => `${name}:${one(request.headers[name]).trim().replace(/ +/g, " ")}\n`).join("");
  const path = url.pathname.split("/").map((segment) => encode(decodeURIComponent(segment))).join("/");
  const canonical = [request.method, path, query, headers, signedHeaders, payload].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", date, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  const key = [day, region, "s3", "aws4_request"].reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${account.secretAccessKey}`);
  const expected = hmac(key, text);
  if (!timingSafeEqual(expected, Buffer.from(signature, "hex"))) {
    throw new S3Refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method.");
  }
  return payload;
}

/** Compares what arrived with every digest that the request announced. `unsigned` payloads are refused: ours are always signed. */
export function verifyBody(request: IncomingMessage, body: Buffer, signedDigest: string): void {
  const sha256 = createHash("sha256").update(body).digest();
  if (signedDigest !== sha256.toString("hex")) throw new S3Refusal(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.");
  const length = request.headers["content-length"];
  if (length !== undefined && Number(length) !== body.length) throw new S3Refusal(400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.");
  const checksum = request.headers["x-amz-checksum-sha256"];
  if (checksum !== undefined && checksum !== sha256.toString("base64")) throw new S3Refusal(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.");
  const md5 = request.headers["content-md5"];
  if (md5 !== undefined && md5 !== createHash("md5").update(body).digest("base64")) throw new S3Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function one(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(",") : (value ?? "");
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}
