// The vendor's contract to the letter, without the vendor's token: what a caller is told, and what it cost by the ledger.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { createClient } from "phone-enrichment";
import { ADMIN_KEY, costOf, PATH, startBoth, until } from "./support/both.js";
import { inside, insideOf } from "./support/inside.js";

const JANE = { email: "jane.doe@acme.example.com" };
const MARCUS = { email: "marcus.bell@acme.example.com" };
const NOBODY = { email: "nobody@example.com" };
const NAMES_NOBODY = "Provide linkedin_url, email, or first_name + last_name + (company_name OR company_website).";
const FREE = ["none", 0, "none"];
const PAID = ["confirmed", 5, "network"];
const KEPT = ["none", 0, "cache"];
const IN_DOUBT = ["possible", 0, "none"];

describe("the contract", { concurrency: 2, timeout: 60_000 }, () => {
  test("who is found costs 5 credits once; asking again, in any spelling, is free", async (t) => {
    const { lookup, key, sandbox } = await startBoth(t, { vendor: { credits: 100 } });
    const first = await lookup(key, { linkedin_url: "https://uk.linkedin.com/in/Johndoe/?trk=x" });
    assert.deepEqual([first.status, first.text], [200, '{"success":true,"status":"success","results":{"phone":"+1 555-123-4567","email":"john.doe@acme.com"},"remaining_credits":95}']);
    assert.deepEqual(costOf(first), PAID);
    assert.equal(first.headers["content-type"], "application/json");
    assert.equal(first.headers["cache-control"], "no-store");
    for (const again of [{ linkedin_url: "linkedin.com/in/johndoe" }, { email: "John.Doe@acme.com" }]) {
      const answer = await lookup(key, again);
      assert.deepEqual([answer.text, costOf(answer)], [first.text, KEPT]);
    }
    assert.equal(sandbox.ledger().length, 1);
  });

  test("who is not found is free, and not asked for again for a day", async (t) => {
    const { lookup, key, sandbox } = await startBoth(t, { vendor: { credits: 100 } });
    const first = await lookup(key, NOBODY);
    assert.deepEqual([first.status, first.text], [200, '{"success":true,"status":"not_found","message":"Phone not found","remaining_credits":100}']);
    assert.deepEqual(costOf(first), ["none", 0, "network"]);
    assert.deepEqual(costOf(await lookup(key, NOBODY)), KEPT);
    assert.deepEqual([sandbox.requests().length, sandbox.ledger().length], [1, 0]);
  });

  for (const [what, person] of [["missing", "bonus-missing-1"], ["null", "bonus-null-1"], ["empty", "bonus-empty-1"]]) {
    test(`a bonus e-mail that is ${what} is left out`, async (t) => {
      const { lookup, key } = await startBoth(t);
      const { json } = await lookup(key, { linkedin_url: `https://www.linkedin.com/in/${person}` });
      assert.deepEqual(Object.keys(json.results), ["phone"]);
    });
  }

  test("the vendor's own curl form works with a caller's key", async (t) => {
    const { url, key } = await startBoth(t);
    const { stdout } = await promisify(execFile)("curl", [
      ...["-sS", "--noproxy", "*", "-X", "POST", `${url}${PATH}`, "-H", `Authorization: Token ${key}`, "-H", "Content-Type: application/json"],
      ...["-d", JSON.stringify({ first_name: "Jane", last_name: "Doe", company_website: "acme.example.com" })],
    ]);
    assert.equal(JSON.parse(stdout).results.phone, "+1 212-555-0101");
  });

  // Of each: what is asked, and what is answered. None of it reaches the vendor.
  const refusals = [
    ["no body", { body: "" }, 400, { detail: "JSON parse error: the body is no JSON.", code: "body_unreadable" }],
    ["half a body", { body: '{"email":' }, 400, { detail: "JSON parse error: the body is no JSON.", code: "body_unreadable" }],
    ["a body that is no UTF-8", { body: new Uint8Array([0x22, 0xff, 0x22]) }, 400, { detail: "The body is no UTF-8.", code: "body_unreadable" }],
    ["nobody", { body: {} }, 400, { error: NAMES_NOBODY, code: "invalid_request" }],
    ["half a name", { body: { first_name: "Jane" } }, 400, { error: NAMES_NOBODY, code: "invalid_request" }],
    ["a company's page", { body: { linkedin_url: "https://www.linkedin.com/company/acme" } }, 400, { error: NAMES_NOBODY, code: "invalid_request" }],
    ["a list", { body: [JANE] }, 400, { error: NAMES_NOBODY, code: "invalid_request" }],
    ["a field that there is not", { body: { ...JANE, phone: "1" } }, 400, { error: NAMES_NOBODY, code: "invalid_request" }],
    ["a body as text", { body: JANE, type: "text/plain" }, 415, { detail: "The body has to be JSON, with Content-Type: application/json.", code: "unsupported_media_type" }],
    ["a body as a form", { body: "email=jane", type: "application/x-www-form-urlencoded" }, 415, { detail: "The body has to be JSON, with Content-Type: application/json.", code: "unsupported_media_type" }],
    ["a body that is too large", { body: JSON.stringify({ email: "x".repeat(16_384) }) }, 413, { detail: "The body is larger than 16384 bytes.", code: "body_too_large" }],
    ["a path without its slash", { path: PATH.slice(0, -1), body: JANE }, 404, { detail: "Not found.", code: "not_found" }],
    ["the sibling's path", { path: "/external/email/enrichment/", body: JANE }, 404, { detail: "Not found.", code: "not_found" }],
    ["a GET", { method: "GET" }, 405, { detail: 'Method "GET" not allowed.', code: "method_not_allowed" }],
    ["a PUT", { method: "PUT", body: JANE }, 405, { detail: 'Method "PUT" not allowed.', code: "method_not_allowed" }],
    ["an Idempotency-Key of nothing", { body: JANE, headers: { "idempotency-key": "" } }, 400, { detail: "An Idempotency-Key has 1 to 255 visible characters.", code: "idempotency_key_malformed" }],
    ["an Idempotency-Key that is too long", { body: JANE, headers: { "idempotency-key": "k".repeat(256) } }, 400, { detail: "An Idempotency-Key has 1 to 255 visible characters.", code: "idempotency_key_malformed" }],
    ["Enrichment-Force: yes", { body: JANE, headers: { "enrichment-force": "yes" } }, 400, { detail: 'The only value of Enrichment-Force is "true".', code: "force_malformed" }],
  ];
  test("what is refused is refused in the vendor's form, and nothing is sent", async (t) => {
    const { call, key, sandbox } = await startBoth(t);
    for (const [name, { method = "POST", path = PATH, ...asked }, status, body] of refusals) {
      const answer = await call(method, path, { key, ...asked });
      const { issues, ...rest } = answer.json ?? {};
      assert.deepEqual([answer.status, rest, costOf(answer)], [status, body, FREE], name);
      assert.equal(issues !== undefined, body.code === "invalid_request", name);
      if (status === 405) assert.equal(answer.headers.allow, "POST", name);
    }
    assert.deepEqual(sandbox.requests(), []);
  });

  // Of each: what the vendor does, and what is told; whether the sandbox charged, and what the books then say.
  const faults = [
    ["500", { fault: 500 }, 502, "server_error", IN_DOUBT, 0],
    ["500, charged", { fault: "charge_then_500" }, 502, "server_error", IN_DOUBT, 1],
    ["502", { fault: 502 }, 502, "server_error", IN_DOUBT, 0],
    ["a lost connection", { fault: "drop" }, 502, "network", IN_DOUBT, 0],
    ["a reset", { fault: "drop", reset: true }, 502, "network", IN_DOUBT, 0],
    ["a lost connection, charged", { fault: "charge_then_drop" }, 502, "network", IN_DOUBT, 1],
    ["HTML", { fault: "html_200" }, 502, "malformed_response", IN_DOUBT, 1],
    ["nothing", { fault: "empty_200" }, 502, "malformed_response", IN_DOUBT, 1],
    ["half an answer", { fault: "cut_body" }, 502, "malformed_response", IN_DOUBT, 1],
    ["no phone", { fault: "missing_phone" }, 502, "malformed_response", IN_DOUBT, 1],
    ["a phone of a wrong type", { fault: "wrong_types", variant: "phone_number" }, 502, "malformed_response", IN_DOUBT, 1],
    ["a redirect", { fault: "redirect" }, 502, "network", IN_DOUBT, 0],
    ["a status nobody knows", { fault: "status", status: 418 }, 502, "bad_request", IN_DOUBT, 0],
    ["400", { fault: "status", status: 400, body: { error: "no" } }, 403, "bad_request", FREE, 0],
    ["401", { fault: "status", status: 401, body: { detail: "Invalid token." } }, 403, "invalid_token", FREE, 0],
    ["403", { fault: "status", status: 403 }, 403, "forbidden", FREE, 0],
    ["404", { fault: "status", status: 404, body: { detail: "Not found." } }, 403, "not_found_endpoint", FREE, 0],
    ["402", { fault: "status", status: 402, body: { error: "Insufficient credits.", required: 5, balance: 3 } }, 402, "insufficient_credits", FREE, 0],
    ["429 that says nothing", { fault: "429" }, 429, "rate_limited", FREE, 0],
    ["429 that says too long", { fault: "429", retryAfter: 3600 }, 429, "rate_limited", FREE, 0],
  ];
  for (const [name, fault, status, code, cost, charged] of faults) {
    test(`the vendor answers ${name}: it is told as ${status}, ${cost[0]}, and the books say the same`, async (t) => {
      const { lookup, key, sandbox, wallet, doubts, url } = await startBoth(t, { vendor: { faults: [{ ...fault, times: 1 }] } });
      const answer = await lookup(key, JANE);
      assert.deepEqual([answer.status, answer.json.code, costOf(answer)], [status, code, cost]);
      assert.match(answer.headers["enrichment-lookup-id"], /^lk_/);
      assert.equal(answer.headers["retry-after"], fault.retryAfter && String(fault.retryAfter));
      assert.equal(sandbox.ledger().length, charged);
      const inDoubt = cost === IN_DOUBT;
      const { today } = await wallet();
      assert.deepEqual([today.spent, today.held, today.unknown], [0, 0, inDoubt ? 5 : 0]);
      assert.equal((await doubts()).length, inDoubt ? 1 : 0);

      const again = await lookup(key, JANE);
      if (inDoubt) {
        assert.deepEqual([again.status, again.json.code, costOf(again)], [409, "outcome_unknown", IN_DOUBT], "it is not sent again");
        assert.equal(sandbox.requests().length, 1);
      } else if (status === 402) {
        assert.deepEqual([again.status, again.json, sandbox.requests().length], [402, { error: "Insufficient credits.", code: "insufficient_credits", required: 5, balance: 3 }, 1]);
      } else assert.equal(again.status, 200);

      // A client that knows nothing but the vendor's contract comes to the same charge.
      sandbox.reset();
      const error = await createClient({ baseUrl: url, token: key, maxRateLimitRetries: 0 }).enrichPhone(MARCUS).catch((thrown) => thrown);
      assert.deepEqual([error.charge, costOf(answer)[0]], [cost[0], cost[0]]);
    });
  }

  test("Enrichment-Force sends again what is in doubt, and both are in the books", async (t) => {
    const { lookup, key, sandbox, wallet } = await startBoth(t, { twice: true, vendor: { faults: [{ fault: "charge_then_500", times: 1 }] } });
    await lookup(key, JANE);
    assert.deepEqual(costOf(await lookup(key, JANE, { "enrichment-force": "true" })), PAID);
    const { today } = await wallet();
    assert.deepEqual([today.spent, today.unknown, sandbox.wallet().spent], [5, 5, 10]);
  });

  test("whoever is in doubt is decided by the administrator, once", async (t) => {
    const { lookup, call, key, doubts, wallet } = await startBoth(t, { vendor: { faults: [{ fault: "charge_then_500" }] } });
    await lookup(key, JANE);
    await lookup(key, MARCUS);
    const [jane, marcus] = await doubts();
    const decide = (id, charged) => call("POST", `/v1/doubts/${id}`, { key: ADMIN_KEY, body: { charged } });
    assert.equal((await decide(jane.id, true)).status, 200);
    assert.equal((await decide(marcus.id, false)).status, 200);
    assert.equal((await decide(jane.id, false)).status, 404);
    assert.equal((await call("POST", `/v1/doubts/${jane.id}`, { key, body: { charged: true } })).status, 403);
    const { today } = await wallet();
    assert.deepEqual([today.spent, today.unknown], [5, 0]);
  });

  test("a 402 holds for everybody until the wallet is opened again", async (t) => {
    const { lookup, call, key, sandbox, wallet } = await startBoth(t, { vendor: { credits: 4 } });
    assert.deepEqual([(await lookup(key, JANE)).status, (await lookup(key, MARCUS)).status, sandbox.requests().length], [402, 402, 1]);
    assert.equal((await wallet()).is_open, false);
    sandbox.setCredits(100);
    assert.equal((await lookup(key, JANE)).status, 402);
    assert.equal((await call("POST", "/v1/wallet/reopen", { key })).status, 403);
    assert.equal((await call("POST", "/v1/wallet/reopen", { key: ADMIN_KEY })).status, 200);
    assert.equal((await lookup(key, JANE)).status, 200);
  });

  test("a 429 that says when is waited for, and the caller hears of nothing", async (t) => {
    const { lookup, key, sandbox } = await startBoth(t, { vendor: { faults: [{ fault: "429", retryAfter: 0, times: 1 }] } });
    assert.deepEqual([costOf(await lookup(key, JANE)), sandbox.requests().length], [PAID, 2]);
  });

  test("a caller is answered in time; what comes later is kept, settled and free", async (t) => {
    const { lookup, key, sandbox, wallet } = await startBoth(t, { vars: { DEADLINE_MS: 150 }, vendor: { faults: [{ fault: "delay", ms: 600, times: 1 }] } });
    const late = await lookup(key, JANE);
    assert.deepEqual([late.status, late.json.code, costOf(late)], [504, "timeout", IN_DOUBT]);
    await until(async () => (await wallet()).today.held === 0);
    assert.deepEqual([costOf(await lookup(key, JANE)), (await wallet()).today.spent, sandbox.ledger().length], [KEPT, 5, 1]);
  });

  test("whoever is suppressed is not looked up, by any identifier that is known to be theirs", async (t) => {
    const { lookup, call, keyFor, key, sandbox } = await startBoth(t, { vendor: { credits: 100 } });
    const eraser = await keyFor("an eraser", { scopes: ["erase"] });
    const profile = { linkedin_url: "https://www.linkedin.com/in/jane-doe" };
    await lookup(key, profile);
    const erased = await call("DELETE", "/v1/people?suppress=true", { key: eraser, body: profile });
    assert.deepEqual([erased.status, erased.json.suppressed, erased.json.removed > 0], [200, true, true]);
    for (const asked of [profile, JANE]) {
      const answer = await lookup(key, asked);
      assert.deepEqual([answer.status, answer.json.code, costOf(answer)], [403, "suppressed", FREE]);
    }
    assert.deepEqual((await lookup(key, profile, { "enrichment-force": "true" })).status, 403);
    assert.equal(sandbox.ledger().length, 1);
  });

  test("whoever is erased while on the way is not kept", async (t) => {
    const { lookup, call, key, sandbox } = await startBoth(t, { twice: true, vendor: { faults: [{ fault: "delay", ms: 300, times: 1 }] } });
    const out = lookup(key, JANE);
    await until(() => sandbox.requests().length === 1);
    assert.equal((await call("DELETE", "/v1/people", { key: ADMIN_KEY, body: JANE })).status, 200);
    assert.equal((await out).status, 200);
    assert.deepEqual(costOf(await lookup(key, JANE)), PAID, "nothing was left of the first answer");
  });
});

