/** How the peer was compared, or why it was not (any more). */
export type PeerFacts = { readonly version: string; readonly dumpThreads: number; readonly loadThreads: number } | { readonly whyNot: string };

/** A full and a restore through SQL beside mydumper's and myloader's, for a table and for programs. */
export interface PeerRatios {
  readonly lines: readonly string[];
  /** Ratios (above 1: ours is faster), and `peer`: which it was, or why a ratio is null. Empty where neither of ours was measured. */
  readonly json: Readonly<Record<string, unknown>>;
}

/**
 * @param seconds medians by what was measured; the peer's are `mydumper_full` and `myloader_restore`
 * @param ours names of ours among them
 */
export function peerRatios(seconds: Readonly<Record<string, number>>, ours: { readonly full: string; readonly restore: string }, peer: PeerFacts): PeerRatios {
  const asked = ([
    ["logical_full_vs_mydumper", "mydumper_full", ours.full],
    ["logical_restore_vs_myloader", "myloader_restore", ours.restore],
  ] as const).flatMap(([name, theirs, our]) => {
    const [a, b] = [seconds[theirs], seconds[our]];
    // What of ours was not asked for is not compared either.
    return b === undefined ? [] : [[name, a === undefined ? null : Math.round((a / b) * 1000) / 1000] as const];
  });
  if (asked.length === 0) return { lines: [], json: {} };
  const about = "whyNot" in peer ? `no mydumper and myloader beside: ${peer.whyNot}` : `beside: ${peer.version}; ${peer.dumpThreads} threads for its dump, ${peer.loadThreads} for its load, as ours`;
  return {
    lines: [...asked.map(([name, value]) => `${name.padEnd(30)} ${value === null ? "none" : `${value.toFixed(2)} ×`}`), about],
    json: { ...Object.fromEntries(asked), peer: "whyNot" in peer ? { why_not: peer.whyNot } : { version: peer.version, dump_threads: peer.dumpThreads, load_threads: peer.loadThreads } },
  };
}
