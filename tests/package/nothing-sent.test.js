// An invalid request, wrong options, a token that is none: a clear error, nothing sent, nothing charged, and the token
// appears nowhere.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import vm from "node:vm";
import { checkRequest, createClient, EnrichmentError, enrichPhone, isEnrichmentError } from "phone-enrichment";
import { startSandbox } from "phone-enrichment/sandbox";
import { assertNowhere, everyTextOf, written } from "./support/probe.js";

const SECRET = "5ecret-Sauce-0f-Nobody";
const JANE = { email: "jane.doe@acme.example.com" };

let sandbox;
before(async () => (sandbox = await startSandbox({ token: SECRET, credits: 1000 })));
after(() => sandbox?.close());

/** Makes the call and returns its error, of which this holds: it is ours, free, sent nothing, and shows no token. */
async function refused(call, { code, charge = "none", retryable = false } = {}) {
  const before = sandbox.requests().length;
  let error;
  const lines = await written(async () => {
    error = await Promise.race([
      (async () => call())().then((outcome) => assert.fail(`it was sent: ${JSON.stringify(outcome)}`), (thrown) => thrown),
      new Promise((_, reject) => setTimeout(() => reject(new Error("the call never ended")), 5000).unref()),
    ]);
  });
  assert.equal(sandbox.requests().length, before, "a request reached the service");
  assert.ok(isEnrichmentError(error) && error instanceof EnrichmentError, `thrown was ${String(error?.stack ?? error)}`);
  assertNowhere(SECRET, error);
  assertNowhere(SECRET, lines, "the console");
  assert.deepEqual(lines, [], "nothing is written to the console");
  assert.equal(error.charge, charge);
  assert.equal(error.code, code);
  assert.equal(error.retryable, retryable);
  return error;
}

const client = (options = {}) => createClient({ baseUrl: sandbox.url, token: SECRET, ...options });
const hostile = () => {
  throw new Error("a getter that throws");
};
class Person {
  #email = "jane.doe@acme.example.com";
  get email() {
    return this.#email;
  }
}
const cycle = { ...JANE };
cycle.self = cycle;
const megabyte = "x".repeat(1_000_000);
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

const issue = (field, code, fix, rest = {}) => ({ field, code, fix, ...rest });
const unknown = (name, fix = false) => issue(null, "unknown_field", fix, { name });
// How a fix is worded is the core's; that there is one is not.
const FIX = true;
const NO_FIX = false;
const noIdentifier = [issue(null, "no_identifier", FIX)];
const notAnObject = [issue(null, "not_an_object", NO_FIX)];
const judged = ({ message, fix, ...rest }) => ({ ...rest, fix: /^Write it as [a-z_]+\.$/.test(fix) ? fix : fix !== null });

