// An extension with Manifest V3 in Chromium: its service worker, and pages of it.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { CHROMIUM, chromiumPath } from "../../identity/runtimes.js";
import { here, stores } from "./browsers.js";

const MANIFEST = { manifest_version: 3, name: "stores", version: "1", permissions: ["storage"], background: { service_worker: "acts.js", type: "module" } };
const ACTS = `
  import { indexedDBStore } from "./indexeddb.js";
  import { browserStorageStore } from "./browser-storage.js";
  import { remote } from "./contract.js";
  const acts = { storage: remote(() => browserStorageStore(chrome.storage.local)), indexeddb: remote(() => indexedDBStore()) };
  globalThis.act = async (store, name, args) => acts[store][name](...args);
  globalThis.area = async (name, ...args) => chrome.storage.local[name](...args);
  globalThis.isReady = true;`;

export async function openExtension() {
  const folder = mkdtempSync(join(tmpdir(), "phone-extension-"));
  const extension = folder;
  writeFileSync(join(extension, "manifest.json"), JSON.stringify(MANIFEST));
  writeFileSync(join(extension, "acts.js"), ACTS);
  writeFileSync(join(extension, "page.html"), `<!doctype html><meta charset="utf-8"><script type="module" src="acts.js"></script>`);
  for (const store of ["indexeddb.js", "browser-storage.js"]) copyFileSync(join(stores, store), join(extension, store));
  copyFileSync(join(here, "contract.js"), join(extension, "contract.js"));
  const context = await chromium.launchPersistentContext("", { executablePath: chromiumPath(), args: [...CHROMIUM, `--disable-extensions-except=${extension}`, `--load-extension=${extension}`] });
  const act = ([store, name, args]) => globalThis.act(store, name, args);
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const origin = `chrome-extension://${new URL(worker.url()).host}`;
  while (!(await worker.evaluate(() => globalThis.isReady))) await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    background: (store, name, ...args) => worker.evaluate(act, [store, name, args]),
    /** Calls a method of the area itself, as another part of the extension would. */
    area: (name, ...args) => worker.evaluate(([name, args]) => globalThis.area(name, ...args), [name, args]),
    async page() {
      const page = await context.newPage();
      await page.goto(`${origin}/page.html`);
      await page.waitForFunction(() => globalThis.isReady);
      return { call: (store, name, ...args) => page.evaluate(act, [store, name, args]), close: () => page.close() };
    },
    /** Ends the service worker, as the browser does when it has been idle, or worse. */
    async stopWorker() {
      const devtools = await context.browser().newBrowserCDPSession();
      const { targetInfos } = await devtools.send("Target.getTargets");
      for (const { targetId, type, url } of targetInfos) if (type === "service_worker" && url.startsWith(origin)) await devtools.send("Target.closeTarget", { targetId });
    },
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
