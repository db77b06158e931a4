import { AbortMultipartUploadCommand, type S3Client } from "@aws-sdk/client-s3";
import type { S3DestinationConfig } from "#lib/contract/config/destination.ts";
import type { PartJournal } from "./part-journal.ts";
import { errorStatus } from "./s3-faults.ts";

/** What sending to a bucket needs; shared by the ways to send. */
export interface Sending {
  readonly client: S3Client;
  readonly config: S3DestinationConfig;
  readonly journal: PartJournal;
  /** Fields that make the write fail when the key is taken; empty when overwriting or switched off. */
  readonly once: { IfNoneMatch?: "*" };
}

/** Drops an unfinished upload at the server and in the journal. An upload that is gone already is no error. */
export async function abandon({ client, config, journal }: Pick<Sending, "client" | "config" | "journal">, key: string, uploadId: string): Promise<void> {
  await client.send(new AbortMultipartUploadCommand({ Bucket: config.bucket, Key: key, UploadId: uploadId })).catch((error: unknown) => {
    if (errorStatus(error) !== 404) throw error;
  });
  await journal.forget(config.bucket, key);
}