// What is asked; everything that is wrong with it.
const requests = [
  ["everything wrong at once, in the order of the fields", { linkedin_url: "https://www.linkedin.com/company/acme", email: "jane@", first_name: "\u202e", last_name: "Doe\u0007", company_name: "---", company_website: "gmail.com" }, [issue("linkedin_url", "company_page", FIX), issue("email", "email_syntax", FIX), issue("first_name", "name_forbidden_character", FIX, { position: 0 }), issue("last_name", "name_forbidden_character", FIX, { position: 3 }), issue("company_name", "name_empty", FIX), issue("company_website", "website_not_company", FIX)]],
  ["unknown fields, wrong types and wrong values together", { emial: "x", email: 7, linkedin_url: "https://example.com/in/jane" }, [unknown("emial"), issue("email", "wrong_type", NO_FIX), issue("linkedin_url", "not_linkedin", FIX)]],
  ["a field of another spelling", { linkedinUrl: "https://www.linkedin.com/in/johndoe" }, [unknown("linkedinUrl", "Write it as linkedin_url.")]],
  ["a second field of another spelling", { ...JANE, company: "Acme" }, [unknown("company", "Write it as company_name.")]],
  ["the token behind a field's name that is none", { token: SECRET }, [unknown("token")]],
  ["the token in place of an e-mail", { email: SECRET }, [issue("email", "email_syntax", FIX)]],
  ["nothing", {}, noIdentifier],
  ["empty and blank texts", { email: "", first_name: " \u00a0\ufeff", company_name: "\n" }, noIdentifier],
  ["undefined in every field", { email: undefined, linkedin_url: undefined }, noIdentifier],
  ["half a name", { first_name: "Jane" }, [issue(null, "incomplete_name", FIX, { missing: ["last_name", "company_name"] })]],
  ["a name without a company", { first_name: "Jane", last_name: "Doe" }, [issue(null, "incomplete_name", FIX, { missing: ["company_name"] })]],
  ["a company without a name", { company_website: "acme.com" }, [issue(null, "incomplete_name", FIX, { missing: ["first_name", "last_name"] })]],
  ["null in a field", { email: null }, [issue("email", "wrong_type", NO_FIX)]],
  ["a number", { email: 5 }, [issue("email", "wrong_type", NO_FIX)]],
  ["a list of e-mails", { email: ["jane.doe@acme.example.com"] }, [issue("email", "wrong_type", NO_FIX)]],
  ["a String object", { email: new String("jane.doe@acme.example.com") }, [issue("email", "wrong_type", NO_FIX)]],
  ["an object that would be an e-mail as text", { email: { toString: () => "jane.doe@acme.example.com" } }, [issue("email", "wrong_type", NO_FIX)]],
  ["a symbol in a field", { email: Symbol("jane.doe@acme.example.com") }, [issue("email", "wrong_type", NO_FIX)]],
  ["a bigint in a field", { email: 1n }, [issue("email", "wrong_type", NO_FIX)]],
  ["a promise in a field", { email: Promise.resolve("jane.doe@acme.example.com") }, [issue("email", "wrong_type", NO_FIX)]],
  ["a function in a field", { email: () => "jane.doe@acme.example.com" }, [issue("email", "wrong_type", NO_FIX)]],
  ["a symbol as a field's name", { ...JANE, [Symbol("note")]: 1 }, [unknown("Symbol(note)")]],
  ["a field's name that is 1 MB long", { [megabyte]: 1 }, [unknown("x".repeat(40))]],
  ["a field's name with hidden characters", { "em\u200bail\u0000\u202e": "x" }, [unknown("email", "Write it as email.")]],
  ["__proto__ as a field", JSON.parse('{"__proto__": {"email": "jane.doe@acme.example.com"}}'), [unknown("__proto__")]],
  ["a field that is only inherited", Object.create(JANE), noIdentifier],
  ["an instance of a class with getters", new Person(), noIdentifier],
  ["constructor and toString as fields", { constructor: "x", toString: "y" }, [unknown("constructor"), unknown("toString")]],
  ["a cycle", cycle, [unknown("self")]],
  ["a getter that throws", { get email() { return hostile(); } }, notAnObject],
  ["a getter that throws undefined", { get email() { throw undefined; } }, notAnObject],
  ["a proxy whose every trap throws", new Proxy({}, { ownKeys: hostile, get: hostile, getPrototypeOf: hostile, has: hostile, getOwnPropertyDescriptor: hostile }), notAnObject],
  ["a proxy that was revoked", revoked, notAnObject],
  ["a proxy with more fields than there can be", new Proxy({}, { ownKeys: () => Array.from({ length: 100_000 }, (_, index) => `f${index}`), getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: 1 }), get: () => 1 }), null],
  ["null", null, notAnObject],
  ["undefined", undefined, notAnObject],
  ["a text", "jane.doe@acme.example.com", notAnObject],
  ["a number as the request", 5, notAnObject],
  ["a symbol as the request", Symbol("x"), notAnObject],
  ["a list", [JANE], notAnObject],
  ["an empty list", [], notAnObject],
  ["a list of another realm", vm.runInNewContext('[{ email: "jane.doe@acme.example.com" }]'), notAnObject],
  ["a map", new Map([["email", "jane.doe@acme.example.com"]]), noIdentifier],
  ["a date", new Date(0), noIdentifier],
  ["a lone surrogate in an e-mail", { email: "jane\ud800@acme.com" }, "email"],
  ["a lone surrogate in a name", { first_name: "Jane\udfff", last_name: "Doe", company_name: "Acme" }, [issue("first_name", "name_forbidden_character", FIX, { position: 4 })]],
  ["a lone surrogate in a profile", { linkedin_url: "https://www.linkedin.com/in/jane\ud800doe" }, "linkedin_url"],
  ["a lone surrogate in a web site", { first_name: "Jane", last_name: "Doe", company_website: "acme\ud800.com" }, "company_website"],
  ["an e-mail of 1 MB", { email: `${megabyte}@acme.com` }, [issue("email", "email_too_long", FIX)]],
  ["a profile of 1 MB", { linkedin_url: `https://www.linkedin.com/in/${megabyte}` }, "linkedin_url"],
  ["a web site of 1 MB", { first_name: "Jane", last_name: "Doe", company_website: `${megabyte}.com` }, "company_website"],
  ["a name of 1 MB", { first_name: megabyte, last_name: "Doe", company_name: "Acme" }, [issue("first_name", "name_too_long", FIX)]],
  ["1 MB of a character that takes three bytes", { email: "\u4f8b".repeat(1_000_000) }, "email"],
];

