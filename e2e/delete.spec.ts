import { expect, test } from "@playwright/test";
import { signIn } from "./console.ts";

test("a setting that is needed is not deleted, and says by what; one that is not needed goes", async ({ page }, { project }) => {
  const { url } = await signIn(page, "dba");
  await page.goto(`${url}/settings/policies/edit?name=notturno`);
  await page.getByRole("button", { name: "Elimina" }).click();
  const dialog = page.getByRole("dialog", { name: "Eliminare notturno?" });
  await dialog.getByRole("button", { name: "Elimina" }).click();
  await expect(dialog.getByText(/serve ancora: .*pianificazione ogni-notte/)).toBeVisible();

  const name = `superflua-${project.name}`;
  await page.goto(`${url}/settings/destinations/edit`);
  await page.getByLabel("Nome", { exact: true }).fill(name);
  await page.getByLabel("Cartella", { exact: true }).fill("/srv/superflua");
  await page.getByRole("button", { name: "Salva" }).click();
  await page.waitForURL(/\/settings\/destinations$/);
  await page.goto(`${url}/settings/destinations/edit?name=${name}`);
  await page.getByRole("button", { name: "Elimina" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Elimina" }).click();
  await page.waitForURL(/\/settings\/destinations$/);
  await expect(page.getByRole("heading", { name: "disco" })).toBeVisible();
  await expect(page.getByRole("heading", { name })).toHaveCount(0);
});
