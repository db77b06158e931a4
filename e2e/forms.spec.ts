import { expect, test } from "@playwright/test";
import { signIn } from "./console.ts";

test("a refused form keeps what was typed and links to the fields", async ({ page }) => {
  const { url } = await signIn(page, "dba");
  await page.goto(`${url}/settings/destinations/edit`);
  await page.getByLabel("Nome", { exact: true }).fill("Non Va");
  await page.getByRole("button", { name: "Salva" }).click();
  const summary = page.getByRole("alert").filter({ hasText: "Controlla questi campi" });
  await expect(summary.getByRole("link")).toHaveCount(2);
  await expect(page.getByLabel("Nome", { exact: true })).toHaveValue("Non Va");
  await summary.getByRole("link", { name: /Cartella/ }).click();
  await expect(page.locator("#root")).toBeFocused();
});

test("a destination is saved and listed", async ({ page }, { project }) => {
  const { url } = await signIn(page, "dba");
  const name = `nuova-${project.name}`;
  await page.goto(`${url}/settings/destinations/edit`);
  await page.getByLabel("Nome", { exact: true }).fill(name);
  await page.getByLabel("Cartella", { exact: true }).fill("/srv/nuova");
  await page.getByRole("button", { name: "Salva" }).click();
  await page.waitForURL(/\/settings\/destinations$/);
  await expect(page.getByRole("heading", { name })).toBeVisible();
});

test("the wizard goes from the point to the target, and a set without proof asks again", async ({ page }) => {
  const { url } = await signIn(page, "dba");
  await page.goto(`${url}/emergency`);
  await page.getByRole("link", { name: /Dati sbagliati o cancellati/ }).click();
  await page.waitForURL(/set=/);
  await page.getByRole("button", { name: "Avanti" }).click();
  await page.waitForURL(/done=1/);
  await expect(page.getByLabel(/Nuovo nome per/)).toHaveValue(/^gestionelogistica_r_\d{8}_\d{4}$/);
  await page.goto(`${url}/backups?level=intact`);
  await page.getByRole("link", { name: "Ripristina" }).locator("visible=true").first().click();
  await expect(page.getByText("Questo backup non è provato")).toBeVisible();
});

test("the audit chain is verified", async ({ page }) => {
  const { url } = await signIn(page, "dba");
  await page.goto(`${url}/audit`);
  await page.getByRole("button", { name: "Verifica la catena" }).click();
  await expect(page.getByText(/La catena è integra/)).toBeVisible();
});
