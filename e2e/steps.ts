// What people do again and again in a whole product, and what they see of it.
import { expect, type Locator, type Page } from "@playwright/test";
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { ProductScene } from "./product.ts";

/** A run of the small database takes seconds; a machine under load may need far longer. */
export const PATIENCE = 90_000;
/** A click and the page behind it. */
export const STEP = 20_000;
/** A restore may have something to tell, and so may a backup on a machine under load. */
export const DONE = /Eseguito|Con avvisi/;

/** Signs in and stands on the first page. */
export async function enter(page: Page, scene: ProductScene, role: "dba" | "sysadmin" | "developer"): Promise<void> {
  const { email, password } = scene.people[role];
  await page.goto(`${scene.url}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Accedi" }).click();
  await page.waitForURL(/dashboard/);
}

/** Takes a full backup by hand and waits until its restore test has ended. */
export async function backUp(page: Page, scene: ProductScene, policy = /notturno/): Promise<void> {
  await page.goto(`${scene.url}/dashboard`);
  await page.getByRole("button", { name: "Esegui backup ora" }).click();
  await page.getByRole("radio", { name: policy }).check();
  await page.getByRole("button", { name: "Avvia", exact: true }).click();
  await page.waitForURL(/\/activity\/2/);
  await expect(page.getByRole("heading", { name: "Backup completo" })).toBeVisible();
  await expectEnd(page, DONE);
  // Its own proof, not that of a set before: the run of the backup names the set.
  const set = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  const proof = page.locator('a[href^="/activity/2"]').locator("visible=true").first();
  await expect(async () => {
    await page.goto(`${scene.url}/activity?kind=verify&q=${set}`);
    await expect(proof).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: PATIENCE });
  await proof.click();
  await page.waitForURL(/\/activity\/2/);
  await expectEnd(page, DONE);
}

/** From «where» to a plan that can be confirmed. */
export async function toPlan(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Prepara il piano" }).click();
  await page.waitForURL(/\/recovery\/[^?]+/, { timeout: PATIENCE });
  await expect(page.getByRole("heading", { name: "Piano", exact: true })).toBeVisible();
}

/** Confirms by holding, and stands on the run's page. */
export async function holdToStart(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Vai alla conferma" }).click();
  await page.getByRole("button", { name: /Tieni premuto/ }).hover();
  await page.mouse.down();
  await page.waitForURL(/\/activity\/2/);
  await page.mouse.up();
}

/** The title that tells the run's state; it follows by server-sent events, without a reload. */
export function stateOf(page: Page): Locator {
  return page.locator("main section h2").first();
}

export async function expectEnd(page: Page, word: RegExp): Promise<void> {
  await expect(stateOf(page)).toContainText(/Eseguito|Annullato|Fallito|Con avvisi|Interrotto/, { timeout: PATIENCE });
  await expect(stateOf(page)).toContainText(word);
}

/** Count of a table's rows, and a sum over their content. */
export async function rowsOf(database: Connection, schema: string, table: string): Promise<{ count: number; sum: number }> {
  const [[counted]] = await database.query<RowDataPacket[]>("SELECT COUNT(*) AS count FROM ??.??", [schema, table]);
  const [[checked]] = await database.query<RowDataPacket[]>("CHECKSUM TABLE ??.??", [schema, table]);
  return { count: Number(counted?.count), sum: Number(checked?.Checksum) };
}
