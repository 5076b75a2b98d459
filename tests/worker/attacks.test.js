// Whoever means harm: nothing is spent, nothing is told, and nobody gets another person's answer. What each test leaves to
// the harness: that nobody but the vendor was called, and that no secret is in any answer or in what workerd writes.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { checkRequest } from "phone-enrichment";
import { ADMIN_KEY, costOf, PATH, startBoth, VENDOR_TOKEN } from "./support/both.js";
import { inside } from "./support/inside.js";

const JANE = { email: "jane.doe@acme.example.com" };
const FREE = ["none", 0, "none"];

/** What comes back for bytes that no client would send. */
const talk = (url, bytes) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    const parts = [];
    socket.on("data", (part) => parts.push(part)).on("close", () => resolve(Buffer.concat(parts).toString("latin1"))).on("error", (error) => (error.code === "ECONNRESET" ? resolve("") : reject(error)));
  });

describe("attacks", { concurrency: 2, timeout: 60_000 }, () => {
  const deep = (depth, inner = "1") => `${"[".repeat(depth)}${inner}${"]".repeat(depth)}`;
  const bodies = [
    ["nested as deep as it fits", deep(8000, "")],
    ["nested in a field", `{"email":${deep(7000)}}`],
    ["nested in a field that there is not", `{"email":"jane.doe@acme.example.com","x":${deep(7000)}}`],
    ["objects in objects", `${'{"a":'.repeat(2500)}1${"}".repeat(2500)}`],
    ["a prototype", '{"__proto__":{"email":"jane.doe@acme.example.com"}}'],
    ["a prototype beside a person", '{"email":"jane.doe@acme.example.com","__proto__":{"first_name":"x"}}'],
    ["a constructor", '{"constructor":{"prototype":{"email":"jane.doe@acme.example.com"}}}'],
    ["a toJSON", '{"email":"jane.doe@acme.example.com","toJSON":1}'],
    ["a then", '{"email":"jane.doe@acme.example.com","then":1}'],
    ["a list for a text", '{"email":["jane.doe@acme.example.com"]}'],
    ["a number beyond all numbers", '{"email":1e999}'],
    ["a byte order mark alone", "\ufeff"],
    ["a nul in an e-mail", '{"email":"jane.doe@acme.example.com\\u0000"}'],
    ["a line break in an e-mail", '{"email":"jane.doe@acme.example.com\\r\\nx: y"}'],
    ["half a surrogate", '{"email":"\\ud800@acme.example.com"}'],
  ];
  test("bodies made to break the reader are refused as requests, and nothing is sent", async (t) => {
    const { call, key, sandbox } = await startBoth(t);
    for (const [name, body] of bodies) {
      const answer = await call("POST", PATH, { key, body });
      assert.deepEqual([answer.status, costOf(answer)], [400, FREE], `${name}: ${answer.text.slice(0, 200)}`);
      assert.ok(answer.text.length < 2000, name);
    }
    assert.deepEqual(sandbox.requests(), []);
  });

  test("of a key that is there twice the last is asked for, charged and answered, and no other", async (t) => {
    const { call, key, sandbox } = await startBoth(t);
    const { json } = await call("POST", PATH, { key, body: '{"email":"jane.doe@acme.example.com","email":"marcus.bell@acme.example.com"}' });
    assert.deepEqual([json.results.email, sandbox.ledger().map(({ person_id }) => person_id)], ["marcus.bell@acme.example.com", ["marcus-bell"]]);
  });

  test("a body that is too large is not read, whatever its headers say", async (t) => {
    const { call, key, url, sandbox } = await startBoth(t);
    const stream = (bytes) => new ReadableStream({ pull: (out) => (bytes > 0 ? out.enqueue(new Uint8Array(Math.min(4096, bytes)).fill(32)) : out.close(), void (bytes -= 4096)) });
    for (const [name, body] of [["declared", " ".repeat(1_000_000)], ["in chunks", stream(200_000)], ["by one byte", " ".repeat(16_385)], ["by one byte, in chunks", stream(16_385)]]) {
      // Whoever refuses to read on may end the connection before all is sent.
      const answer = await call("POST", PATH, { key, body }).catch((error) => ({ status: 413, headers: {}, error }));
      assert.equal(answer.status, 413, name);
      if (!answer.error) assert.deepEqual(costOf(answer), FREE, name);
    }
    const lies = await talk(url, `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Token ${key}\r\nContent-Type: application/json\r\nContent-Length: 5\r\nConnection: close\r\n\r\n${JSON.stringify(JANE)}`);
    assert.match(lies, /^HTTP\/1.1 400 /);
    assert.deepEqual(sandbox.requests(), []);
    assert.equal((await call("POST", PATH, { body: " ".repeat(1_000_000) }).catch(() => ({ status: 401 }))).status, 401, "nobody's body is not read at all");
  });

  test("whatever is in a header that is read is refused or means nothing", async (t) => {
    const { call, url, key, sandbox } = await startBoth(t);
    const headers = [
      ["idempotency-key", ["a b", "\u00e9", "a\tb", "k".repeat(5000)]],
      ["enrichment-force", ["TRUE", "1", "true, true", "false", "true;x"]],
    ];
    for (const [name, values] of headers) for (const value of values) {
      const answer = await call("POST", PATH, { key, body: JANE, headers: { [name]: value } });
      assert.deepEqual([answer.status, costOf(answer)], [400, FREE], `${name}: ${value.slice(0, 20)}`);
    }
    for (const type of ["application/json\u00e9", "text/json", "application/jsonp", "application/x-json", "json", ",application/json", "multipart/form-data; application/json"]) assert.equal((await call("POST", PATH, { key, body: JANE, type })).status, 415, type);
    // What nobody's client lets through goes out byte by byte: a line of one's own is a line of its own, or no request.
    const lines = (...more) => [`POST ${PATH} HTTP/1.1`, "Host: x", "Connection: close", "Content-Type: application/json", "Content-Length: 2", ...more, "", "{}"].join("\r\n");
    for (const more of [[`Authorization: Token ${key}\rX: y`], [`Authorization: Token ${key}\nAuthorization: Token ${key}`], [`Authorization: Token ${key}`, `Authorization: Token ${ADMIN_KEY}`], [`Authorization: Token ${key}\0`], ["Transfer-Encoding: chunked", `Authorization: Token ${key}`], ["Origin: https://a.example.com\r\n x", `Authorization: Token ${key}`], [`Idempotency-Key: a\r\n\tb`, `Authorization: Token ${key}`]]) {
      const answer = await talk(url, lines(...more));
      assert.doesNotMatch(answer, /^HTTP\/1.1 [23]/, String(more));
      for (const secret of [key, ADMIN_KEY, VENDOR_TOKEN]) assert.ok(!answer.includes(secret));
    }
    // As an object's own names.
    for (const value of ["__proto__", "constructor", "toString", "' OR 1=1 --"]) assert.notEqual((await call("POST", PATH, { key, body: {}, headers: { "idempotency-key": value } })).status, 500);
    assert.deepEqual(sandbox.requests(), []);
  });

  test("no path, method or header leads around the key or to something else", async (t) => {
    const { url, call, key, sandbox } = await startBoth(t, { limits: { GUESSES: 1000 } });
    const paths = [
      "//external/phone/enrichment/", "/external//phone/enrichment/", "/external/phone/enrichment", "/external/phone/enrichment//", "/External/phone/enrichment/", "/external/phone/enrichment/%2e%2e/enrichment/", "/%65xternal/phone/enrichment/",
      "/external/phone/enrichment%2f", "/external%2fphone/enrichment/", "/external/phone/enrichment/;x", "/healthz/../external/phone/enrichment/", "/healthz/%2e%2e/external/phone/enrichment/", "/external/phone/enrichment/?x", "/external/phone/enrichment/%00", "/external\\phone\\enrichment\\",
      "/v1/keys", "/%76%31/keys", "//v1/keys", "/V1/keys", "/v1//keys", "/v1/keys/", "/v1/./keys", "/openapi.json/../v1/keys", "/v1%2fkeys", "/.%2e/v1/keys", "/external/../v1/keys", "http://x/v1/keys", "*",
    ];
    const overrides = ["X-HTTP-Method-Override: POST", "X-Method-Override: POST", "X-Original-URL: /v1/keys", "X-Rewrite-URL: /v1/keys"];
    for (const path of paths) for (const method of ["POST", "GET", "DELETE"]) {
      const answer = await talk(url, [`${method} ${path} HTTP/1.1`, "Host: x", "Connection: close", "Content-Type: application/json", `Content-Length: ${JSON.stringify(JANE).length}`, ...overrides, "", JSON.stringify(JANE)].join("\r\n"));
      assert.doesNotMatch(answer, /^HTTP\/1.1 [23]/, `${method} ${path}`);
    }
    // With a key for lookups, what is not the path is nothing.
    for (const path of ["/external/phone/enrichment", "//external/phone/enrichment/", "/External/phone/enrichment/", "/external/phone/enrichment%2f", "/external/phone/enrichment//"]) assert.equal((await call("POST", path, { key, body: JANE })).status, 404, path);
    for (const override of overrides) {
      const [name, value] = override.split(": ");
      assert.equal((await call("GET", PATH, { key, headers: { [name]: value } })).status, 405);
      assert.equal((await call("GET", "/healthz", { headers: { [name]: value } })).text, '{"ok":true}');
    }
    assert.deepEqual(sandbox.requests(), []);
  });

  test("a form of another site, which asks nobody first, spends nothing", async (t) => {
    const { call, key, sandbox } = await startBoth(t);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      for (const origin of ["https://evil.example.com", "null"]) assert.equal((await call("POST", PATH, { key, type, body: JSON.stringify(JANE), headers: { origin } })).status, 403);
      assert.equal((await call("POST", PATH, { key, type, body: JSON.stringify(JANE) })).status, 415);
    }
    assert.deepEqual(sandbox.requests(), []);
  });

  // Pairs that look alike. What the one was told is kept, and the other must be told what the sandbox's own book says of
  // what would be sent for it.
  const profile = (slug) => ({ linkedin_url: `https://www.linkedin.com/in/${slug}` });
  const lookAlikes = [
    [profile("jane-doe"), profile("j\u0430ne-doe")], [profile("jane-doe"), profile("jane-d\u03bfe")], [profile("jane-doe"), profile("jane\u2010doe")], [profile("jane-doe"), profile("jane-doe1")], [profile("jane-doe"), profile("jane--doe")],
    [profile("jane-doe"), profile("jane_doe")], [profile("jane-doe"), profile("ｊane-doe")], [profile("jane-doe"), profile("JANE-DOE")], [profile("jane-doe"), profile("jane%2Ddoe")], [profile("jane-doe"), profile("jane-doe%00")], [profile("jane-doe"), profile("jane-doe\u200b")],
    [profile("zoé-lefèvre"), profile("zoe\u0301-lefe\u0300vre")], [profile("zoé-lefèvre"), profile("zoe-lefevre")], [profile("anna-müller-9b1a"), profile("anna-muller-9b1a")], [profile("dilek-işık"), profile("dilek-işik")], [profile("dilek-işık"), profile("DİLEK-IŞIK")],
    [JANE, { email: "jane.doe+x@acme.example.com" }], [JANE, { email: "janedoe@acme.example.com" }], [JANE, { email: "Jane.Doe@ACME.example.com" }], [JANE, { email: "jane.doe@acme.example.com.evil.com" }], [JANE, { email: "jane.doe@acrne.example.com" }], [JANE, { email: "j\u0430ne.doe@acme.example.com" }],
    [JANE, { email: "jane.doe@acme.example.org" }], [JANE, { email: "jane.doe@\u0430cme.example.com" }], [{ email: "sean.o'casey@harbour.example.org" }, { email: "sean.o\u2019casey@harbour.example.org" }], [{ email: "mary-anne.st.clair+work@harbour.example.org" }, { email: "mary-anne.st.clair@harbour.example.org" }],
    [{ first_name: "Sam", last_name: "Taylor", company_website: "northwind.example.com" }, { first_name: "Sam", last_name: "Taylor", company_website: "southwind.example.com" }],
    [{ first_name: "Jane", last_name: "Doe", company_name: "Acme" }, { first_name: "Jane", last_name: "Doe", company_name: "\u0410cme" }], [{ first_name: "Jane", last_name: "Doe", company_name: "Acme" }, { first_name: "Jane", last_name: "Doe Acme", company_name: "Acme" }],
    [{ first_name: "Jane", last_name: "Doe", company_name: "Acme" }, { first_name: "Jane", last_name: "Doe", company_website: "acme.com" }], [{ first_name: "Jane|Doe", last_name: "X", company_name: "Acme" }, { first_name: "Jane", last_name: "Doe|X", company_name: "Acme" }],
  ];
  test("whoever looks like somebody else gets nobody's answer but what the vendor has for them", async (t) => {
    const { lookup, key, sandbox } = await startBoth(t, { twice: true });
    /** What the vendor itself says of a request, past the Worker. */
    const straight = async (request) => {
      const checked = await checkRequest(request);
      if (!checked.ok) return "refused";
      const body = checked.lookup.request;
      const reply = await fetch(sandbox.url + PATH, { method: "POST", headers: { authorization: `Token ${VENDOR_TOKEN}`, "content-type": "application/json" }, body: JSON.stringify(body) });
      return (await reply.json()).results?.phone;
    };
    let same = 0;
    for (const [person, other] of lookAlikes) {
      sandbox.reset();
      const [truth, otherTruth] = [await straight(person), await straight(other)];
      sandbox.reset();
      if (truth !== "refused") assert.equal((await lookup(key, person)).json.results?.phone, truth, JSON.stringify(person));
      const answer = await lookup(key, other);
      const name = `${JSON.stringify(person)}, and then ${JSON.stringify(other)}: ${answer.text}`;
      if (otherTruth === "refused") assert.equal(answer.status, 400, name);
      else assert.deepEqual([answer.status, answer.json.results?.phone], [200, otherTruth], name);
      same += truth === otherTruth;
    }
    assert.ok(same >= 3, "some are the same by all accounts");
    sandbox.reset();
  });

  test("nothing but VENDOR_URL is ever fetched, whatever address a request or its headers hold", async (t) => {
    const { call, lookup, key, sandbox } = await startBoth(t, { also: inside });
    const own = `http://127.0.0.1:${sandbox.port}/trap`;
    for (const company_website of [own, "http://169.254.169.254/latest/meta-data", "http://localhost:8080", "file:///etc/passwd", "evil.example.com", "https://user:pass@evil.example.com/x", "gopher://evil.example.com", "//evil.example.com", "http://[::1]/"]) await lookup(key, { first_name: "Jane", last_name: "Doe", company_website });
    for (const linkedin_url of [own, "https://evil.example.com/in/jane-doe", "https://www.linkedin.com@evil.example.com/in/jane-doe", "https://evil.example.com/?https://www.linkedin.com/in/jane-doe", "https://www.linkedin.com.evil.com/in/jane-doe", "https://www.linkedin.com:8443/in/jane-doe", "//169.254.169.254/in/jane-doe", "https://www.linkedin.com/redirect?url=http://evil.example.com"]) await lookup(key, { linkedin_url });
    const headers = { "x-forwarded-host": "evil.example.com", "x-forwarded-proto": "http", forwarded: "host=evil.example.com", "x-original-host": "evil.example.com", "cf-worker": "evil.example.com", "x-vendor-url": own, "x-sandbox-fault": "500", cookie: "a=b", referer: own };
    for (const [name, value] of Object.entries(headers)) {
      const answer = await call("POST", PATH, { key, body: { email: `nobody.${name}@example.org` }, headers: { [name]: value } });
      assert.equal(answer.status, 200, name);
      assert.ok(!JSON.stringify(answer.headers).includes("evil"), name);
    }
    assert.ok(sandbox.requests().length >= Object.keys(headers).length);
  });

  test("a vendor's redirect is not followed, wherever it leads", async (t) => {
    const { lookup, key, sandbox } = await startBoth(t);
    for (const status of [301, 302, 303, 307, 308]) for (const to of [undefined, "/__sandbox/ledger"]) {
      sandbox.setFaults([{ fault: "redirect", status, ...(to && { to }) }]);
      const answer = await lookup(key, { email: `nobody.${status}.${to?.length ?? 0}@example.org` });
      assert.deepEqual([answer.status, costOf(answer)[0]], [502, "possible"]);
      assert.ok(!answer.headers.location && !answer.text.includes("900-555"));
    }
    assert.equal(sandbox.requests().length, 10);
  });

  const found = (results) => ({ success: true, status: "success", results, remaining_credits: 5 });
  const answers = [
    ["huge", { fault: "huge", bytes: 8_000_000 }, 502], ["huge, in chunks", { fault: "huge", bytes: 8_000_000, chunked: true }, 502],
    ["nested", { fault: "status", status: 200, body: `{"success":true,"status":"success","results":${deep(20_000)}}` }, 502],
    ["a wrong type", { fault: "status", status: 200, body: found({ phone: { toString: 1 } }) }, 502],
    ["a list of people", { fault: "status", status: 200, body: [found({ phone: "+1" })] }, 502],
    ["an error that names the token", { fault: "status", status: 500, body: `<script>alert(1)</script> ${VENDOR_TOKEN}` }, 502],
    ["a refusal that names the token", { fault: "status", status: 400, body: { error: VENDOR_TOKEN, detail: "<script>" } }, 403],
    ["a 402 that is no number", { fault: "status", status: 402, body: { error: VENDOR_TOKEN, required: "<script>", balance: { a: 1 } } }, 402],
    ["a time to wait that is none", { fault: "429", retryAfter: "<script>1</script>" }, 429],
    ["a time to wait beyond all times", { fault: "429", retryAfter: "9".repeat(40) }, 429],
  ];
  for (const [name, fault, status] of answers) {
    test(`an evil answer of the vendor's (${name}) is told in this Worker's own words`, async (t) => {
      const { lookup, key } = await startBoth(t, { vendor: { faults: [fault] } });
      const answer = await lookup(key, JANE);
      assert.equal(answer.status, status, answer.text.slice(0, 200));
      assert.ok(answer.text.length < 1000 && !answer.text.includes("script"), answer.text.slice(0, 200));
      const wait = answer.headers["retry-after"];
      assert.ok(wait === undefined || /^\d{1,17}$/.test(wait), `retry-after: ${wait}`);
    });
  }

  test("markup and line breaks in an answer stay text in JSON, and never become a header or a page", async (t) => {
    const phone = "<img src=x onerror=alert(1)>\r\nSet-Cookie: a=b\u2028";
    const { lookup, key } = await startBoth(t, { vendor: { faults: [{ fault: "status", status: 200, body: found({ phone, email: "</script>" }) }] } });
    const answer = await lookup(key, JANE);
    assert.deepEqual([answer.status, answer.json.results], [200, { phone, email: "</script>" }]);
    assert.deepEqual([answer.headers["content-type"], answer.headers["x-content-type-options"], answer.headers["set-cookie"]], ["application/json", "nosniff", undefined]);
    assert.deepEqual(Object.keys(answer.json), ["success", "status", "results", "remaining_credits"]);
  });

  test("an error inside is told without what was thrown, and workerd writes nothing of anybody", async (t) => {
    const { call, lookup, key, output, url } = await startBoth(t, { also: inside.replace("end() {", "async lookup() { throw new Error('jane.doe@acme.example.com " + VENDOR_TOKEN + "'); } end() {") });
    const answer = await lookup(key, JANE, { origin: url });
    assert.deepEqual([answer.status, answer.json.code, costOf(answer)], [500, "unexpected", ["possible", 0, "none"]]);
    assert.equal(answer.headers["access-control-allow-origin"], url, "a page may read that it may have cost");
    assert.ok(!answer.text.includes("jane"));
    assert.match(output(), /unexpected: Error/);
    assert.equal((await call("GET", "/healthz")).status, 200);
  });
});
