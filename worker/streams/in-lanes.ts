/**
 * Does the work for every item, so many at a time, in the order given. The results are in that order, too. What fails first ends the others by their signal
 * (with that reason), and is thrown once all have ended: nothing goes on unwatched.
 */
export async function inLanes<T, R>(items: readonly T[], lanes: number, outer: AbortSignal, work: (item: T, index: number, signal: AbortSignal) => Promise<R>): Promise<R[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const results = new Map<number, R>();
  const waiting = items.entries();
  let failure: { readonly reason: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      results.set(index, await work(item, index, signal));
      if (failure) return;
    }
  };
  const failed = (reason: unknown): void => {
    failure ??= { reason };
    stop.abort(reason);
  };
  await Promise.all(Array.from({ length: lanes }, () => lane().catch(failed)));
  if (failure) throw failure.reason;
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
