/** A piece of work; those named in `after` must be done first. */
export interface Task {
  readonly id: string;
  readonly after: readonly string[];
  /** Estimated cost, any unit. */
  readonly cost: number;
  run(): Promise<void>;
}

/**
 * Runs tasks with at most `workers` at once, the one with the longest way still to go first (its own cost and that of the costliest
 * chain waiting for it). After the first failure nothing new is begun; rejects with it when all that ran has ended.
 */
export async function runTasks(tasks: readonly Task[], workers: number): Promise<void> {
  const weights = chainWeights(tasks);
  const weight = (task: Task): number => weights.get(task.id) ?? 0;
  const waiting = [...tasks].sort((a, b) => weight(b) - weight(a));
  const done = new Set<string>();
  const running = new Map<string, Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  while (waiting.length > 0 || running.size > 0) {
    while (!failure && running.size < workers) {
      const next = waiting.findIndex((task) => task.after.every((id) => done.has(id)));
      const [task] = next === -1 ? [] : waiting.splice(next, 1);
      if (!task) break;
      const work = task.run().then(
        () => void done.add(task.id),
        (error: unknown) => {
          failure ??= { error };
        },
      );
      running.set(task.id, work.finally(() => running.delete(task.id)));
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (failure) throw failure.error;
  if (waiting.length > 0) throw new RangeError(`tasks wait for each other: ${waiting.map(({ id }) => id).join(", ")}`);
}

function chainWeights(tasks: readonly Task[]): Map<string, number> {
  const followers = new Map<string, Task[]>();
  for (const task of tasks) for (const id of task.after) followers.set(id, [...(followers.get(id) ?? []), task]);
  const weights = new Map<string, number>();
  const weigh = (task: Task): number => {
    const known = weights.get(task.id);
    if (known !== undefined) return known;
    weights.set(task.id, task.cost);
    const weight = task.cost + Math.max(0, ...(followers.get(task.id) ?? []).map(weigh));
    weights.set(task.id, weight);
    return weight;
  };
  for (const task of tasks) weigh(task);
  return weights;
}
