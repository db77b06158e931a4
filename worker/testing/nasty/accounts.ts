import { HOSTILE, id, MAIN, type Trap, text } from "./trap.ts";

/** A password of every printable ASCII character and some beyond. */
export const EVERY_CHARACTER = `${Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("")}àß€🚚`;

/** Accounts, roles and grants. All names begin with `nasty` or are listed in `NASTY_ACCOUNTS`, so that they can be dropped. */
export const ACCOUNT_TRAPS: readonly Trap[] = [
  {
    group: "accounts", why: "names with quotes, spaces and no name at all; hosts as patterns, netmask and IPv6",
    sql: [
      `CREATE USER 'nasty o''hara "x"\`y'@'%' IDENTIFIED BY ${text(EVERY_CHARACTER)}`, `CREATE USER 'nasty'@'192.168.1.0/255.255.255.0' IDENTIFIED BY 'a'`, `CREATE USER 'nasty'@'::1' IDENTIFIED BY 'b'`,
      `CREATE USER 'nasty'@'%.example.com' IDENTIFIED BY 'c'`, `CREATE USER ''@'nasty.invalid' IDENTIFIED BY 'd'`, `CREATE USER 'nasty è✈'@'localhost' IDENTIFIED BY 'e'`,
    ],
    accounts: [["nasty o'hara \"x\"`y", "%"], ["nasty", "192.168.1.0/255.255.255.0"], ["nasty", "::1"], ["nasty", "%.example.com"], ["", "nasty.invalid"], ["nasty è✈", "localhost"]],
  },
  {
    group: "accounts", why: "grants on columns, on routines, on a schema by pattern, on hostile names, with grant option",
    sql: [
      `CREATE TABLE ${id(MAIN, "grant_on")} (a INT, ${id("b`c")} INT)`, `CREATE PROCEDURE ${id(MAIN, "grant_proc")} () SELECT 1`, "CREATE USER nasty_grants@localhost IDENTIFIED BY 'x'",
      `GRANT SELECT (a, ${id("b`c")}), UPDATE (${id("b`c")}) ON ${id(MAIN, "grant_on")} TO nasty_grants@localhost`, `GRANT EXECUTE ON PROCEDURE ${id(MAIN, "grant_proc")} TO nasty_grants@localhost WITH GRANT OPTION`,
      `GRANT SELECT ON ${id("nasty\\_%")}.* TO nasty_grants@localhost`, `GRANT ALL ON ${id(HOSTILE)}.* TO nasty_grants@localhost`, "GRANT PROCESS ON *.* TO nasty_grants@localhost WITH GRANT OPTION",
    ],
    tables: [[MAIN, "grant_on", 0]], routines: [[MAIN, "grant_proc", "PROCEDURE"]], accounts: [["nasty_grants", "localhost"]],
  },
  {
    group: "accounts", only: "mysql", why: "dual password (lost by mysqldump --users), roles in a chain with default and admin option, partial revoke, lock, expiry, attributes, limits",
    sql: [
      "CREATE USER nasty_dual@localhost IDENTIFIED BY 'old password'", "ALTER USER nasty_dual@localhost IDENTIFIED BY 'new password' RETAIN CURRENT PASSWORD",
      "CREATE ROLE nasty_role_a, 'nasty role b'@'%'", "GRANT nasty_role_a TO 'nasty role b'@'%' WITH ADMIN OPTION", `GRANT SELECT ON ${id(MAIN)}.* TO nasty_role_a`,
      "GRANT 'nasty role b'@'%' TO nasty_dual@localhost", "SET DEFAULT ROLE 'nasty role b'@'%' TO nasty_dual@localhost",
      `CREATE USER nasty_options@localhost IDENTIFIED BY 'x' REQUIRE SUBJECT '/CN=it''s' WITH MAX_QUERIES_PER_HOUR 5 PASSWORD EXPIRE INTERVAL 90 DAY FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME 2 ACCOUNT LOCK ATTRIBUTE '{"note": "it''s \\\\"x\\\\" è"}'`,
      "CREATE USER nasty_expired@localhost IDENTIFIED BY 'x' PASSWORD EXPIRE",
    ],
    accounts: [["nasty_dual", "localhost"], ["nasty_role_a", "%"], ["nasty role b", "%"], ["nasty_options", "localhost"], ["nasty_expired", "localhost"]],
  },
  {
    group: "accounts", only: "mariadb", why: "roles (accounts without host) in a chain with default; two ways to log in; lock and expiry",
    sql: [
      "CREATE ROLE nasty_role_a", "CREATE ROLE `nasty role b`", "GRANT nasty_role_a TO `nasty role b` WITH ADMIN OPTION", `GRANT SELECT ON ${id(MAIN)}.* TO nasty_role_a`,
      "CREATE USER nasty_two@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('x') OR unix_socket", "GRANT `nasty role b` TO nasty_two@localhost", "SET DEFAULT ROLE `nasty role b` FOR nasty_two@localhost",
      "CREATE USER nasty_options@localhost IDENTIFIED BY 'x' REQUIRE SUBJECT '/CN=it''s' WITH MAX_QUERIES_PER_HOUR 5 PASSWORD EXPIRE INTERVAL 90 DAY ACCOUNT LOCK",
    ],
    accounts: [["nasty_role_a", ""], ["nasty role b", ""], ["nasty_two", "localhost"], ["nasty_options", "localhost"]],
  },
];
