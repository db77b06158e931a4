const began = Date.now();

/** Progress on standard error: standard output is for the report alone. */
export function say(text: string): void {
  process.stderr.write(`${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${text}\n`);
}
