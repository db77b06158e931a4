import { expect, test } from "vitest";
import { dumpOptions, loadOptions } from "./mydumper.ts";
import { peerRatios } from "./peer-ratios.ts";
import { physicalReport } from "./physical-report.ts";

const ours = { full: "logical_full", restore: "logical_restore" };
const peer = { version: "mydumper 0.10.0", dumpThreads: 2, loadThreads: 3 };

test("above 1 means that ours is faster than the peer, in both directions", () => {
  const { json, lines } = peerRatios({ logical_full: 10, mydumper_full: 8, logical_restore: 60, myloader_restore: 90 }, ours, peer);
  expect(json).toEqual({ logical_full_vs_mydumper: 0.8, logical_restore_vs_myloader: 1.5, peer: { version: "mydumper 0.10.0", dump_threads: 2, load_threads: 3 } });
  expect(lines).toHaveLength(3);
});

test("a peer that is not here or failed leaves null and its reason", () => {
  const { json } = peerRatios({ logical_full: 10, mydumper_full: 8, logical_restore: 60 }, ours, { whyNot: "myloader ended with 1" });
  expect(json).toEqual({ logical_full_vs_mydumper: 0.8, logical_restore_vs_myloader: null, peer: { why_not: "myloader ended with 1" } });
});

test("what of ours was not measured is not compared", () => {
  expect(peerRatios({ script_full: 10, mydumper_full: 8 }, ours, peer)).toEqual({ json: {}, lines: [] });
  expect(peerRatios({ logical_full: 4, mydumper_full: 8, myloader_restore: 9 }, ours, peer).json).not.toHaveProperty("logical_restore_vs_myloader");
});

test("the report of the physical road: medians, all ratios; without restores through SQL none of theirs", () => {
  const facts = { rows: 3e9, server: "9.7.4", machine: "m", runs: 3, peer };
  const physical = { script_full: [90, 30, 60], physical_full: [10, 30, 20], physical_restore: [4], tar_restore: [2], physical_proof: [50] };
  const latencies = [{ normal: 2, during: 3 }];
  const quick = physicalReport({ seconds: physical, latencies }, facts).json;
  expect(quick).toMatchObject({ physical_full_vs_script: 3, physical_restore_vs_tar: 2, proven_vs_full: 2.5, write_p99_ratio: 1.5 });
  expect(Object.keys(quick).filter((name) => /logical|physical_restore_vs_script|peer/.test(name))).toEqual([]);
  const { json, table } = physicalReport({ seconds: { ...physical, script_restore: [300], logical_full: [12], logical_restore: [120], mydumper_full: [15], myloader_restore: [180] }, latencies }, facts);
  expect(json).toMatchObject({ physical_restore_vs_script: 75, logical_restore_vs_script: 2.5, logical_restore_vs_myloader: 1.5, logical_full_vs_mydumper: 1.25 });
  expect(table).toContain("logical_restore_vs_myloader");
});

// Lines of what the versions answer to --help.
const OLD = `  -r, --rows                  Try to split tables into chunks of this many rows. This option turns off --chunk-filesize
  -c, --compress              Compress output files
  -C, --compress-protocol     Use compression on the MySQL connection`;
const NEW = `  -c, --compress                        Compress output files using: gzip and zstd. Options: gzip and zstd. Default: gzip.
  --server-version                      Set the server version avoiding automatic detection
  --disable-redo-log                    Disables the REDO_LOG and enables it after, doesn't check initial status
  --max-threads-per-table               Maximum number of threads per table to use, defaults to --threads
  --max-threads-for-index-creation      Maximum number of threads for index creation, default 4`;

test("options are taken where the version offers them", () => {
  expect(loadOptions(OLD, 2, "9.7.4-2")).toEqual(["--threads=2"]);
  expect(loadOptions(NEW, 2, "9.7.4-2")).toEqual(["--threads=2", "--server-version=mysql-9.7.4", "--disable-redo-log", "--max-threads-for-index-creation=2", "--max-threads-per-table=2"]);
  expect(loadOptions("  --innodb-optimize-keys   Creates the table without the indexes", 4, "9.7.4-2")).toEqual(["--threads=4", "--innodb-optimize-keys"]);
  expect(dumpOptions(OLD, 2, "9.7.4-2")).toContain("--compress");
  expect(dumpOptions(NEW, 2, "9.7.4-2")).toEqual(expect.arrayContaining(["--compress=ZSTD", "--server-version=mysql-9.7.4"]));
});
