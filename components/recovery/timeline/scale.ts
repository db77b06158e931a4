/** What of the axis is in view; milliseconds since the epoch. */
export interface View {
  readonly from: number;
  readonly to: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The closest that one can look. */
export const CLOSEST_MS = MINUTE;

const STEPS = [SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 364 * DAY] as const;

/** Where an instant stands, percent of the width; outside 0–100 it is not in view. */
export function position(at: number, { from, to }: View): number {
  return ((at - from) / (to - from)) * 100;
}

/** The view `factor` times as wide, with `anchor` staying where it is, inside the limits. */
export function zoomed(view: View, factor: number, anchor: number, limits: View): View {
  const most = limits.to - limits.from;
  const width = Math.min(Math.max((view.to - view.from) * factor, Math.min(CLOSEST_MS, most)), most);
  const share = (anchor - view.from) / (view.to - view.from);
  return within({ from: anchor - width * share, to: anchor + width * (1 - share) }, limits);
}

/** The view moved by a share of its width, inside the limits. */
export function panned(view: View, share: number, limits: View): View {
  const by = (view.to - view.from) * share;
  return within({ from: view.from + by, to: view.to + by }, limits);
}

/** The view moved, not resized, until the instant is in it. */
export function showing(view: View, at: number, limits: View): View {
  if (at >= view.from && at <= view.to) return view;
  const width = view.to - view.from;
  return within(at < view.from ? { from: at - width * 0.1, to: at + width * 0.9 } : { from: at - width * 0.9, to: at + width * 0.1 }, limits);
}

function within(view: View, limits: View): View {
  const width = Math.min(view.to - view.from, limits.to - limits.from);
  const from = Math.min(Math.max(view.from, limits.from), limits.to - width);
  return { from, to: from + width };
}

/** One press of an arrow key: a step of the clock near a hundredth of the view. */
export function keyStep({ from, to }: View): number {
  return STEPS.findLast((step) => step <= (to - from) / 60) ?? SECOND;
}

export interface Tick {
  readonly at: number;
  /** A day begins there, by the zone's clock. */
  readonly day: boolean;
}

/** At most `most` ticks on round times of the zone's clock. */
export function ticks(view: View, zone: string, most: number): Tick[] {
  const step = STEPS.find((one) => (view.to - view.from) / one <= most) ?? 364 * DAY;
  const found: Tick[] = [];
  const first = Math.ceil((view.from + offsetMs(view.from, zone)) / step) * step;
  for (let local = first; found.length <= most; local += step) {
    const at = ofLocal(local, zone);
    if (at > view.to) break;
    if (at >= view.from && at !== found.at(-1)?.at) found.push({ at, day: local % DAY === 0 });
  }
  return found;
}

/** Instants in view at which the zone's clocks were or are put forward or back. */
export function clockChanges({ from, to }: View, zone: string): number[] {
  const found: number[] = [];
  for (let at = from; at < to; at += 7 * DAY) {
    let [low, high] = [at, Math.min(at + 7 * DAY, to)];
    if (offsetMs(low, zone) === offsetMs(high, zone)) continue;
    const before = offsetMs(low, zone);
    while (high - low > SECOND) {
      const middle = Math.floor((low + high) / 2);
      if (offsetMs(middle, zone) === before) low = middle;
      else high = middle;
    }
    found.push(Math.round(high / MINUTE) * MINUTE);
  }
  return found;
}

/** The nearest of `targets` within a share of the view, else the instant itself. */
export function snapped(at: number, targets: readonly number[], { from, to }: View, share: number): number {
  const reach = (to - from) * share;
  return targets.reduce((best, target) => (Math.abs(target - at) <= reach && Math.abs(target - at) < Math.abs(best === at ? Number.POSITIVE_INFINITY : best - at) ? target : best), at);
}

/** Milliseconds that the zone's clocks are ahead of UTC. */
export function offsetMs(at: number, zone: string): number {
  const [, sign = "+", hours = "0", minutes = "0"] = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(format(zone).formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "") ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE);
}

/** Of a wall time that is written as if it were UTC. */
function ofLocal(local: number, zone: string): number {
  const guess = local - offsetMs(local, zone);
  return local - offsetMs(guess, zone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone) ?? new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  formats.set(zone, known);
  return known;
}
