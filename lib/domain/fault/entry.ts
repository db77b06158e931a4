export interface FaultWords {
  /** What happened, one sentence. */
  readonly what: string;
  /** Why it happened or why it matters. */
  readonly why: string;
  /** What the reader should do now. */
  readonly todo: string;
}

export interface FaultEntry {
  /** May the same step be tried again unchanged with hope of success? */
  readonly retryable: boolean;
  /** HTTP status when it reaches a browser. */
  readonly http: number;
  readonly en: FaultWords;
  readonly it: FaultWords;
}

/** One row of the closed table. `words` are [what, why, todo]. */
export function entry(
  http: number,
  retryable: boolean,
  en: readonly [string, string, string],
  it: readonly [string, string, string],
): FaultEntry {
  const words = ([what, why, todo]: readonly [string, string, string]): FaultWords => ({ what, why, todo });
  return { retryable, http, en: words(en), it: words(it) };
}
