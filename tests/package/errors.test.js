// What an error is to a program, across copies, realms and minifiers; and what the hooks hear.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";
import vm from "node:vm";
import { createClient, EnrichmentError, isEnrichmentError } from "phone-enrichment";
import { startSandbox } from "phone-enrichment/sandbox";
import { copyOfPackage, importFrom, installed } from "./support/installed.js";
import { assertNowhere, everyTextOf } from "./support/probe.js";

const SECRET = "5ecret-Sauce-0f-Nobody";
const JANE = { email: "jane.doe@acme.example.com" };
const NOBODY = { email: "nobody@example.com" };

let sandbox;
before(async () => (sandbox = await startSandbox({ token: SECRET, credits: 1000 })));
after(() => sandbox?.close());

const options = (rest = {}) => ({ baseUrl: sandbox.url, token: SECRET, ...rest });
const thrownBy = (call) => call.then(() => assert.fail("nothing was thrown"), (error) => error);
const anError = (create = createClient) => thrownBy(create(options()).enrichPhone({ email: "no" }));
/** A service that answers this. */
const answering = (body, init) => options({ fetch: async () => new Response(body, init) });

describe("an error", { timeout: 30_000 }, () => {
  test("is an Error, and an EnrichmentError, and thrown by nothing but a call", async () => {
    const error = await anError();
    assert.ok(error instanceof Error && error instanceof EnrichmentError && isEnrichmentError(error));
    assert.equal(Object.prototype.toString.call(error), "[object Error]");
  });

  test("keeps its name, though the package is minified", async () => {
    assert.notEqual(EnrichmentError.name, "EnrichmentError", "the package is not minified: this test proves nothing");
    const error = await anError();
    assert.equal(error.name, "EnrichmentError");
    assert.equal(String(error), `EnrichmentError: ${error.message}`);
    assert.match(error.stack, /^EnrichmentError: The request is not valid/);
    assert.ok(!Object.keys(error).includes("name"));
  });

  test("is told apart from everything else", () => {
    const lookalike = Object.assign(new Error("x"), { name: "EnrichmentError", code: "timeout", charge: "none", retryable: true, lookupId: "lk_1" });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const trap = () => {
      throw new Error("a trap");
    };
    const hostile = new Proxy({}, { get: trap, getPrototypeOf: trap, has: trap });
    for (const value of [undefined, null, 0, "", "EnrichmentError", Symbol("x"), 1n, {}, [], new Error("x"), lookalike, () => {}, Object.create(null), globalThis, proxy, hostile]) {
      assert.equal(isEnrichmentError(value), false, typeof value);
    }
  });

  test("of another copy of the package is known", async (t) => {
    const other = await importFrom(join(copyOfPackage(t).folder, "dist/index.js"));
    assert.notEqual(other.EnrichmentError, EnrichmentError);
    const error = await anError(other.createClient);
    assert.ok(!(error instanceof EnrichmentError));
    assert.ok(isEnrichmentError(error) && other.isEnrichmentError(await anError()));
  });

  test("of another realm is known, and knows ours", async () => {
    const text = readFileSync(join(installed, "dist/client.js"), "utf8");
    const names = /export\s*\{([^}]*)\}/.exec(text)[1].split(",").map((pair) => pair.trim().split(" as "));
    const script = text.replace(/export\s*\{[^}]*\};?/, `globalThis.all = { ${names.map(([from, to = from]) => `${to}: ${from}`).join(", ")} };`);
    const realm = vm.createContext({ TextDecoder, TextEncoder, FinalizationRegistry });
    vm.runInContext(script, realm);
    const parts = Object.values(realm.all);
    const Foreign = parts.find((part) => /^class\b.*\bextends Error/.test(String(part)));
    const error = new Foreign({ code: "timeout", charge: "none", retryable: true, message: "x", lookupId: "" });
    assert.ok(!(error instanceof Error) && !(error instanceof EnrichmentError));
    assert.equal(isEnrichmentError(error), true);
    // Minified, it goes by no name: it is the one that says yes to the other realm's error.
    const isForeign = parts.find((part) => part !== Foreign && part.length === 1 && part(error) === true);
    assert.equal(isForeign(await anError()), true);
    assert.equal(isForeign(new Error("x")), false);
  });

  test("keeps the text of a reply for support, where neither logs nor serialisers come across it", async () => {
    const personal = "Jane Doe, +1 212-555-0101";
    const error = await thrownBy(createClient(answering(`<html>${personal}`)).enrichPhone(JANE));
    assert.equal(error.responseText, `<html>${personal}`);
    assert.deepEqual(Object.getOwnPropertyDescriptor(error, "responseText"), { value: `<html>${personal}`, enumerable: false, writable: false, configurable: false });
    for (const shown of [JSON.stringify(error), inspect(error, { depth: null }), String(error), error.stack, JSON.stringify({ ...error }), JSON.stringify(structuredClone(error)), error.message]) assert.ok(!shown.includes(personal), shown);
    assert.ok(everyTextOf(error).some((text) => text.includes(personal)), "the probe of other tests would see it");
  });

  test("keeps no more of it than 4096 characters, and none where there was none", async () => {
    const long = await thrownBy(createClient(answering("😀".repeat(9000))).enrichPhone(JANE));
    assert.equal(long.responseText, "😀".repeat(4096));
    const none = await thrownBy(createClient(answering("")).enrichPhone(JANE));
    assert.equal("responseText" in none, false);
  });

  test("never shows the token that went out, whatever came back", async () => {
    const echo = async (request) => new Response(`you sent ${request.headers.get("authorization")?.length}`, { status: 400 });
    for (const [code, fetch] of Object.entries({
      bad_request: echo,
      network: () => Promise.reject(new TypeError("fetch failed")),
      server_error: async () => new Response("", { status: 500 }),
      timeout: () => new Promise(() => {}),
    })) {
      const error = await thrownBy(createClient(options({ fetch, timeoutMs: 30 })).enrichPhone(JANE));
      assert.equal(error.code, code);
      assertNowhere(SECRET, error);
    }
  });

  test("has an id to find it in logs by, and its own one each time", async () => {
    const errors = await Promise.all(Array.from({ length: 50 }, () => anError()));
    for (const { lookupId } of errors) assert.match(lookupId, /^lk_[0-9a-z]{10,}$/);
    assert.equal(new Set(errors.map(({ lookupId }) => lookupId)).size, 50);
    assert.equal((await thrownBy(createClient({ tokn: 1 }).enrichPhone(JANE))).lookupId, "");
  });

  test("has nothing but what belongs to its code", async () => {
    const fields = async (client, request = JANE) => Object.keys(await thrownBy(createClient(client).enrichPhone(request))).sort();
    const always = ["charge", "code", "lookupId", "retryable"];
    assert.deepEqual(await fields(options(), {}), [...always, "issues"].sort());
    assert.deepEqual(await fields(answering("", { status: 402 })), [...always, "remainingCredits", "required", "status"].sort());
    assert.deepEqual(await fields(answering("", { status: 429, headers: { "retry-after": "99" } })), [...always, "retryAfterMs", "status"].sort());
    assert.deepEqual(await fields(answering("", { status: 500 })), [...always, "status"].sort());
    assert.deepEqual(await fields(options({ fetch: () => Promise.reject("x") })), always.sort());
  });
});

