import { describe, expect, it } from "vitest";
import type { DumpShare } from "#lib/domain/backup/partition.ts";
import { dataArgs, definitionArgs } from "./args.ts";
import { sessionLine } from "./data-stream.ts";

const share: DumpShare = { kind: "tables", schema: "s", tables: ["t"], omit: null, bytes: 1, unsorted: false };

describe("the connection of a dump program", () => {
  it("escapes byte by byte where the program can be told so, while the server sends UTF-8", () => {
    const args = dataArgs("mysql", share, { binlog: false, program: { history: false, initCommand: true } });
    expect(args).toContain("--default-character-set=binary");
    const told = args.find((argument) => argument.startsWith("--init-command="));
    for (const part of ["session_track_system_variables=''", "character_set_client=utf8mb4", "character_set_results=utf8mb4", "sql_select_limit = 18446744073709551615", "max_execution_time = 0"]) expect(told).toContain(part);
    expect(args).toContain("--hex-blob");
  });

  it("is UTF-8 on both sides where it cannot, and for definitions", () => {
    for (const args of [dataArgs("mysql", share, { binlog: false, program: { history: false, initCommand: false } }), definitionArgs("mysql", "s", ["t"], { history: false, initCommand: false })]) {
      expect(args).toContain("--default-character-set=utf8mb4");
      expect(args.some((argument) => argument.startsWith("--init-command"))).toBe(false);
    }
  });

  it("loads what was dumped so as UTF-8", () => {
    expect(sessionLine("/*!50503 SET NAMES binary */;")).toBe("/*!50503 SET NAMES utf8mb4 */;");
    expect(sessionLine("/*!50503 SET NAMES utf8mb4 */;")).toBe("/*!50503 SET NAMES utf8mb4 */;");
    expect(sessionLine("/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;")).toContain("'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'");
  });
});
