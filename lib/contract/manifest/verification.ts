import { z } from "zod";
import { instant, runId, slug } from "../names.ts";
import { signature } from "./manifest.ts";

/** One thing that is not as recorded. Values are counts, digests and names: never row data. */
export const difference = z.object({
  kind: z.enum(["missing", "unexpected", "rows", "stream", "fingerprint", "structure", "definition", "check-table", "view-unreadable", "assertion", "artifact", "foreign-key"]),
  /** `schema.table`, `schema.view` …, or an artifact's name. */
  object: z.string(),
  expected: z.string(),
  found: z.string(),
});
export type Difference = z.infer<typeof difference>;

export const copyCheck = z.object({
  destination: slug,
  state: z.enum(["stored", "intact", "corrupt", "missing", "unreachable"]),
  checkedAt: instant,
  bytes: z.number().int(),
  problem: z.string().optional(),
});
export type CopyCheck = z.infer<typeof copyCheck>;

export const restoreTest = z.object({
  runId,
  startedAt: instant,
  finishedAt: instant,
  host: slug,
  serverVersion: z.string(),
  /** Copy that was restored from. */
  destination: slug,
  /** Seconds from the first byte read to a server that answers with the data loaded. */
  restoreSeconds: z.number(),
  stages: z.array(z.object({ name: z.string(), seconds: z.number() })),
  compared: z.object({
    tables: z.number().int(),
    rows: z.number().int(),
    streams: z.number().int(),
    fingerprints: z.number().int(),
    objects: z.number().int(),
    accounts: z.number().int(),
    assertions: z.number().int(),
  }),
  differences: z.array(difference),
  verdict: z.enum(["proven", "refused"]),
});
export type RestoreTest = z.infer<typeof restoreTest>;

/** verification.json, stored beside the set and replaced by each newer check. */
export const verification = z.object({
  format: z.literal("salvagente-verification/1"),
  setId: runId,
  /** SHA-256 of the manifest that this speaks of. */
  manifestSha256: z.string(),
  level: z.enum(["completed", "intact", "proven", "refused"]),
  updatedAt: instant,
  copies: z.array(copyCheck),
  restoreTest: restoreTest.nullable(),
});
export type Verification = z.infer<typeof verification>;

export const signedVerification = z.object({ verification, signature });
export type SignedVerification = z.infer<typeof signedVerification>;
