import { expect, it } from "vitest";
import { CONFIG_SCHEMAS, type FieldSpec, fieldAt, idOf, isShown, readForm, startValues } from "./form-values.ts";

const FIELDS: FieldSpec[] = [
  { path: "owner:host", kind: "select", label: "", options: [{ value: "db01", label: "" }] },
  { path: "kind", kind: "select", label: "", options: [] },
  { path: "name", kind: "text", label: "" },
  { path: "root", kind: "text", label: "", onlyIf: { path: "kind", is: "local" } },
  { path: "requireMount", kind: "check", label: "", onlyIf: { path: "kind", is: "local" } },
  { path: "bucket", kind: "text", label: "", onlyIf: { path: "kind", is: "s3" } },
  { path: "secret:secretKey", kind: "secret", label: "", onlyIf: { path: "kind", is: "s3" } },
  { path: "compression.level", kind: "number", label: "" },
  { path: "schemas", kind: "lines", label: "" },
];

it("gives back what it was started with, and keeps what it does not show", () => {
  const config = { kind: "local", name: "disco", root: "/srv", requireMount: true, compression: { level: 3 }, schemas: ["a", "b"], bandwidthBytesPerSecond: 70_000 };
  const values = startValues(FIELDS, config, "db01");
  expect(readForm(FIELDS, values, config)).toEqual({ host: "db01", config, secrets: {} });
});

it("means a number by a number that is chosen, and a word by a word", () => {
  const fields: FieldSpec[] = [{ path: "compression.level", kind: "select", numeric: true, label: "", options: [{ value: "auto", label: "" }, { value: "3", label: "" }] }];
  for (const level of ["auto", 3]) {
    const config = { compression: { level } };
    expect(readForm(fields, startValues(fields, config, "db01"), config).config).toEqual(config);
    const policy = { name: "p", server: "s", destinations: ["d"], recipients: ["r"], compression: { codec: "gzip", level } };
    expect(CONFIG_SCHEMAS.policies.safeParse(policy).data).toMatchObject({ compression: { level } });
  }
});

it("leaves out what is empty or hidden, and keeps secrets apart", () => {
  const values = { owner_host: "db01", kind: "s3", name: " x ", root: "/srv", requireMount: true, bucket: "b", secret_secretKey: "s3cret", compression_level: "", schemas: "\n" };
  expect(readForm(FIELDS, values, {})).toEqual({ host: "db01", config: { kind: "s3", name: "x", bucket: "b" }, secrets: { secretKey: "s3cret" } });
});

it.each([["clone", true], ["mariadb-backup", true], ["dump", false]])("a field for several values of another is shown for %s: %s", (method, shown) => {
  expect(isShown({ path: "alsoDump", kind: "check", label: "", onlyIf: { path: "method", is: ["clone", "mariadb-backup"] } }, { method })).toBe(shown);
});

it("finds the field of a problem", () => {
  expect(fieldAt(FIELDS, "config.compression")?.path).toBe("compression.level");
  expect(fieldAt(FIELDS, "secretKey")?.path).toBe("secret:secretKey");
  expect(fieldAt(FIELDS, "schemas.0")?.path).toBe("schemas");
  expect(fieldAt(FIELDS, "elsewhere")).toBeUndefined();
  expect(idOf("secret:a.b")).toBe("secret_a_b");
});

it("takes a destination without its stored secret", () => {
  expect(CONFIG_SCHEMAS.destinations.safeParse({ kind: "s3", name: "x", bucket: "bucket", accessKeyId: "k" }).success).toBe(true);
  expect(CONFIG_SCHEMAS.destinations.safeParse({ kind: "local", name: "X", root: "srv" }).success).toBe(false);
});

it("entries of several fields come back as they were, and what is empty in them is absent", () => {
  const fields: FieldSpec[] = [{ path: "assertions", kind: "rows", label: "", columns: [{ key: "name", label: "" }, { key: "schema", label: "" }, { key: "sql", label: "" }, { key: "expect", label: "" }] }];
  const config = { assertions: [{ name: "a", schema: "shop", sql: "SELECT 1", expect: "1" }, { name: "b", sql: "SELECT 2", expect: "2" }] };
  expect(readForm(fields, startValues(fields, config, "db01"), config).config).toEqual(config);
  expect(readForm(fields, { assertions: [{ name: " a ", schema: " ", sql: "SELECT 1" }, { name: "" }, {}] }, config).config).toEqual({ assertions: [{ name: "a", sql: "SELECT 1" }] });
  expect(fieldAt(fields, "config.assertions.0.sql")?.path).toBe("assertions");
});

it("a file takes the place of a sealed secret, an empty field leaves it", () => {
  const fields: FieldSpec[] = [{ path: "password.file", kind: "text", label: "", replaces: true }];
  expect(readForm(fields, { password_file: "/etc/x" }, { password: { sealed: "abc" } }).config).toEqual({ password: { file: "/etc/x" } });
  expect(readForm(fields, { password_file: "" }, { password: { sealed: "abc" } }).config).toEqual({ password: { sealed: "abc" } });
});
