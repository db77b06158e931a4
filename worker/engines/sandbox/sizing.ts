import { readFileSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";

const MiB = 1024 * 1024;

/** Memory and threads given to an isolated server. Bytes. */
export interface SandboxSizes {
  readonly bufferPool: number;
  readonly redoCapacity: number;
  readonly ddlBuffer: number;
  readonly threads: number;
}

/**
 * Sizes for a load of `dataBytes` (0 = unknown) with `availableBytes` of free memory: the pool takes the data if they fit into 40 % of it,
 * because the database that is backed up may live on the same host.
 */
export function sandboxSizes(dataBytes: number, availableBytes: number, cores: number): SandboxSizes {
  const wanted = dataBytes > 0 ? dataBytes * 1.5 : 1024 * MiB;
  const bufferPool = clamp(wanted, 128 * MiB, Math.max(128 * MiB, availableBytes * 0.4));
  return {
    bufferPool: Math.floor(bufferPool / MiB) * MiB,
    redoCapacity: Math.floor(clamp(wanted / 2, 128 * MiB, 4096 * MiB) / MiB) * MiB,
    ddlBuffer: Math.floor(clamp(availableBytes / 32, 8 * MiB, 256 * MiB) / MiB) * MiB,
    threads: clamp(cores, 1, 16),
  };
}

/** Bytes that can be taken without swapping (MemAvailable; elsewhere the free memory), not more than the container's limit allows. */
export function availableMemory(): number {
  const fromSystem = readNumber("/proc/meminfo", /^MemAvailable:\s+(\d+) kB/m);
  const host = fromSystem === null ? freemem() : fromSystem * 1024;
  const limit = readNumber("/sys/fs/cgroup/memory.max", /^(\d+)$/m);
  const used = readNumber("/sys/fs/cgroup/memory.current", /^(\d+)$/m);
  return limit === null ? host : Math.min(host, Math.max(0, limit - (used ?? 0)));
}

export function cores(): number {
  return availableParallelism();
}

function readNumber(file: string, pattern: RegExp): number | null {
  try {
    const match = pattern.exec(readFileSync(file, "utf8"));
    return match?.[1] === undefined ? null : Number(match[1]);
  } catch {
    return null;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
