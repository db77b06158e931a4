import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isAnyOwnerAlive, isOwnerAlive, markOwner } from "./run-owner.ts";

const RUN = "20261123T020000Z-4f9a1c";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sg-owner-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("a run has an owner from its mark to its release", () => {
  expect([isOwnerAlive(folder, RUN), isAnyOwnerAlive(folder)]).toEqual([false, false]);
  const release = markOwner(folder, RUN);
  expect([isOwnerAlive(folder, RUN), isAnyOwnerAlive(folder)]).toEqual([true, true]);
  release();
  expect([isOwnerAlive(folder, RUN), isAnyOwnerAlive(folder), readdirSync(folder)]).toEqual([false, false, []]);
});

it("marks of the dead, of reused pids, and torn ones count for nothing", () => {
  for (const [index, mark] of ["999999999 1", `${process.pid} 1`, "", "rubbish"].entries()) writeFileSync(join(folder, `20261123T020000Z-00000${index}.owner`), mark);
  expect(isAnyOwnerAlive(folder)).toBe(false);
});
