import { expect, it } from "vitest";
import { clientAddress } from "./client-address.ts";

it("takes the hop that our own side wrote, not what the client claims", () => {
  expect(clientAddress(new Headers({ "x-forwarded-for": "1.2.3.4, 10.0.0.7" }))).toBe("10.0.0.7");
  expect(clientAddress(new Headers({ "x-forwarded-for": "::1" }))).toBe("::1");
  expect(clientAddress(new Headers())).toBeNull();
  expect(clientAddress(new Headers({ "x-forwarded-for": "9".repeat(500) }))).toHaveLength(100);
});