describe("an invalid request", { timeout: 30_000 }, () => {
  for (const [name, request, expected] of requests) {
    test(name, async () => {
      const error = await refused(() => client().enrichPhone(request), { code: "invalid_request" });
      assert.ok(error.issues.length > 0);
      for (const { field, code, message, fix } of error.issues) {
        assert.match(code, /^[a-z_]+$/);
        assert.match(message, /^[A-Z].*\.$/);
        assert.ok(fix === null || /^[A-Z].*\.$/.test(fix));
        assert.ok(error.message.includes(field === null ? message : `${field}: ${message}`), "the error's own message says it too");
      }
      if (Array.isArray(expected)) assert.deepEqual(error.issues.map(judged), expected);
      else if (expected) assert.deepEqual(error.issues.map(({ field }) => field), [expected]);
      // The same judgement without a client, and free of any.
      assert.deepEqual(await checkRequest(request), { ok: false, issues: error.issues });
      await refused(() => enrichPhone(request, { baseUrl: sandbox.url, token: SECRET }), { code: "invalid_request" });
    });
  }

  test("does not quote what was given, in any text of the error", async () => {
    const given = "jane.d0e.private";
    const error = await refused(() => client().enrichPhone({ email: given, linkedin_url: given, first_name: `${given}\u0000`, company_website: `http://${given}:x@` }), { code: "invalid_request" });
    assert.deepEqual(new Set(error.issues.map(({ field }) => field)), new Set(["linkedin_url", "email", "first_name", "company_website", null]));
    assertNowhere(given, error, "the error");
  });

  test("is judged as it was when the call was made, whatever becomes of the object", async () => {
    const request = { email: "no" };
    const call = client().enrichPhone(request);
    request.email = JANE.email;
    await refused(() => call, { code: "invalid_request" });
  });
});

