import { BODY_MARK } from "#lib/domain/backup/artifact-names.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";

/** Our own lead is a few hundred bytes; a body mark that comes later is no mark of ours. */
const LEAD_LIMIT = 64 * 1024;
const NEWLINE = 10;
/** Longest line that can be a section's heading: 64 characters of 4 bytes, quotes doubled, in a comment. */
const HEADING_LIMIT = 1024;
const HEADINGS = ["-- Table structure for table ", "-- Dumping data for table "].map((text) => Buffer.from(text));

/** Changes a stream of SQL chunk by chunk; `end` gives what was still held. */
export interface Rewriter {
  push(chunk: Buffer): Buffer[];
  end(): Buffer[];
}

/**
 * Replaces the lead of an artifact (all before the body mark) by what `lead` makes of it.
 * Fault LOAD_FAILED when there is no mark: the artifact is not of our making.
 */
export function leadRewriter(artifact: string, lead: (original: string) => string): Rewriter {
  const mark = Buffer.from(BODY_MARK);
  let held: Buffer | undefined = Buffer.alloc(0);
  return {
    push(chunk) {
      if (!held) return [chunk];
      held = Buffer.concat([held, chunk]);
      const at = held.indexOf(mark);
      if (at === -1) {
        if (held.length > LEAD_LIMIT) throw noMark(artifact);
        return [];
      }
      const rest = held.subarray(at);
      const made = Buffer.from(lead(held.subarray(0, at).toString("utf8")));
      held = undefined;
      return [made, rest];
    },
    end() {
      if (held) throw noMark(artifact);
      return [];
    },
  };
}

/** The lead for another schema name. The lead is ours: it names the schema quoted, and nothing else that could look like it. */
export function renamedLead(lead: string, from: string, to: string): string {
  return lead.replaceAll(quoteName(from), quoteName(to));
}

/**
 * Lets only the sections of the wanted tables through, and all before the first section (lead, settings of the session).
 * Sections begin at the comment lines of the dump program; a heading counts only as a whole line at the start of a line, and an INSERT never
 * holds a line feed, so that rows cannot imitate one.
 */
export function sectionRewriter(tables: ReadonlySet<string>): Rewriter {
  const wanted = new Set([...tables].map(quoteName));
  let carried = Buffer.alloc(0);
  let atLineStart = true;
  let passing = true;

  const scan = (chunk: Buffer, last: boolean): Buffer[] => {
    const data = carried.length > 0 ? Buffer.concat([carried, chunk]) : chunk;
    carried = Buffer.alloc(0);
    const out: Buffer[] = [];
    let from = 0;
    let at = 0;
    while (at < data.length) {
      if (atLineStart && data[at] === 45) {
        const newline = data.indexOf(NEWLINE, at);
        if (newline === -1 && !last && data.length - at < HEADING_LIMIT) {
          if (passing && at > from) out.push(data.subarray(from, at));
          carried = Buffer.from(data.subarray(at));
          return out;
        }
        const line = data.subarray(at, newline === -1 ? data.length : newline);
        const heading = HEADINGS.find((start) => line.subarray(0, start.length).equals(start));
        if (heading) {
          const name = quotedName(data, at + heading.length);
          if (name === null && !last && data.length - at < HEADING_LIMIT) {
            if (passing && at > from) out.push(data.subarray(from, at));
            carried = Buffer.from(data.subarray(at));
            return out;
          }
          const next = wanted.has(name ?? "");
          if (passing && !next) {
            if (at > from) out.push(data.subarray(from, at));
          } else if (!passing && next) from = at;
          passing = next;
        }
      }
      const newline = data.indexOf(NEWLINE, at);
      atLineStart = newline !== -1;
      if (newline === -1) break;
      at = newline + 1;
    }
    if (passing && from < data.length) out.push(data.subarray(from));
    return out;
  };
  return { push: (chunk) => scan(chunk, false), end: () => scan(Buffer.alloc(0), true) };
}

/** The quoted name that begins here in a comment and ends with a line: one that holds line feeds goes on in comment lines after it. Null where its end is not there. */
function quotedName(data: Buffer, from: number): string | null {
  for (let end = data.indexOf(NEWLINE, from); end !== -1 && end - from < HEADING_LIMIT; end = data.indexOf(NEWLINE, end + 1)) {
    const text = data.toString("utf8", from, end).replaceAll("\n-- ", "\n");
    if (text.split("`").length % 2 === 1) return text;
  }
  return null;
}

/** One after the other. */
export function chain(rewriters: readonly Rewriter[]): Rewriter {
  const through = (chunks: Buffer[], from: number): Buffer[] => {
    let now = chunks;
    for (const rewriter of rewriters.slice(from)) now = now.flatMap((chunk) => rewriter.push(chunk));
    return now;
  };
  return {
    push: (chunk) => through([chunk], 0),
    end: () => rewriters.flatMap((rewriter, index) => through(rewriter.end(), index + 1)),
  };
}

function noMark(artifact: string): Fault {
  return new Fault("LOAD_FAILED", { params: { artifact, message: "the mark between lead and body is missing" } });
}
