import { describe, expect, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { mysqlOptionFile } from "./mysql-option-file.ts";

describe("mysqlOptionFile", () => {
  it("quotes and escapes every value", () => {
    const text = mysqlOptionFile({
      user: "bäckup", password: new Secret('a"b\\c\nd #'), host: "db.example.com", port: 3307, options: { "ssl-mode": "VERIFY_CA", compress: true },
    });
    expect(text).toBe('[client]\nuser="bäckup"\npassword="a\\"b\\\\c\\nd #"\nhost="db.example.com"\nport="3307"\nssl-mode="VERIFY_CA"\ncompress\n');
  });

  it("lets no value or name start a line of its own", () => {
    expect(mysqlOptionFile({ user: "x\n[mysqld]\ninit-file=/etc/passwd" }).split("\n")).toHaveLength(3);
    expect(() => mysqlOptionFile({ user: "x", options: { "a\nb": 1 } })).toThrow(RangeError);
    expect(() => mysqlOptionFile({ user: "x", password: new Secret("a\0b") })).toThrow(RangeError);
  });
});
