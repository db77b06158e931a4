import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandLine } from "#worker/testing/command-line.ts";
import { type FaultScene, makeScene } from "#worker/testing/fault-scene.ts";

const MEMORY_LIMIT = 250e6;

/** One row of 100 MB: 200 MB in the dump, more than any packet by default, and nothing that a worker may hold in its memory. */
let scene: FaultScene;
beforeAll(async () => {
  scene = await makeScene({ policy: { parallel: 2 } });
  await scene.sql(
    "CREATE TABLE shop.scans (id INT PRIMARY KEY, content LONGBLOB NOT NULL, note LONGTEXT NOT NULL)",
    "INSERT INTO shop.scans VALUES (1, REPEAT(RANDOM_BYTES(1000), 100000), 'small'), (2, '', REPEAT('perché «\\'\\\\\\n', 500000))",
  );
});
afterAll(() => scene?.close());

it("is backed up and proven, in the memory that a worker may have", async () => {
  const salvagente = commandLine(scene.live);
  const measured = async (...args: string[]) => {
    const command = salvagente(...args);
    let peak = 0;
    const sampler = setInterval(() => {
      peak = Math.max(peak, peakOf(command.pid));
    }, 20);
    const end = await command.end;
    clearInterval(sampler);
    expect(end.code, end.stderr).toBe(0);
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(MEMORY_LIMIT);
    return JSON.parse(end.stdout) as { set: { setId: string }; verification: { level: string } };
  };
  const { set } = await measured("backup", "full", "--policy", "all");
  expect((await measured("verify", "db", set.setId)).verification.level).toBe("proven");
}, 300_000);

/** Highest resident size of a living process, bytes; 0 when it is gone. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
