/** Exit codes of the command line; documented in its help and in docs/cli.md. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, cancelled: 4, unhealthy: 5 } as const;
