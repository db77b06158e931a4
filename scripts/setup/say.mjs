// What set-up tells the person in front of it: short lines on stderr, and faults that say what, why and what to do.
// stdout stays free: `npm run demo -- --once` and the bench end with one JSON object there.

/** A set-up step that cannot go on. `what` happened, `why`, and what the reader can `todo` about it. */
export class SetupFault extends Error {
  constructor(what, why, todo, options) {
    super(`${what}: ${why}`, options);
    this.name = 'SetupFault';
    this.what = what;
    this.why = why;
    this.todo = todo;
  }
}

export function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

/** Prints `label` when the work starts, again every 10 s while it lasts, and once with the seconds it took. */
export async function withProgress(label, work, detail = () => '') {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  say(`${label} ...`);
  const beat = setInterval(() => {
    const more = detail();
    say(`${label} ... ${seconds()} s${more ? `, ${more}` : ''}`);
  }, 10_000);
  try {
    const result = await work();
    say(`${label}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(beat);
  }
}

/** Prints a fault for a person: what, why, what to do; unknown errors keep their stack. */
export function sayFault(error) {
  if (error instanceof SetupFault) {
    process.stderr.write(`\nset-up stopped: ${error.what}\n  why:        ${error.why}\n  what to do: ${error.todo}\n`);
  } else {
    process.stderr.write(`\nset-up stopped by an unexpected error (a bug in scripts/setup):\n${error?.stack ?? error}\n`);
  }
}
