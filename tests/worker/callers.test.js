// Who may call, from where, and how much: keys, origins, limits and brakes.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createClient } from "phone-enrichment";
import { ADMIN_KEY, costOf, PATH, startBoth } from "./support/both.js";
import { inside, insideOf } from "./support/inside.js";

const JANE = { email: "jane.doe@acme.example.com" };
const FREE = ["none", 0, "none"];
const person = (n) => ({ linkedin_url: `https://www.linkedin.com/in/person-${String(n).padStart(5, "0")}` });
const idOf = (key) => key.split("_")[1];

describe("keys", { concurrency: 2, timeout: 60_000 }, () => {
  test("nobody without a key that was made here gets as far as a lookup", async (t) => {
    const { call, key, sandbox } = await startBoth(t, { limits: { GUESSES: 1000 } });
    const other = key.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    const proofs = [undefined, "", "Token", "Token ", key, `Token  ${key}`, `Token ${key} `.padEnd(300, "x"), `Basic ${key}`, `Token ${other}`, `Token pe_0000000000_${"x".repeat(43)}`];
    proofs.push(`Token ${key.slice(0, -1)}`, `Token ${key}, Token ${key}`, `Token ${key.toUpperCase()}`, `Token pe_${idOf(key)}_`, `Token ${sandbox.token}`, `Token ${"x".repeat(64)}`, "Token pe___proto___".padEnd(60, "x"));
    for (const authorization of proofs) {
      const answer = await call("POST", PATH, { body: JANE, headers: authorization === undefined ? {} : { authorization } });
      assert.deepEqual([answer.status, answer.json, costOf(answer), answer.headers["www-authenticate"]], [401, { detail: "Invalid token.", code: "invalid_token" }, FREE, "Token"], authorization);
    }
    assert.deepEqual(sandbox.requests(), []);
    for (const scheme of ["Token", "token", "Bearer", "TOKEN"]) assert.equal((await call("POST", PATH, { body: JANE, headers: { authorization: `${scheme} ${key}` } })).status, 200, scheme);
  });

  test("each is for what its scopes say, and for nothing else", async (t) => {
    const { call, keyFor, sandbox } = await startBoth(t, { caller: null });
    const routes = {
      lookup: [["POST", PATH, { body: JANE }]],
      erase: [["DELETE", "/v1/people", { body: JANE }]],
      audit: [["GET", "/v1/audit"]],
      admin: [["GET", "/v1/keys"], ["POST", "/v1/keys", { body: { name: "one more", scopes: ["admin"] } }], ["DELETE", "/v1/keys/0123456789"], ["GET", "/v1/doubts"], ["POST", "/v1/doubts/1", { body: { charged: true } }], ["POST", "/v1/wallet/reopen"]],
    };
    for (const scope of ["lookup", "erase", "audit", "jobs"]) {
      const key = await keyFor(scope, { scopes: [scope] });
      for (const [needed, asked] of Object.entries(routes)) {
        if (needed === scope) continue;
        for (const [method, path, more] of asked) {
          const answer = await call(method, path, { key, ...more });
          assert.deepEqual([answer.status, answer.json.code, costOf(answer)], [403, "wrong_scope", FREE], `${scope}: ${method} ${path}`);
        }
      }
      assert.equal((await call("GET", "/v1/wallet", { key })).json.caller.name, scope);
    }
    const spent = await call("POST", PATH, { key: ADMIN_KEY, body: JANE });
    assert.deepEqual([spent.status, spent.json.code], [403, "wrong_scope"], "the administrator spends nothing");
    assert.deepEqual(sandbox.requests(), []);
  });

  test("a revoked one is dead at once, whatever the directory still says", async (t) => {
    const { call, lookup, key, miniflare, sandbox } = await startBoth(t);
    assert.equal((await lookup(key, JANE)).status, 200);
    const directory = await miniflare.getKVNamespace("CALLERS");
    const digest = await directory.get(idOf(key));
    assert.equal((await call("DELETE", `/v1/keys/${idOf(key)}`, { key: ADMIN_KEY })).status, 200);
    assert.equal(await directory.get(idOf(key)), null);
    await directory.put(idOf(key), digest);
    for (const body of [JANE, { email: "nobody@example.com" }]) assert.equal((await lookup(key, body)).status, 401, "a kept answer is not given either");
    assert.equal((await call("GET", "/v1/wallet", { key })).status, 401);
    assert.equal((await call("DELETE", `/v1/keys/${idOf(key)}`, { key: ADMIN_KEY })).status, 404);
    assert.equal(sandbox.requests().length, 1);
  });

  test("one that the directory alone knows is nobody's, and one that it does not know yet is refused", async (t) => {
    const { lookup, key, miniflare, sandbox } = await startBoth(t);
    const directory = await miniflare.getKVNamespace("CALLERS");
    const forged = `pe_0000000000_${"x".repeat(43)}`;
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(forged))).toString("hex");
    await directory.put("0000000000", digest);
    assert.equal((await lookup(forged, JANE)).status, 401);
    const known = await directory.get(idOf(key));
    await directory.delete(idOf(key));
    assert.equal((await lookup(key, JANE)).status, 401);
    await directory.put(idOf(key), digest);
    assert.equal((await lookup(key, JANE)).status, 401, "another key's digest");
    await directory.put(idOf(key), known);
    assert.equal((await lookup(key, JANE)).status, 200);
    assert.equal(sandbox.requests().length, 1);
  });

  test("they are told once, listed without what proves them, and kept as digests alone", async (t) => {
    const { call, key, url } = await startBoth(t, { also: inside });
    const { json, text } = await call("GET", "/v1/keys", { key: ADMIN_KEY });
    assert.deepEqual(Object.keys(json.keys[0]), ["id", "name", "scopes", "per_minute", "per_day", "made_at", "revoked_at"]);
    assert.ok(!text.includes(key.slice(-43)));
    const stored = JSON.stringify(await insideOf(url, "rows", "SELECT * FROM callers"));
    assert.ok(!stored.includes(key.slice(-43)) && stored.includes("digest"));
    const digest = JSON.parse(stored)[0].digest;
    assert.ok(!text.includes(digest));
    assert.equal((await call("GET", "/v1/wallet", { headers: { authorization: `Token ${digest}` } })).status, 401, "a digest is no key");
  });

  test("what is no key to make is refused with where it fails, and a name is given once", async (t) => {
    const { call } = await startBoth(t);
    const make = (body) => call("POST", "/v1/keys", { key: ADMIN_KEY, body });
    const good = { name: "new", scopes: ["lookup"] };
    const wrong = [
      [{ ...good, name: " " }, "name"], [{ ...good, name: "x".repeat(101) }, "name"], [{ scopes: ["lookup"] }, "name"],
      [{ ...good, scopes: [] }, "scopes"], [{ ...good, scopes: ["everything"] }, "scopes.0"], [{ ...good, scopes: "lookup" }, "scopes"],
      [{ ...good, per_day: -1 }, "per_day"], [{ ...good, per_day: 0.5 }, "per_day"], [{ ...good, per_minute: "5" }, "per_minute"], [{ ...good, per_minute: 1e9 }, "per_minute"],
      [{ ...good, digest: "00" }, "digest"], [null, "body"],
    ];
    for (const [body, where] of wrong) {
      const { status, json } = await make(body);
      assert.deepEqual([status, Object.keys(json)], [400, [where]], JSON.stringify(body));
    }
    const taken = await make({ ...good, name: "  a caller " });
    assert.deepEqual([taken.status, taken.json.code], [409, "name_taken"]);
    assert.equal((await call("GET", "/v1/keys", { key: ADMIN_KEY })).json.keys.length, 1);
  });

  for (const [name, ADMIN] of [["short", "too-short-to-be-one"], ["empty", ""], ["missing", undefined]]) {
    test(`an administrator's key that is ${name} makes nobody the administrator`, async (t) => {
      const { call } = await startBoth(t, { caller: null, vars: { ADMIN_KEY: ADMIN } });
      for (const key of [ADMIN, ADMIN_KEY, "undefined".padEnd(32, "x"), "x".repeat(32)]) assert.equal((await call("GET", "/v1/keys", { key })).status, 401);
    });
  }
});