describe("a request that can be sent", () => {
  test("is the one that was given, even if its object is used again right away", async () => {
    const fresh = client();
    const people = ["jane.doe@acme.example.com", "marcus.bell@acme.example.com", "ines.carvalho@acme.example.com"];
    const request = {};
    const outcomes = await Promise.all(people.map((email) => fresh.enrichPhone(Object.assign(request, { email }))));
    assert.deepEqual(outcomes.map(({ meta }) => meta.lookup.request.email), people);
  });

  test("is judged the same by check, which sends nothing", async () => {
    const before = sandbox.requests().length;
    const checked = await client().check({ ...JANE, first_name: "Jane" });
    assert.equal(checked.ok, true);
    assert.equal(checked.price, 5);
    assert.deepEqual(checked.lookup, { kind: "email", request: JANE, key: "email:jane.doe@acme.example.com" });
    assert.deepEqual(checked.ladder, [checked.lookup]);
    assert.deepEqual(checked.dropped.map(({ code, missing }) => [code, missing]), [["incomplete_name", ["last_name", "company_name"]]]);
    assert.equal(sandbox.requests().length, before);
  });
});

const never = () => new Promise(() => {});
const invalid = (pattern) => ({ code: "invalid_options", pattern });
// Options of a client; what its first call says.
const options = [
  ["an unknown option", { tokn: SECRET }, invalid(/Unknown option: tokn\./)],
  ["an option of another spelling", { timeout: 5 }, invalid(/Unknown option: timeout\./)],
  ["an inherited name as an option", { toString: 1 }, invalid(/Unknown option: toString\./)],
  ["a number as the token", { token: 5 }, invalid(/token must be of type string or function\./)],
  ["null as the token", { token: null }, invalid(/token must be/)],
  ["an object as the token", { token: { toString: () => SECRET } }, invalid(/token must be/)],
  ["a String object as the token", { token: new String(SECRET) }, invalid(/token must be/)],
  ["a list of texts as headers", { headers: [SECRET] }, { code: "invalid_options" }],
  ["a text as headers", { headers: SECRET }, invalid(/headers must be/)],
  ["null as headers", { headers: null }, invalid(/headers must be/)],
  ["a URL object as the base URL", { baseUrl: new URL("https://example.com") }, invalid(/baseUrl must be of type string\./)],
  ["a number as the base URL", { baseUrl: 5 }, invalid(/baseUrl must be/)],
  ["a text as fetch", { fetch: "fetch" }, invalid(/fetch must be of type function\./)],
  ["null as fetch", { fetch: null }, invalid(/fetch must be/)],
  ["a text as the deadline", { timeoutMs: "5" }, invalid(/timeoutMs must be of type number\./)],
  ["a bigint as the deadline", { timeoutMs: 5n }, invalid(/timeoutMs must be/)],
  ...[0, -1, 1.5, NaN, Infinity, -Infinity, 600_001, 2 ** 32 + 5].map((timeoutMs) => [`a deadline of ${timeoutMs} ms`, { timeoutMs }, invalid(/timeoutMs must be a whole number from 1 to 600000\./)]),
  ...[-1, 11, 0.5, NaN, Infinity, 2 ** 32].map((maxRateLimitRetries) => [`${maxRateLimitRetries} retries`, { maxRateLimitRetries }, invalid(/maxRateLimitRetries must be a whole number from 0 to 10\./)]),
  ["a text as the number of retries", { maxRateLimitRetries: "2" }, invalid(/maxRateLimitRetries must be of type number\./)],
  ["a text as the opt-in", { dangerouslyAllowBrowser: "yes" }, invalid(/dangerouslyAllowBrowser must be of type boolean\./)],
  ["a text as the budget", { budget: "5" }, invalid(/budget must be of type object\./)],
  ["a limit that is none", { budget: { perWeek: 5 } }, invalid(/Unknown option: perWeek\./)],
  ["a text as a limit", { budget: { total: "5" } }, invalid(/total must be of type number\./)],
  ...["perCall", "perMinute", "perDay", "total"].flatMap((name) => [-1, 0.5, NaN, Infinity, 1e10].map((limit) => [`${limit} credits ${name}`, { budget: { [name]: limit } }, invalid(new RegExp(`${name} must be a whole number from 0 to 1000000000\\.`))])),
  ["a budget that refuses to be read", { budget: new Proxy({}, { ownKeys: hostile }) }, invalid(/not a readable object/)],
  ["a number as the retention", { retention: 30 }, invalid(/retention must be of type object\./)],
  ["a retention of something else", { retention: { days: 30 } }, invalid(/Unknown option: days\./)],
  ...["foundDays", "notFoundDays"].flatMap((name) => [-1, 0.5, 151, NaN].map((days) => [`${days} ${name}`, { retention: { [name]: days } }, invalid(new RegExp(`${name} must be a whole number from 0 to 150\\.`))])),
  ["a limit where only options may be", { perDay: 5 }, invalid(/Unknown option: perDay\./)],
  ["a function as the store", { store: () => {} }, invalid(/store must be of type object\./)],
  ["an empty store", { store: {} }, invalid(/store must have get, set and delete\./)],
  ["a set as the store", { store: new Set() }, invalid(/store must have get, set and delete\./)],
  ["bytes as the secret of the store", { storeSecret: new Uint8Array(32) }, invalid(/storeSecret must be of type string\./)],
  ["a text as the suppression list", { suppress: JANE.email }, invalid(/suppress must be of type object or function\./)],
  ["a suppression list of requests", { suppress: [JANE] }, invalid(/suppress: number 0 is no LinkedIn URL, e-mail or key\./)],
  ["the token on the suppression list", { suppress: [JANE.email, SECRET] }, invalid(/suppress: number 1 is no/)],
  ["a suppression list that is none", { suppress: {} }, { code: "invalid_options" }],
  ["a suppression list that throws", { suppress: { [Symbol.iterator]: hostile } }, { code: "invalid_options" }],
  ["a text for the ladder", { ladder: "yes" }, invalid(/ladder must be of type boolean\./)],
  ["a flag for what becomes of a request that is given up on", { abort: true }, invalid(/abort must be of type string\./)],
  ["another word for what becomes of a request that is given up on", { abort: SECRET }, invalid(/abort must be "detach" or "cancel"\./)],
  ["force as an option of a client", { force: "yes" }, { code: "invalid_options" }],
  ...["onRequest", "onOutcome", "onCredits", "onAnomaly", "onWarning"].map((name) => [`a text as ${name}`, { [name]: "hook" }, invalid(new RegExp(`${name} must be of type function`))]),
  ...[
    "", "example.com", "//example.com/api", "ftp://example.com", "javascript:alert(1)", "data:,x", "file:///etc/passwd", "https://", "https:example.com", "http:///x",
    "https://user@example.com", `https://${SECRET}@example.com`, `https://a:${SECRET}@example.com`, "https://example.com?x=1", "https://example.com#x", "https://example.com\\@evil.test", "https://exa mple.com", " https://example.com", "https://example.com\n", "https://ex\u0430mple.com", "https://example.com/\u{1F600}", "https://example.com/\ud800",
    "https://:443/x", "https://example.com\t", "https://example.com/<b>", "https://[::1", "https://example.com:99999", "https://1.2.3.4.5", "https://exam%70le.com", `https://example.com/${"\u0000"}`,
  ].map((baseUrl) => [`the base URL ${JSON.stringify(baseUrl)}`, { baseUrl }, invalid(/baseUrl/)]),
  ["a path as the base URL where there is no page", { baseUrl: "/api" }, invalid(/baseUrl is a path/)],
  ...["http://example.com", "HTTP://EXAMPLE.COM/x", "http://127.0.0.1.example.com", "http://localhost.example.com", "http://0.0.0.0", "http://192.168.0.1:8080", "http://[::ffff:127.0.0.1]", "http://127.evil.test", "http://2130706433"].map((baseUrl) => [`a token to ${baseUrl}, in clear text`, { baseUrl }, invalid(/a token never leaves this machine in clear text/)]),
];

