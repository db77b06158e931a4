import { expect, test } from "vitest";
import { failureMessage, readFailure } from "./failure.ts";

test("a fault survives its way through the queue", () => {
  const fault = { code: "LOCK_TIMEOUT", params: { seconds: 10 }, retryable: true, detail: "line\nline" } as const;
  expect(readFailure(failureMessage(fault))).toEqual(fault);
});

test.each([
  ["job stalled more than allowable limit", "INTERRUPTED"],
  ["fault:{broken", "UNEXPECTED"],
  ['fault:{"code":"NO_SUCH","params":{},"retryable":true}', "UNEXPECTED"],
  ["Cannot read properties of undefined", "UNEXPECTED"],
])("%s → %s", (text, code) => expect(readFailure(text)).toMatchObject({ code, retryable: false }));
