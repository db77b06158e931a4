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

test("the trail keeps the address that a request came from, as the proxy says it, not what the client claims", async ({ page, request }) => {
  const { url } = await signIn(page, "dba");
  const { csrfToken } = (await (await request.get(`${url}/api/auth/csrf`)).json()) as { csrfToken: string };
  // two proxies on this machine, the nearer one being the test itself; what stands beyond the client is its own claim
  const guess = { csrfToken, email: "nessuno@example.com", password: "indovino", json: "true" };
  await request.post(`${url}/api/auth/callback/credentials`, { form: guess, headers: { "x-forwarded-for": "192.0.2.66, 198.51.100.77, 127.0.0.1" } });
  await page.goto(`${url}/audit`);
  await expect(page.getByText("198.51.100.77").locator("visible=true").first()).toBeVisible();
  await expect(page.getByText("192.0.2.66")).toHaveCount(0);
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