const badTokens = [
  ["a line feed at the end", `${SECRET}\n`],
  ["a carriage return", `${SECRET}\r`],
  ["a line feed within", `${SECRET}\n${SECRET}`],
  ["a header smuggled in", `${SECRET}\r\nX-Evil: 1`],
  ["a NUL", `${SECRET}\u0000`],
  ["an escape", `\u001b${SECRET}`],
  ["DEL", `${SECRET}\u007f`],
  ["a space in front", ` ${SECRET}`],
  ["its scheme word", `Token ${SECRET}`],
  ["a Bearer", `Bearer ${SECRET}`],
  ["a tab", `${SECRET}\t`],
  ["a letter beyond ASCII", `${SECRET}é`],
  ["a no-break space", `${SECRET}\u00a0`],
  ["an emoji", `${SECRET}😀`],
  ["a lone surrogate", `${SECRET}\ud800`],
  ["no character", ""],
  ["4097 characters", SECRET + "x".repeat(4097 - SECRET.length)],
  ["1 MB", SECRET + megabyte],
];

const badHeaders = [
  ["a number as a value", { "x-a": 5 }],
  ["null as a value", { "x-a": null }],
  ["a list as a value", { "x-a": [SECRET] }],
  ["a value with a line feed", { "x-a": `${SECRET}\n` }],
  ["a value that smuggles a header in", { "x-a": `${SECRET}\r\nx-b: 1` }],
  ["a value beyond ASCII", { "x-a": `${SECRET}é` }],
  ["a value with a lone surrogate", { "x-a": `${SECRET}\udc00` }],
  ["an empty name", { "": SECRET }],
  ["a name with a space", { "x a": SECRET }],
  ["a name with a line feed", { "x-a\n": SECRET }],
  ["a name beyond ASCII", { "x-é": SECRET }],
  ["a symbol as a name", { [Symbol("x a")]: { SECRET } }],
  ["a content type", { "content-type": "text/plain" }],
  ["a content type, spelled otherwise", { "CONTENT-type": "text/plain" }],
  ["an authorization beside a token", { Authorization: `Bearer ${SECRET}` }],
  ["a getter that throws", { get "x-a"() { return hostile(); } }],
  ["a proxy that throws", new Proxy({}, { ownKeys: hostile, get: (_, key) => (key === "then" || typeof key === "symbol" || key === "entries" || key === "addEventListener" ? undefined : hostile()) })],
];

