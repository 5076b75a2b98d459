// Chaos in Chromium: pages and an extension's service worker that share a plan and a store, are crashed, closed or stopped
// at moments drawn from the seed, and are opened again until all is asked. What they ask and hear is logged out here, where
// nothing is killed.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { startSandbox } from "phone-enrichment/sandbox";
import { installed } from "../../package/support/installed.js";
import { freshConnections, servePackage } from "../../package/support/runtimes.js";
import { CHROMIUM, chromiumPath } from "../../identity/runtimes.js";
import { FAULTS, planOf, randomFrom, spellingsOf, TIMEOUT } from "./plan.js";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs where the client is: makes it, and a function that asks. */
function prepare({ shared, ...options }) {
  const { createClient, isEnrichmentError } = globalThis.api;
  let warnings = 0;
  const client = createClient({ ...options, store: shared ? globalThis.indexedDBStore() : new Map(), dangerouslyAllowBrowser: true, onWarning: () => warnings++ });
  globalThis.balance = () => client.balance();
  globalThis.ask = async ({ request, givenUpAfter, abort }) => {
    const giveUp = new AbortController();
    const before = warnings;
    if (givenUpAfter !== null) setTimeout(() => giveUp.abort(), givenUpAfter);
    try {
      const { status, results, meta } = await client.enrichPhone(request, { signal: giveUp.signal, abort });
      const warned = warnings > before;
      // What a warning came with may cost again: nobody asks by that.
      return { code: status, charge: meta.charge, credits: meta.credits, source: meta.source, warned, bonusMail: ("linkedin_url" in request && !warned && results?.email) || undefined };
    } catch (error) {
      return isEnrichmentError(error) ? { code: error.code, charge: error.charge } : { code: String(error?.stack ?? error), charge: "none" };
    }
  };
}

/** A place where one can ask, in a page or worker of Playwright's. `gone` resolves once it is no more, to nothing. */
async function placeOf(target, options, gone, kill) {
  await target.evaluate(prepare, options);
  return {
    gone,
    kill,
    ask: (lookup) => target.evaluate((lookup) => globalThis.ask(lookup), lookup),
    balance: () => target.evaluate(() => globalThis.balance()),
  };
}

/** How to open a page over and over, to be crashed or closed, as a coin says. */
const pages = (context, address, coin) => async (options) => {
  const page = await context.newPage();
  let isGone = false;
  const gone = new Promise((resolve) => page.once("crash", resolve).once("close", resolve)).then(() => void (isGone = true));
  const crashes = coin();
  await page.goto(address);
  await page.waitForFunction(() => globalThis.isReady || document.title === "ready");
  await page.evaluate(async () => (globalThis.indexedDBStore ??= (await import("/package/dist/stores/indexeddb.js")).indexedDBStore));
  return placeOf(page, options, gone, async () => {
    if (crashes && !isGone) {
      const devtools = await context.newCDPSession(page);
      devtools.send("Page.crash").catch(() => {});
      await gone;
    }
    await page.close();
  });
};

/** Two pages of one origin. */
export async function openPages(random) {
  const served = await servePackage();
  const context = await chromium.launchPersistentContext("", { executablePath: chromiumPath(), args: CHROMIUM });
  const coin = () => random() < 0.5;
  return {
    homes: [pages(context, served.origin, coin), pages(context, served.origin, coin)],
    async close() {
      await context.close();
      await served.close();
    },
  };
}

const MANIFEST = {
  manifest_version: 3,
  name: "chaos",
  version: "1",
  background: { service_worker: "background.js", type: "module" },
  content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'" },
};
const BACKGROUND = `
  import * as api from "./package/dist/index.js";
  import { indexedDBStore } from "./package/dist/stores/indexeddb.js";
  Object.assign(globalThis, { api, indexedDBStore, isReady: true });
  chrome.runtime.onMessage.addListener((message, sender, answer) => answer("awake"));`;

