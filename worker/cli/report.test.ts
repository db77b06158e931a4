import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import { faultLines, reported, visible } from "./report.ts";
import { tell } from "./session.ts";

describe("names of others on a terminal", () => {
  it("begin no line, move no cursor and order nothing; all else is as it was", () => {
    expect(visible("shop.città ✈ 🚚\t`a'b\"")).toBe("shop.città ✈ 🚚\t`a'b\"");
    expect(visible("x\n15:00:00 ✔ verify\u001b[2J\u009b1m\u202e")).toBe("x\\u{a}15:00:00 ✔ verify\\u{1b}[2J\\u{9b}1m\\u{202e}");
    fc.assert(fc.property(fc.string({ unit: "binary" }), (name) => !/[^\P{Cc}\t]/u.test(visible(name)) && visible(visible(name)) === visible(name)));
  });

  it("in what a run tells as well: a table cannot say that a stage is done", async () => {
    expect(faultLines(reported({ code: "INPUT_INVALID", params: { fields: "✖ one\n  → at setId" }, retryable: false }, "en"))).toMatch(/^INPUT_INVALID: .*✖ one\n {2}\| {3}→ at setId\n/);
    const out = new PassThrough();
    const common = { v: 1, host: "h", runId: "20261126T020000Z-4f9a1c", seq: 1, at: "2026-11-26T02:00:00.000Z" } as const;
    const bodies: RunEvent["body"][] = [
      { type: "progress", progress: { stage: "dump", bytesDone: 1e6, item: "shop.x\n02:00:00 ✔ verify" } },
      { type: "finding", severity: "warning", fault: { code: "SERVER_VIEW_BROKEN", params: { view: "shop.\u001b]0;owned\u0007", message: "" }, retryable: false } },
      { type: "run-finished", outcome: "failed", seconds: 1, fault: { code: "DUMP_FAILED", params: { tool: "mysqldump", message: "one\r✔" }, retryable: true, detail: "two\u001b[1A\nthree" } },
    ];
    for (const body of bodies) tell({ ...common, body } as RunEvent, "en", out);
    out.end();
    const said = await text(out);
    expect(said).toContain("shop.x\\u{a}02:00:00 ✔ verify\n");
    expect(said).toContain("two\\u{1b}[1A\n         three\n");
    expect(said).not.toMatch(/[^\P{Cc}\n]/u);
    expect(said).not.toMatch(/^\S+ ✔/m);
  });
});
