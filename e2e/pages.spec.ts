import { expect, test } from "@playwright/test";
import { expectSound, signIn } from "./console.ts";

test("every page fits and passes axe in both themes", async ({ page }) => {
  test.setTimeout(180_000);
  const { url, done } = await signIn(page, "dba");
  const paths = ["/dashboard", "/activity", "/backups", `/backups/${done}`, "/emergency", "/recovery", `/recovery?set=${done}`, `/recovery?set=${done}&scope=server&done=1`, "/settings", "/settings/servers", "/settings/destinations/edit", "/settings/policies/edit", "/users", "/audit"];
  for (const path of paths) {
    await page.goto(url + path);
    await expect(page.locator("h1")).toHaveCount(1);
    await expectSound(page);
  }
});

test("roles: what a role may not do is locked, and refused by the server", async ({ page }) => {
  const { url, done } = await signIn(page, "developer");
  await page.goto(`${url}/users`);
  await expect(page.getByText("Gli utenti sono gestiti dai DBA.")).toBeVisible();
  await page.goto(`${url}/settings`);
  await expect(page.getByText("Le impostazioni sono riservate a DBA e sysadmin.")).toBeVisible();
  await page.goto(`${url}/recovery`);
  await expect(page.getByText("Il ripristino è riservato a DBA e sysadmin")).toBeVisible();
  // a developer does not even learn that production sets exist
  expect((await page.request.get(`${url}/api/sets/${done}/manifest`)).status()).toBe(404);
});

test("a sysadmin reads the settings and may not save them; in place stays locked", async ({ page }) => {
  const { url, done } = await signIn(page, "sysadmin");
  await page.goto(`${url}/settings/servers/edit?name=prova`);
  await expect(page.getByText("Puoi leggere; salvare è riservato ai DBA.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Salva" })).toBeDisabled();
  await page.goto(`${url}/recovery?set=${done}&scope=server&done=1`);
  await page.getByText("Altre opzioni").click();
  await expect(page.getByRole("button", { name: "Sul posto (distruttivo)" })).toHaveAttribute("aria-disabled", "true");
});

test("activity: a filter stands in the address and the export holds the filtered set", async ({ page }) => {
  const { url } = await signIn(page, "dba");
  await page.goto(`${url}/activity?state=failed`);
  // The skeleton is a status too: the one with the number comes when the list is there.
  const told = page.getByRole("status").filter({ hasText: /\d/ }).first();
  await expect(told).toBeVisible();
  const count = Number(/\d+/.exec((await told.textContent()) ?? "")?.[0]);
  expect(count).toBeGreaterThan(0);
  const csv = await (await page.request.get(`${url}/api/runs/export?state=failed`)).text();
  expect(csv.trim().split("\n")).toHaveLength(count + 1);
});
