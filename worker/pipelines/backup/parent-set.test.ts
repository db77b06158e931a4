import { expect, it } from "vitest";
import type { Inventory, Manifest } from "#lib/contract/manifest/manifest.ts";
import type { FaultRecord } from "#lib/domain/fault/fault.ts";
import { parentOfPages } from "./parent-set.ts";

const GIB = 1024 ** 3;
const inventory = { schemas: [] } as unknown as Inventory;

/** What a run is told of a differential of so many bytes of pages on a full of so many bytes of files. */
function told(pages: number, files: number): (readonly [string, FaultRecord["params"]])[] {
  const found: (readonly [string, FaultRecord["params"]])[] = [];
  const manifest = { id: "the-full", artifacts: [{ name: "700-files-000001.tar.zst.gpg", role: "files" }, { name: "900-accounts.sql.zst.gpg", role: "accounts" }], inventory, physical: { files: 100, bytes: files } } as unknown as Manifest;
  const parent = parentOfPages({ finding: (_severity, { code, params }) => void found.push([code, params]) }, { manifest, manifestSha256: "0".repeat(64) }, { inventory, increment: { bytes: pages } });
  expect(parent).toMatchObject({ setId: "the-full", artifacts: [{ role: "files" }], physical: { bytes: files } });
  return found;
}

it("says of changed pages when they are as many as a full, unless they are few in all", () => {
  expect(told(7 * GIB, 10 * GIB)).toEqual([["DIFFERENTIAL_LARGE", { percent: 70, set: "the-full" }]]);
  expect(told(6 * GIB, 10 * GIB)).toEqual([]);
  expect(told(0.4 * GIB, 0.5 * GIB)).toEqual([]);
});
