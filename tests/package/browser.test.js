// What only a browser has: a policy, an origin, workers that anybody can look into, and connections of its own mind.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startSandbox } from "phone-enrichment/sandbox";
import { launchBrowser, servePackage, startChromium } from "./support/runtimes.js";

const SECRET = "5ecret-Sauce-0f-Nobody";
const JANE = { email: "jane.doe@acme.example.com" };
const NOBODY = { email: "nobody@example.com" };

let browser;
let chromium;
before(async () => {
  browser = await launchBrowser();
  chromium = await startChromium(browser);
});
after(async () => {
  await chromium?.close();
  await browser?.close();
});

async function serviceFor(t, options = {}) {
  const sandbox = await startSandbox({ cors: true, token: SECRET, ...options });
  t.after(() => sandbox.close());
  return sandbox;
}

/** A call in the page, with these options as they are. */
const call = (options, request) =>
  chromium.page.evaluate(
    ([options, request]) => globalThis.api.createClient(options).enrichPhone(request).then((outcome) => ({ outcome }), (error) => ({ error: globalThis.plainError(error), text: `${error} ${error.stack} ${JSON.stringify(error)}` })),
    [options, request],
  );

describe("in Chromium", { concurrency: 4, timeout: 30_000 }, () => {
  for (const [name, token] of [["a token", SECRET], ["an empty token", ""], ["a token that is none", `${SECRET}\n`]]) {
    test(`${name} is refused without the opt-in, and nothing is sent`, async (t) => {
      const sandbox = await serviceFor(t);
      const { error, text } = await call({ baseUrl: sandbox.url, token }, JANE);
      assert.deepEqual([error.code, error.charge, error.retryable], ["token_in_browser", "none", false]);
      assert.ok(!text.includes(SECRET));
      assert.deepEqual(sandbox.requests(), []);
    });
  }

  test("a function for a token is refused too, and not asked", async (t) => {
    const sandbox = await serviceFor(t);
    const [code, asked] = await chromium.page.evaluate(async ([baseUrl, request]) => {
      let asked = 0;
      const error = await globalThis.api.createClient({ baseUrl, token: () => (asked++, "t") }).enrichPhone(request).catch((thrown) => thrown);
      return [error.code, asked];
    }, [sandbox.url, JANE]);
    assert.deepEqual([code, asked, sandbox.requests()], ["token_in_browser", 0, []]);
  });

  test("a token is refused in a web worker as it is in the page", async (t) => {
    const sandbox = await serviceFor(t);
    const inWorker = (options, request) =>
      chromium.page.evaluate(([options, request]) => new Promise((resolve, reject) => {
        const worker = new Worker("/worker.js", { type: "module" });
        worker.onmessage = ({ data }) => (worker.terminate(), resolve(data));
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage([options, request]);
      }), [options, request]);
    const { error } = await inWorker({ baseUrl: sandbox.url, token: SECRET }, JANE);
    assert.equal(error.code, "token_in_browser");
    assert.deepEqual(sandbox.requests(), []);
    const { outcome } = await inWorker({ baseUrl: sandbox.url, token: SECRET, dangerouslyAllowBrowser: true }, JANE);
    assert.equal(outcome.status, "success");
  });

  test("a path is relative to the page, and needs no token", async () => {
    const { error } = await call({ baseUrl: "/api" }, JANE);
    // The page's own server knows nothing there.
    assert.deepEqual([error.code, error.status], ["not_found_endpoint", 404]);
  });

  test("a reply that the page may not see was charged all the same, and the error says that it may have been", async (t) => {
    const sandbox = await serviceFor(t, { faults: [{ fault: "cors_refused" }] });
    const { error } = await call({ baseUrl: sandbox.url, token: SECRET, dangerouslyAllowBrowser: true }, JANE);
    assert.deepEqual([error.code, error.charge], ["network", "possible"]);
    assert.equal(sandbox.ledger().length, 1);
  });

  test("a service that wants nothing to do with the page is never asked", async (t) => {
    const sandbox = await serviceFor(t, { cors: false });
    const { error } = await call({ baseUrl: sandbox.url, token: SECRET, dangerouslyAllowBrowser: true }, JANE);
    assert.deepEqual([error.code, error.charge], ["network", "possible"]);
    assert.deepEqual(sandbox.requests().map(({ method }) => method), ["OPTIONS"]);
    assert.deepEqual(sandbox.ledger(), []);
  });

  test("nothing but the headers of the contract is sent, so that a preflight has nothing to refuse", async (t) => {
    const sandbox = await serviceFor(t);
    await call({ baseUrl: sandbox.url, token: SECRET, dangerouslyAllowBrowser: true }, NOBODY);
    const [preflight] = sandbox.requests();
    assert.equal(preflight.headers["access-control-request-headers"], "authorization,content-type");
  });

  test("an error of another frame is known", async () => {
    const known = await chromium.page.evaluate(async () => {
      const frame = document.createElement("iframe");
      frame.src = "/";
      const loaded = new Promise((resolve) => (frame.onload = resolve));
      document.body.append(frame);
      await loaded;
      while (!frame.contentWindow.api) await new Promise((resolve) => setTimeout(resolve, 5));
      const error = await frame.contentWindow.api.enrichPhone({}, { baseUrl: "/api" }).catch((thrown) => thrown);
      const controller = new frame.contentWindow.AbortController();
      const call = globalThis.api.createClient({ baseUrl: "/api", fetch: () => new Promise(() => {}) }).enrichPhone({ email: "jane.doe@acme.com" }, { signal: controller.signal }).catch((thrown) => thrown);
      setTimeout(() => controller.abort("why"), 10);
      const aborted = await call;
      frame.remove();
      return [error instanceof Error, globalThis.api.isEnrichmentError(error), aborted.code, aborted.cause];
    });
    assert.deepEqual(known, [false, true, "aborted", "why"]);
  });

  test("a policy without 'wasm-unsafe-eval' is told as wasm_unavailable, with what to do", async () => {
    const served = await servePackage(undefined, "default-src 'none'; script-src 'self'; connect-src *");
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(served.origin);
      await page.waitForFunction(() => document.title === "ready");
      const error = await page.evaluate(() => globalThis.api.checkRequest({}).catch((error) => globalThis.plainError(error)));
      assert.deepEqual([error.code, error.charge], ["wasm_unavailable", "none"]);
      assert.match(error.message, /script-src needs 'wasm-unsafe-eval'/);
    } finally {
      await context.close();
      await served.close();
    }
  });
});

