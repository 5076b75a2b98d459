// The way from the page to the service, on the server that holds the token.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { startSandbox } from "phone-enrichment/sandbox";
import { buildPage, servePage } from "./harness.js";

const PATH = "/external/phone/enrichment/";
const JANE = JSON.stringify({ linkedin_url: "https://www.linkedin.com/in/jane-doe" });

let built;
let sandbox;
let served;
before(async () => {
  [built, sandbox] = await Promise.all([buildPage(), startSandbox({ credits: 100 })]);
  served = await servePage(built.folder, sandbox);
});
after(async () => {
  await served?.close();
  await sandbox?.close();
  await built?.remove();
});
beforeEach(() => sandbox.reset());

/** Sends what a browser could send, headers that `fetch` would not let through included. */
function send(origin, { method = "POST", path = PATH, headers = {}, body = JANE } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(origin + path, { method, headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers }, agent: false }, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (part) => (text += part));
      reply.on("end", () => resolve({ status: reply.statusCode, headers: reply.headers, text }));
      reply.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

test("the server adds the token, and passes neither cookies nor anything else that was not asked for", async () => {
  const reply = await send(served.origin, { headers: { cookie: "session=secret", authorization: "Token of-the-visitor", "x-forwarded-for": "10.0.0.1", origin: served.origin, "sec-fetch-site": "same-origin" } });
  assert.equal(reply.status, 200);
  assert.equal(JSON.parse(reply.text).results.phone, "+1 212-555-0101");
  const [{ headers, token, body }] = sandbox.requests();
  assert.equal(token, "live");
  assert.deepEqual(body, JSON.parse(JANE));
  assert.deepEqual(Object.keys(headers).sort(), ["authorization", "connection", "content-length", "content-type", "host"]);
});

test("the page gets the reply and nothing more of its headers than it needs", async () => {
  sandbox.setFaults([{ fault: 429, retryAfter: 30 }]);
  const reply = await send(served.origin);
  assert.equal(reply.status, 429);
  assert.equal(reply.headers["retry-after"], "30");
  assert.equal(reply.headers["cache-control"], "no-store");
  assert.equal(reply.headers["set-cookie"], undefined);
});

test("another site can't spend credits through a visitor's browser", async () => {
  for (const headers of [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "https://elsewhere.example" },
    { origin: "null" },
    { "content-type": "text/plain" },
    { "content-type": "application/x-www-form-urlencoded" },
  ]) {
    const reply = await send(served.origin, { headers });
    assert.equal(reply.status, 403, JSON.stringify(headers));
  }
  assert.equal((await send(served.origin, { headers: { host: "elsewhere.example" } })).status, 403);
  assert.equal(sandbox.requests().length, 0);
});

test("the token is good for lookups by POST and for nothing else", async () => {
  assert.equal((await send(served.origin, { method: "GET", body: "" })).status, 405);
  for (const path of ["/external/email/enrichment/", "/api/external/phone/enrichment/", "/external/phone/enrichment/../../", "/external/", "/external/phone/enrichment", `${PATH}?x=1`]) {
    const { status, text } = await send(served.origin, { path });
    assert.equal(status, 404, path);
    assert.doesNotMatch(text, /results/);
  }
  assert.equal(sandbox.requests().length, 0);
});

test("without a service the server answers 502 and says why", async () => {
  const gone = await startSandbox();
  await gone.close();
  for (const [service, says] of [
    [gone, /not running; nothing reached it/],
    [{ url: "", token: "" }, /SERVICE_URL does not name a lookup service/],
  ]) {
    const away = await servePage(built.folder, service);
    try {
      const reply = await send(away.origin);
      assert.equal(reply.status, 502);
      assert.match(reply.headers["content-type"], /application\/json/);
      assert.match(JSON.parse(reply.text).detail, says);
    } finally {
      await away.close();
    }
  }
});

test("a connection that the service drops becomes an answer, and is not sent again", async () => {
  for (const fault of ["drop", "charge_then_drop"]) {
    sandbox.reset();
    sandbox.setFaults([{ fault }]);
    const reply = await send(served.origin);
    assert.equal(reply.status, 502);
    assert.match(JSON.parse(reply.text).detail, /lost before it answered/);
    assert.equal(sandbox.requests().length, 1);
  }
});

test("a reply that was cut off arrives cut off", async () => {
  sandbox.setFaults([{ fault: "cut_body" }]);
  await assert.rejects(send(served.origin), { code: "ECONNRESET" });
});

test("a redirect is passed on without its address, and not followed", async () => {
  sandbox.setFaults([{ fault: "redirect" }]);
  const reply = await send(served.origin);
  assert.equal(reply.status, 307);
  assert.equal(reply.headers.location, undefined);
  assert.equal(sandbox.requests().length, 1);
});
