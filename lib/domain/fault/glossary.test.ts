import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { faultText } from "./fault.ts";
import { inItalian, PARAMS } from "./glossary.ts";
import { type FaultCode, FAULTS } from "./table.ts";

const CODES = Object.keys(FAULTS) as FaultCode[];
const ROOT = join(import.meta.dirname, "../../..");

/** What values of each sort look like, and the words of them that must not stand in an Italian text. */
const SAMPLES: Record<string, readonly [value: string, english: RegExp, italian: string]> = {
  kind: ["destination", /destination/, "destinazione"],
  objects: ["view v_open, package body p, trigger t, … (+3)", /\bview\b|package body/, "vista v_open, corpo del package p, trigger t, … (+3)"],
  said: ["it is empty", /empty/, "è vuoto"],
  action: ["backup.run", /backup\.run/, "avvio di un backup"],
  level: ["completed", /completed/, "eseguito"],
  difference: ["missing shop.orders: expected present, found absent", /missing|expected|absent/, "manca shop.orders: atteso presente, trovato assente"],
};

it("every parameter of every fault is of a known sort, and both languages name the same ones", () => {
  for (const code of CODES) {
    const named = (["it", "en"] as const).map((locale) => new Set([...Object.values(FAULTS[code][locale]).join(" ").matchAll(/\{(\w+)\}/g)].map((found) => found[1] as string)));
    expect([...(named[0] ?? [])].filter((name) => !named[1]?.has(name)), code).toEqual([]);
    for (const name of named.flatMap((names) => [...names])) expect(PARAMS, `${code}: {${name}} has no sort in glossary.ts`).toHaveProperty(name);
  }
});

it("no English word of a parameter is left in the Italian text of any fault", () => {
  let checked = 0;
  for (const code of CODES) {
    const words = Object.values(FAULTS[code].it).join(" ");
    for (const [, name = ""] of words.matchAll(/\{(\w+)\}/g)) {
      const [value, english, italian] = SAMPLES[PARAMS[name] ?? ""] ?? [];
      if (!value || !english || !italian) continue;
      const text = Object.values(faultText({ code, params: { [name]: value } }, "it")).join(" ");
      expect(text.toLowerCase(), code).toContain(italian.toLowerCase());
      expect(text.replace(italian, ""), code).not.toMatch(english);
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(80);
});

it("says objects of every kind, alone, in lists and behind a name", () => {
  const said = ["table a.b", "tables: a.b, a.c", "tables of shop: stopped", "shop.v (views)", "policy nightly, run 20261125T010000Z-000034", "schedule x", "orders, lines", "view"].map((value) => inItalian("objects", value));
  expect(said).toEqual(["tabella a.b", "tabelle: a.b, a.c", "tabelle di shop: stopped", "shop.v (viste)", "regola nightly, esecuzione 20261125T010000Z-000034", "pianificazione x", "orders, lines", "vista"]);
});

it("begins a sentence with a capital, and leaves names and what others say alone", () => {
  expect(faultText({ code: "NOT_FOUND", params: { kind: "policy", id: "notte" } }, "it").what).toBe("Regola notte non esiste.");
  expect(faultText({ code: "NOT_FOUND", params: { kind: "policy", id: "night" } }, "en").what).toBe("Policy night does not exist.");
  expect(faultText({ code: "FORBIDDEN", params: { action: "backup.run", roles: "dba" } }, "en").what).toBe("Your role may not do this: start of a backup.");
  expect(faultText({ code: "DUMP_FAILED", params: { tool: "view", message: "Got error: 1045: Access denied" } }, "it").what).toBe("view non è riuscito: Got error: 1045: Access denied");
  expect(faultText({ code: "TYPED_NAME_WRONG", params: { expected: "table" } }, "it").todo).toBe("Digita esattamente: table");
  expect(inItalian("schema", "view")).toBe("view");
  expect(inItalian("difference", "rows shop.orders: expected 12, found 11")).toBe("righe shop.orders: atteso 12, trovato 11");
});

it("every sentence that the program puts into a fault has its Italian", () => {
  const sources = ["lib", "worker", "controller"].flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)))
    .filter((path) => path.endsWith(".ts") && !/\.test\.ts$|\/testing\/|\/generated\//.test(path) && !path.startsWith("lib/i18n"));
  const sentences = sources.flatMap((path) => saidIn(readFileSync(join(ROOT, path), "utf8")).map(([param, text]) => ({ path, param, text })));
  expect(sentences.length).toBeGreaterThan(90);
  expect(sentences.filter(({ param, text }) => inItalian(param, text) === text).map(({ path, text }) => `${path}: ${text}`), "without a line in italian-phrases.ts or italian-phrases-recovery.ts").toEqual([]);
});

/** Texts of two words and more that stand for a parameter of a sentence in `params: { … }`, or are given to a function that throws a fault. */
function saidIn(source: string): [param: string, text: string][] {
  const texts = [...source.matchAll(/params: \{((?:[^{}]|\{[^{}]*\})*)\}/g)].flatMap(([, body = ""]) =>
    [...body.matchAll(/(\w+): ((?:"[^"]*"|`[^`]*`|[^,"`])*)/g)].flatMap(([, param = "", value = ""]) => (["said", "objects"].includes(PARAMS[param] ?? "") ? literals(value).map((text): [string, string] => [param, text]) : [])),
  );
  const thrown = [...source.matchAll(/(?:throw (?:this\.#)?(?:refused|refuse|broken|bad|wrong|denied|notReadable|damaged)|(?:throw|return) (?:corrupt|failed)|\b(?<!\.)changed)\((?:file, )?([^;]*);/g)].flatMap(([, value = ""]) => literals(value).slice(0, 1).map((text): [string, string] => ["message", text]));
  return [...texts, ...thrown].filter(([, text]) => /[a-z]{2,}[ ,]+[a-z]{2,}/.test(text.replaceAll("X7", "")));
}

/** Literals of an expression, a name in place of what a template puts in. What stands in a template's own expression is not looked at. */
function literals(expression: string): string[] {
  return [...expression.matchAll(/"([^"]*)"|`((?:[^`$]|\$\{(?:[^{}`]|`[^`]*`)*\})*)`/g)].map(([, plain, template]) => plain ?? (template ?? "").replace(/\$\{(?:[^{}`]|`[^`]*`)*\}/g, "X7"));
}
