import { describe, expect, it } from "vitest";
import { streamArgs } from "./args.ts";

describe("arguments of the binary log stream", () => {
  const target = { folder: "/a/b", firstFile: "-x.000001", readerId: 3_000_000_001 };

  it("name the reader in each family's own words", () => {
    expect(streamArgs("mysql", target)).toContain("--connection-server-id=3000000001");
    expect(streamArgs("mariadb", target)).toContain("--stop-never-slave-server-id=3000000001");
  });

  it("give the login first, check every event, and cannot take a file's name for an option", () => {
    const args = streamArgs("mysql", target);
    expect(args[0]).toBe("--defaults-file=/dev/fd/3");
    expect(args).toContain("--verify-binlog-checksum");
    expect(args.slice(-3)).toEqual(["--result-file=/a/b/", "--", "-x.000001"]);
  });
});