describe("an idempotency key", { concurrency: 2, timeout: 60_000 }, () => {
  const as = (name, more) => ({ "idempotency-key": name, ...more });

  test("gives the first answer again, and another person under it is a mistake", async (t) => {
    const { lookup, key, keyFor, sandbox } = await startBoth(t);
    const first = await lookup(key, JANE, as("one"));
    const again = await lookup(key, { email: "Jane.Doe@ACME.example.com" }, as("one"));
    assert.deepEqual([again.text, costOf(again), again.headers["idempotency-replayed"]], [first.text, costOf(first), "true"]);
    const other = await lookup(key, MARCUS, as("one"));
    assert.deepEqual([other.status, other.json.code, costOf(other)], [422, "idempotency_key_reused", FREE]);
    assert.equal((await lookup(await keyFor("another"), MARCUS, as("one"))).status, 200, "keys are each caller's own");
    assert.equal(sandbox.ledger().length, 2);
  });

  test("holds while the first is on the way, forced or not", async (t) => {
    const { lookup, key, sandbox } = await startBoth(t, { vendor: { faults: [{ fault: "delay", ms: 200 }] } });
    const forced = as("one", { "enrichment-force": "true" });
    const answers = await Promise.all([lookup(key, JANE, forced), lookup(key, JANE, forced), lookup(key, JANE, as("one"))]);
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]);
    assert.deepEqual([new Set(answers.map(({ text }) => text)).size, sandbox.ledger().length], [1, 1]);
    assert.equal((await lookup(key, MARCUS, as("one"))).status, 422);
  });

  test("of an error that may have cost gives that error again, forced or not", async (t) => {
    const { lookup, key, sandbox } = await startBoth(t, { vendor: { faults: [{ fault: "charge_then_500", times: 1 }] } });
    const forced = as("one", { "enrichment-force": "true" });
    for (const headers of [forced, forced, as("one")]) assert.equal((await lookup(key, JANE, headers)).status, 502);
    assert.equal(sandbox.requests().length, 1);
  });

  for (const [name, fault] of [["429", { fault: "429" }], ["404", { fault: "status", status: 404 }]]) {
    test(`of an error that cost nothing (${name}) may be used again, also for somebody else`, async (t) => {
      const { lookup, key } = await startBoth(t, { vendor: { faults: [{ ...fault, times: 1 }] } });
      assert.notEqual((await lookup(key, JANE, as("one"))).status, 200);
      assert.equal((await lookup(key, MARCUS, as("one"))).status, 200);
    });
  }

  test("of a lookup that was cut off gives no leave to send again, though it is forced", async (t) => {
    const { lookup, key, url, sandbox, doubts } = await startBoth(t, { also: inside, vendor: { faults: [{ fault: "delay", ms: 400, before: "answer" }] } });
    const forced = as("one", { "enrichment-force": "true" });
    const out = lookup(key, JANE, forced);
    await until(() => sandbox.ledger().length === 1);
    await insideOf(url, "end");
    const cut = await out;
    assert.deepEqual([cut.status, cut.headers["enrichment-charge"]], [500, "possible"]);
    const again = await lookup(key, JANE, forced);
    assert.deepEqual([again.status, costOf(again)], [409, IN_DOUBT]);
    assert.deepEqual([sandbox.requests().length, (await doubts()).length], [1, 1]);
  });

  test("is forgotten after a day, whether the sweep came or not", async (t) => {
    const { lookup, key, url } = await startBoth(t, { also: inside });
    await lookup(key, JANE, as("one"));
    await insideOf(url, "ahead", 86_400_000 + 1000);
    const other = await lookup(key, MARCUS, as("one"));
    assert.deepEqual([other.status, other.headers["idempotency-replayed"]], [200, undefined]);
    assert.equal((await lookup(key, JANE, as("one"))).status, 422);
  });
});

