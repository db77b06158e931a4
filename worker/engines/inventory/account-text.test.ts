import { describe, expect, it } from "vitest";
import { bareGrant, canonicalGrant, textLiteral, withQuotedDemands } from "./account-text.ts";

const NONE = { subject: "", issuer: "", cipher: "" };

describe("withQuotedDemands", () => {
  it("escapes what servers print raw, in whatever order", () => {
    const shown = "CREATE USER `u`@`%` IDENTIFIED WITH 'x' AS 0x41 REQUIRE SUBJECT '/CN=it's\\x' ISSUER '/O=a' WITH MAX_QUERIES_PER_HOUR 5";
    expect(withQuotedDemands(shown, { subject: "/CN=it's\\x", issuer: "/O=a", cipher: "" })).toBe(
      "CREATE USER `u`@`%` IDENTIFIED WITH 'x' AS 0x41 REQUIRE SUBJECT '/CN=it''s\\\\x' ISSUER '/O=a' WITH MAX_QUERIES_PER_HOUR 5",
    );
    expect(withQuotedDemands("CREATE USER `u`@`%` REQUIRE ISSUER 'i' CIPHER 'c' SUBJECT 's'", { subject: "s", issuer: "i", cipher: "c" })).toBe("CREATE USER `u`@`%` REQUIRE ISSUER 'i' CIPHER 'c' SUBJECT 's'");
  });

  it("changes nothing without demands and gives null for a form that it does not know", () => {
    expect(withQuotedDemands("CREATE USER `u`@`%` REQUIRE SSL", NONE)).toBe("CREATE USER `u`@`%` REQUIRE SSL");
    expect(withQuotedDemands("CREATE USER `u`@`%` REQUIRE X509", { ...NONE, subject: "s" })).toBeNull();
  });
});

it("bareGrant keeps privileges and grant option, nothing of the account", () => {
  expect(bareGrant("GRANT PROCESS ON *.* TO `u`@`h` IDENTIFIED BY PASSWORD '*A' REQUIRE SUBJECT '/CN=it's WITH GRANT OPTION' WITH MAX_QUERIES_PER_HOUR 5", "`u`@`h`")).toBe("GRANT PROCESS ON *.* TO `u`@`h`");
  expect(bareGrant("GRANT PROCESS ON *.* TO `u`@`h` IDENTIFIED BY PASSWORD '*A' WITH GRANT OPTION MAX_QUERIES_PER_HOUR 5", "`u`@`h`")).toBe("GRANT PROCESS ON *.* TO `u`@`h` WITH GRANT OPTION");
  expect(bareGrant("GRANT SELECT ON `a`.* TO `u`@`h` WITH GRANT OPTION", "`u`@`h`")).toBe("GRANT SELECT ON `a`.* TO `u`@`h` WITH GRANT OPTION");
});

it("canonicalGrant does not depend on the order in which the server keeps columns", () => {
  expect(canonicalGrant("GRANT SELECT (`b``c`, `a, (`), UPDATE (`z`) ON `s`.`t` TO `u`@`h`")).toBe(canonicalGrant("GRANT UPDATE (`z`), SELECT (`a, (`, `b``c`) ON `s`.`t` TO `u`@`h`"));
  expect(canonicalGrant("GRANT SELECT (`a`) ON `s`.`t` TO `u`@`h`")).not.toBe(canonicalGrant("GRANT SELECT (`b`) ON `s`.`t` TO `u`@`h`"));
  expect(canonicalGrant("GRANT `role, x`, `a` TO `u`@`h`")).toBe("GRANT `role, x`, `a` TO `u`@`h`");
});

it("textLiteral ends where it should", () => expect(textLiteral("a'\\\n")).toBe("'a''\\\\\\n'"));
