// What a person does from the first backup to restored rows: real worker, MySQL, PostgreSQL, Redis, a folder and S3.
import { expect, type Page, test } from "@playwright/test";
import mysql, { type Connection, type RowDataPacket } from "mysql2/promise";
import { commandWith } from "#worker/testing/command-line.ts";
import { expectSound } from "./console.ts";
import { type ProductScene, startProductScene } from "./product.ts";
import { backUp, DONE, enter, expectEnd, holdToStart, PATIENCE, rowsOf, STEP, stateOf, toPlan } from "./steps.ts";

const OLD = "gestionelogistica";
/** Schema without ties to the others: what is replaced in place must not be. */
const SMALL = "scorte";
test.describe.configure({ mode: "serial" });
test.setTimeout(240_000);

let scene: ProductScene;
let database: Connection;
let page: Page;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  scene = await startProductScene();
  database = await mysql.createConnection(scene.mysql);
  await database.query("CREATE DATABASE scorte");
  await database.query("CREATE TABLE scorte.movimenti (id INT PRIMARY KEY, importo DECIMAL(12,2) NOT NULL, causale VARCHAR(80) NOT NULL)");
  await database.query("INSERT INTO scorte.movimenti SELECT id, id * 1.37, CONCAT('causale ', id, ' àè€') FROM gestionelogistica.viaggi");
  page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(STEP);
  await enter(page, scene, "dba");
});
test.afterAll(async () => {
  await page?.context().close();
  database?.destroy();
  await scene?.stop();
});

test("run a backup now, and watch it until it is proven", async () => {
  await backUp(page, scene);
  await page.goto(`${scene.url}/backups`);
  await expect(page.getByText("Provato", { exact: true }).locator("visible=true").first()).toBeVisible();
});

test("restore beside under a new name, from the point to the rows", async () => {
  // its stored programs name the old schema: refused, and told which
  await toTarget(page, OLD);
  await page.getByRole("button", { name: "Prepara il piano" }).click();
  await expect(page.getByText(/non può essere ripristinato col nome.*archivia_viaggi/)).toBeVisible({ timeout: PATIENCE });

  await toTarget(page, SMALL);
  await page.getByLabel(`Nuovo nome per ${SMALL}`).fill("prova_accanto");
  await toPlan(page);
  await expect(page.getByText("Nulla viene sostituito o eliminato.")).toBeVisible();
  await expectSound(page);
  await holdToStart(page);
  await expect(page.getByRole("heading", { name: "Ripristino" })).toBeVisible();
  await expectEnd(page, DONE);
  expect((await rowsOf(database, SMALL, "movimenti")).count).toBeGreaterThan(0);
  expect(await rowsOf(database, "prova_accanto", "movimenti")).toEqual(await rowsOf(database, SMALL, "movimenti"));
});

