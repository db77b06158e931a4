import type { StoredObject } from "./stored-object.ts";

/** An object of the set, with the schema it stands in there. */
export interface SetObject extends StoredObject {
  readonly schema: string;
  /** Schemas that its text names and that get another name. */
  readonly namesRenamed: readonly string[];
  /** Was the view unreadable on the source already? */
  readonly unreadable?: boolean | undefined;
}

export interface LeftOut {
  readonly schema: string;
  /** `view`, `procedure` …; `package body` … */
  readonly kind: string;
  readonly name: string;
  readonly because: LeftOutReason;
}

export type LeftOutReason =
  /** Its text names a schema that gets another name: the copy would work on the original. */
  | { readonly why: "names"; readonly schema: string }
  /** It is a view that reads a schema which is neither restored nor on the target. */
  | { readonly why: "absent"; readonly schema: string }
  /** It is a view with the rights of a definer who lacks this one under the new name. */
  | { readonly why: "definer"; readonly definer: string; readonly privilege: Privilege; /** Schema on the target. */ readonly schema: string }
  /** It uses what is left out. */
  | { readonly why: "needs"; readonly object: string };

export type Privilege = "SELECT" | "EXECUTE";

export interface LeftOutQuestion {
  readonly objects: readonly SetObject[];
  /** Old schema name → name on the target, for all that is restored. */
  readonly names: Readonly<Record<string, string>>;
  /** Tables of the set. */
  isTable(schema: string, name: string): boolean;
  /** Does the target hold the schema already? */
  isPresent(schema: string): boolean;
  /** Has the account the right on `name` (table, view or routine) in `schema` of the target? */
  may(definer: string, privilege: Privilege, schema: string, name: string): boolean;
}

/** What cannot be restored under other names, and all that needs it, in the order in which it was found. Names compare without regard to case. */
export function decideLeftOut(question: LeftOutQuestion): LeftOut[] {
  const all = new Map(question.objects.map((object) => [keyOf(object.schema, object.kind, object.name), object]));
  const out = new Map<string, LeftOut>();
  for (const [key, object] of all) {
    const because = ownReason(question, all, object);
    if (because) out.set(key, { schema: object.schema, kind: object.kind, name: object.name, because });
  }
  const users = usersOf(all);
  for (const lost of out.values()) {
    for (const [key, user] of users.get(keyOf(lost.schema, lost.kind, lost.name)) ?? []) {
      if (!out.has(key)) out.set(key, { schema: user.schema, kind: user.kind, name: user.name, because: { why: "needs", object: `${lost.kind} ${lost.name}` } });
    }
  }
  return [...out.values()];
}

type Objects = ReadonlyMap<string, SetObject>;

function ownReason(question: LeftOutQuestion, all: Objects, object: SetObject): LeftOutReason | null {
  const [renamed] = object.namesRenamed;
  if (renamed !== undefined) return { why: "names", schema: renamed };
  if (object.kind !== "view") return null;
  const absent = object.uses.find(({ schema }) => schema !== null && !Object.hasOwn(question.names, schema) && !question.isPresent(schema));
  if (absent?.schema) return { why: "absent", schema: absent.schema };
  return object.invoker || object.unreadable || object.definer === null ? null : definerReason(question, all, object, object.definer);
}

/** The definer's rights are asked for all that the view reads, and for what views with the rights of their user read for it. */
function definerReason(question: LeftOutQuestion, all: Objects, view: SetObject, definer: string): LeftOutReason | null {
  const seen = new Set<SetObject>();
  const waiting = [view];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const use of next.uses) {
      const schema = use.schema ?? next.schema;
      const inner = use.as === "call" ? undefined : all.get(keyOf(schema, "view", use.name));
      const routine = use.as === "call" ? all.get(keyOf(schema, "function", use.name)) : undefined;
      const restored = Object.hasOwn(question.names, schema);
      if (restored && !inner && !routine && !(use.as === "table" && question.isTable(schema, use.name))) continue;
      const privilege = use.as === "call" ? "EXECUTE" : "SELECT";
      const at = question.names[schema] ?? schema;
      if (!question.may(definer, privilege, at, use.name)) return { why: "definer", definer, privilege, schema: at };
      if (inner?.invoker) waiting.push(inner);
    }
  }
  return null;
}

/** For each object, those whose text uses it. */
function usersOf(all: Objects): Map<string, [key: string, object: SetObject][]> {
  const users = new Map<string, [string, SetObject][]>();
  for (const [key, object] of all) {
    const used = new Set(object.uses.flatMap((use) => usable(object, use)));
    for (const other of used) if (other !== key && all.has(other)) users.set(other, [...(users.get(other) ?? []), [key, object]]);
  }
  return users;
}

/** What a name can mean, by where it stands. */
function usable(object: SetObject, { schema, name, as }: StoredObject["uses"][number]): string[] {
  const meant = KINDS_USED[as].map((kind) => keyOf(schema ?? object.schema, kind, name));
  // `pack.f()`: a package of the own schema. Its body goes with it.
  const packages = schema === null ? [] : [keyOf(object.schema, "package", schema), keyOf(object.schema, "package body", schema)];
  return [...meant, ...packages, ...(object.kind === "package body" ? [keyOf(object.schema, "package", object.name)] : [])];
}

/** Behind `INSERT INTO v (a, b)` a view looks like a call. */
const KINDS_USED = { table: ["view"], call: ["function", "procedure", "library", "view"], any: ["view", "package", "package body", "library", "procedure"] } as const;

function keyOf(schema: string, kind: string, name: string): string {
  return `${schema}\0${kind}\0${name.toLowerCase()}`;
}