describe("hooks", { timeout: 30_000 }, () => {
  /** A call, and what its hooks heard in order. */
  async function heard(request, rest = {}) {
    const calls = [];
    const hook = (name) => (...given) => calls.push([name, ...given]);
    const result = await createClient(options({ onRequest: hook("request"), onOutcome: hook("outcome"), onCredits: hook("credits"), ...rest })).enrichPhone(request).catch((error) => error);
    return { calls, result };
  }

  test("hear of a found: the request, the outcome itself, the wallet", async () => {
    const { calls, result } = await heard(JANE);
    assert.deepEqual(calls.map(([name]) => name), ["request", "outcome", "credits"]);
    const [[, sent], [, outcome], [, credits]] = calls;
    // What a log may hold: no personal data.
    assert.match(sent.lookupId, /^lk_[0-9a-z]{10,}$/);
    assert.deepEqual(sent, { lookupId: sent.lookupId, attempt: 1 });
    assert.equal(outcome, result);
    assert.equal(credits, result.remaining_credits);
    for (const call of calls) assert.equal(call.length, 2);
    assertNowhere(SECRET, calls, "what the hooks hear");
  });

  test("hear of every request of a call, each with the same id", async () => {
    let left = 2;
    const { calls } = await heard(NOBODY, { fetch: async (...given) => (left-- > 0 ? new Response("", { status: 429, headers: { "retry-after": "0" } }) : fetch(...given)) });
    const sent = calls.filter(([name]) => name === "request").map(([, { attempt, lookupId }]) => [attempt, lookupId]);
    assert.deepEqual(sent.map(([attempt]) => attempt), [1, 2, 3]);
    assert.equal(new Set(sent.map(([, id]) => id)).size, 1);
  });

  test("hear of a request before it is sent", async () => {
    let told = false;
    await heard(NOBODY, { onRequest: () => (told = true), fetch: (...given) => (assert.ok(told), fetch(...given)) });
    assert.ok(told);
  });

  test("hear of every error, the very one that is thrown, with the id of its request", async () => {
    const { calls, result } = await heard(JANE, { fetch: () => Promise.reject("x") });
    assert.deepEqual(calls.map(([name]) => name), ["request", "outcome"]);
    assert.equal(calls[1][1], result);
    assert.equal(calls[0][1].lookupId, result.lookupId);
  });

  test("hear of an error before anything is sent", async () => {
    for (const [request, rest, code] of [[{}, {}, "invalid_request"], [JANE, { timeoutMs: 0 }, "invalid_options"], [JANE, { tokn: 1 }, "invalid_options"], [JANE, { token: "a b" }, "invalid_token"]]) {
      const { calls, result } = await heard(request, rest);
      assert.deepEqual(calls.map(([name, what]) => [name, what.code]), [["outcome", code]]);
      assert.equal(calls[0][1], result);
    }
  });

  test("hear of the wallet whenever the service says it, in a refusal too", async () => {
    const { calls } = await heard(JANE, { fetch: async () => new Response('{"error":"Insufficient credits.","required":5,"balance":2}', { status: 402 }) });
    assert.deepEqual(calls.filter(([name]) => name === "credits"), [["credits", 2]]);
  });

  test("hear of no wallet where the service said none", async () => {
    const { calls } = await heard(JANE, { fetch: async () => new Response('{"success":true,"status":"not_found"}') });
    assert.deepEqual(calls.map(([name]) => name), ["request", "outcome"]);
  });

  const faulty = {
    throws: () => { throw new Error("a hook that throws"); },
    "throws undefined": () => { throw undefined; },
    rejects: async () => { throw new Error("a hook that rejects"); },
    "gives a thenable that rejects": () => ({ then: (_, reject) => reject("no") }),
    "never comes back": () => new Promise(() => {}),
  };
  for (const [how, hook] of Object.entries(faulty)) {
    for (const name of ["onRequest", "onOutcome", "onCredits"]) {
      test(`${name} that ${how} costs nobody an answer`, async () => {
        const unhandled = [];
        const note = (reason) => unhandled.push(reason);
        process.on("unhandledRejection", note);
        try {
          const client = createClient(options({ [name]: hook }));
          assert.equal((await client.enrichPhone(NOBODY)).status, "not_found");
          assert.equal((await thrownBy(client.enrichPhone({}))).code, "invalid_request");
          await new Promise((resolve) => setTimeout(resolve, 10));
        } finally {
          process.off("unhandledRejection", note);
        }
        assert.deepEqual(unhandled, [], "a rejection that nobody handles ends the program, after the credits are spent");
      });
    }
  }

  test("may make calls of their own", async () => {
    let inner;
    const client = createClient(options());
    const outer = createClient(options({ onRequest: () => (inner ??= client.enrichPhone(NOBODY)) }));
    assert.equal((await outer.enrichPhone(NOBODY)).status, "not_found");
    assert.equal((await inner).status, "not_found");
  });

  test("may make calls of the same client", async () => {
    let inner;
    const client = createClient(options({ onRequest: () => (inner ??= client.enrichPhone(NOBODY)) }));
    assert.equal((await client.enrichPhone(NOBODY)).status, "not_found");
    assert.equal((await inner).status, "not_found");
  });
});
