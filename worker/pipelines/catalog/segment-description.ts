import { type SegmentIndex, signedSegment } from "#lib/contract/archive/segment.ts";
import { canonicalJson } from "#lib/contract/manifest/canonical.ts";
import { parseSegmentKey } from "#lib/domain/backup/storage-keys.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { verifyText } from "#lib/platform/signing.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { trustedSigners } from "./read-set.ts";

/** Descriptions are some hundred bytes, with very fragmented GTID sets some hundred KB. */
const DOCUMENT_LIMIT = 16 * 1024 * 1024;

const UNSOUND: ReadonlySet<string> = new Set(["MANIFEST_INVALID", "MANIFEST_FORGED", "COPY_CORRUPT"]);

/** Does a fault of {@link readDescription} say that what stands there is no description, rather than that the destination is away? */
export function isUnsound({ code }: Fault): boolean {
  return UNSOUND.has(code);
}

/**
 * The description of an archived binary log as it stands at one destination, signed by a worker that this host trusts, and of the very file that its key names.
 * Faults MANIFEST_INVALID, MANIFEST_FORGED, COPY_CORRUPT (far too large), DESTINATION_*.
 */
export async function readDescription(host: HostRuntime, destination: Destination, key: string, signal?: AbortSignal): Promise<SegmentIndex> {
  const bytes = await readAll(destination, key, signal);
  const raw = parsedJson(bytes);
  const parsed = signedSegment.safeParse(raw);
  if (!parsed.success) throw new Fault("MANIFEST_INVALID", { params: { set: key, message: parsed.error.issues[0]?.message ?? "not readable" } });
  const { signature, segment } = parsed.data;
  // The signed text is the stored document itself, fields of newer versions included.
  if (!verifyText(signature.key, canonicalJson((raw as { segment: unknown }).segment), signature.value)) throw new Fault("MANIFEST_INVALID", { params: { set: key, message: "the signature does not fit the content" } });
  if (!trustedSigners(host).has(signature.key)) throw new Fault("MANIFEST_FORGED", { params: { set: key, signer: signature.key } });
  const of = parseSegmentKey(key);
  if (of?.file !== segment.file || of.server !== segment.server || of.epoch !== segment.epoch || of.serverUuid !== segment.serverUuid) {
    throw new Fault("MANIFEST_INVALID", { params: { set: key, message: `it describes ${segment.server} ${segment.serverUuid}/${segment.epoch}/${segment.file}` } });
  }
  return segment;
}

function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

async function readAll(destination: Destination, key: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of await destination.get(key, signal ? { signal } : {})) {
    bytes += (chunk as Buffer).length;
    if (bytes > DOCUMENT_LIMIT) throw new Fault("COPY_CORRUPT", { params: { key, destination: destination.id, message: "far too large for a document" } });
    pieces.push(chunk as Buffer);
  }
  return Buffer.concat(pieces);
}
