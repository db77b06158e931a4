import { z } from "zod";

/** How a backup gives way to what its server and its host do otherwise. Every value has its default: `{}` is a policy that says nothing. */
export const niceness = z.strictObject({
  /** Niceness of the programs of a backup, 0 to 19; the kernel derives their I/O priority from it. */
  priority: z.number().int().min(0).max(19).default(10),
  /** Rows or files are read from the server, and copied files packed, at most so fast, bytes a second; absent: as fast as it gives them. With method clone, a copy on the server's own host is then fetched by an isolated server over TCP and TLS. */
  bytesPerSecond: z.number().int().min(64 * 1024).optional(),
  /** Reading pauses while the server answers so many times slower than before the backup; 0: never. */
  latencyFactor: z.number().min(0).max(1000).default(10),
  /** No answer that is faster than this counts as slow, whatever is normal; milliseconds. */
  latencyFloorMs: z.number().int().min(1).max(60_000).default(250),
  /** All pauses of a backup together; seconds. */
  longestPauseSeconds: z.number().int().min(1).max(86_400).default(600),
  /** What happens when they are used up: the backup goes on without further pauses, or ends. */
  afterLongestPause: z.enum(["continue", "fail"]).default("continue"),
});
export type Niceness = z.infer<typeof niceness>;

/** What a policy says, with its defaults. */
export function nicenessOf(policy: { readonly niceness?: z.input<typeof niceness> | undefined }): Niceness {
  return niceness.parse(policy.niceness ?? {});
}
