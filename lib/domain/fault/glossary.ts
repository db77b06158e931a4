import { ACTION_WORDS, actionText } from "../audit/action-words.ts";
import { ITALIAN_PHRASES } from "./italian-phrases.ts";
import { ITALIAN_RECOVERY_PHRASES } from "./italian-phrases-recovery.ts";

/**
 * What the values of a parameter are. `name`: names, numbers, places, SQL: the same in every language. `kind`: one word of NOUNS. `objects`: a list whose items may begin
 * with one (`view v, procedure p`). `said`: a sentence, of this program or of another; another's stays as it is. `action`: what a role may do. `level`: how far a set is proven.
 * `difference`: what a comparison found.
 */
export const PARAMS: Readonly<Record<string, "name" | "kind" | "objects" | "said" | "action" | "level" | "difference">> = {
  ...of("name", "account artifact assertion at base columns count date definer destination events expectedBytes file filters fingerprint first folder foundBytes free from grant host hours id key keys known minutes name needed newName option percent policy port"),
  ...of("name", "position privilege program recipients roles run schedule schema schemas second seconds sequence server set signer source statement table tables target text time to uid unit value version view zone"),
  ...of("kind", "kind"),
  ...of("objects", "object objects references users missing"),
  ...of("said", "change coordinates expected fields found holder instant message nearest newest outcome path reason since subject tool transaction what"),
  ...of("action", "action"),
  ...of("level", "level"),
  ...of("difference", "difference"),
};

function of<K extends string>(kind: K, names: string): Record<string, K> {
  return Object.fromEntries(names.split(" ").map((name) => [name, kind]));
}

const NOUNS: Readonly<Record<string, string>> = {
  table: "tabella", tables: "tabelle", view: "vista", views: "viste", trigger: "trigger", triggers: "trigger", procedure: "procedura", procedures: "procedure", function: "funzione", functions: "funzioni",
  event: "evento", events: "eventi", sequence: "sequenza", sequences: "sequenze", package: "package", "package body": "corpo del package", library: "libreria", account: "account", statement: "istruzione",
  server: "server", host: "host", destination: "destinazione", key: "chiave", policy: "regola", schedule: "pianificazione", run: "esecuzione", plan: "piano", user: "utente", manifest: "manifesto",
  backup: "backup", "backup set": "set di backup", "waiting worker": "worker in attesa", routine: "routine", routines: "routine",
};
const LEVELS: Readonly<Record<string, string>> = { completed: "eseguito", intact: "integro", proven: "provato", refused: "prova negata" };
const DIFFERENCES: Readonly<Record<string, string>> = {
  missing: "manca", unexpected: "di troppo", rows: "righe", stream: "flusso di dati", fingerprint: "impronta", structure: "struttura", definition: "definizione", "check-table": "CHECK TABLE",
  "view-unreadable": "vista illeggibile", assertion: "controllo proprio", artifact: "file", "foreign-key": "chiave esterna",
};
const STATES: readonly (readonly [english: RegExp, italian: string])[] = [[/^present$/, "presente"], [/^absent$/, "assente"], [/^readable$/, "leggibile"], [/^(\d+) rows, /, "$1 righe, "], [/^(\d+) bytes, /, "$1 byte, "]];

const AT_START = new RegExp(`(^|, )(${Object.keys(NOUNS).toSorted((a, b) => b.length - a.length).join("|")})(?=$|:? )( of (?=[^:]*:))?`, "g");
const KIND_BEHIND = / \((views|procedures|functions|triggers|events|sequences)\)$/;

/** The value of a parameter as an Italian text holds it. What is not known stays as it is. */
export function inItalian(param: string, value: string): string {
  switch (PARAMS[param]) {
    case "kind":
      return word(NOUNS, value);
    case "objects":
      return sentence(value).replace(AT_START, (_, start: string, noun: string, of?: string) => `${start}${word(NOUNS, noun)}${of ? " di " : ""}`).replace(KIND_BEHIND, (_, noun: string) => ` (${word(NOUNS, noun)})`);
    case "said":
      return sentence(value);
    case "action":
      return inSentence(actionText(value, "it"));
    case "level":
      return word(LEVELS, value);
    case "difference":
      return difference(value);
    default:
      return value;
  }
}

/** The value of a parameter as an English text holds it: as it is, but for actions, which have names. */
export function inEnglish(param: string, value: string): string {
  return PARAMS[param] === "action" && Object.hasOwn(ACTION_WORDS, value) ? inSentence(actionText(value, "en")) : value;
}

function word(words: Readonly<Record<string, string>>, value: string): string {
  return Object.hasOwn(words, value) ? (words[value] as string) : value;
}

function inSentence(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}

const PATTERNS = [...ITALIAN_PHRASES, ...ITALIAN_RECOVERY_PHRASES].map(([english, italian]) => ({
  pattern: new RegExp(`^${english.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll("{}", "([\\s\\S]+?)")}$`),
  italian,
}));

function sentence(value: string): string {
  for (const { pattern, italian } of PATTERNS) {
    const parts = pattern.exec(value);
    if (!parts) continue;
    let at = 0;
    return italian.replaceAll("{}", () => sentence(parts[++at] ?? ""));
  }
  return value;
}

function difference(value: string): string {
  const parts = /^(\S+) ([\s\S]*): expected ([\s\S]*), found ([\s\S]*)$/.exec(value);
  if (!parts) return value;
  const [, kind = "", object = "", ...states] = parts;
  const [expected, found] = states.map((state) => STATES.reduce((text, [english, italian]) => text.replace(english, italian), state));
  return `${word(DIFFERENCES, kind)} ${inItalian("object", object)}: atteso ${expected}, trovato ${found}`;
}
