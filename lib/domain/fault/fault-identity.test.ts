import { expect, it, vi } from "vitest";
import { asFault, Fault } from "./fault.ts";

it("is known as a fault by another copy of the module", async () => {
  vi.resetModules();
  const other = await import("./fault.ts");
  expect(other.Fault).not.toBe(Fault);
  const fault = new other.Fault("QUEUE_UNREACHABLE");
  expect(fault instanceof Fault).toBe(true);
  expect(asFault(fault)).toBe(fault);
});

it("takes nothing else for a fault", () => {
  for (const other of [new Error("x"), { code: "QUEUE_UNREACHABLE" }, null, "QUEUE_UNREACHABLE"]) expect(other instanceof Fault).toBe(false);
  expect(asFault(new Error("x")).code).toBe("UNEXPECTED");
});