describe("wrong options", { timeout: 30_000 }, () => {
  for (const [name, given, expected] of options) {
    test(name, async () => {
      const error = await refused(() => client(given).enrichPhone(JANE), expected);
      if (expected.pattern) assert.match(error.message, expected.pattern);
      await refused(() => enrichPhone(JANE, { baseUrl: sandbox.url, token: SECRET, ...given }), expected);
    });
  }

  test("neither a token nor a base URL", () => refused(() => createClient({}).enrichPhone(JANE), invalid()));
  test("no options at all", () => refused(() => createClient().enrichPhone(JANE), invalid()));
  test("null as options", () => refused(() => createClient(null).enrichPhone(JANE), invalid()));
  test("the token in place of the options", () => refused(() => createClient(SECRET).enrichPhone(JANE), invalid()));
  test("a list with the token in place of the options", () => refused(() => createClient([SECRET]).enrichPhone(JANE), invalid()));
  test("the plain function without options", () => refused(() => enrichPhone(JANE), invalid()));
  test("the plain function with null as options", () => refused(() => enrichPhone(JANE, null), invalid()));
  test("options with a getter that throws", () => refused(async () => createClient({ baseUrl: sandbox.url, get token() { return hostile(); } }).enrichPhone(JANE), invalid()));

  const ofACall = [
    ["a text", "5"],
    ["the token", SECRET],
    ["an unknown option", { retries: 1 }],
    ["a client's option", { token: SECRET }],
    ["a text as the deadline", { timeoutMs: "5" }],
    ["a deadline of 0 ms", { timeoutMs: 0 }],
    ["a deadline of NaN", { timeoutMs: NaN }],
    ["a getter that throws", { get timeoutMs() { return hostile(); } }],
    ["a budget, which is a client's", { budget: { total: 5 } }],
    ["another limit", { total: 5 }],
    ...["ladder", "force", "fresh", "retryUnknown"].flatMap((name) => [1, "true", null].map((value) => [`${JSON.stringify(value)} as ${name}`, { [name]: value }])),
    ["another word for what becomes of a request that is given up on", { abort: "leave" }],
    ["an AbortController in place of its signal", { signal: new AbortController() }],
    ["a text as the signal", { signal: "stop" }],
    ["null as the signal", { signal: null }],
    ["an object as the signal", { signal: { aborted: false } }],
    ["an object that listens and can't stop listening", { signal: { aborted: false, addEventListener() {} } }],
  ];
  for (const [name, given] of ofACall) test(`of a call: ${name}`, () => refused(() => client().enrichPhone(JANE, given), invalid()));

  test("of a call: null is no options, or refused, and nothing else", async () => {
    const result = await client().enrichPhone({ email: "nobody@example.com" }, null).catch((error) => error);
    assert.ok(result.status === "not_found" || (isEnrichmentError(result) && result.code === "invalid_options"), String(result));
  });

  test("are told before the request is judged", () => refused(() => client({ timeoutMs: 0 }).enrichPhone({}), invalid()));

  test("are those of the moment when the client was made", async () => {
    const given = { baseUrl: sandbox.url, token: SECRET };
    const fresh = createClient(given);
    Object.assign(given, { baseUrl: "https://evil.test", token: "", tokn: 1 });
    assert.equal((await fresh.enrichPhone({ email: "nobody@example.com" })).status, "not_found");
  });
});

