import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

interface Stack {
  readonly url: string;
  readonly password: string;
  /** A finished, proven backup. */
  readonly done: string;
}

/** What the global set-up started. */
export function stack(): Stack {
  return JSON.parse(readFileSync(process.env.SALVAGENTE_E2E_STACK ?? "", "utf8")) as Stack;
}

/** Signs in as the seeded person of a role and stands on the dashboard. */
export async function signIn(page: Page, role: "dba" | "sysadmin" | "developer"): Promise<Stack> {
  const { url, password, ...rest } = stack();
  await page.goto(`${url}/sign-in`);
  await page.locator('input[name="email"]').fill(`${role}@example.com`);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await page.waitForURL(/dashboard/);
  return { url, password, ...rest };
}

/** No sideways scrolling and no violation of WCAG 2.2 AA, in both themes. */
export async function expectSound(page: Page): Promise<void> {
  // After a navigation within the console the address comes before the title.
  await expect(page).toHaveTitle(/\S/);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, `${page.url()} scrolls sideways`).toBeLessThanOrEqual(0);
    const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
    expect(violations.map((rule) => `${rule.id}: ${rule.nodes[0]?.target.join(" ")}`), `${page.url()} ${colorScheme}`).toEqual([]);
  }
}