test("a swap whose command was killed on the host is ended from its page", async () => {
  const copy = "prova_accanto";
  const before = await rowsOf(database, copy, "movimenti");
  const salvagente = commandWith(scene.workerConfig);
  const plan = test.info().outputPath("swap.json");
  const planned = await salvagente("swap", "plan", "db01", "--with", `${SMALL}=${copy}`, "--lock-wait", "120", "-o", plan).end;
  expect(planned, planned.stdout + planned.stderr).toMatchObject({ code: 0 });
  await database.query("LOCK TABLES ??.movimenti READ", [copy]);
  const killed = salvagente("swap", "run", plan, "--confirm", SMALL);
  await expect.poll(() => waitingFor(copy), { timeout: PATIENCE }).toBe(1);
  killed.child.kill("SIGKILL");
  expect(await killed.end).toMatchObject({ signal: "SIGKILL" });
  await database.query("UNLOCK TABLES");
  // Whoever tries again is refused; the run that died with its process is closed by then.
  expect(await salvagente("swap", "run", plan, "--confirm", SMALL).end).toMatchObject({ code: 1, stdout: expect.stringContaining("SWAP_UNFINISHED") });
  await expect(async () => {
    await page.goto(`${scene.url}/activity?kind=swap`);
    for (const word of ["Interrotto", "Fallito"]) await expect(page.getByRole("row").filter({ hasText: word })).toHaveCount(1, { timeout: 1000 });
  }).toPass({ timeout: PATIENCE });

  await page.goto(`${scene.url}/dashboard`);
  await page.getByRole("link", { name: /uno scambio è rimasto a metà/ }).click();
  await page.waitForURL(/\/activity\/2/);
  const lost = page.url();
  await page.getByRole("button", { name: "Concludi lo scambio" }).click();
  const dialog = page.getByRole("dialog", { name: "Concludere lo scambio rimasto a metà?" });
  await dialog.getByRole("button", { name: "Concludi lo scambio" }).click();
  await page.waitForURL((url) => url.href !== lost && url.pathname.startsWith("/activity/2"));
  await expectEnd(page, DONE);
  await page.goto(lost);
  await expect(page.getByText("Ripreso", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Concludi lo scambio" })).toBeHidden();
  expect(await rowsOf(database, copy, "movimenti")).toEqual(before);
  expect(await rowsOf(database, SMALL, "movimenti")).toEqual(before);
});

test("restore in place: only under the typed name, and what was deleted is back", async () => {
  const before = await rowsOf(database, SMALL, "movimenti");
  expect(before.count).toBeGreaterThan(0);
  await database.query("DELETE FROM ??.movimenti", [SMALL]);
  await toTarget(page, SMALL);
  await page.getByText("Altre opzioni").click();
  await page.getByRole("radio", { name: /Sul posto/ }).check();
  // Own checks are part of what is planned: left out they stay so when choices are changed, until somebody wants them.
  const ownChecks = page.getByRole("checkbox", { name: /controll[oi] propri/ });
  await ownChecks.uncheck();
  await toPlan(page);
  await expect(page.getByText("non eseguiti, per scelta")).toBeVisible();
  await page.getByRole("link", { name: "Cambia le scelte" }).click();
  await expect(ownChecks).not.toBeChecked();
  await ownChecks.check();
  await toPlan(page);
  await expect(page.getByText("ci sono viaggi", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Vai alla conferma" }).click();
  await page.getByLabel(`Scrivi ${SMALL} per confermare`).fill(OLD);
  await page.getByRole("button", { name: "Sostituisci i dati" }).click();
  await expect(page.getByText("Il nome scritto non corrisponde.")).toBeVisible();
  expect((await rowsOf(database, SMALL, "movimenti")).count).toBe(0);
  await page.getByLabel(`Scrivi ${SMALL} per confermare`).fill(SMALL);
  await page.getByRole("button", { name: "Sostituisci i dati" }).click();
  await page.waitForURL(/\/activity\/2/);
  await expectEnd(page, DONE);
  expect(await rowsOf(database, SMALL, "movimenti")).toEqual(before);
});

test("a running job is cancelled from its page; a developer may not", async ({ browser }) => {
  const holder = await mysql.createConnection(scene.mysql);
  await holder.query("LOCK TABLES ??.viaggi WRITE", [OLD]);
  await page.goto(`${scene.url}/dashboard`);
  await page.getByRole("button", { name: "Esegui backup ora" }).click();
  await page.getByRole("radio", { name: /Attesa lunga/ }).check();
  await page.getByRole("button", { name: "Avvia", exact: true }).click();
  await page.waitForURL(/\/activity\/2/);
  await expect(stateOf(page)).toContainText("In corso", { timeout: PATIENCE });

  const developer = await browser.newPage();
  developer.setDefaultTimeout(STEP);
  await enter(developer, scene, "developer");
  await developer.goto(page.url());
  await expect(developer.getByRole("button", { name: "Ferma" })).toHaveAttribute("aria-disabled", "true");
  // past the page: the order that the DBA's browser would send, in the developer's name
  const order = page.waitForRequest((request) => request.method() === "POST" && request.headers()["next-action"] !== undefined);
  await page.route("**/activity/**", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await page.getByRole("button", { name: "Ferma" }).click();
  await page.getByRole("button", { name: "Ferma il lavoro" }).click();
  const sent = await order;
  const { "next-action": action = "", "content-type": type = "", accept = "" } = sent.headers();
  const answer = await developer.request.post(sent.url(), { headers: { "next-action": action, "content-type": type, accept, origin: scene.url }, data: sent.postData() ?? "" });
  expect(await answer.text()).toContain("FORBIDDEN");
  await developer.close();
  await page.unroute("**/activity/**");

  await page.reload();
  await expect(stateOf(page)).toContainText("In corso");
  await page.getByRole("button", { name: "Ferma" }).click();
  await page.getByRole("button", { name: "Ferma il lavoro" }).click();
  await expectEnd(page, /Annullato/);
  await holder.query("UNLOCK TABLES");
  await holder.end();
});

test("a schedule that is due within the minute starts its backup without a click, and the run says so", async () => {
  const form = `${scene.url}/settings/schedules/edit`;
  await page.goto(form);
  await page.getByLabel("Nome", { exact: true }).fill("ogni-minuto");
  await page.getByLabel("Regola", { exact: true }).selectOption("paziente");
  await page.getByLabel("Che cosa parte").selectOption({ label: "Backup completo" });
  await page.getByLabel("Ripetizione").selectOption({ label: "Espressione cron" });
  await page.getByLabel("Orario (cron)").fill("* * * * *");
  await page.getByRole("button", { name: "Salva" }).click();
  await page.waitForURL(/\/settings\/schedules$/);
  const run = page.locator('a[href^="/activity/2"]').locator("visible=true").first();
  await expect(async () => {
    await page.goto(`${scene.url}/activity?kind=backup-full&q=ogni-minuto`);
    await expect(run).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 60_000 + PATIENCE });
  await run.click();
  await page.waitForURL(/\/activity\/2/);
  await expect(page.getByText(/ogni-minuto, dovuta il .+:00 /)).toBeVisible();
  await expect(page.getByText("pianificato", { exact: true })).toBeVisible();
  const ended = page.locator("main section h2").first();
  await expect(ended).toContainText(/Eseguito|Annullato|Fallito|Con avvisi|Interrotto/, { timeout: PATIENCE });
  await expect(ended).toContainText(DONE);
  await page.goto(`${form}?name=ogni-minuto`);
  await page.getByLabel("Attivo").uncheck();
  await page.getByRole("button", { name: "Salva" }).click();
  await page.waitForURL(/\/settings\/schedules$/);
  await expect(page.getByText("Sospeso", { exact: true })).toBeVisible();
});

test("the wizard reaches its plan on a phone", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true });
  const phone = await context.newPage();
  phone.setDefaultTimeout(STEP);
  await enter(phone, scene, "sysadmin");
  await toTarget(phone, SMALL);
  await toPlan(phone);
  await expectSound(phone);
  await context.close();
});

/** How many statements about a schema wait for a table. */
async function waitingFor(schema: string): Promise<number> {
  const [[row]] = await database.query<RowDataPacket[]>("SELECT COUNT(*) AS waiting FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata%' AND INFO LIKE ?", [`%${schema}%`]);
  return Number(row?.waiting);
}

/** From the choice of a full backup as it was to «where», with one schema. */
async function toTarget(page: Page, schema: string): Promise<void> {
  await page.goto(`${scene.url}/recovery?way=set`);
  await page.getByRole("button", { name: "Avanti" }).click();
  await page.waitForURL(/set=/);
  await page.getByRole("checkbox", { name: schema, exact: true }).check();
  await page.getByRole("button", { name: "Avanti" }).click();
  await page.waitForURL(/done=1/);
}
