import { Fault } from "#lib/domain/fault/fault.ts";
import { outcomeText, type ToolEnd } from "#worker/exec/spawn-tool.ts";
import { gpgMessage, type GpgStatus } from "./gpg-arguments.ts";

/** Everything that was seen of an unsealing once all its parts have ended. */
export interface Observed {
  readonly fed: PromiseSettledResult<{ readonly sealedBytes: number; readonly sealedSha256: string; readonly whole: boolean }>;
  readonly gpg: PromiseSettledResult<ToolEnd>;
  /** Of the child, or undefined where this process decompressed. */
  readonly decompressor: PromiseSettledResult<ToolEnd | undefined>;
  readonly status: Pick<GpgStatus, "seen" | "missingKeys">;
  readonly plain: { readonly plainBytes: number; readonly plainSha256: string | null };
}

/** What is known of the artifact beforehand. */
export interface UnsealExpectation {
  /** From the manifest. What is given is required (a null plain digest: none was kept, and none is made); without any of it gpg's own integrity protection is the only proof. */
  readonly expected?: { readonly sealedSha256?: string; readonly plainSha256?: string | null; readonly plainBytes?: number } | undefined;
  /** Words for faults: which artifact, from where, sealed to whom. */
  readonly artifact?: string | undefined;
  readonly destination?: string | undefined;
  readonly recipients?: readonly string[] | undefined;
}

/**
 * The one reason why an unsealing does not count, or undefined when everything holds. Causes come before effects: a source that broke,
 * then bytes that are not those sealed, then the key, then the programs in the order of the data, then the plain digest.
 */
export function verdict({ fed, gpg, decompressor, status, plain }: Observed, words: UnsealExpectation): unknown {
  const artifact = words.artifact ?? "the artifact";
  const expected = words.expected ?? {};
  const corrupt = (message: string): Fault =>
    new Fault("COPY_CORRUPT", { params: { key: artifact, destination: words.destination ?? "", message } });
  const failed = (message: string, detail?: string, cause?: unknown): Fault =>
    new Fault("UNSEAL_FAILED", { params: { artifact, message }, ...(detail ? { detail } : {}), cause });

  if (fed.status === "rejected") return fed.reason instanceof Fault ? fed.reason : failed("reading the copy failed", undefined, fed.reason);
  if (gpg.status === "rejected") return gpg.reason;
  if (expected.sealedSha256 !== undefined && fed.value.sealedSha256 !== expected.sealedSha256)
    return corrupt(`sha256 is ${fed.value.sealedSha256} instead of ${expected.sealedSha256}`);

  const end = gpg.value;
  const opened = end.code === 0 && status.seen.has("DECRYPTION_OKAY") && status.seen.has("GOODMDC");
  if (!opened && status.seen.has("NO_SECKEY") && !status.seen.has("DECRYPTION_KEY"))
    return new Fault("KEY_MISSING", { params: { recipients: (words.recipients ?? status.missingKeys).join(", ") }, detail: end.stderrTail });
  // gpg that lost its reader is the effect of a decompressor's end, unless gpg had something of its own to say.
  const unzstd = decompressor.status === "fulfilled" ? decompressor.value : undefined;
  if (!opened && end.signal !== "SIGPIPE")
    return failed(end.code === 0 ? "gpg did not vouch for its integrity" : `gpg ended with ${outcomeText(end)}: ${gpgMessage(end.stderrTail)}`, end.stderrTail);
  if (decompressor.status === "rejected") return failed("decompression failed", undefined, decompressor.reason);
  if (unzstd && unzstd.code !== 0) return failed(`zstd ended with ${outcomeText(unzstd)}`, unzstd.stderrTail);
  if (!opened) return failed(`gpg ended with ${outcomeText(end)}`, end.stderrTail);
  if (!fed.value.whole) return failed("gpg ended before its input", end.stderrTail);

  if (expected.plainBytes !== undefined && plain.plainBytes !== expected.plainBytes) return corrupt(`${plain.plainBytes} plain bytes instead of ${expected.plainBytes}`);
  if (typeof expected.plainSha256 === "string" && plain.plainSha256 !== expected.plainSha256)
    return corrupt(`plain sha256 is ${plain.plainSha256} instead of ${expected.plainSha256}`);
  return undefined;
}
