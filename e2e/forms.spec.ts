import { expect, test } from "@playwright/test";
import { expectSound, signIn } from "./console.ts";

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

test("a rare setting stands in a part that is closed, and opens by itself when it is refused", async ({ page }) => {
  const { url } = await signIn(page, "dba");
  await page.goto(`${url}/settings/policies/edit?name=notturno`);
  const part = page.getByText("Regolazioni fini", { exact: true });
  const wait = page.getByLabel("Attesa massima del blocco (s)");
  await expect(wait).toBeHidden();
  await part.click();
  await wait.fill("9999");
  await part.click();
  await expect(wait).toBeHidden();
  await page.getByRole("button", { name: "Salva" }).click();
  await page.getByRole("alert").getByRole("link", { name: "Attesa massima del blocco (s): fuori dai limiti" }).click();
  await expect(wait).toBeFocused();
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

test("an own check of a server asks for what is missing in it, and is kept", async ({ page }, { project }) => {
  const { url } = await signIn(page, "dba");
  const address = `${url}/settings/servers/edit?name=gestionelogistica`;
  await page.goto(address);
  const checks = page.getByRole("group", { name: /^Controlli propri \d/ });
  await expect(checks.first()).toBeVisible();
  const before = await checks.count();
  await page.getByRole("button", { name: "Aggiungi un controllo" }).click();
  const added = checks.nth(before);
  await added.getByLabel("Nome del controllo", { exact: true }).fill(`ha righe ${project.name}`);
  await added.getByLabel("Valore atteso", { exact: true }).fill("> 0");
  await page.getByRole("button", { name: "Salva" }).click();
  await expect(page.getByRole("alert").getByRole("link", { name: `Controlli propri ${before + 1}, SELECT: scrivi un valore` })).toBeVisible();
  await added.getByLabel("SELECT", { exact: true }).fill("SELECT COUNT(*) FROM viaggi");
  await page.getByRole("button", { name: "Salva" }).click();
  await page.waitForURL(/\/settings\/servers$/);
  await page.goto(address);
  await expect(checks.nth(before).getByLabel("SELECT", { exact: true })).toHaveValue("SELECT COUNT(*) FROM viaggi");
});

test("a schedule is chosen by its rhythm, shows its next starts, and is told in words", async ({ page }, { project }) => {
  const { url } = await signIn(page, "dba");
  const name = `settimanale-${project.name}`;
  await page.goto(`${url}/settings/schedules/edit`);
  const starts = page.locator("output li time");
  await expect(starts).toHaveCount(3);
  await page.getByLabel("Nome", { exact: true }).fill(name);
  // What starts brings its usual rhythm along, as long as none was chosen.
  await page.getByLabel("Che cosa parte").selectOption({ label: "Differenziale" });
  await expect(page.getByLabel("Ripetizione")).toHaveValue("every12h");
  await page.getByLabel("Ripetizione").selectOption({ label: "Ogni settimana" });
  await page.getByLabel("Che cosa parte").selectOption({ label: "Backup completo" });
  await expect(page.getByLabel("Ripetizione")).toHaveValue("weekly");
  await page.getByLabel("Giorno", { exact: true }).selectOption({ label: "domenica" });
  await page.getByLabel("Ora", { exact: true }).fill("04:30");
  await page.getByLabel("Fuso orario").fill("");
  await page.getByLabel("Fuso orario").pressSequentially("Europe/Ro");
  await expect(page.getByText("Così non parte mai")).toBeVisible();
  await page.getByLabel("Fuso orario").fill("UTC");
  await expect(starts.first()).toContainText("04:30:00 UTC");
  const instants = await starts.evaluateAll((all) => all.map((one) => Date.parse(one.getAttribute("datetime") ?? "")));
  expect(instants.map((at, index) => (at - (instants[0] ?? 0)) / 86_400_000 - 7 * index)).toEqual([0, 0, 0]);
  expect(new Date(instants[0] ?? 0).getUTCDay()).toBe(0);
  await expectSound(page);

  await page.getByLabel("Ripetizione").selectOption({ label: "Espressione cron" });
  await page.getByLabel("Orario (cron)").fill("0 0 31 2 *");
  await expect(page.getByText("Così non parte mai")).toBeVisible();
  await page.getByLabel("Orario (cron)").fill("61 2 * * *");
  await page.getByRole("button", { name: "Salva" }).click();
  await page.getByRole("alert").filter({ hasText: "Controlla questi campi" }).getByRole("link").click();
  await expect(page.getByLabel("Orario (cron)")).toBeFocused();
  await page.getByLabel("Ripetizione").selectOption({ label: "Ogni settimana" });
  await page.getByLabel("Giorno", { exact: true }).selectOption({ label: "domenica" });
  await page.getByLabel("Ora", { exact: true }).fill("04:30");
  await page.getByLabel("Tolleranza (minuti)").fill("90");
  await page.getByLabel("Attivo").uncheck();
  await page.getByRole("button", { name: "Salva" }).click();
  await page.waitForURL(/\/settings\/schedules$/);
  await expect(page.getByRole("heading", { name })).toBeVisible();
  await expect(page.getByText("ogni domenica alle 04:30 · UTC").first()).toBeVisible();
  await page.goto(`${url}/settings/schedules/edit?name=${name}`);
  await expect(page.getByLabel("Ora", { exact: true })).toHaveValue("04:30");
  await expect(page.getByLabel("Tolleranza (minuti)")).toHaveValue("90");
});

test("the wizard goes from the point to the target, and a set without proof asks again", async ({ page }) => {
  const { url } = await signIn(page, "dba");
  await page.goto(`${url}/emergency`);
  // The archive runs: it leads to the instant, just before the harm.
  await page.getByRole("link", { name: /Dati sbagliati o cancellati/ }).click();
  await page.waitForURL(/way=event/);
  await page.goto(`${url}/backups?level=proven`);
  const point = await page.getByRole("link", { name: "Ripristina" }).locator("visible=true").first().getAttribute("href");
  expect(point).toMatch(/set=/);
  await page.goto(`${url}${point}&target=beside`);
  await page.getByRole("button", { name: "Avanti" }).click();
  await page.waitForURL(/done=1/);
  await expect(page.getByLabel(/Nuovo nome per/)).toHaveValue(/^gestionelogistica_r_\d{8}_\d{4}$/);
  // What stands beside is judged by its swap; what takes the place of today's data, at once.
  const ownChecks = page.getByRole("checkbox", { name: /controll[oi] propri/ });
  await expect(ownChecks).toBeHidden();
  await page.getByText("Altre opzioni").click();
  await page.getByRole("radio", { name: /Sul posto/ }).check();
  await expect(ownChecks).toBeChecked();
  await expect(page.getByText("Se un controllo non passa, tutto torna com’è adesso.")).toBeVisible();
  await expectSound(page);
  await page.goto(`${url}/backups?level=intact`);
  await page.getByRole("link", { name: "Ripristina" }).locator("visible=true").first().click();
  await expect(page.getByText("Questo backup non è provato")).toBeVisible();
});

test("the audit chain is verified", async ({ page }) => {
  const { url } = await signIn(page, "dba");
  await page.goto(`${url}/audit`);
  await page.getByRole("button", { name: "Verifica la catena" }).click();
  await expect(page.getByText(/La catena è integra/)).toBeVisible();
  // actions stand there in words, and are found by them
  await page.getByLabel("Cerca per persona, azione, oggetto").fill("accesso");
  await page.getByRole("button", { name: "Cerca", exact: true }).click();
  await page.waitForURL(/q=accesso/);
  await expect(page.getByText("Accesso", { exact: true }).locator("visible=true").first()).toBeVisible();
});
