import { expect, it } from "vitest";
import { faultDigest, readFaultDigest } from "./fault-digest.ts";

it("carries code and parameters to the browser, never the detail", () => {
  const digest = faultDigest({ code: "HOST_SILENT", params: { host: "db01", since: "02:00" }, detail: "stack with inner matters" });
  expect(digest).not.toContain("inner matters");
  expect(readFaultDigest(digest)).toEqual({ code: "HOST_SILENT", params: { host: "db01", since: "02:00" } });
});

it("says nothing of an unexpected error", () => {
  expect(faultDigest({ code: "UNEXPECTED", params: { message: "SELECT secret FROM t" } })).not.toContain("SELECT");
});

it("is not misled by other digests", () => {
  for (const digest of [undefined, "", "1674303065", "salvagente:{broken"]) expect(readFaultDigest(digest)).toBeNull();
});
