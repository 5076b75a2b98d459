// The built extension in Chromium, beside the site, before a Worker and a sandbox.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startSandbox } from "phone-enrichment/sandbox";
import { startWorker } from "../../worker/support/worker.js";
import { CHROMIUM, chromiumPath } from "../../identity/runtimes.js";
import { SITE, startSite } from "./site.js";

const built = fileURLToPath(new URL("../../../www/extension/dist/chrome-mv3", import.meta.url));

export const DEFAULTS = { version: 2, way: "worker", worker: { address: "", key: "" }, rememberToken: false, dailyBudget: null, retentionDays: 30, suppressed: [], language: "auto" };

/** How long anything may take to be seen. */
const SEEN = { timeout: 15_000, polling: 50 };

/** The built extension with something added, as an attacker would have it. */
function changed(change) {
  const folder = mkdtempSync(join(tmpdir(), "phone-extension-"));
  cpSync(built, folder, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  change(manifest, (name, text) => writeFileSync(join(folder, name), text));
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  return folder;
}

/** Starts all of it. */
export async function startBeside(options) {
  const ends = [];
  const close = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    return Object.assign(await start(ends, options), { close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(ends, { vendor = {}, worker: vars = {}, pages, settings = {}, connected = true, locale = "en-US", colorScheme = "light", profile = "", change } = {}) {
  const folder = change ? changed(change) : built;
  if (change) ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const site = await startSite(pages);
  ends.push(() => site.close());
  const sandbox = await startSandbox({ credits: 1000, people: { generated: 50 }, ...vendor });
  ends.push(() => sandbox.close());
  const worker = await startWorker({ vars: { VENDOR_URL: sandbox.url, VENDOR_TOKEN: sandbox.token, ALLOWED_ORIGINS: "chrome-extension://*, moz-extension://*", ...vars } });
  ends.push(() => worker.close());
  const key = await worker.keyFor("the extension", { scopes: ["lookup"] });
  let context;
  let origin;
  let isWelcomed = false;
  const open = async () => {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath(),
      headless: true,
      ignoreHTTPSErrors: true,
      locale,
      colorScheme,
      viewport: { width: 380, height: 720 },
      args: [...CHROMIUM, `--disable-extensions-except=${folder}`, `--load-extension=${folder}`, `--host-resolver-rules=MAP *.linkedin.com 127.0.0.1:${site.port}`, `--lang=${locale}`],
    });
    const background = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
    context.on("page", (page) => page.on("framenavigated", () => (isWelcomed ||= page.url().endsWith("/welcome.html"))));
    isWelcomed = context.pages().some((page) => page.url().endsWith("/welcome.html"));
    origin = background.url().split("/").slice(0, 3).join("/");
  };
  await open();
  ends.push(() => context.close());
  const beside = {
    site,
    sandbox,
    worker,
    key,
    get context() {
      return context;
    },
    get origin() {
      return origin;
    },
    /** Whether the first page was open. */
    isWelcomed: () => isWelcomed,
    /** Kills the browser, and starts it again with what it kept. */
    async killBrowser() {
      const devtools = await context.browser().newBrowserCDPSession();
      const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
      process.kill(processInfo.find(({ type }) => type === "browser").id, "SIGKILL");
      await context.close().catch(() => {});
      await open();
    },
    /** Does something in a page of the extension's own, which is gone after. */
    async within(work, argument, name = "options") {
      const page = await context.newPage();
      await page.goto(`${origin}/${name}.html`);
      try {
        return await page.evaluate(work, argument);
      } finally {
        await page.close();
        if (front && !front.isClosed()) await front.bringToFront();
      }
    },
    /** Sets what the options page would. */
    set: (more) => beside.within((settings) => chrome.storage.local.set({ settings }), { ...DEFAULTS, ...(connected && { worker: { address: worker.url, key } }), ...settings, ...more }),
    /** Ends the background, as the browser does when it pleases. */
    async stopBackground() {
      const devtools = await context.browser().newBrowserCDPSession();
      const { targetInfos } = await devtools.send("Target.getTargets");
      for (const { targetId, type, url } of targetInfos) if (type === "service_worker" && url.startsWith(origin)) await devtools.send("Target.closeTarget", { targetId });
      await devtools.detach();
    },
    /** A tab of the site, in front. */
    async visit(path) {
      const tab = await context.newPage();
      await tab.goto(SITE + path);
      front = tab;
      await tab.bringToFront();
      return tab;
    },
    /** The panel, in a tab behind the one that is in front: it belongs to the same window. */
    async panel(front, { page = "sidepanel" } = {}) {
      const panel = await context.newPage();
      panel.on("pageerror", (error) => broken.push(error));
      await panel.goto(`${origin}/${page}.html`);
      await front?.bringToFront();
      return panel;
    },
    /** A profile that nobody has asked for, and a panel beside it. */
    async ready(slug = beside.somebody()) {
      const tab = await beside.visit(`/in/${slug}/`);
      const panel = await beside.panel(tab);
      await sees(panel, "ready");
      return { slug, tab, panel };
    },
    /** The slug of somebody who has a phone, and whom no test has asked for. */
    somebody: () => `person-${String(++asked).padStart(5, "0")}`,
    /** Closes all pages, and mends what a test has broken. */
    async tidy() {
      const [first, ...others] = context.pages();
      for (const page of others) await page.close();
      await first?.goto("about:blank");
      sandbox.setFaults([]);
      sandbox.setCredits(1000);
      await sandbox.idle();
      await beside.set({});
      assert.deepEqual(broken.splice(0), [], "no page threw");
    },
  };
  let asked = 0;
  let front;
  const broken = [];
  await beside.set({});
  await beside.tidy();
  return beside;
}

/** Waits until a panel is in a state. It lies behind the tab that it is about, where a browser draws nothing, so it is asked by the clock. */
export const sees = (panel, ...states) => panel.waitForFunction((states) => states.includes(document.querySelector("[data-state]")?.dataset.state), states, SEEN);
/** The state of a panel. */
export const stateOf = (panel) => panel.getAttribute("[data-state]", "data-state");
/** Waits until a panel is about somebody. */
export const isAbout = (panel, slug) => panel.waitForFunction((slug) => document.querySelector(".who")?.textContent === slug, slug, SEEN);
/** Clicks a button of a panel, as a person's hand would. */
export const click = (panel, name) => panel.getByRole("button", { name, exact: true }).click({ force: true });
export const find = (panel) => click(panel, "Find the phone number");
