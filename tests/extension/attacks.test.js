// What a hostile page, a compromised sender and a malicious Worker can do: spend nothing, be rendered nowhere, learn nothing.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { DEFAULTS, click, find, isAbout, sees, startBeside } from "./support/chromium.js";
import { SITE } from "./support/site.js";

/** A page that allows itself everything, and tries all that it can reach the extension by. */
const HOSTILE = (origin) => `<!doctype html><html lang="en"><title>hostile</title><body>
  <div data-state="ready"><button class="main">Find the phone number</button></div>
  <iframe src="${origin}/sidepanel.html"></iframe><iframe src="${origin}/options.html"></iframe>
  <script>
    window.tried = [];
    const lookup = { kind: "lookup", lookup: crypto.randomUUID(), profile: "https://www.linkedin.com/in/johndoe", request: { linkedin_url: "https://www.linkedin.com/in/johndoe" } };
    for (const target of [window, ...document.querySelectorAll("iframe")].map((one) => one.contentWindow ?? one)) target.postMessage(lookup, "*");
    document.dispatchEvent(new CustomEvent("lookup", { detail: lookup }));
    new BroadcastChannel("phone-enrichment").postMessage(lookup);
    try { chrome.runtime.sendMessage("${origin.split("/")[2]}", lookup, (answer) => window.tried.push(["message", answer])); } catch (error) { window.tried.push(["message", String(error)]); }
    for (const file of ["manifest.json", "sidepanel.html", "background.js", "icon/16.png"]) fetch("${origin}/" + file).then(() => window.tried.push([file, "reached"]), () => window.tried.push([file, "refused"]));
    const popup = window.open("${origin}/sidepanel.html");
    window.tried.push(["popup", popup === null ? "none" : "opened"]);
  </script>`;

const LOOKUP = { kind: "lookup", lookup: "00000000-0000-4000-8000-000000000000", profile: `${SITE}/in/johndoe`, request: { linkedin_url: `${SITE}/in/johndoe` } };
/** The extension with a content script that somebody else has got hold of: it sends each message that the page hands it. */
const COMPROMISED = `addEventListener("message", ({ data }) => { if (data.send) chrome.runtime.sendMessage(data.send).then((answer) => postMessage({ told: JSON.stringify(answer ?? null) }), () => postMessage({ told: "nothing" })); if (data.read) Promise.all(["local", "session"].map((area) => chrome.storage[area].get(null).then((all) => JSON.stringify(all), () => "refused"))).then((told) => postMessage({ told: told.join() })); });`;

let beside;
const pages = {};
before(async () => {
  beside = await startBeside({
    pages,
    change(manifest, write) {
      manifest.content_scripts = [{ matches: ["https://*.linkedin.com/*"], js: ["compromised.js"] }];
      write("compromised.js", COMPROMISED);
    },
  });
  pages["/in/hostile/"] = { html: HOSTILE(beside.origin), policy: "" };
});
afterEach(() => beside.tidy());
after(() => beside.close());

const requests = () => beside.sandbox.requests().length;
const nothingSpent = () => assert.deepEqual([requests(), beside.sandbox.wallet().spent], [0, 0]);

test("a hostile page reaches nothing, opens nothing and spends nothing", async () => {
  const tab = await beside.visit("/in/hostile/");
  const panel = await beside.panel(tab);
  await isAbout(panel, "hostile");
  await pause(500);
  const tried = await tab.evaluate(() => window.tried);
  for (const [what, result] of tried) if (what !== "popup" && what !== "message") assert.equal(result, "refused", what);
  assert.ok(!tried.some(([what, result]) => what === "message" && result && typeof result === "object"), "no answer for the page");
  for (const frame of tab.frames().slice(1)) assert.doesNotMatch(await frame.content(), /id="page"/, "the panel is in no frame");
  for (const page of beside.context.pages()) if (page !== panel && page.url().startsWith(beside.origin)) assert.equal(await page.evaluate(() => document.querySelector("[data-state]")), null);
  nothingSpent();
});