/** An extension's service worker, and a page of it; that is closed, since a crash would take all of the extension along. */
export async function openExtension() {
  const folder = mkdtempSync(join(tmpdir(), "phone-chaos-extension-"));
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(MANIFEST));
  writeFileSync(join(folder, "background.js"), BACKGROUND);
  writeFileSync(join(folder, "page.html"), `<!doctype html><meta charset="utf-8"><script type="module" src="background.js"></script>`);
  cpSync(installed, join(folder, "package"), { recursive: true });
  const context = await chromium.launchPersistentContext("", { executablePath: chromiumPath(), args: [...CHROMIUM, `--disable-extensions-except=${folder}`, `--load-extension=${folder}`] });
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const origin = `chrome-extension://${new URL(worker.url()).host}`;
  const bell = await context.newPage();
  await bell.goto(`${origin}/page.html`);
  const devtools = await context.browser().newBrowserCDPSession();

  const running = async () => (await devtools.send("Target.getTargets")).targetInfos.filter(({ type, url }) => type === "service_worker" && url.startsWith(origin));

  /** To Playwright the worker is the same one, however often it is stopped and wakes up. */
  async function background(options) {
    await bell.evaluate(() => chrome.runtime.sendMessage("wake up"));
    while (!(await worker.evaluate(() => globalThis.isReady))) await pause(10);
    let lost;
    const gone = new Promise((resolve) => (lost = resolve));
    return placeOf(worker, options, gone, async () => {
      for (const { targetId } of await running()) await devtools.send("Target.closeTarget", { targetId });
      while ((await running()).length > 0) await pause(10);
      lost();
    });
  }
  return {
    homes: [background, pages(context, `${origin}/page.html`, () => false)],
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/**
 * Lets chaos reign in a browser, and gives all that a judge needs.
 *
 * @param open gives the homes: each opens a place to ask in, again and again
 * @param kills how often a place is killed at most
 */
export async function chaosInBrowser(t, { plan, open, kills, shared = true, faults = FAULTS }) {
  const sandbox = await startSandbox({ people: plan.people, credits: 1_000_000, faults, seed: plan.seed, cors: true });
  t.after(() => sandbox.close());
  // Chromium itself sends a request again whose connection was not made for it and ends without a reply.
  const gate = await freshConnections(sandbox.port, { garbled: true });
  t.after(() => gate.close());
  const random = randomFrom(plan.seed + 1);
  const browser = await open(random);
  t.after(() => browser.close());
  const options = { baseUrl: sandbox.url.replace(sandbox.origin, `http://127.0.0.1:${gate.port}`), token: sandbox.token, timeoutMs: TIMEOUT, shared };

  const posts = () => sandbox.requests().filter(({ method }) => method === "POST");
  const bonusMails = new Map();
  let killed = 0;

  /** Asks from one place until all is asked or it is gone. Those whose end nobody heard of are still left then. */
  async function live(place, left, strike) {
    const life = [];
    let isGone = false;
    place.gone.then(() => (isGone = true));
    const ask = async (lookup) => {
      const { index, number, request, byBonusMail, givenUpAfter, abort } = lookup;
      const asked = byBonusMail && bonusMails.has(number) ? { email: bonusMails.get(number) } : request;
      life.push({ ask: index, number, abort, byBonusMail: asked !== request });
      const end = await Promise.race([place.ask({ request: asked, givenUpAfter, abort }).catch(() => place.gone), place.gone]);
      if (end === undefined) return void left.unshift(lookup);
      life.push({ end: index, number, ...end });
      if (end.bonusMail) bonusMails.set(number, end.bonusMail);
    };
    const struck = strike?.(() => isGone || left.length === 0).then(() => place.kill());
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let next; !isGone && (next = left.shift()); ) await ask(next);
      }),
    );
    await struck;
    if (struck) killed++;
    if (!isGone) {
      // What was left to finish, too.
      let balance;
      do await sandbox.idle();
      while ((balance = await place.balance()).reserved > 0);
      life.push({ over: balance });
    }
    return life;
  }

  const lives = [];
  let strikes = kills;
  const lookups = planOf(plan);
  const homes = browser.homes;
  await Promise.all(
    homes.map(async (home, at) => {
      const left = lookups.filter(({ index }) => index % homes.length === at);
      do {
        const [requests, ms] = [1 + Math.floor(random() * 8), Math.floor(random() * 40)];
        const strike = async (isOver) => {
          const until = posts().length + requests;
          while (posts().length < until && !isOver()) await pause(2);
          await pause(ms);
        };
        lives.push(await live(await home(options), left, strikes-- > 0 ? strike : undefined));
      } while (left.length > 0);
    }),
  );
  await sandbox.idle();
  const before = { lives, ledger: sandbox.ledger(), requests: sandbox.requests(), killed };

  sandbox.setFaults([]);
  const round = async () => {
    const seen = posts().length;
    const everybody = Array.from({ length: plan.people }, (_, index) => index + 1).flatMap((number) => {
      const mail = bonusMails.get(number);
      return [spellingsOf(number)[0], spellingsOf(number).at(-1), ...(mail ? [{ email: mail }] : [])].map((request) => ({ number, request }));
    });
    const life = await live(await homes[0](options), everybody.map((lookup, index) => ({ index, givenUpAfter: null, abort: "detach", ...lookup })));
    await sandbox.idle();
    return { ends: life.filter((entry) => "end" in entry), requests: posts().slice(seen) };
  };
  const again = await round();
  const onceMore = await round();
  return { before, again, onceMore, wallet: sandbox.wallet() };
}
