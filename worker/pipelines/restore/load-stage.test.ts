import { describe, expect, it } from "vitest";
import { withoutAccounts } from "./load-stage.ts";
import { disabledEvents } from "./whole-rewriter.ts";

describe("withoutAccounts", () => {
  const sql = "CREATE USER IF NOT EXISTS 'app'@'%' IDENTIFIED BY 'x';\nCREATE USER IF NOT EXISTS `new`@`%` IDENTIFIED WITH 'caching_sha2_password' AS 0x24;\nGRANT SELECT ON `a`.* TO `app`@`%`;\nGRANT SELECT ON `a`.* TO `new`@`%` WITH GRANT OPTION;\nSET DEFAULT ROLE `r` FOR `app`@`%`;\n";

  it("leaves out every statement of an account that exists, and nothing else", () => {
    expect(withoutAccounts(sql, ["app@%"]).trim().split("\n").filter(Boolean)).toEqual(["CREATE USER IF NOT EXISTS `new`@`%` IDENTIFIED WITH 'caching_sha2_password' AS 0x24;", "GRANT SELECT ON `a`.* TO `new`@`%` WITH GRANT OPTION;"]);
    expect(withoutAccounts(sql, ["other@%", "app@localhost"])).toBe(sql);
  });
});

describe("disabledEvents", () => {
  it("disables events and changes no body", () => {
    const sql = "/*!50106 CREATE*/ /*!50117 DEFINER=`a`@`%`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01' ON COMPLETION NOT PRESERVE ENABLE DO SELECT 'ON COMPLETION PRESERVE ENABLE' */ ;;\n";
    expect(disabledEvents(sql)).toBe(sql.replace("NOT PRESERVE ENABLE", "NOT PRESERVE DISABLE"));
  });
});
