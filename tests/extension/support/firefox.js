// The built extension in Firefox, beside the site, before a Worker and a sandbox.
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import puppeteer from "puppeteer-core";
import { startSandbox } from "phone-enrichment/sandbox";
import { program } from "../../identity/runtimes.js";
import { startWorker } from "../../worker/support/worker.js";
import { SITE, startSite } from "./site.js";

const built = fileURLToPath(new URL("../../../www/extension/dist/firefox-mv3", import.meta.url));
const ID = "phone-enrichment@example.com";
/** What the extension's pages are under: any will do, if it is known before. */
const HOST = "8f9c1f5e-3a57-4f0e-9d5c-6a1f2b3c4d5e";

export async function startInFirefox() {
  const ends = [];
  const close = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const site = await startSite();
    ends.push(() => site.close());
    const sandbox = await startSandbox({ credits: 1000, people: { generated: 50 } });
    ends.push(() => sandbox.close());
    const worker = await startWorker({ vars: { VENDOR_URL: sandbox.url, VENDOR_TOKEN: sandbox.token, ALLOWED_ORIGINS: "moz-extension://*" } });
    ends.push(() => worker.close());
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: program("FIREFOX", "firefox-esr", "firefox"),
      headless: true,
      timeout: 30_000,
      acceptInsecureCerts: true,
      extraPrefsFirefox: {
        "extensions.webextensions.uuids": JSON.stringify({ [ID]: HOST }),
        "network.dns.localDomains": "www.linkedin.com",
        "network.socket.forcePort": `443=${site.port}`,
      },
    });
    ends.push(() => browser.close());
    await browser.installExtension(built);
    const key = await worker.keyFor("the extension");
    /** One of the extension's own pages; of those Firefox does not tell when they have loaded. */
    const open = async (name) => {
      const page = await browser.newPage();
      await page.goto(`moz-extension://${HOST}/${name}.html`, { waitUntil: [] });
      await until(page, () => document.querySelector("main") && true);
      return page;
    };
    return { site, sandbox, worker, key, browser, open, SITE, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits for something of a page; its own way to wait makes a function of a text, which the policy forbids. */
export async function until(page, work, ...args) {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await pause(50)) {
    const found = await page.evaluate(work, ...args).catch(() => undefined);
    if (found) return found;
  }
  throw new Error(`not within 15 s: ${work} ${args}`);
}
