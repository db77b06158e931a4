import { open, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** So much is given back at a time. */
const STEP_BYTES = 16 * 1024 * 1024;
const PAUSE_MS = 20;

/**
 * Removes a file that nobody uses any more a piece at a time. At once, the file system gives back all of its blocks in one transaction, and whoever forces something to disk meanwhile waits for that: 70 to 210 ms for
 * 300 MB, where the blocks are given up to the device as well (`discard`). `pause`: for tests.
 */
export async function removeInSteps(path: string, pause: () => Promise<unknown> = () => sleep(PAUSE_MS)): Promise<void> {
  const file = await open(path, "r+");
  try {
    for (let { size } = await file.stat(); size > STEP_BYTES; ) {
      size -= STEP_BYTES;
      await file.truncate(size);
      await pause();
    }
  } finally {
    await file.close();
  }
  await rm(path);
}
