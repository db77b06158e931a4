/** What one step of `npm test` found; a step that could not do its work counts as one failure, never as nothing. */
export type Outcome = { passed: number; failed: number; note?: string };

export type Step = { name: string; run(): Promise<Outcome> };
