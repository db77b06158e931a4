import { Fault, type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";
import type { LeftOut, LeftOutReason } from "#lib/domain/recovery/left-out.ts";
import { accountInStatement, schemaInGrant } from "#worker/engines/preflight/grants.ts";

type Names = Readonly<Record<string, string>>;

/** Several reasons against one restore: the first of them as a fault, and all. */
class Refused extends Fault {
  readonly all: readonly Fault[];

  constructor(first: Fault, all: readonly Fault[]) {
    super(first.code, { params: first.params, ...(first.detail === undefined ? {} : { detail: first.detail }) });
    this.all = all;
  }
}

/** Every reason that an error stands for; one, unless it came from `refusal`. */
export function reasonsOf(error: unknown): FaultRecord[] {
  return error instanceof Fault && "all" in error ? (error as Refused).all.map(faultRecord) : [faultRecord(error)];
}

/** What stands against a restore that may leave nothing out: one fault for each cause, the whole list in the details of the first. Null when nothing does. */
export function refusal(leftOut: readonly LeftOut[], names: Names): Fault | null {
  const faults = grouped(leftOut).flatMap(([because, objects]): Fault[] => {
    const params = { objects: listed(objects) };
    if (because.why === "names") return [new Fault("RENAME_REFUSED", { params: { references: params.objects, schema: because.schema, newName: names[because.schema] ?? "" } })];
    if (because.why === "absent") return [new Fault("RENAME_SCHEMA_ABSENT", { params: { ...params, schema: because.schema } })];
    if (because.why === "definer") return [new Fault("DEFINER_LACKS_RIGHTS", { params: { ...params, ...definerParams(because) } })];
    return [];
  });
  const [first, ...others] = faults;
  if (!first) return null;
  const told = new Fault(first.code, { params: first.params, detail: leftOut.map(lineOf).join("\n") });
  return new Refused(told, [told, ...others]);
}

/** What a restore leaves out, for its plan: one fault for each cause. */
export function leftOutWarnings(leftOut: readonly LeftOut[], names: Names): Fault[] {
  return grouped(leftOut).map(([because, objects, items]) => {
    const params = { objects: listed(objects) };
    if (because.why === "names") return new Fault("LEFT_OUT_NAMES", { params: { ...params, schema: because.schema, newName: names[because.schema] ?? "" } });
    if (because.why === "absent") return new Fault("LEFT_OUT_ABSENT", { params: { ...params, schema: because.schema } });
    if (because.why === "definer") return new Fault("LEFT_OUT_DEFINER", { params: { ...params, ...definerParams(because) } });
    return new Fault("LEFT_OUT_NEEDS", { params, detail: items.map(lineOf).join("\n") });
  });
}

/** Names for a text that a person reads: the first forty, and how many more. */
export function listed(objects: readonly string[]): string {
  const all = [...new Set(objects)];
  return all.length <= LISTED ? all.join(", ") : `${all.slice(0, LISTED).join(", ")}, … (+${all.length - LISTED})`;
}

const LISTED = 40;

/** By cause, in the order of their first object; what only needs something left out comes together at the end. */
function grouped(leftOut: readonly LeftOut[]): [because: LeftOutReason, objects: string[], items: LeftOut[]][] {
  const causes = new Map<string, LeftOut[]>();
  for (const item of leftOut) {
    const { because } = item;
    const key = because.why === "needs" ? "needs" : JSON.stringify(because);
    causes.set(key, [...(causes.get(key) ?? []), item]);
  }
  return [...causes.values()].flatMap((items) => (items[0] ? [[items[0].because, items.map(({ kind, name }) => `${kind} ${name}`), items]] : []));
}

function definerParams({ definer, privilege, schema }: Extract<LeftOutReason, { why: "definer" }>): Record<string, string> {
  return { definer, privilege, newName: schema, grant: `GRANT ${privilege} ON ${schemaInGrant(schema)} TO ${accountInStatement(definer)};` };
}

/** One line of the whole list: what, and because of what. */
function lineOf({ schema, kind, name, because }: LeftOut): string {
  const reason = because.why === "needs" ? because.object : because.why === "definer" ? `${because.definer}: ${because.privilege} ${because.schema}` : because.schema;
  return `${schema}: ${kind} ${name} ← ${reason}`;
}
