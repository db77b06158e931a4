import { createHash, randomUUID } from "node:crypto";
import { S3Refusal } from "./strict-s3-signature.ts";

export interface StrictObject {
  data: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly modified: Date;
  lockedUntil?: Date;
}

interface StrictPart {
  readonly data: Buffer;
  readonly etag: string;
  readonly sha256: string | undefined;
  readonly modified: Date;
}

interface StrictUpload {
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksum: string | undefined;
  readonly initiated: Date;
  readonly parts: Map<number, StrictPart>;
}

const LEAST_PART = 5 * 1024 * 1024;

/** One bucket in memory with the rules of Amazon S3: part sizes and order, checksums per part, write-once, retention. */
export class StrictBucket {
  readonly objects = new Map<string, StrictObject>();
  readonly uploads = new Map<string, StrictUpload>();

  put(key: string, data: Buffer, metadata: Record<string, string>, once: boolean): string {
    this.#requireFree(key, once);
    const etag = `"${createHash("md5").update(data).digest("hex")}"`;
    this.objects.set(key, { data, metadata, etag, modified: new Date() });
    return etag;
  }

  object(key: string): StrictObject {
    const found = this.objects.get(key);
    if (!found) throw new S3Refusal(404, "NoSuchKey", "The specified key does not exist.");
    return found;
  }

  remove(key: string): void {
    const until = this.objects.get(key)?.lockedUntil;
    if (until && until.getTime() > Date.now()) throw new S3Refusal(403, "AccessDenied", "Access Denied because object protected by object lock.");
    this.objects.delete(key);
  }

  begin(key: string, metadata: Record<string, string>, checksum: string | undefined): string {
    const id = randomUUID();
    this.uploads.set(id, { key, metadata, checksum, initiated: new Date(), parts: new Map() });
    return id;
  }

  upload(key: string, id: string): StrictUpload {
    const found = this.uploads.get(id);
    if (!found || found.key !== key) throw new S3Refusal(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.");
    return found;
  }

  part(key: string, id: string, number: number, data: Buffer, sha256: string | undefined): string {
    const upload = this.upload(key, id);
    if (!(number >= 1 && number <= 10_000)) throw new S3Refusal(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
    if (upload.checksum === "SHA256" && sha256 === undefined) throw new S3Refusal(400, "InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: null");
    const etag = `"${createHash("md5").update(data).digest("hex")}"`;
    upload.parts.set(number, { data, etag, sha256, modified: new Date() });
    return etag;
  }

  complete(key: string, id: string, listed: readonly { number: number; etag: string; sha256: string | undefined }[], once: boolean): string {
    const upload = this.upload(key, id);
    if (listed.length === 0) throw new S3Refusal(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");
    const parts = listed.map(({ number, etag, sha256 }, index) => {
      if (index > 0 && number <= (listed[index - 1]?.number ?? 0)) throw new S3Refusal(400, "InvalidPartOrder", "The list of parts was not in ascending order.");
      const part = upload.parts.get(number);
      const wrongSum = upload.checksum === "SHA256" && part?.sha256 !== sha256;
      if (!part || part.etag !== etag || wrongSum) throw new S3Refusal(400, "InvalidPart", "One or more of the specified parts could not be found.");
      if (index < listed.length - 1 && part.data.length < LEAST_PART) throw new S3Refusal(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.");
      return part.data;
    });
    this.#requireFree(key, once);
    const data = Buffer.concat(parts);
    const etag = `"${createHash("md5").update(data).digest("hex")}-${parts.length}"`;
    this.objects.set(key, { data, metadata: upload.metadata, etag, modified: new Date() });
    this.uploads.delete(id);
    return etag;
  }

  #requireFree(key: string, once: boolean): void {
    const found = this.objects.get(key);
    if (found && once) throw new S3Refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
    if (found?.lockedUntil && found.lockedUntil.getTime() > Date.now()) throw new S3Refusal(403, "AccessDenied", "Access Denied because object protected by object lock.");
  }
}