describe("origins", { concurrency: 2, timeout: 60_000 }, () => {
  const ALLOWED = "https://crm.example.com, chrome-extension://abcdefghijklmnopabcdefghijklmnop, moz-extension://*";
  const allowed = ["https://crm.example.com", "chrome-extension://abcdefghijklmnopabcdefghijklmnop", "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc"];
  const foreign = [
    "https://app.example.com", "https://crm.example.com.evil.com", "https://evil-crm.example.com", "https://crm.example.com:8443", "http://crm.example.com", "https://CRM.example.com", "https://crm.example.com/",
    "https://crm.example.co", "null", "*", "https://*", "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba", "chrome-extension://*", "moz-extension://", "moz-extension://*", "moz-extension://a.b", "moz-extension://a/b", "xmoz-extension://a", "safari-web-extension://a",
    "https://crm.example.com, https://evil.example.com", "file://",
  ];

  test("an allowed one may ask, read the costs, and is told so in a preflight", async (t) => {
    const { call, key } = await startBoth(t, { vars: { ALLOWED_ORIGINS: ALLOWED } });
    for (const origin of allowed) {
      const preflight = await call("OPTIONS", PATH, { headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" } });
      assert.deepEqual([preflight.status, preflight.text, preflight.headers["access-control-allow-origin"]], [204, "", origin]);
      assert.match(preflight.headers["access-control-allow-methods"], /POST/);
      for (const header of ["authorization", "content-type", "idempotency-key", "enrichment-force"]) assert.ok(preflight.headers["access-control-allow-headers"].includes(header));
      const answer = await call("POST", PATH, { key, body: JANE, headers: { origin } });
      assert.deepEqual([answer.status, answer.headers["access-control-allow-origin"], answer.headers.vary], [200, origin, "Origin"]);
      for (const header of ["enrichment-charge", "enrichment-credits", "enrichment-source", "enrichment-lookup-id", "retry-after"]) assert.ok(answer.headers["access-control-expose-headers"].includes(header));
      assert.equal(answer.headers["access-control-allow-credentials"], undefined);
      const refused = await call("POST", PATH, { body: JANE, headers: { origin } });
      assert.deepEqual([refused.status, refused.headers["access-control-allow-origin"]], [401, origin], "a page may read why");
    }
  });

  for (const [list, vars] of [["a list", { ALLOWED_ORIGINS: ALLOWED }], ["an empty list", {}], ["no list", { ALLOWED_ORIGINS: undefined }]]) {
    test(`a foreign one gets nothing, and nothing is spent for it, with ${list}`, async (t) => {
      const { call, key, sandbox } = await startBoth(t, { vars });
      for (const origin of list === "a list" ? foreign : [...foreign, ...allowed]) {
        for (const [method, path, more] of [["POST", PATH, { key, body: JANE }], ["OPTIONS", PATH, { headers: { "access-control-request-method": "POST" } }], ["GET", "/v1/wallet", { key }], ["GET", "/nowhere", {}]]) {
          const answer = await call(method, path, { ...more, headers: { ...more.headers, origin } });
          assert.deepEqual([answer.status, answer.json.code, answer.headers["access-control-allow-origin"], costOf(answer)], [403, "wrong_origin", undefined, FREE], `${method} from ${origin}`);
        }
      }
      assert.deepEqual(sandbox.requests(), []);
    });
  }

  test("a page of the Worker's own may call, and so may whoever is no page", async (t) => {
    const { call, key, url } = await startBoth(t);
    assert.equal((await call("POST", PATH, { key, body: JANE, headers: { origin: url } })).headers["access-control-allow-origin"], url);
    assert.equal((await call("POST", PATH, { key, body: JANE })).headers["access-control-allow-origin"], undefined);
  });
});

describe("limits", { concurrency: 2, timeout: 60_000 }, () => {
  const DAY = 86_400_000;
  const MINUTE = 60_000;
  // Of each: whose limit it is, how it is set, and after how long there is room again.
  const limits = [
    ["of a key in a minute", { caller: { per_minute: 10 } }, "key_per_minute", MINUTE],
    ["of a key in a day", { caller: { per_day: 10 } }, "key_per_day", DAY],
    ["of the wallet in a day", { vars: { WALLET_PER_DAY: 10 } }, "wallet_per_day", DAY],
    ["of the wallet in a day, set as text", { vars: { WALLET_PER_DAY: "10" } }, "wallet_per_day", DAY],
  ];
  for (const [name, options, limit, room] of limits) {
    test(`the limit ${name} holds, says when there is room, and kept answers are none of its business`, async (t) => {
      const { lookup, key, keyFor, url, sandbox } = await startBoth(t, { also: inside, vendor: { people: 20 }, ...options });
      // All at once: nobody slips through.
      const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => lookup(key, person(n))));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 429, 429, 429, 429]);
      const full = answers.find(({ status }) => status === 429);
      assert.deepEqual([full.json.code, full.json.limit, costOf(full)], ["budget_exceeded", limit, FREE]);
      const seconds = Number(full.headers["retry-after"]);
      assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds * 1000 <= room);
      assert.equal(sandbox.ledger().length, 2);
      const error = await createClient({ baseUrl: url, token: key, maxRateLimitRetries: 0 }).enrichPhone(person(9)).catch((thrown) => thrown);
      assert.deepEqual([error.code, error.charge], ["rate_limited", "none"]);
      assert.ok(error.retryAfterMs > 0 && error.retryAfterMs <= seconds * 1000);

      const kept = answers.findIndex(({ status }) => status === 200) + 1;
      assert.deepEqual(costOf(await lookup(key, person(kept))), ["none", 0, "cache"]);
      assert.equal((await lookup(await keyFor("another"), person(7))).status, limit === "wallet_per_day" ? 429 : 200);
      // Two clocks that are a little apart are no reason to refuse.
      await insideOf(url, "ahead", seconds * 1000 + 50);
      assert.equal((await lookup(key, person(8))).status, 200);
    });
  }

  test("what was free is given back, and what is in doubt is not", async (t) => {
    const { lookup, key, sandbox } = await startBoth(t, { caller: { per_day: 10 }, vendor: { faults: [{ fault: 500, match: { email: "a@example.com" } }, { fault: "status", status: 404, match: { email: "b@example.com" } }] } });
    const ends = [];
    for (const email of ["nobody.1@example.com", "nobody.2@example.com", "b@example.com", "a@example.com", "nobody.3@example.com", "jane.doe@acme.example.com", "marcus.bell@acme.example.com"]) ends.push((await lookup(key, { email })).status);
    assert.deepEqual(ends, [200, 200, 403, 502, 200, 200, 429]);
    assert.equal(sandbox.wallet().spent, 5);
  });

  test("a limit that a lookup never fits into is final", async (t) => {
    const { lookup, key, sandbox } = await startBoth(t, { caller: { per_minute: 4 } });
    const answer = await lookup(key, JANE);
    assert.deepEqual([answer.status, answer.headers["retry-after"], sandbox.requests().length], [429, undefined, 0]);
  });

  for (const [name, WALLET_PER_DAY] of [["missing", undefined], ["no number", "plenty"], ["nothing", 0]]) {
    test(`a limit of the wallet that is ${name} lets nothing through`, async (t) => {
      const { lookup, key, sandbox } = await startBoth(t, { vars: { WALLET_PER_DAY } });
      assert.deepEqual([(await lookup(key, JANE)).status, sandbox.requests().length], [429, 0]);
    });
  }

  test("whoever guesses keys is braked, and nobody else is", async (t) => {
    const { call, key, sandbox } = await startBoth(t, { limits: { GUESSES: 3 } });
    const guess = (n, ip) => call("POST", PATH, { key: `pe_0000000000_${String(n).padStart(43, "x")}`, body: JANE, headers: { "cf-connecting-ip": ip } });
    const ends = [];
    for (let n = 0; n < 5; n++) ends.push(await guess(n, "192.0.2.1"));
    assert.deepEqual(ends.map(({ status }) => status), [401, 401, 401, 429, 429]);
    assert.deepEqual([ends[4].json.code, ends[4].headers["retry-after"], costOf(ends[4])], ["too_many_guesses", "60", FREE]);
    assert.equal((await guess(9, "192.0.2.2")).status, 401);
    assert.equal((await call("POST", PATH, { key, body: JANE, headers: { "cf-connecting-ip": "192.0.2.1" } })).status, 200);
    assert.equal(sandbox.requests().length, 1);
  });

  test("a key that calls too often is braked, and no other is", async (t) => {
    const { lookup, key, keyFor, sandbox } = await startBoth(t, { limits: { CALLS: 3 } });
    const ends = [];
    for (let n = 0; n < 5; n++) ends.push(await lookup(key, JANE));
    assert.deepEqual(ends.map(({ status }) => status), [200, 200, 200, 429, 429]);
    assert.deepEqual([ends[4].json.code, ends[4].headers["retry-after"]], ["too_many_calls", "60"]);
    assert.equal((await lookup(await keyFor("another"), JANE)).status, 200);
    assert.equal(sandbox.requests().length, 1);
  });
});
