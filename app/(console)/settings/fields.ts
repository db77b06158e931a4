import type { getTranslations } from "next-intl/server";
import type { FieldSpec, Section } from "#components/settings/form-values.ts";
import type { Settings } from "#lib/contract/views/settings.ts";

type Words = Awaited<ReturnType<typeof getTranslations<"settings">>>;

/** The fields of each form, in order, in the reader's language. @param stored the config that is edited */
export function fieldsOf(section: Section, t: Words, settings: Settings, stored: Record<string, unknown>): readonly FieldSpec[] {
  const names = (rows: readonly { readonly config: { readonly name: string } }[]) => rows.map(({ config }) => ({ value: config.name, label: config.name }));
  const options = (...keys: Parameters<typeof word>[0][]) => keys.map((value) => ({ value, label: word(value) }));
  const word = (key: "full" | "differential" | "incremental" | "production" | "staging" | "test" | "local" | "s3" | "operations" | "escrow" | "zstd" | "gzip" | "auto" | "dump" | "clone" | "mariadb-backup" | "always" | "weekly" | "never" | "continue" | "fail") => t(`option.${key}`);
  const secretHint = (source: unknown) => (source && typeof source === "object" ? ("file" in source ? t("secretFile") : t("secretSet")) : t("secretUnset"));
  const f = (key: Parameters<typeof label>[0]) => label(key);
  const label = (key: keyof typeof KEYS) => t(`field.${key}`);
  const host: FieldSpec = { path: "owner:host", kind: "select", label: f("host"), fixed: true, options: settings.hosts.map((one) => ({ value: one.name, label: one.name })) };
  const name: FieldSpec = { path: "name", kind: "text", label: f("name"), hint: f("nameHint"), fixed: true, mono: true };
  const described: FieldSpec = { path: "label", kind: "text", label: f("label") };
  const account = stored.restoreAccount as { password?: unknown } | undefined;
  const local = { path: "kind", is: "local" };
  const s3 = { path: "kind", is: "s3" };
  const FORMS: Record<Section, () => readonly FieldSpec[]> = {
    servers: () => [
      host, name, described,
      { path: "environment", kind: "select", label: f("environment"), options: options("production", "staging", "test") },
      { path: "socket", kind: "text", label: f("socket"), hint: f("socketHint"), mono: true },
      { path: "host", kind: "text", label: f("address"), mono: true },
      { path: "port", kind: "number", label: f("port") },
      { path: "user", kind: "text", label: f("user"), mono: true },
      { path: "secret:password", kind: "secret", label: f("password"), hint: secretHint(stored.password) },
      { path: "password.file", kind: "text", label: f("passwordFile"), mono: true, replaces: true },
      { path: "criticalTables", kind: "lines", label: f("criticalTables"), hint: t("lines"), mono: true },
      {
        path: "assertions", kind: "rows", label: f("checks"), hint: f("checksHint"), addLabel: f("addCheck"),
        columns: [
          { key: "name", label: f("checkName") },
          { key: "schema", label: f("checkSchema"), hint: f("checkSchemaHint"), mono: true },
          { key: "sql", label: f("checkSql"), hint: f("checkSqlHint"), mono: true, area: true },
          { key: "expect", label: f("checkExpect"), hint: f("checkExpectHint"), mono: true },
        ],
      },
      { path: "restoreTarget", kind: "check", label: f("restoreTarget"), hint: f("restoreTargetHint") },
      { path: "restoreAccount.user", kind: "text", label: f("restoreUser"), mono: true },
      { path: "secret:restorePassword", kind: "secret", label: f("restorePassword"), hint: secretHint(account?.password) },
    ],
    destinations: () => [
      host, name, described,
      { path: "kind", kind: "select", label: f("kind"), fixed: true, options: options("local", "s3") },
      { path: "root", kind: "text", label: f("root"), hint: f("rootHint"), mono: true, onlyIf: local },
      { path: "requireMount", kind: "check", label: f("requireMount"), onlyIf: local },
      { path: "endpoint", kind: "text", label: f("endpoint"), hint: f("endpointHint"), mono: true, onlyIf: s3 },
      { path: "region", kind: "text", label: f("region"), mono: true, onlyIf: s3 },
      { path: "bucket", kind: "text", label: f("bucket"), mono: true, onlyIf: s3 },
      { path: "prefix", kind: "text", label: f("prefix"), mono: true, onlyIf: s3 },
      { path: "forcePathStyle", kind: "check", label: f("forcePathStyle"), onlyIf: s3 },
      { path: "accessKeyId", kind: "text", label: f("accessKeyId"), mono: true, onlyIf: s3 },
      { path: "secret:secretKey", kind: "secret", label: f("secretKey"), hint: secretHint(stored.secretKey), onlyIf: s3 },
    ],
    keys: () => [
      host, name,
      { path: "purpose", kind: "select", label: f("purpose"), options: options("operations", "escrow") },
      { path: "key.armored", kind: "area", label: f("armored"), mono: true },
      { path: "key.file", kind: "text", label: f("keyFile"), mono: true },
    ],
    policies: () => [
      name, described,
      { path: "server", kind: "select", label: f("server"), options: names(settings.servers) },
      { path: "method", kind: "select", label: f("method"), hint: f("methodHint"), options: options("dump", "clone", "mariadb-backup") },
      { path: "alsoDump", kind: "check", label: f("alsoDump"), hint: f("alsoDumpHint"), onlyIf: { path: "method", is: ["clone", "mariadb-backup"] } },
      { path: "schemas", kind: "lines", label: f("schemas"), hint: f("schemasHint"), mono: true },
      { path: "destinations", kind: "checks", label: f("destinations"), options: names(settings.destinations) },
      { path: "recipients", kind: "checks", label: f("recipients"), options: names(settings.keys) },
      { path: "restoreTest", kind: "check", label: f("restoreTest") },
      { path: "archive", kind: "check", label: f("archive"), hint: f("archiveHint") },
      ...rarely([
        { path: "compression.codec", kind: "select", label: f("codec"), options: options("zstd", "gzip") },
        { path: "compression.level", kind: "select", numeric: true, label: f("levelOf"), hint: f("levelOfHint"), options: [...options("auto"), ...LEVELS.map((level) => ({ value: level, label: level }))] },
        { path: "parallel", kind: "number", label: f("parallel"), hint: f("parallelHint") },
        { path: "rangeMiB", kind: "number", label: f("rangeSize"), hint: f("rangeSizeHint") },
        { path: "fingerprints", kind: "select", label: f("fingerprints"), options: options("weekly", "always", "never") },
        { path: "longQuerySeconds", kind: "number", label: f("longQuery") },
        { path: "lockTimeoutSeconds", kind: "number", label: f("lockTimeout") },
        { path: "niceness.priority", kind: "number", label: f("nice"), hint: f("niceHint") },
        { path: "niceness.bytesPerSecond", kind: "number", label: f("readRate"), hint: f("readRateHint") },
        { path: "niceness.latencyFactor", kind: "number", label: f("slowFactor"), hint: f("slowFactorHint") },
        { path: "niceness.longestPauseSeconds", kind: "number", label: f("longestPause"), hint: f("longestPauseHint") },
        { path: "niceness.afterLongestPause", kind: "select", label: f("afterPause"), options: options("continue", "fail") },
      ]),
    ],
    schedules: () => [
      name,
      { path: "policy", kind: "select", label: f("policy"), options: names(settings.policies) },
      { path: "kind", kind: "select", label: f("startsKind"), hint: f("startsKindHint"), options: options("full", "differential", "incremental"), suggests: { path: "cron", of: { full: "0 2 * * *", differential: "0 */12 * * *", incremental: "0 */4 * * *" } } },
      { path: "cron", kind: "when", label: f("cron") },
      { path: "timeZone", kind: "text", label: f("timeZone"), mono: true },
      { path: "graceMinutes", kind: "number", label: f("grace"), hint: f("graceHint") },
      { path: "enabled", kind: "check", label: f("enabled") },
    ],
  };
  return FORMS[section]();
}

