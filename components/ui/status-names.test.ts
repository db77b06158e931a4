import { expect, it } from "vitest";
import { CATALOG } from "../../lib/i18n/catalog.ts";
import { STATUS_LOOK, statusName } from "./status-names.ts";

it("gives every state a word in every language, and no word without a state", () => {
  for (const messages of Object.values(CATALOG)) {
    expect(Object.keys(messages.status).sort()).toEqual(Object.keys(STATUS_LOOK).sort());
    expect(new Set(Object.values(messages.status)).size).toBe(Object.keys(STATUS_LOOK).length);
  }
});

it("tells states of one colour apart by icon", () => {
  const seen = Object.values(STATUS_LOOK).map((look) => look.icon.iconName);
  expect(new Set(seen).size).toBe(seen.length);
});

it("is green only with proof", () => {
  const green = Object.entries(STATUS_LOOK).filter(([, look]) => look.tone === "ok").map(([name]) => name);
  expect(green).toEqual(["intact", "proven"]);
});

it("never takes an unknown word for fine", () => {
  expect([statusName("banana"), statusName(null), statusName("toString")]).toEqual(["unknown", "unknown", "unknown"]);
});