describe("the package as a client of the Worker", { concurrency: 2, timeout: 60_000 }, () => {
  const clientOf = ({ url, key }, options) => createClient({ baseUrl: url, token: key, maxRateLimitRetries: 0, ...options });
  const errorOf = (client, request) => client.enrichPhone(request).then(() => assert.fail("it ended well"), ({ code, charge, retryAfterMs, required, remainingCredits }) => ({ code, charge, retryAfterMs, required, remainingCredits }));

  test("finds, does not find, and does not send what is invalid", async (t) => {
    const both = await startBoth(t);
    const client = clientOf(both);
    const found = await client.enrichPhone(JANE);
    assert.deepEqual([found.results.e164, found.results.email, found.meta.charge, found.remaining_credits], ["+12125550101", JANE.email, "confirmed", 9_995]);
    assert.deepEqual([(await client.enrichPhone(NOBODY)).status, (await errorOf(client, { first_name: "Jane" })).code], ["not_found", "invalid_request"]);
    assert.equal(both.sandbox.requests().length, 2);
  });

  // Of each: what the vendor does, and what the client makes of it behind the Worker.
  const cases = [
    ["402", { fault: "status", status: 402, body: { error: "Insufficient credits.", required: 5, balance: 3 } }, { code: "insufficient_credits", charge: "none", retryAfterMs: undefined, required: 5, remainingCredits: 3 }],
    ["429 without a time", { fault: "429" }, { code: "rate_limited", charge: "none", retryAfterMs: undefined }],
    ["429 with a time", { fault: "429", retryAfter: 3600 }, { code: "rate_limited", charge: "none", retryAfterMs: 3_600_000 }],
    ["a lost answer", { fault: "charge_then_drop" }, { code: "server_error", charge: "possible", retryAfterMs: undefined }],
    ["that the Worker's token is wrong", { fault: "status", status: 401 }, { code: "forbidden", charge: "none", retryAfterMs: undefined }],
  ];
  for (const [name, fault, expected] of cases) {
    test(`is told of ${name}`, async (t) => {
      const both = await startBoth(t, { vendor: { faults: [fault] } });
      assert.deepEqual(await errorOf(clientOf(both), JANE), { required: undefined, remainingCredits: undefined, ...expected });
      assert.equal(both.sandbox.requests().length, 1);
    });
  }

  test("waits as long as a 429 of the Worker says", async (t) => {
    const both = await startBoth(t, { limits: { CALLS: 1 } });
    await both.lookup(both.key, NOBODY);
    assert.deepEqual(await errorOf(clientOf(both), JANE), { code: "rate_limited", charge: "none", retryAfterMs: 60_000, required: undefined, remainingCredits: undefined });
    assert.equal(both.sandbox.requests().length, 1);
  });

  test("with a wrong key is told invalid_token", async (t) => {
    const both = await startBoth(t);
    assert.equal((await errorOf(clientOf(both, { token: "pe_0123456789_" + "x".repeat(43) }), JANE)).code, "invalid_token");
  });
});

