import { Fault } from "#lib/domain/fault/fault.ts";

/** What of an SDK error matters here (service errors and Node's network errors alike). */
interface Thrown {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * An error of the SDK, the network or the server as Fault, with the server's own words: `403 SignatureDoesNotMatch: The request …`.
 * Codes: Amazon S3 API Reference, "Error responses".
 */
export function s3Fault(destination: string, error: unknown, key?: string): Fault {
  if (error instanceof Fault) return error;
  const thrown = error as Thrown;
  const status = thrown.$metadata?.httpStatusCode;
  const fault = (code: "DESTINATION_UNREACHABLE" | "DESTINATION_DENIED" | "DESTINATION_FULL" | "DESTINATION_FAILED", message: string, retryable?: boolean) =>
    new Fault(code, { params: { destination, message }, cause: error, ...(retryable === undefined ? {} : { retryable }) });

  if (status === undefined || isNetworkError(thrown)) {
    const name = thrown.code ?? thrown.name ?? "Error";
    return fault("DESTINATION_UNREACHABLE", `${name}: ${thrown.message ?? ""}`.slice(0, 400), !isCertificateError(name));
  }
  const name = errorName(error);
  const words = `${status} ${name}: ${thrown.message ?? ""}`.slice(0, 400);
  if (status === 404 && name !== "NoSuchBucket") {
    return key === undefined || name === "NoSuchUpload"
      ? fault("DESTINATION_FAILED", words)
      : new Fault("DESTINATION_OBJECT_MISSING", { params: { destination, key }, cause: error });
  }
  if (name === "RequestTimeTooSkewed") return fault("DESTINATION_FAILED", words, true);
  if (FULL.has(name) || status === 507) return fault("DESTINATION_FULL", words);
  if (status === 401 || status === 403) return fault("DESTINATION_DENIED", words);
  const passing = TRANSIENT.has(name) || status === 408 || status === 409 || status === 429 || (status >= 500 && status !== 501);
  return fault("DESTINATION_FAILED", words, passing);
}

/** The code in an S3 error answer: `NoSuchKey`, `PreconditionFailed`; HEAD answers have none and give `NotFound`, `403` and the like. */
export function errorName(error: unknown): string {
  const thrown = error as Thrown & { readonly Code?: string };
  return thrown.Code ?? thrown.name ?? "Error";
}

export function errorStatus(error: unknown): number | undefined {
  return (error as Thrown).$metadata?.httpStatusCode;
}

const FULL = new Set(["InsufficientStorage", "QuotaExceeded", "QuotaExceededException", "XMinioStorageFull", "StorageFull", "ServiceQuotaExceededException", "XRGWQuotaExceeded"]);

const TRANSIENT = new Set(["BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody", "RequestTimeout", "SlowDown", "InternalError", "OperationAborted"]);

function isNetworkError(thrown: Thrown): boolean {
  return thrown.name === "TimeoutError" || NETWORK.has(thrown.code ?? "");
}

const NETWORK = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ECONNABORTED"]);

function isCertificateError(code: string): boolean {
  return code.startsWith("CERT_") || code.startsWith("ERR_TLS_CERT") || code.includes("SELF_SIGNED") || code.startsWith("UNABLE_TO_") || code === "DEPTH_ZERO_SELF_SIGNED_CERT";
}
