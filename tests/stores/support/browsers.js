// Three browsers behind one shape: `{ tab(), close() }`, where a tab is `{ call(name, ...args), close() }` on a page that has
// the IndexedDB store of the installed package.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { CHROMIUM, chromiumPath, launchFirefox, openWebkit } from "../../identity/runtimes.js";

export const here = fileURLToPath(new URL(".", import.meta.url));
export const stores = fileURLToPath(new URL(".", import.meta.resolve("phone-enrichment/stores/indexeddb")));

const store = `import { indexedDBStore } from "/stores/indexeddb.js"; import { remote } from "/contract.js";`;
const SCRIPTS = {
  // Every name of `remote` becomes a function of the page; what starts with "worker" happens in a worker of the page.
  "/page.js": `${store}
    for (const [name, act] of Object.entries(remote(() => indexedDBStore()))) globalThis[name] = async (...args) => act(...args);
    let worker;
    globalThis.inWorker = (name, ...args) => new Promise((resolve, reject) => {
      worker ??= new Worker("/worker.js", { type: "module" });
      worker.addEventListener("message", ({ data: { said, error } }) => (error ? reject(new Error(error)) : resolve(said)), { once: true });
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage([name, args]);
    });
    globalThis.endWorker = async () => worker.terminate();
    const named = {};
    globalThis.setIn = (name, key, value) => (named[name] ??= indexedDBStore({ name })).set(key, value).then(() => "set", (error) => error.name);
    /** The database closes under the next transaction, and nobody is told. */
    globalThis.closeInSilence = async () => {
      const { transaction } = IDBDatabase.prototype;
      IDBDatabase.prototype.transaction = function (...wanted) {
        IDBDatabase.prototype.transaction = transaction;
        this.close();
        return this.transaction(...wanted);
      };
    };
    /** The browser forgets about the next of these, and the ten seconds for it pass in a moment; what comes after it has them. */
    globalThis.forgetful = async (prototype, method) => {
      const owner = globalThis[prototype].prototype;
      const { [method]: original } = owner;
      const { setTimeout } = globalThis;
      globalThis.setTimeout = (act, ms, ...values) => {
        if (ms !== 10_000) return setTimeout(act, ms, ...values);
        globalThis.setTimeout = setTimeout;
        return setTimeout(act, 50, ...values);
      };
      owner[method] = function (...wanted) {
        owner[method] = original;
        // Of what it gives nobody hears.
        const { db } = Object(original.apply(this, wanted));
        return { db, objectStore: () => ({ put: () => ({}) }) };
      };
    };
    /** Sets a text that nobody can compress. */
    globalThis.setNoise = (key, length) => set(key, Array.from({ length }, () => String.fromCharCode(Math.random() * 50_000)).join(""));
    globalThis.dropDatabase = (name = "phone-enrichment") => new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = () => resolve("deleted");
      request.onerror = () => reject(request.error);
    });
    /** Makes a database by that name as somebody else would. */
    globalThis.occupy = (name, version) => new Promise((resolve, reject) => {
      const request = indexedDB.open(name, version);
      request.onsuccess = () => (request.result.close(), resolve());
      request.onerror = () => reject(request.error);
    });
    /** What is in the database, whatever the store says. */
    globalThis.rawKeys = () => new Promise((resolve, reject) => {
      const request = indexedDB.open("phone-enrichment");
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const all = request.result.transaction("values").objectStore("values").getAllKeys();
        all.onsuccess = () => (request.result.close(), resolve(all.result));
      };
    });
    document.title = "ready";`,
  "/worker.js": `${store}
    const acts = remote(() => indexedDBStore());
    onmessage = ({ data: [name, args] }) => (async () => acts[name](...args))().then((said) => postMessage({ said }), (error) => postMessage({ error: String(error) }));`,
};

async function serve() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const script = pathname === "/contract.js" ? readFileSync(join(here, "contract.js")) : /^\/stores\/[\w-]+\.js$/.test(pathname) ? readFileSync(join(stores, pathname.slice(8))) : SCRIPTS[pathname];
    if (pathname === "/") response.writeHead(200, { "content-type": "text/html" }).end(`<!doctype html><meta charset="utf-8"><title>waiting</title><script type="module" src="/page.js"></script>`);
    else response.writeHead(script ? 200 : 404, { "content-type": "text/javascript" }).end(script);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const call = ([name, args]) => globalThis[name](...args);

/** With a profile on disk where a folder is given, as a person has it. */
export async function openChromium(profile = "", address = undefined) {
  const served = address ? { origin: address, close() {} } : await serve();
  const context = await chromium.launchPersistentContext(profile, { executablePath: chromiumPath(), args: CHROMIUM });
  return {
    origin: served.origin,
    async tab() {
      const page = await context.newPage();
      await page.goto(served.origin);
      await page.waitForFunction(() => document.title === "ready");
      return { page, call: (name, ...args) => page.evaluate(call, [name, args]), close: () => page.close(), devtools: () => context.newCDPSession(page) };
    },
    async close() {
      await context.close();
      served.close();
    },
    served,
    context,
  };
}

async function openFirefox() {
  const served = await serve();
  const browser = await launchFirefox();
  return {
    async tab() {
      const page = await browser.newPage();
      await page.goto(served.origin);
      await page.waitForFunction(() => document.title === "ready");
      return { call: (name, ...args) => page.evaluate(call, [name, args]), close: () => page.close() };
    },
    async close() {
      await browser.close();
      served.close();
    },
  };
}

async function openWebkitTabs() {
  const served = await serve();
  const webkit = await openWebkit().catch((error) => {
    served.close();
    throw error;
  });
  // There is one window at hand, and two that talk at once would take it from each other.
  let last = Promise.resolve();
  const inTurn = (work) => (last = last.then(work, work));
  const first = await webkit.command("GET", "/window");
  return {
    async tab() {
      const { handle } = await inTurn(() => webkit.command("POST", "/window/new", { type: "tab" }));
      const inTab = (work) => inTurn(async () => (await webkit.command("POST", "/window", { handle }), work()));
      await inTab(() => webkit.open(served.origin));
      return { call: (name, ...args) => inTab(() => webkit.call(name, ...args)), close: () => inTab(async () => (await webkit.command("DELETE", "/window"), webkit.command("POST", "/window", { handle: first }))) };
    },
    async close() {
      await webkit.close();
      served.close();
    },
  };
}

export const BROWSERS = { Chromium: openChromium, Firefox: openFirefox, WebKit: openWebkitTabs };