describe("a token that no header can hold", { timeout: 30_000 }, () => {
  for (const [name, token] of badTokens) {
    test(`with ${name}`, async () => {
      await refused(() => client({ token }).enrichPhone(JANE), { code: "invalid_token" });
      await refused(() => client({ token: () => token }).enrichPhone(JANE), { code: "invalid_token" });
      await refused(() => client({ token: async () => token }).enrichPhone(JANE), { code: "invalid_token" });
    });
  }

  test("a token of 4096 characters can be sent", async () => {
    const token = "t".repeat(4096);
    const error = await client({ token }).enrichPhone(JANE).catch((thrown) => thrown);
    assert.equal(error.status, 401);
    assertNowhere(token, error);
  });
});

describe("a function for the token", { timeout: 30_000 }, () => {
  for (const value of [undefined, null, 5, true, {}, [], [SECRET], Symbol("x"), 5n, new String(SECRET), () => SECRET]) {
    test(`that gives ${typeof value === "object" ? JSON.stringify(value) : String(value)}`, async () => {
      await refused(() => client({ token: () => value }).enrichPhone(JANE), { code: "invalid_token" });
      await refused(() => client({ token: async () => value }).enrichPhone(JANE), { code: "invalid_token" });
    });
  }

  for (const thrown of [new Error("the vault is closed"), "closed", undefined, null, Symbol("closed"), 5]) {
    test(`that throws or rejects with ${String(thrown)}`, async () => {
      for (const token of [() => { throw thrown; }, () => Promise.reject(thrown), async () => { throw thrown; }]) {
        const error = await refused(() => client({ token }).enrichPhone(JANE), { code: "invalid_options" });
        assert.equal(error.cause, thrown);
      }
    });
  }

  test("that never answers ends with the deadline, free and fit to be tried again", () => refused(() => client({ token: never, timeoutMs: 30 }).enrichPhone(JANE), { code: "timeout", retryable: true }));

  test("that never answers ends with an abort, free and fit to be tried again", async () => {
    const error = await refused(() => client({ token: never }).enrichPhone(JANE, { signal: AbortSignal.timeout(30) }), { code: "aborted", retryable: true });
    assert.equal(error.cause.name, "TimeoutError");
  });

  test("that itself gives up on the call", async () => {
    const controller = new AbortController();
    await refused(() => client({ token: () => (controller.abort(), SECRET) }).enrichPhone(JANE, { signal: controller.signal }), { code: "aborted", retryable: true });
  });

  test("with a thenable that throws when it is asked", () => refused(() => client({ token: () => ({ get then() { return hostile(); } }) }).enrichPhone(JANE), { code: "invalid_options" }));

  test("is asked once per call, and not for an invalid request", async () => {
    let asked = 0;
    const fresh = client({ token: () => (asked++, SECRET) });
    await refused(() => fresh.enrichPhone({}), { code: "invalid_request" });
    assert.equal(asked, 0);
    await fresh.enrichPhone({ email: "nobody@example.com" });
    assert.equal(asked, 1);
  });
});

