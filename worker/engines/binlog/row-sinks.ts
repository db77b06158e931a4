import { zstdDecompressSync } from "node:zlib";
import type { RowEventKind } from "./event-types.ts";
import { type BodySink, Inflater, mariadbCompressedLead, readPayloadLead } from "./inflater.ts";
import type { OpenedBody } from "./piece-router.ts";
import { RowCounter, readRowsHeader } from "./row-counter.ts";
import type { TableMap } from "./table-map.ts";

/** The table id of row events that only end a statement. */
export const NO_TABLE = 0xffffff;

/** Opens a row event; `done` gets its rows at its end, null when they could not be counted. */
export function openRows(kind: RowEventKind, body: Buffer, maps: ReadonlyMap<number, TableMap>, done: (map: TableMap | undefined, rows: number | null) => void): OpenedBody {
  const header = readRowsHeader(body, kind);
  const map = maps.get(header.tableId);
  const lengths = map?.lengths;
  const counter = map && lengths ? new RowCounter({ ...map, lengths }, header, kind.partial) : undefined;
  const plain: BodySink = {
    write(bytes) {
      counter?.write(bytes);
      return undefined;
    },
    end() {
      if (map || header.tableId !== NO_TABLE) done(map, counter?.complete ? counter.rows : null);
      return undefined;
    },
  };
  const rest = body.subarray(header.length);
  if (!kind.compressed) return { sink: plain, rest };
  const inflater = new Inflater("zlib", (bytes) => void plain.write(bytes));
  return { sink: { write: (bytes) => inflater.write(bytes), end: () => inflater.end().then(() => plain.end()) }, rest: rest.subarray(mariadbCompressedLead(rest)) };
}

/** Compressed transactions up to this size are opened at once when they stay small: starting a stream costs more than opening them. */
const SMALL_BYTES = 48 * 1024;
const SMALL_PLAIN_BYTES = 1024 * 1024;

/** Opens a compressed transaction; `take` gets its events' bytes, `done` is called behind the last. */
export function openPayload(body: Buffer, eventBytes: number, take: (bytes: Buffer) => void, done: () => void): OpenedBody {
  const lead = readPayloadLead(body);
  const rest = body.subarray(lead.length);
  const plain: BodySink = { write: (bytes) => void take(bytes), end: () => done() as undefined };
  if (!lead.compressed) return { sink: plain, rest };
  if (eventBytes <= SMALL_BYTES && lead.plainBytes <= SMALL_PLAIN_BYTES) {
    return { sink: plain, rest: openSmall(rest, lead.plainBytes) };
  }
  const inflater = new Inflater("zstd", take);
  return { sink: { write: (bytes) => inflater.write(bytes), end: () => inflater.end().then(done) }, rest };
}

function openSmall(bytes: Buffer, plainBytes: number): Buffer {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: plainBytes + 1 });
  } catch (error) {
    throw new RangeError("the compressed transaction cannot be opened", { cause: error });
  }
}
