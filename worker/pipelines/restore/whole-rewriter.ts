import type { Rewriter } from "#worker/engines/load/rewrite.ts";

/** Changes a small artifact (definitions, never rows) as one text; bytes that are no UTF-8 stay what they are. */
export function wholeRewriter(change: (sql: string) => string): Rewriter {
  const chunks: Buffer[] = [];
  return {
    push(chunk) {
      chunks.push(chunk);
      return [];
    },
    end() {
      const bytes = Buffer.concat(chunks);
      const text = bytes.toString("latin1");
      const changed = change(text);
      return [changed === text ? bytes : Buffer.from(changed, "latin1")];
    },
  };
}

/** Events of a copy must not start to work beside the originals: they arrive disabled. */
export function disabledEvents(sql: string): string {
  return sql.replace(/(\bEVENT\b[\s\S]*?ON COMPLETION (?:NOT )?PRESERVE) ENABLE\b/g, "$1 DISABLE");
}