describe("headers that can't be sent", { timeout: 30_000 }, () => {
  for (const [name, headers] of badHeaders) {
    test(name, async () => {
      for (const given of [headers, () => headers, async () => headers]) await refused(() => client({ headers: given }).enrichPhone(JANE), { code: "invalid_options" });
    });
  }

  for (const value of [null, 5, "x-a: b", Symbol("x")]) test(`a function that gives ${String(value)}`, () => refused(() => client({ headers: () => value }).enrichPhone(JANE), { code: "invalid_options" }));

  test("a function that throws", async () => assert.equal((await refused(() => client({ headers: () => { throw "closed"; } }).enrichPhone(JANE), { code: "invalid_options" })).cause, "closed"));

  test("a function that itself gives up on the call", async () => {
    const controller = new AbortController();
    await refused(() => client({ headers: () => (controller.abort(), {}) }).enrichPhone(JANE, { signal: controller.signal }), { code: "aborted", retryable: true });
  });

  test("more headers than are read are refused, not left out", async () => {
    const headers = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`x-${index}`, "1"]));
    const before = sandbox.requests().length;
    const result = await client({ headers }).enrichPhone({ email: "nobody@example.com" }).catch((error) => error);
    if (result.code === "invalid_options") return;
    assert.equal(sandbox.requests()[before].headers["x-69"], "1");
  });
});

describe("headers that can be sent", () => {
  for (const [name, headers] of Object.entries({ "a plain object": { "x-key": "a b~!" }, Headers: new Headers({ "X-Key": "a b~!" }), "a map": new Map([["x-key", "a b~!"]]), "a promise": Promise.resolve({ "x-key": "a b~!" }), "no headers": undefined })) {
    test(name, async () => {
      const before = sandbox.requests().length;
      for (const given of name === "a promise" ? [() => headers] : [headers, () => headers, async () => headers]) await client({ headers: given }).enrichPhone({ email: "nobody@example.com" });
      for (const { headers: sent } of sandbox.requests().slice(before)) assert.equal(sent["x-key"], headers && "a b~!");
    });
  }
});

describe("the probe", () => {
  test("finds a secret in every place where an error could show it", () => {
    const hidden = (make) => make(Object.assign(new Error("x"), { code: "y" }));
    const places = [
      new Error(SECRET),
      new Error("x", { cause: SECRET }),
      new Error("x", { cause: new Error(SECRET) }),
      hidden((error) => Object.defineProperty(error, "hidden", { value: SECRET })),
      hidden((error) => Object.assign(error, { issues: [{ deep: [SECRET] }] })),
      hidden((error) => Object.assign(error, { stack: SECRET })),
      hidden((error) => Object.assign(error, { [Symbol(SECRET)]: 1 })),
      { toJSON: () => SECRET },
      new Map([[1, SECRET]]),
    ];
    for (const place of places) assert.throws(() => assertNowhere(SECRET, place), /shows the secret/);
    assert.doesNotThrow(() => assertNowhere(SECRET, new Error("x")));
    assert.ok(everyTextOf(5).includes("5"));
  });
});
