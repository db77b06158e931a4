import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { contrast } from "./contrast.ts";

type Theme = "light" | "dark";

/** Reads every `--name: colour` of the stylesheet, both sides of light-dark(). */
function tokens(): Map<string, Record<Theme, string>> {
  const css = readFileSync(new URL("../../app/globals.css", import.meta.url), "utf8");
  const found = new Map<string, Record<Theme, string>>();
  for (const [, name, light, dark] of css.matchAll(/--([a-z-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\);/g)) {
    if (name && light && dark) found.set(name, { light, dark });
  }
  for (const [, name, both] of css.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6});/g)) {
    if (name && both) found.set(name, { light: both, dark: both });
  }
  return found;
}

const TOKENS = tokens();
const STATES = ["danger", "ok", "warn", "info"] as const;

function ratio(theme: Theme, text: string, ground: string): number {
  const a = TOKENS.get(text)?.[theme];
  const b = TOKENS.get(ground)?.[theme];
  if (!a || !b) throw new Error(`token ${a ? ground : text} is missing`);
  return contrast(a, b);
}

describe.each(["light", "dark"] as const)("%s theme", (theme) => {
  it.each([
    ["ink", "bg"], ["ink", "surface"], ["ink", "sunken"],
    ["muted", "bg"], ["muted", "surface"], ["muted", "sunken"],
    ["ink-inverse", "ink"],
    ...STATES.flatMap((state) => [
      [`${state}-fg`, "bg"], [`${state}-fg`, "surface"], [`${state}-fg`, `${state}-tint`],
      [`${state}-on-fill`, `${state}-fill`],
      ["ink", `${state}-tint`],
    ]),
  ] as [string, string][])("text %s on %s reaches 4.5", (text, ground) => {
    expect(ratio(theme, text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ["input-line", "surface"], ["input-line", "bg"], ["ring", "surface"], ["ring", "bg"],
    ...STATES.flatMap((state) => [[`${state}-strong`, "surface"], [`${state}-strong`, "bg"]]),
  ] as [string, string][])("line or icon %s on %s reaches 3", (line, ground) => {
    expect(ratio(theme, line, ground)).toBeGreaterThanOrEqual(3);
  });
});

it("uses the mission's colours as fills", () => {
  expect(STATES.map((state) => TOKENS.get(`${state}-fill`)?.light)).toEqual(["#dc3545", "#28a745", "#ffc107", "#17a2b8"]);
});

it("knows black on white", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#dc3545", "#ffffff")).toBeCloseTo(4.53, 2);
});