/** Set once, if ever. */
function rarely(fields: readonly FieldSpec[]): readonly FieldSpec[] {
  return fields.map((field) => ({ ...field, rare: true }));
}

/** Labels that stand in messages `settings.field`. */
const KEYS = {
  host: 0, name: 0, nameHint: 0, label: 0, environment: 0, socket: 0, socketHint: 0, address: 0, port: 0, user: 0, password: 0, passwordFile: 0, criticalTables: 0, checks: 0, checksHint: 0, addCheck: 0, checkName: 0, checkSchema: 0, checkSchemaHint: 0, checkSql: 0, checkSqlHint: 0, checkExpect: 0, checkExpectHint: 0, restoreTarget: 0, restoreTargetHint: 0, restoreUser: 0, restorePassword: 0,
  kind: 0, root: 0, rootHint: 0, requireMount: 0, endpoint: 0, endpointHint: 0, region: 0, bucket: 0, prefix: 0, forcePathStyle: 0, accessKeyId: 0, secretKey: 0, purpose: 0, armored: 0, keyFile: 0,
  server: 0, method: 0, methodHint: 0, alsoDump: 0, alsoDumpHint: 0, schemas: 0, schemasHint: 0, destinations: 0, recipients: 0, codec: 0, levelOf: 0, levelOfHint: 0, parallel: 0, parallelHint: 0, rangeSize: 0, rangeSizeHint: 0, fingerprints: 0, longQuery: 0, lockTimeout: 0, nice: 0, niceHint: 0, readRate: 0, readRateHint: 0, slowFactor: 0, slowFactorHint: 0, longestPause: 0, longestPauseHint: 0, afterPause: 0, restoreTest: 0, archive: 0, archiveHint: 0, policy: 0, startsKind: 0, startsKindHint: 0, cron: 0, timeZone: 0, grace: 0, graceHint: 0, enabled: 0,
};

/** Of the compression: zstd has all of them, gzip the first nine. */
const LEVELS = Array.from({ length: 19 }, (_, index) => String(index + 1));

/** What a new setting starts with. */
export const NEW: Record<Section, Record<string, unknown>> = {
  servers: { environment: "production", port: 3306, criticalTables: ["users", "viaggi", "delivery", "user_sessions"] },
  destinations: { kind: "local", region: "us-east-1" },
  keys: { purpose: "operations" },
  policies: { compression: { codec: "zstd", level: "auto" }, parallel: 0, fingerprints: "weekly", longQuerySeconds: 60, lockTimeoutSeconds: 10, restoreTest: true },
  schedules: { kind: "full", cron: "0 2 * * *", timeZone: "Europe/Rome", enabled: true, graceMinutes: 240 },
};
