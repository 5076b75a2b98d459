// The built extension in Chromium, beside the site, before a Worker and a sandbox.
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startSandbox } from "phone-enrichment/sandbox";
import { startWorker } from "../../worker/support/worker.js";
import { chromiumPath } from "../../identity/runtimes.js";
import { SITE, startSite } from "./site.js";

export const built = fileURLToPath(new URL("../../../www/extension/dist/chrome-mv3", import.meta.url));

/** Starts all of it; what `t` is for ends with it. */
export async function startBeside(t, { vendor = {}, worker: vars = {}, pages, settings = {}, connected = true, locale = "en-US", colorScheme = "light" } = {}) {
  const ends = [];
  t.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  const site = await startSite(pages);
  ends.push(() => site.close());
  const sandbox = await startSandbox({ credits: 1000, people: { generated: 50 }, ...vendor });
  ends.push(() => sandbox.close());
  const worker = await startWorker({ vars: { VENDOR_URL: sandbox.url, VENDOR_TOKEN: sandbox.token, ALLOWED_ORIGINS: "chrome-extension://*, moz-extension://*", ...vars } });
  ends.push(() => worker.close());
  const context = await chromium.launchPersistentContext("", {
    executablePath: chromiumPath(),
    headless: true,
    ignoreHTTPSErrors: true,
    locale,
    colorScheme,
    viewport: { width: 380, height: 720 },
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
      ...[`--disable-extensions-except=${built}`, `--load-extension=${built}`, `--host-resolver-rules=MAP www.linkedin.com 127.0.0.1:${site.port}`, `--lang=${locale}`],
    ],
  });
  ends.push(() => context.close());
  const background = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const origin = background.url().split("/").slice(0, 3).join("/");
  const key = await worker.keyFor("the extension", { scopes: ["lookup"] });
  const defaults = { version: 2, way: "worker", worker: connected ? { address: worker.url, key } : { address: "", key: "" }, rememberToken: false, dailyBudget: 100, retentionDays: 30, suppressed: [], language: "auto" };
  await background.evaluate((settings) => chrome.storage.local.set({ settings }), { ...defaults, ...settings });
  const beside = {
    site,
    sandbox,
    worker,
    key,
    context,
    origin,
    /** A tab of the site, in front. */
    async visit(path) {
      const tab = await context.newPage();
      await tab.goto(SITE + path);
      await tab.bringToFront();
      return tab;
    },
    /** The panel, in a tab behind the one that is in front: it belongs to the same window. */
    async panel(front) {
      const panel = await context.newPage();
      await panel.goto(`${origin}/sidepanel.html`);
      await front?.bringToFront();
      return panel;
    },
  };
  return beside;
}
