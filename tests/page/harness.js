// What the page's tests stand on: the page as it is built and served, in front of a sandbox, in a real browser.
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startSandbox } from "phone-enrichment/sandbox";
import { chromium } from "playwright-core";

export const web = fileURLToPath(new URL("../../www/web/", import.meta.url));
const vite = join(web, "node_modules/vite/bin/vite.js");
const screenshots = process.env.SCREENSHOTS === "1" ? fileURLToPath(new URL("../../target/screenshots/", import.meta.url)) : null;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const run = promisify(execFile);

/** Builds the page into a folder of its own, so that no other build gets in the way. */
export async function buildPage() {
  if (!existsSync(vite)) throw new Error("www/web has no packages: run `npm ci` there, or `cargo xtask test`");
  const folder = await mkdtemp(join(tmpdir(), "phone-page-"));
  await run(process.execPath, [vite, "build", "--outDir", folder, "--emptyOutDir", "--logLevel", "error"], { cwd: web });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Serves what was built, as `cargo xtask demo` does, on a free port. */
export async function servePage(folder, service) {
  const server = spawn(process.execPath, [vite, "preview", "--outDir", folder, "--host", "127.0.0.1", "--port", "0"], {
    cwd: web,
    env: { ...process.env, NO_COLOR: "1", SERVICE_URL: service.url, SERVICE_TOKEN: service.token },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise((resolve) => server.once("exit", resolve));
  const origin = await new Promise((resolve, reject) => {
    let said = "";
    server.stdout.setEncoding("utf8").on("data", (text) => {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec((said += text));
      if (address) resolve(address[0]);
    });
    gone.then((code) => reject(new Error(`vite preview ended with ${code}: ${said}`)));
  });
  return {
    origin,
    async close() {
      server.kill();
      await gone;
    },
  };
}

/** How every browser of these tests is started. */
export const browserOptions = () => ({
  executablePath: process.env.CHROMIUM || execFileSync("sh", ["-c", "command -v chromium || command -v chromium-browser || command -v google-chrome"], { encoding: "utf8" }).trim(),
  args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** Chromium, and another one for the next visit where it has ended: a test in which it does fails, and no other one. */
async function lastingBrowser() {
  const launch = () => chromium.launch(browserOptions());
  let browser = await launch();
  return {
    async newContext(options) {
      try {
        return await browser.newContext(options);
      } catch (error) {
        if (browser.isConnected()) throw error;
        console.error("The browser has ended by itself, and is started again.");
        return (browser = await launch()).newContext(options);
      }
    },
    close: () => browser.close(),
  };
}

/** A browser of its own whose profile outlives it: what it stored is there when the next one opens the same folder. */
export const launchProfile = (folder) => chromium.launchPersistentContext(folder, { ...browserOptions(), viewport: { width: 1280, height: 900 } });

/** Everything at once, for a file of tests: sandbox, page and browser. */
export async function startAll() {
  const [sandbox, built, browser] = await Promise.all([startSandbox({ credits: 100 }), buildPage(), lastingBrowser()]);
  const served = await servePage(built.folder, sandbox);
  return {
    sandbox,
    built,
    browser,
    served,
    async close() {
      await browser.close();
      await served.close();
      await sandbox.close();
      await built.remove();
    },
  };
}

/**
 * Opens the page as a visitor who has never been there, and holds it to what is true of every visit. It is closed in any case:
 * what went on there would be in the next test's ledger.
 */
export async function visit(browser, origin, options, use) {
  const { prepare, ...contextOptions } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, permissions: ["clipboard-read", "clipboard-write"], ...contextOptions });
  const wrong = [];
  const requests = [];
  context.on("request", (request) => {
    requests.push(request);
    if (new URL(request.url()).origin !== origin) wrong.push(`left its origin: ${request.url()}`);
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(8000);
    page.on("pageerror", (error) => wrong.push(`thrown: ${error.message}`));
    page.on("console", (message) => {
      // Chromium itself writes down every reply of 400 and more, and every request that was lost.
      const ofChromium = message.text().startsWith("Failed to load resource") && message.location().url.startsWith(`${origin}/external/`);
      if (["error", "warning"].includes(message.type()) && !ofChromium) wrong.push(`${message.type()}: ${message.text()}`);
    });
    await prepare?.(page);
    await page.goto(origin, { waitUntil: "load" });
    await use(page, { requests, lookups: () => requests.filter((request) => request.url().startsWith(`${origin}/external/`)) });
  } finally {
    await context.close();
  }
  assert.deepEqual(wrong, [], "console errors, or requests to somewhere else");
}

/** Fills in fields by their labels, and waits for the page to have judged them. */
export async function fill(page, fields) {
  for (const [label, text] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(text);
  await page.getByLabel(Object.keys(fields).at(-1), { exact: true }).blur();
}

/** The button that spends, whatever it says. */
export const sendButton = (page) => page.locator("button[type=submit]");

/** The result's title, once the focus is on it. */
export const resultTitle = (page) => page.locator("#result-title:focus").innerText();

/** What the result says it cost. */
export const charge = (page) => page.locator("#result-charge").innerText();

/** What is true of the page in every state: it fits, in light and dark, and axe finds nothing. Takes its picture on the way. */
export async function examine(page, name, sizes = [[320, 640], [1280, 900]]) {
  const before = page.viewportSize();
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(overflow <= 0, `${name} is ${overflow} px too wide at ${width} px`);
      if (screenshots) {
        await mkdir(screenshots, { recursive: true });
        await page.screenshot({ path: join(screenshots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
      // Widths differ in what lies beside what, schemes in colours: two of the four combinations see both.
      if ((width === 320) === (colorScheme === "light")) await noBarriers(page, `${name} at ${width} px, ${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

async function noBarriers(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`), [], where);
}
