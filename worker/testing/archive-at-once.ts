import { createHash } from "node:crypto";
import { cpSync, createReadStream, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { type SegmentIndex, signedSegment } from "#lib/contract/archive/segment.ts";
import { FORMAT } from "#lib/contract/manifest/manifest.ts";
import type { Flavor } from "#lib/contract/names.ts";
import { HEARTBEAT_SCHEMA } from "#lib/domain/archive/heartbeat.ts";
import { pieceLayout } from "#lib/domain/archive/tail-pieces.ts";
import { segmentIndexKey, segmentKey, tailKey } from "#lib/domain/backup/storage-keys.ts";
import { readSegment } from "#worker/engines/binlog/read-segment.ts";
import { identify } from "#worker/engines/server/identify.ts";
import { usableRecipients } from "#worker/host/recipients.ts";
import { signSegment } from "#worker/host/sign-document.ts";
import { seal } from "#worker/streams/seal.ts";
import type { LiveHost } from "./live-host.ts";

type Described = Omit<SegmentIndex, "plain" | "sealed" | "recipients">;

/** Seals a server's binary logs into destination `one` as the continuous archive does, now and without it: closed ones whole, the open one as a tail. */
export async function archiveAtOnce(live: LiveHost, { connection, dataDir, flavor }: { readonly connection: Connection; readonly dataDir: string; readonly flavor: Flavor }): Promise<void> {
  const { host, folder } = live;
  const identity = await identify(connection, "db");
  const [names] = await connection.query<RowDataPacket[]>("SHOW BINARY LOGS");
  for (const [number, row] of names.entries()) {
    const file = String(row.Log_name);
    const raw = join(folder, file);
    cpSync(join(dataDir, file), raw);
    const { tailBytes: _tail, transactionEnd: _end, ...read } = await readSegment(raw, { flavor, heartbeatSchema: HEARTBEAT_SCHEMA });
    const open = number === names.length - 1;
    const content = open ? { ...read, end: { kind: "open" as const } } : read;
    const log = { server: "db", serverUuid: flavor === "mysql" ? identity.uuid : `server-${identity.serverId}`, epoch: 1 };
    // The tail as workers wrote it that did not cut it into pieces: it stays readable.
    const key = open ? segmentKey(log, `${file}.${content.endPosition}.tail`) : segmentKey(log, file);
    const described: Described = { format: FORMAT, kind: "segment", ...log, host: "test-host", flavor, file, number: Number(file.slice(file.lastIndexOf(".") + 1)), archivedAt: new Date(host.clock.now()).toISOString(), content };
    await sealed(live, "one", key, { raw, from: 0, end: content.endPosition }, described);
  }
}

/** Makes destination `two` one that was away when a closed file of `one` was sent whole: what it holds of it are two pieces, up to its end. */
export async function onlyInPieces(live: LiveHost, key: string): Promise<void> {
  const { plain: { bytes }, sealed: _sealed, recipients: _recipients, transactions: _list, ...described } = signedSegment.parse(JSON.parse(readFileSync(join(live.destination("one"), segmentIndexKey(key)), "utf8"))).segment;
  const raw = join(live.folder, described.file);
  for (const gone of [key, segmentIndexKey(key)]) rmSync(join(live.destination("two"), gone));
  for (const { from, end } of pieceLayout(bytes, Math.ceil(bytes / 2))) {
    const beginningSha256 = createHash("sha256").update(readFileSync(raw).subarray(0, end)).digest("hex");
    await sealed(live, "two", tailKey(described, described.file, { from, end }), { raw, from, end }, { ...described, content: { ...described.content, endPosition: end }, piece: { from, end, beginningSha256 } });
  }
}

async function sealed({ host, destination }: LiveHost, at: "one" | "two", key: string, { raw, from, end }: { readonly raw: string; readonly from: number; readonly end: number }, described: Described): Promise<void> {
  const recipients = await usableRecipients({ clock: host.clock, finding: () => undefined }, host, ["operations"]);
  const path = join(destination(at), key);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const writer = seal({ compression: "zstd", level: 1, recipients: recipients.map((recipient) => recipient.path), tools: host.tools, tempDir: host.folders.temp, signal: new AbortController().signal }, path);
  for await (const chunk of createReadStream(raw, { start: from, end: end - 1 })) await writer.write(chunk as Buffer);
  const done = await writer.end();
  const index: SegmentIndex = {
    ...described,
    plain: { bytes: done.plainBytes, sha256: done.plainSha256 ?? "" },
    sealed: { bytes: done.sealedBytes, sha256: done.sealedSha256, md5: done.sealedMd5 },
    recipients: recipients.map(({ fingerprint }) => fingerprint),
  };
  writeFileSync(join(destination(at), segmentIndexKey(key)), signSegment(index, host.identity.signing));
}
