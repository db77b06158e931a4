import { defineConfig } from 'vitest/config';

const NOT_OURS = ['**/node_modules/**', '.next/**', '.salvagente/**', 'e2e/**'];

/** Two projects: `unit` needs nothing and is fast; `live` gets real servers, started once per run. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx,mjs}'],
          exclude: [...NOT_OURS, '**/*.live.test.ts'],
          pool: 'forks', // a process per file: tests that count file descriptors or change the environment stay alone
          maxWorkers: 2,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'live',
          include: ['**/*.live.test.ts'],
          exclude: NOT_OURS,
          globalSetup: ['scripts/test/live-services.ts'],
          pool: 'forks',
          maxWorkers: 3, // two cores; tests of the archive and of schedules mostly wait
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
