import { defineConfig } from '@playwright/test';
import { toolPaths } from '#scripts/setup/tools.ts';

/** End-to-end tests in the machine's own Chromium, at a desktop's and a phone's size. */
export default defineConfig({
  testDir: 'e2e',
  globalSetup: './e2e/stack.ts',
  testMatch: '**/*.spec.ts',
  workers: 1,
  timeout: 60_000,
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['list'], ['json']] : [['list']],
  use: {
    launchOptions: {
      executablePath: toolPaths().chromium,
      // Chromium's own sandbox does not start as root, and nothing may be fetched in the background
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'desktop', use: { viewport: { width: 1440, height: 900 } } },
    // a whole product is started once by each; their specs open a phone of their own
    { name: 'phone', testIgnore: ['**/product.spec.ts', '**/instant.spec.ts'], use: { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true } },
  ],
});
