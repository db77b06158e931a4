/**
 * What the cause of a fault tells besides the fault's own texts. Of a fault that was foreseen, the cause's words, unless a parameter holds them already: where in the program a file was not found
 * helps nobody, and looks like a crash. With its stack where the program itself went wrong: an unforeseen fault, or a mistake of the code behind a foreseen one.
 */
export function evidence(cause: unknown, foreseen: boolean, params: Readonly<Record<string, string | number>>): string | undefined {
  if (cause === undefined) return undefined;
  if (!(cause instanceof Error)) return String(cause);
  if (!foreseen || isMistake(cause)) return cause.stack ?? cause.message;
  const words = wordsOf(cause);
  return Object.values(params).some((value) => String(value).includes(words)) ? undefined : words;
}

/** Errors that only code makes; Node gives those of its arguments a code, and they are about what was asked. */
function isMistake(error: Error): boolean {
  return (error.name === "TypeError" || error.name === "ReferenceError") && !("code" in error);
}

/** Of several tries at once (a name with two addresses) the message is empty, and each try has its own. */
function wordsOf(error: Error): string {
  if (error.message !== "") return error.message;
  const tries = error instanceof AggregateError ? error.errors.flatMap((one: unknown) => (one instanceof Error ? [one.message] : [])) : [];
  return tries.join("; ") || ("code" in error ? String(error.code) : error.name);
}
