// Screenshots of every page: `node scripts/screens/main.ts --stack FILE --out FOLDER [--pages dashboard,run] [--all]`; FILE holds the line that console.ts printed.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "@playwright/test";
import { toolPaths } from "#scripts/setup/tools.ts";
import { indexPage } from "./index-page.ts";
import { pagesOf, type SeededConsole } from "./pages.ts";

const { values } = parseArgs({
  options: {
    stack: { type: "string" },
    email: { type: "string", default: "dba@example.com" },
    out: { type: "string", default: "test-results/screens" },
    /** Names, as in pages.ts; all when absent. */
    pages: { type: "string" },
    /** Both themes in both languages; otherwise light Italian and dark English. */
    all: { type: "boolean", default: false },
  },
});
if (!values.stack) throw new Error("--stack is needed");
const stack = JSON.parse(readFileSync(values.stack, "utf8")) as SeededConsole;
const { url: base, password } = stack;

const wanted = values.pages?.split(",");
const PAGES = pagesOf(stack).filter(([name]) => wanted === undefined || wanted.includes(name));
const WIDTHS = [{ width: 360, height: 740 }, { width: 1440, height: 900 }];
const LOOKS = [["it", "light"], ["en", "dark"], ["it", "dark"], ["en", "light"]].slice(0, values.all ? 4 : 2) as [string, "light" | "dark"][];
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

mkdirSync(values.out, { recursive: true });
const browser = await chromium.launch({ executablePath: toolPaths().chromium, args: FLAGS });
let problems = 0;
try {
  const session = await signedIn(browser);
  for (const viewport of WIDTHS) for (const [locale, theme] of LOOKS) await shoot(browser, session, viewport, locale, theme);
  if (wanted?.includes("dashboard") ?? true) await firstLook(browser, session);
  if (wanted === undefined) writeFileSync(join(values.out, "README.md"), indexPage(PAGES));
} finally {
  await browser.close();
}
process.stdout.write(problems === 0 ? "every page fits, reports no error and passes axe\n" : `${problems} problems\n`);
process.exitCode = problems === 0 ? 0 : 1;

type Cookies = Awaited<ReturnType<Awaited<ReturnType<Browser["newContext"]>>["cookies"]>>;

async function signedIn(browser: Browser): Promise<Cookies> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${base}/sign-in`);
  await page.locator('input[name="email"]').fill(values.email);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await page.waitForURL(/dashboard/, { timeout: 60_000 });
  const cookies = await context.cookies();
  await context.close();
  return cookies;
}

async function shoot(browser: Browser, session: Cookies, viewport: { width: number; height: number }, locale: string, theme: "light" | "dark"): Promise<void> {
  const context = await browser.newContext({ viewport, locale: locale === "it" ? "it-IT" : "en-GB", colorScheme: theme, reducedMotion: "reduce", timezoneId: "Europe/Rome", isMobile: viewport.width < 500, hasTouch: viewport.width < 500, deviceScaleFactor: 1 });
  const kept = [{ name: "salvagente-locale", value: locale, url: base }, { name: "salvagente-theme", value: theme, url: base }];
  for (const [title, path] of PAGES) {
    await context.clearCookies();
    await context.addCookies(path === "/sign-in" ? kept : [...session, ...kept]);
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(base + path, { waitUntil: "domcontentloaded", timeout: 90_000 });
    await page.waitForLoadState("load");
    await page.waitForTimeout(900);
    // What asks its host while it is drawn grows when the answer comes.
    await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
    const name = `${title}-${viewport.width}-${locale}-${theme}`;
    // As tall as the page: bars that stick to the window then stand where they belong.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width: viewport.width, height: Math.min(12_000, Math.max(viewport.height, height)) });
    await page.waitForTimeout(150);
    await page.screenshot({ path: join(values.out, `${name}.png`), fullPage: true });
    await report(name, page, errors);
    await page.close();
  }
  await context.close();
}

/** The first page as far as a window shows it, for the README. */
async function firstLook(browser: Browser, session: Cookies): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: "en-GB", colorScheme: "light", reducedMotion: "reduce", timezoneId: "Europe/Rome" });
  await context.addCookies([...session, { name: "salvagente-locale", value: "en", url: base }, { name: "salvagente-theme", value: "light", url: base }]);
  const page = await context.newPage();
  await page.goto(`${base}/dashboard`, { waitUntil: "load", timeout: 90_000 });
  await page.waitForTimeout(900);
  await page.screenshot({ path: join(values.out, "first-look.png") });
  await context.close();
}

/** A page must not scroll sideways, nor complain in the browser's console, nor fail a rule of axe; targets are at least 44 px on a phone. */
async function report(name: string, page: Page, errors: readonly string[]): Promise<void> {
  const { wide, small } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    small: [...document.querySelectorAll("a, button, select, summary, input:not([type=hidden])")].filter((element) => {
      const box = element.getBoundingClientRect();
      const target = element.closest("label")?.getBoundingClientRect() ?? box;
      return box.width > 1 && box.height > 1 && target.height < (innerWidth < 500 ? 44 : 24);
    }).map((element) => `${element.tagName.toLowerCase()} «${(element.textContent ?? "").trim().slice(0, 30)}» ${Math.round(element.getBoundingClientRect().height)}px`),
  }));
  const axe = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  const broken = axe.violations.map((rule) => `axe ${rule.id}: ${rule.nodes.slice(0, 2).map((node) => `${node.target.join(" ")} ${node.failureSummary?.split("\n")[1]?.trim() ?? ""}`).join(" | ")}`);
  const found = [...(wide > 0 ? [`${wide} px too wide`] : []), ...small.map((text) => `target too small: ${text}`), ...errors, ...broken];
  problems += found.length;
  process.stdout.write(`${name}${found.length ? `\n  ${found.join("\n  ")}` : ""}\n`);
}
