import { type Band, compareInstants, type WindowGap } from "./recovery-window.ts";

export interface BoundedWindow {
  readonly bands: readonly Band[];
  readonly gaps: readonly WindowGap[];
  readonly bandsLeftOut: number;
}

/** The newest stretches of a window, with the gaps that stand behind each of them: what fits into a message. */
export function newestBands({ bands, gaps }: { readonly bands: readonly Band[]; readonly gaps: readonly WindowGap[] }, most: number): BoundedWindow {
  const kept = bands.slice(Math.max(0, bands.length - most));
  const [oldest] = kept;
  return {
    bands: kept,
    gaps: gaps.filter(({ from }) => oldest !== undefined && compareInstants(from, oldest.from) >= 0),
    bandsLeftOut: bands.length - kept.length,
  };
}