test("a click that a script makes spends nothing", async () => {
  const { panel } = await beside.ready();
  await panel.evaluate(() => document.querySelector("button.main").click());
  await panel.evaluate(() => document.querySelector("button.main").dispatchEvent(new MouseEvent("click", { bubbles: true })));
  await pause(300);
  nothingSpent();
});

test("a page that floods the panel with addresses spends nothing, and the panel ends where the page does", async () => {
  const { tab, panel } = await beside.ready();
  await tab.evaluate(async () => {
    for (let n = 0; n < 190; n++) {
      history.pushState(null, "", `/in/flood-${n}/`);
      if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
  });
  await isAbout(panel, "flood-189");
  nothingSpent();
});

test("a content script that is not ours any more gets no answer, spends nothing and reads no key", async () => {
  const tab = await beside.visit("/in/johndoe/");
  const told = (data) => tab.evaluate((data) => new Promise((resolve) => {
    addEventListener("message", function hear({ data }) {
      if (data.told === undefined) return;
      removeEventListener("message", hear);
      resolve(data.told);
    });
    postMessage(data, "*");
  }), data);
  for (const send of [LOOKUP, { kind: "people", search: "" }, { kind: "look", address: `${SITE}/in/johndoe` }, { kind: "erase all" }, { kind: "try" }, { kind: "ask again", lookup: LOOKUP.lookup, key: "in:johndoe" }, { kind: "pay again", lookup: LOOKUP.lookup, instead: LOOKUP.lookup, key: "in:johndoe" }])
    assert.match(await told({ send }), /^(null|nothing)$/, send.kind);
  assert.equal(await told({ read: true }), "refused,refused", "the settings, with the key, are kept from it");
  nothingSpent();
});

test("a page of ours sends only what it is for, and a message holds only what its schema has", async () => {
  const answers = (messages, page) => beside.within((messages) => Promise.all(messages.map((message) => chrome.runtime.sendMessage(message).then((answer) => answer ?? null, () => null))), messages, page);
  for (const page of ["options", "welcome"]) assert.deepEqual(await answers([LOOKUP], page), [null], "spending is for the panel");
  const more = [{ token: "x" }, { baseUrl: "https://evil.example" }, { force: true }, { headers: {} }, { request: { ...LOOKUP.request, token: "x" } }, { lookup: "not-an-id" }, { request: { linkedin_url: "x".repeat(3000) } }, { request: null }].map((more) => ({ ...LOOKUP, ...more }));
  const others = [null, 1, "lookup", [], {}, { kind: "lookup" }, { kind: "constructor" }, { kind: "__proto__" }];
  for (const messages of [more, others]) assert.deepEqual(await answers(messages, "sidepanel"), messages.map(() => null));
  nothingSpent();
});

/** A Worker that answers as it is told. */
async function maliciousWorker(answer) {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push([request.method, request.url, request.headers]);
    const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*", "access-control-expose-headers": "*", "content-type": "application/json" };
    if (request.method === "OPTIONS") return response.writeHead(204, cors).end();
    answer(request, response, cors);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { seen, url: `http://127.0.0.1:${server.address().port}`, close: () => (server.close(), server.closeAllConnections()) };
}

const MARKUP = `<img src=x onerror="document.title='pwned'"><script>document.title='pwned'</script>`;
const ANSWERS = {
  "markup in the phone and the e-mail": { success: true, status: "success", results: { phone: MARKUP, email: `${MARKUP}@example.com` }, remaining_credits: 1 },
  "markup beside a number": { success: true, status: "success", results: { phone: `+1 212 555 0100 ${MARKUP}`, email: `javascript:alert(1)@example.com` }, remaining_credits: 1 },
  "markup in the message": { success: true, status: "not_found", message: MARKUP, remaining_credits: 1 },
  "markup in an error": { error: MARKUP, code: MARKUP },
  "another type": { success: true, status: "success", results: { phone: { toString: MARKUP }, email: ["x"] }, remaining_credits: MARKUP },
  "a prototype": `{"__proto__":{"isAdmin":true},"success":true,"status":"success","results":{"phone":"+1 212 555 0100","__proto__":{}}}`,
};

for (const [name, body] of Object.entries(ANSWERS)) {
  test(`a malicious Worker: ${name} is text and nothing else`, async () => {
    const worker = await maliciousWorker((request, response, cors) => response.writeHead(body.error ? 500 : 200, cors).end(typeof body === "string" ? body : JSON.stringify(body)));
    try {
      await beside.set({ worker: { address: worker.url, key: "k".repeat(40) } });
      const { panel } = await beside.ready();
      await find(panel);
      await sees(panel, "found", "missing", "doubt", "failed");
      await panel.getByText("Recent lookups").click({ force: true });
      await pause(200);
      assert.notEqual(await panel.title(), "pwned");
      assert.equal(await panel.locator("img, script:not([src]), iframe").count(), 0);
      for (const link of await panel.locator("a").all()) assert.match(await link.getAttribute("href"), /^tel:\+?\d*$/);
      assert.deepEqual(new Set(worker.seen.map(([, url]) => url)), new Set(["/external/phone/enrichment/"]));
    } finally {
      worker.close();
    }
  });
}

test("a malicious Worker: a huge answer is given up, and the panel lives", async () => {
  const worker = await maliciousWorker((request, response, cors) => {
    response.writeHead(200, cors);
    response.on("error", () => {});
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  });
  try {
    await beside.set({ worker: { address: worker.url, key: "x" } });
    const { panel } = await beside.ready();
    await find(panel);
    await sees(panel, "doubt");
  } finally {
    worker.close();
  }
});

test("a malicious Worker: one that never answers leaves the panel usable, and then in doubt", async () => {
  const worker = await maliciousWorker(() => {});
  try {
    await beside.set({ worker: { address: worker.url, key: "x" } });
    const { tab, panel } = await beside.ready();
    await find(panel);
    await sees(panel, "looking");
    await tab.evaluate(() => history.pushState(null, "", "/in/johndoe/"));
    await isAbout(panel, "johndoe");
    await sees(panel, "ready");
    await tab.evaluate(() => history.back());
    await sees(panel, "looking");
    await panel.waitForFunction(() => document.querySelector('[data-state="doubt"]'), null, { timeout: 25_000, polling: 100 });
    assert.equal(worker.seen.filter(([method]) => method === "POST").length, 1);
  } finally {
    worker.close();
  }
});

test("a malicious Worker: one that sends elsewhere is not followed, and the key stays with it", async () => {
  const other = await maliciousWorker((request, response, cors) => response.writeHead(200, cors).end("{}"));
  const worker = await maliciousWorker((request, response, cors) => response.writeHead(307, { ...cors, location: `${other.url}/external/phone/enrichment/` }).end());
  try {
    await beside.set({ worker: { address: worker.url, key: "a-key-of-mine" } });
    const { panel } = await beside.ready();
    await find(panel);
    await sees(panel, "doubt", "failed");
    assert.deepEqual(other.seen.filter(([, , { authorization }]) => authorization), []);
    const options = await beside.context.newPage();
    await options.goto(`${beside.origin}/options.html`);
    await click(options, "Test the connection");
    await options.getByText("Nobody answers there").waitFor();
    assert.deepEqual(other.seen.filter(([, , { authorization }]) => authorization), []);
  } finally {
    worker.close();
    other.close();
  }
});

test("nothing is ever sent in clear text beyond this machine", async () => {
  const before = requests();
  for (const address of ["http://worker.example", "ftp://127.0.0.1", "https://user:word@worker.example", "javascript:alert(1)", "not an address"]) {
    await beside.set({ worker: { address, key: "x" } });
    const tab = await beside.visit(`/in/${beside.somebody()}/`);
    const panel = await beside.panel(tab);
    await sees(panel, "signedout");
    await panel.close();
  }
  assert.equal(requests(), before);
  assert.equal(DEFAULTS.version, 2);
});