describe("the books", { concurrency: 2, timeout: 60_000 }, () => {
  test("hold every lookup, kept answers included, and nothing of anybody", async (t) => {
    const both = await startBoth(t, { also: inside, vendor: { faults: [{ fault: "charge_then_500", match: { person: "marcus-bell" } }] } });
    const { lookup, key, url } = both;
    await lookup(key, JANE, { "idempotency-key": "one" });
    await lookup(key, JANE);
    await lookup(key, NOBODY);
    await lookup(key, MARCUS);
    await lookup(key, MARCUS);
    const entries = (await both.audit()).filter(({ action }) => action === "lookup");
    const read = entries.map(({ charge, credits, detail }) => [charge, credits, detail]).sort();
    assert.deepEqual(read, [["confirmed", 5, "success"], ["none", 0, "kept"], ["none", 0, "not_found"], ["none", 0, "outcome_unknown"], ["possible", 0, "server_error"]]);
    assert.equal(new Set(entries.map(({ caller }) => caller)).size, 1);
    const tables = await insideOf(url, "rows", "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_cf%' ESCAPE '\\'");
    assert.ok(tables.length >= 9, "the tables were looked into");
    const books = [];
    for (const { name } of tables) if (name !== "records") books.push(JSON.stringify(await insideOf(url, "rows", `SELECT * FROM ${name}`)));
    const texts = [JSON.stringify(await both.wallet()), JSON.stringify(await both.doubts()), JSON.stringify(entries), ...books];
    // What was found is among the records, and nowhere else; their names say nothing.
    texts.push(JSON.stringify(await insideOf(url, "rows", "SELECT name FROM records")));
    for (const secret of ["jane", "marcus", "nobody", "example.com", "212-555", "2125550", key]) {
      for (const text of texts) assert.ok(!text.toLowerCase().includes(secret.toLowerCase()), `${secret} is in ${text}`);
    }
  });

  test("agree with the vendor's ledger after a bit of everything", async (t) => {
    const both = await startBoth(t, { vendor: { people: 60, faults: ["charge_then_500", "charge_then_drop", 500, "429", "html_200"].map((fault) => ({ fault, probability: 0.15 })), seed: 7 } });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => both.lookup(both.key, { linkedin_url: `https://www.linkedin.com/in/person-${String(index + 1).padStart(5, "0")}` })));
    const { today } = await both.wallet();
    const { spent } = both.sandbox.wallet();
    assert.equal(today.spent, answers.reduce((sum, answer) => sum + costOf(answer)[1], 0));
    assert.ok(today.spent <= spent && spent <= today.spent + today.unknown && today.held === 0, JSON.stringify([today, spent]));
    assert.ok(today.spent > 0 && today.unknown > 0);
  });
});