// Known, and out of a page's hands: Chromium sends a POST again by itself if it went over a connection that had been used
// before and that ended without a byte of reply. So a lost reply can cost twice, and neither fetch nor this package hears of it.
describe("Chromium itself sends again what went over a connection that was used before", { timeout: 30_000 }, () => {
  /** Two lookups over one connection, of which the second loses its reply after the work, on the sandbox's own origin. */
  async function twice(t, inPage) {
    const sandbox = await serviceFor(t, { credits: 100, faults: [{ fault: "charge_then_drop", match: { person: "jane-doe" }, times: 1 }] });
    const ends = await chromium.page.evaluate(inPage, [sandbox.url, SECRET]);
    await sandbox.idle();
    const lookups = sandbox.requests().filter(({ method, person_id }) => method === "POST" && person_id === "jane-doe");
    return { ends, sent: lookups.length, charged: sandbox.ledger().length };
  }

  test("with a fetch of the page's own, that knows nothing of this package", async (t) => {
    const { ends, ...seen } = await twice(t, async ([url, token]) => {
      const ask = async (email) => (await fetch(`${url}/external/phone/enrichment/`, { method: "POST", headers: { authorization: `Token ${token}`, "content-type": "application/json" }, body: JSON.stringify({ email }) })).json();
      return [(await ask("nobody@example.com")).status, (await ask("jane.doe@acme.example.com")).status];
    });
    assert.deepEqual([ends, seen], [["not_found", "success"], { sent: 2, charged: 2 }]);
  });

  test("and so under this package, which sent one request and says so", async (t) => {
    const { ends, ...seen } = await twice(t, async ([baseUrl, token]) => {
      const announced = [];
      const client = globalThis.api.createClient({ baseUrl, token, dangerouslyAllowBrowser: true, onRequest: ({ attempt }) => announced.push(attempt) });
      await client.enrichPhone({ email: "nobody@example.com" });
      const { status, meta } = await client.enrichPhone({ email: "jane.doe@acme.example.com" });
      return [announced, status, meta.attempts];
    });
    assert.deepEqual([ends, seen], [[[1, 1], "success", 1], { sent: 2, charged: 2 }]);
  });
});
