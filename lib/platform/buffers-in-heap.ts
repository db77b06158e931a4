import { setFlagsFromString } from "node:v8";

/**
 * Makes V8 count the memory of buffers against its limits for the whole heap. On its own limit of 64 MB it looked through the whole heap every 20 to 30 MB of
 * sealed output: 28 collections instead of 6 in a backup of 1.1 GB, 0.8 s of CPU. To be called once, by the entry of a process.
 */
export function countBuffersInHeap(): void {
  setFlagsFromString("--external-memory-accounted-in-global-limit");
}
