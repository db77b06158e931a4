/** Work of a stage in the two units that cost time. */
export interface Work {
  readonly bytes: number;
  /** Tables, files … whatever costs time each, however small. */
  readonly items: number;
}

/** A look at a stage. `at` in seconds on any steady clock. */
export interface Look {
  readonly at: number;
  readonly done: Work;
}

/**
 * What the looks so far tell of the pace: the last look, and weighted sums over the intervals between looks. `bytes` and `items` are in seconds that a machine of
 * reference needs for them, so that neither outweighs the other.
 */
export interface Pace {
  /** Of the first look. */
  readonly since: number;
  readonly last: Look;
  readonly seconds: number;
  readonly bytes: number;
  readonly items: number;
  readonly squares: { readonly bb: number; readonly bi: number; readonly ii: number; readonly tb: number; readonly ti: number };
}

/** A machine of reference: what a byte and an item cost in proportion, before a stage has shown it. A table costs a dump program about as much as 160 KB of rows. */
const REFERENCE = { bytesPerSecond: 50e6, itemsPerSecond: 300 };
/** An interval counts half after so long, seconds: a machine gets slower and faster. */
const HALF_LIFE = 90;
/** How far two costs that were seen only together are kept together, and a cost that explains next to nothing of the time so far; 0: not at all. */
const STIFFNESS = { together: 0.1, unseen: 0.001 };
/** Less than this seen, seconds: no estimate. */
const ENOUGH_SECONDS = 3;

/** Seconds of the machine of reference. */
export function effort(work: Work): number {
  return work.bytes / REFERENCE.bytesPerSecond + work.items / REFERENCE.itemsPerSecond;
}

/** The pace after one more look; begins anew with `null`, and where counters went back (another part of the stage counts from zero). */
export function withLook(pace: Pace | null, look: Look): Pace {
  if (!pace || look.done.bytes < pace.last.done.bytes || look.done.items < pace.last.done.items) return { since: look.at, last: look, seconds: 0, bytes: 0, items: 0, squares: { bb: 0, bi: 0, ii: 0, tb: 0, ti: 0 } };
  const t = Math.max(0, look.at - pace.last.at);
  const b = effort({ bytes: look.done.bytes - pace.last.done.bytes, items: 0 });
  const i = effort({ bytes: 0, items: look.done.items - pace.last.done.items });
  const kept = 0.5 ** (t / HALF_LIFE);
  const { bb, bi, ii, tb, ti } = pace.squares;
  return {
    since: pace.since,
    last: look,
    seconds: pace.seconds * kept + t,
    bytes: pace.bytes * kept + b,
    items: pace.items * kept + i,
    squares: { bb: bb * kept + b * b, bi: bi * kept + b * i, ii: ii * kept + i * i, tb: tb * kept + t * b, ti: ti * kept + t * i },
  };
}

/**
 * Seconds that the rest takes; null while too little was seen. What a byte and what an item cost is fitted to the intervals by least squares (a thousand tiny tables say
 * nothing of the speed of one large table, and the other way round); what only one of the two has shown is assumed of both.
 */
export function secondsLeft(pace: Pace, left: Work): number | null {
  const { seconds, bytes, items } = pace;
  if (!isEnough(pace) || bytes + items <= 0) return null;
  const { byteCost, itemCost } = costs(pace, seconds / (bytes + items));
  return byteCost * effort({ bytes: Math.max(0, left.bytes), items: 0 }) + itemCost * effort({ bytes: 0, items: Math.max(0, left.items) });
}

/** Bytes a second lately; null while too little was seen. */
export function bytesPerSecond(pace: Pace): number | null {
  return !isEnough(pace) || pace.bytes <= 0 ? null : (pace.bytes * REFERENCE.bytesPerSecond) / pace.seconds;
}

function isEnough(pace: Pace): boolean {
  return pace.last.at - pace.since >= ENOUGH_SECONDS;
}

/** Both costs as multiples of the machine of reference, as deviations from what they are together. Never below zero. */
function costs({ squares: { bb, bi, ii, tb, ti } }: Pace, together: number): { byteCost: number; itemCost: number } {
  const [restB, restI] = [tb - together * (bb + bi), ti - together * (bi + ii)];
  if (bb <= 0 || ii <= 0) return { byteCost: together, itemCost: together };
  const unseen = STIFFNESS.unseen * (bb + ii);
  const [stiffB, stiffI] = [bb * (1 + STIFFNESS.together) + unseen, ii * (1 + STIFFNESS.together) + unseen];
  const determinant = stiffB * stiffI - bi * bi;
  const byteCost = together + (stiffI * restB - bi * restI) / determinant;
  const itemCost = together + (stiffB * restI - bi * restB) / determinant;
  if (byteCost <= 0) return { byteCost: 0, itemCost: ti / ii };
  if (itemCost <= 0) return { byteCost: tb / bb, itemCost: 0 };
  return { byteCost, itemCost };
}
