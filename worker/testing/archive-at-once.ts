import { cpSync, createReadStream, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import { FORMAT } from "#lib/contract/manifest/manifest.ts";
import type { Flavor } from "#lib/contract/names.ts";
import { HEARTBEAT_SCHEMA } from "#lib/domain/archive/heartbeat.ts";
import { segmentIndexKey, segmentKey } from "#lib/domain/backup/storage-keys.ts";
import { readSegment } from "#worker/engines/binlog/read-segment.ts";
import { identify } from "#worker/engines/server/identify.ts";
import { usableRecipients } from "#worker/host/recipients.ts";
import { signSegment } from "#worker/host/sign-document.ts";
import { seal } from "#worker/streams/seal.ts";
import type { LiveHost } from "./live-host.ts";

/** Seals a server's binary logs into destination `one` as the continuous archive does, now and without it: closed ones whole, the open one as a tail. */
export async function archiveAtOnce({ host, folder, destination }: LiveHost, { connection, dataDir, flavor }: { readonly connection: Connection; readonly dataDir: string; readonly flavor: Flavor }): Promise<void> {
  const identity = await identify(connection, "db");
  const [names] = await connection.query<RowDataPacket[]>("SHOW BINARY LOGS");
  const recipients = await usableRecipients({ clock: host.clock, finding: () => undefined }, host, ["operations"]);
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
    const path = join(destination("one"), key);
    mkdirSync(dirname(path), { recursive: true });
    const writer = seal({ compression: "zstd", level: 1, recipients: recipients.map((recipient) => recipient.path), tools: host.tools, tempDir: host.folders.temp, signal: new AbortController().signal }, path);
    for await (const chunk of createReadStream(raw, { end: content.endPosition - 1 })) await writer.write(chunk as Buffer);
    const done = await writer.end();
    const index: SegmentIndex = {
      format: FORMAT, kind: "segment", ...log, host: "test-host", flavor, file, number: Number(file.slice(file.lastIndexOf(".") + 1)), archivedAt: new Date(host.clock.now()).toISOString(), content,
      plain: { bytes: done.plainBytes, sha256: done.plainSha256 ?? "" }, sealed: { bytes: done.sealedBytes, sha256: done.sealedSha256, md5: done.sealedMd5 }, recipients: recipients.map(({ fingerprint }) => fingerprint),
    };
    writeFileSync(join(destination("one"), segmentIndexKey(key)), signSegment(index, host.identity.signing));
  }
}
