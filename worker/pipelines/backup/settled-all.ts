/**
 * Waits for every promise to settle, then gives all values or throws the first failure in time. `onFailure` is called at once with it, to stop the
 * others: nothing goes on unwatched behind a thrown error, as it would with Promise.all.
 */
export async function settledAll<T extends readonly Promise<unknown>[]>(promises: readonly [...T], onFailure: (reason: unknown) => void): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  let first: { readonly reason: unknown } | undefined;
  const watched = promises.map((promise) =>
    promise.catch((reason: unknown) => {
      if (!first) {
        first = { reason };
        onFailure(reason);
      }
      return undefined;
    }),
  );
  const values = await Promise.all(watched);
  if (first) throw first.reason;
  return values as { -readonly [K in keyof T]: Awaited<T[K]> };
}
