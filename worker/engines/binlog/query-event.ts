import { endsWith, FieldReader } from "./field-reader.ts";

/** A statement of the log. */
export interface QueryEvent {
  /** Default schema of the session. */
  readonly schema: string;
  /** The statement, or its beginning. */
  readonly sql: Buffer;
  readonly plainBackslashes: boolean;
  /** `name@host`, where the server logged it. */
  readonly user: string | null;
  /** It is the BEGIN that servers write before row changes. */
  readonly begins: boolean;
}

const NO_BACKSLASH_ESCAPES = 1n << 20n;

/** Bytes of each status variable of fixed length, by its code (MySQL's statement_events.h); others are read below. */
const FIXED: Readonly<Record<number, number>> = { 0: 4, 3: 4, 4: 6, 7: 2, 8: 2, 9: 8, 10: 4, 13: 3, 16: 1, 17: 8, 18: 2, 19: 1, 20: 1, 128: 3, 129: 8 };
const VARIABLE = { sqlMode: 1, timeZone: 5, catalog: 6, invoker: 11, updatedSchemas: 12 };
const TOO_MANY_SCHEMAS = 254;

const BEGIN = Buffer.from("BEGIN");
/** Lengths of which the last BEGIN is remembered, bytes. */
const MOST_KNOWN = 512;
/** Before the fields that say something here: thread and seconds. */
const LEAD_BYTES = 8;

/** Reads statements. Each transaction of row changes begins with one, and sessions alike write the same bytes. */
export class QueryEvents {
  /** By length of the body. */
  readonly #known = new Map<number, { readonly fields: Buffer; readonly event: QueryEvent }>();

  /** As {@link readQueryEvent}. */
  read(body: Buffer, load: boolean): QueryEvent {
    const known = load ? undefined : this.#known.get(body.length);
    if (known && endsWith(body, body.length, known.fields)) return known.event;
    const event = readQueryEvent(body, load);
    // A copy: what it points into is a whole megabyte of the log.
    if (event.begins && !load && body.length < MOST_KNOWN) this.#known.set(body.length, { fields: Buffer.from(body.subarray(LEAD_BYTES)), event: { ...event, sql: BEGIN } });
    return event;
  }
}

/** Query_event, and Execute_load_query_event with its longer lead. `body` may end before the statement does. */
function readQueryEvent(body: Buffer, load: boolean): QueryEvent {
  const fields = new FieldReader(body);
  fields.skip(LEAD_BYTES);
  const schemaBytes = fields.integer(1);
  fields.integer(2);
  const statusBytes = fields.integer(2);
  if (load) fields.skip(13);
  const status = readStatus(new FieldReader(fields.bytes(statusBytes)));
  const schema = fields.text(schemaBytes);
  fields.integer(1);
  const sql = fields.rest();
  return { schema, sql, ...status, begins: sql.equals(BEGIN) };
}

function readStatus(fields: FieldReader): { plainBackslashes: boolean; user: string | null } {
  let plainBackslashes = false;
  let user: string | null = null;
  while (fields.left > 0) {
    const code = fields.integer(1);
    const fixed = FIXED[code];
    if (fixed !== undefined) fields.skip(fixed);
    else if (code === VARIABLE.sqlMode) plainBackslashes = (fields.big() & NO_BACKSLASH_ESCAPES) !== 0n;
    else if (code === VARIABLE.timeZone || code === VARIABLE.catalog) fields.skip(fields.integer(1));
    else if (code === VARIABLE.invoker) {
      const name = fields.text(fields.integer(1));
      const host = fields.text(fields.integer(1));
      user = name === "" ? null : `${name}@${host}`;
    } else if (code === VARIABLE.updatedSchemas) {
      const count = fields.integer(1);
      if (count === TOO_MANY_SCHEMAS) continue;
      for (let index = 0; index < count; index += 1) while (fields.integer(1) !== 0);
    } else break; // variables of newer servers come last
  }
  return { plainBackslashes, user };
}
