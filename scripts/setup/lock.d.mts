/** Runs `work` while holding an exclusive flock(1) on `file`; waits half an hour at most for another holder. */
export function withLock<T>(file: string, work: () => Promise<T>): Promise<T>;
