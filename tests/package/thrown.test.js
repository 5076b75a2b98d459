// Any value may be thrown, and anything may come back: every call ends as an outcome or an EnrichmentError that says what it
// may have cost, no timer and no listener stays behind, and the same client goes on working.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { getEventListeners, setMaxListeners } from "node:events";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import vm from "node:vm";
import { createClient, isEnrichmentError } from "phone-enrichment";
import { startSandbox } from "phone-enrichment/sandbox";
import { consumer } from "./support/installed.js";
import { assertNowhere } from "./support/probe.js";

const SECRET = "5ecret-Sauce-0f-Nobody";
const JANE = { email: "jane.doe@acme.example.com" };
const NOBODY = { email: "nobody@example.com" };

let sandbox;
before(async () => (sandbox = await startSandbox({ token: SECRET, credits: 10_000 })));
after(() => sandbox?.close());

const unhandled = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
process.on("uncaughtExceptionMonitor", (error) => unhandled.push(error));

/** A client whose fetch can be changed. */
function clientWith(options = {}) {
  let send;
  const client = createClient({ baseUrl: sandbox.url, token: SECRET, timeoutMs: 2000, ...options, fetch: (...given) => (send ?? globalThis.fetch)(...given) });
  return { client, use: (fetch) => (send = fetch) };
}

async function within(ms, promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`the call never ended`)), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** What a call ends with; never anything but one of ours. */
async function ends(call) {
  const result = await within(4000, call.then((outcome) => ({ status: outcome.status, charge: outcome.meta.charge, outcome }), (error) => ({ error })));
  if (!("error" in result)) return result;
  const { error } = result;
  assert.ok(isEnrichmentError(error), `thrown was ${String(error?.stack ?? error)}`);
  assertNowhere(SECRET, error.message);
  assertNowhere(SECRET, error.stack);
  return { code: error.code, charge: error.charge, error };
}

async function stillWorks({ client, use }) {
  use(undefined);
  // What a 402 opened is closed by whoever filled the wallet.
  client.closeBreaker();
  assert.equal((await within(4000, client.enrichPhone(NOBODY))).status, "not_found");
}

const rejects = (reason) => () => Promise.reject(reason);
const throws = (reason) => () => {
  throw reason;
};
const frozen = Object.freeze(new TypeError("frozen"));
const foreign = vm.runInNewContext("new TypeError('of another realm')");
const foreignPlain = vm.runInNewContext("({ message: 'plain' })");
const trap = () => {
  throw new Error("a trap of a proxy");
};
const hostile = new Proxy({}, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap });
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const selfCause = new Error("its own cause");
selfCause.cause = selfCause;

const reasons = {
  "a text": "why",
  "an empty text": "",
  undefined,
  null: null,
  zero: 0,
  NaN,
  false: false,
  "a bigint": 10n,
  "a symbol": Symbol("why"),
  "a function": () => "why",
  "an error": new TypeError("fetch failed", { cause: new Error("ECONNRESET") }),
  "a frozen error": frozen,
  "an error of another realm": foreign,
  "an object of another realm": foreignPlain,
  "a DOMException": new DOMException("The operation was aborted.", "AbortError"),
  "an error that is its own cause": selfCause,
  "an object without a prototype": Object.create(null),
  "a proxy whose every trap throws": hostile,
  "a proxy that was revoked": revoked,
  "an error whose message throws": Object.defineProperty(new Error("x"), "message", { get: trap }),
  "an error that can't be told from one of ours by its name": Object.assign(new Error("x"), { name: "EnrichmentError", code: "none" }),
};

describe("a fetch that rejects or throws", { concurrency: 8, timeout: 30_000 }, () => {
  for (const [name, reason] of Object.entries(reasons)) {
    test(`with ${name} is a lost request, in doubt, with that as its cause`, async () => {
      for (const fetch of [rejects(reason), throws(reason)]) {
        const turn = clientWith();
        turn.use(fetch);
        const { code, charge, error } = await ends(turn.client.enrichPhone(JANE));
        assert.deepEqual({ code, charge, retryable: error.retryable }, { code: "network", charge: "possible", retryable: false });
        assert.ok(Object.is(error.cause, reason));
        assert.equal("cause" in error, reason !== undefined);
        assert.ok(!Object.keys(error).includes("cause"));
        await stillWorks(turn);
      }
    });
  }
});

const body = JSON.stringify({ success: true, status: "success", results: { phone: "+1 212-555-0101" }, remaining_credits: 95 });
const bytes = new TextEncoder().encode(body);
/** A reply whose body comes in these parts, and then fails or ends. */
const stream = (parts, fail) =>
  new ReadableStream({
    pull(controller) {
      if (parts.length > 0) controller.enqueue(parts.shift());
      else if (fail) controller.error(fail.reason);
      else controller.close();
    },
  });
const reply = (parts, fail) => new Response(stream([...parts], fail));
const like = (rest) => ({ status: 200, headers: new Headers(), body: reply([bytes]).body, ...rest });
const reader = (read) => ({ getReader: () => ({ read }) });
const once = (value) => {
  let left = 1;
  return reader(async () => (left-- > 0 ? { done: false, value } : { done: true }));
};
const found = { status: "success", charge: "confirmed" };
const doubt = (code) => ({ code, charge: "possible" });

// What fetch gives; how the call ends.
const replies = {
  "undefined": [() => undefined, doubt("network")],
  "null": [() => null, doubt("network")],
  "a text": [() => body, doubt("network")],
  "a number": [() => 200, doubt("network")],
  "a Response, at once": [() => new Response(body), found],
  "a thenable": [() => ({ then: (resolve) => resolve(new Response(body)) }), found],
  "a thenable that calls back at once, and twice": [() => ({ then: (resolve, reject) => (resolve(new Response(body)), reject("late"), resolve(1)) }), found],
  "a thenable that throws": [() => ({ then: trap }), doubt("network")],
  "a thenable whose then is a getter that throws": [() => ({ get then() { return trap(); } }), doubt("network")],
  "an empty object": [() => ({}), doubt("network")],
  "a proxy whose every trap throws": [() => hostile, doubt("network")],
  "a reply without headers": [() => like({ headers: undefined }), found],
  "a reply with headers that are none": [() => like({ headers: {} }), null],
  "a reply whose headers throw": [() => like({ headers: { get: trap } }), null],
  "a 429 whose Retry-After is a number": [() => like({ status: 429, headers: { get: () => 70 } }), { code: "rate_limited", charge: "none" }],
  "a reply whose Retry-After is an object": [() => like({ headers: { get: () => ({}) } }), found],
  "a reply whose Retry-After is null": [() => like({ headers: { get: () => null } }), found],
  "a reply without a status": [() => like({ status: undefined }), doubt("network")],
  "a reply with a status that is a text": [() => like({ status: "200" }), null],
  "a reply with a status that is an object": [() => like({ status: {} }), null],
  "a reply with a status that is a symbol": [() => like({ status: Symbol("200") }), null],
  "a reply with a status that is a bigint": [() => like({ status: 200n }), null],
  "a reply with the status 65736, which is 200 in 16 bits": [() => like({ status: 65_736 }), null, ["success"]],
  "a reply with the status -1": [() => like({ status: -1 }), null],
  "a reply with the status NaN": [() => like({ status: NaN }), doubt("network")],
  "a reply whose status throws": [() => like({ get status() { return trap(); } }), doubt("network")],
  "an opaque reply": [() => Response.error(), doubt("network")],
  "a reply without a stream, and with arrayBuffer": [() => like({ body: undefined, arrayBuffer: async () => bytes.slice().buffer }), found],
  "a reply without a stream, and without arrayBuffer": [() => like({ body: undefined }), doubt("malformed_response")],
  "a reply whose arrayBuffer rejects with a text": [() => like({ body: undefined, arrayBuffer: rejects("why") }), doubt("malformed_response")],
  "a reply whose arrayBuffer is a text": [() => like({ body: undefined, arrayBuffer: async () => body }), doubt("malformed_response")],
  "a reply whose body is null": [() => like({ body: null }), doubt("malformed_response")],
  "a reply whose body is a text": [() => like({ body }), doubt("malformed_response")],
  "a reply whose body was read before": [async () => { const used = new Response(body); await used.text(); return used; }, doubt("malformed_response")],
  "a reply whose body someone else reads": [() => { const held = new Response(body); held.body.getReader(); return held; }, doubt("malformed_response")],
  "a body in chunks of one byte": [() => reply([...bytes].map((byte) => Uint8Array.of(byte))), found],
  "a body with empty chunks": [() => reply([new Uint8Array(), bytes, new Uint8Array()]), found],
  "a body that breaks in the middle of a character": [() => reply([new TextEncoder().encode(body.replace("success", "süccess")).subarray(0, 4), new TextEncoder().encode(body.replace("success", "süccess")).subarray(4)]), found],
  "a body with a chunk that is a text": [() => like({ body: once(body) }), null],
  "a body with a chunk that is undefined": [() => like({ body: once(undefined) }), null],
  "a body with a chunk that is a number": [() => like({ body: once(5) }), null],
  "a body with a chunk that is an ArrayBuffer": [() => like({ body: once(bytes.slice().buffer) }), null],
  "a body with a chunk of 16-bit numbers": [() => like({ body: once(Uint16Array.from(bytes)) }), null],
  "a body with a chunk of bytes of another realm": [() => like({ body: once(vm.runInNewContext(`new TextEncoder().encode(body)`, { TextEncoder, body })) }), found],
  "a body with a chunk that says it is endless": [() => like({ body: once({ length: Infinity, subarray: () => new Uint8Array() }) }), doubt("malformed_response")],
  "a body with a chunk that says it is longer than nothing": [() => like({ body: once({ length: -1 }) }), null],
  "a body whose reader gives undefined": [() => like({ body: reader(async () => undefined) }), doubt("malformed_response")],
  "a body whose reader rejects with undefined": [() => like({ body: reader(rejects(undefined)) }), doubt("malformed_response")],
  "a body whose reader throws a symbol": [() => like({ body: reader(throws(Symbol("why"))) }), doubt("malformed_response")],
  "a body that can't be read": [() => like({ body: { getReader: trap } }), doubt("malformed_response")],
  "a body that is cut with a text": [() => reply([bytes.subarray(0, 20)], { reason: "why" }), doubt("malformed_response")],
  "a body that is whole and then fails": [() => reply([bytes], { reason: foreign }), doubt("malformed_response")],
  "a body that is no UTF-8": [() => reply([Uint8Array.of(0xff, 0xfe, 0xc3, 0x28)]), doubt("malformed_response")],
  "a body that never ends": [() => reply(Array.from({ length: 100 }, () => new Uint8Array(1024))), doubt("malformed_response")],
  "a body of 100,000 nested lists": [() => new Response("[".repeat(100_000)), doubt("malformed_response")],
  "a body that means to poison prototypes": [() => new Response('{"__proto__":{"status":"success","results":{"phone":"+15551234567"}},"success":true}'), doubt("malformed_response")],
  "a body whose phone has a lone surrogate": [() => new Response('{"success":true,"status":"success","results":{"phone":"\\ud800 +1"},"remaining_credits":1e400}'), found],
  "a refusal whose body can't be read": [() => like({ status: 401, body: { getReader: trap } }), { code: "invalid_token", charge: "none" }],
  "a refusal for no credits whose figures are odd": [() => new Response('{"required":"5","balance":1.5}', { status: 402 }), { code: "insufficient_credits", charge: "none" }],
};

describe("a fetch that gives", { concurrency: 8, timeout: 30_000 }, () => {
  for (const [name, [fetch, expected, never = []]] of Object.entries(replies)) {
    test(name, async () => {
      const turn = clientWith();
      turn.use(fetch);
      const { outcome, error, ...end } = await ends(turn.client.enrichPhone(JANE));
      if (expected) assert.deepEqual(end, expected);
      // Where nobody could say what is right: whatever came back, it may have been charged.
      else assert.ok(end.charge === "possible" || (end.charge === "confirmed" && !never.includes(end.status)), JSON.stringify(end));
      assert.equal({}.status, undefined);
      await stillWorks(turn);
    });
  }
});

const never = () => new Promise(() => {});
describe("a call that would never end", { concurrency: 8, timeout: 30_000 }, () => {
  const hangs = {
    "a fetch that never answers": never,
    "a fetch that never answers and ignores its signal": () => never(),
    "a thenable that never calls back": () => ({ then() {} }),
    "a body that never comes": () => like({ body: reader(never) }),
    "a body that stops": () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(bytes.subarray(0, 5)) })),
    "an arrayBuffer that never comes": () => like({ body: undefined, arrayBuffer: never }),
  };
  for (const [name, fetch] of Object.entries(hangs)) {
    test(`${name} is ended by the deadline`, async () => {
      const turn = clientWith({ timeoutMs: 80 });
      turn.use(fetch);
      const begun = performance.now();
      const { code, charge, error } = await ends(turn.client.enrichPhone(JANE));
      assert.deepEqual({ code, charge, cause: "cause" in error }, { code: "timeout", charge: "possible", cause: false });
      assert.ok(performance.now() - begun >= 75);
      turn.use(undefined);
      assert.equal((await turn.client.enrichPhone(NOBODY, { timeoutMs: 2000 })).status, "not_found");
    });

    test(`${name} is ended by the caller`, async () => {
      const turn = clientWith();
      turn.use(fetch);
      const controller = new AbortController();
      setTimeout(() => controller.abort("enough"), 40);
      const { code, charge, error } = await ends(turn.client.enrichPhone(JANE, { signal: controller.signal }));
      assert.deepEqual({ code, charge, cause: error.cause }, { code: "aborted", charge: "possible", cause: "enough" });
      await stillWorks(turn);
    });
  }

  test("an answer that comes after the deadline changes nothing", async () => {
    const turn = clientWith({ timeoutMs: 40 });
    let late;
    turn.use(() => new Promise((resolve, reject) => (late = { resolve, reject })));
    assert.equal((await ends(turn.client.enrichPhone(JANE))).code, "timeout");
    late.resolve(new Response(body));
    await new Promise((resolve) => setTimeout(resolve, 20));
    turn.use(undefined);
    assert.equal((await turn.client.enrichPhone(NOBODY, { timeoutMs: 2000 })).status, "not_found");
  });

  test("the request is really broken off where that is asked for: fetch hears of the deadline, with an error of its own realm", async () => {
    const turn = clientWith({ timeoutMs: 40, abort: "cancel" });
    let signal;
    turn.use((_, init) => ((signal = init.signal), never()));
    await ends(turn.client.enrichPhone(JANE));
    assert.equal(signal.aborted, true);
    assert.ok(signal.reason instanceof DOMException && signal.reason.name === "AbortError");
  });

  test("by default it is left to finish, and the service sees no connection go", async (t) => {
    const service = await startSandbox({ faults: [{ fault: "delay", ms: 1500 }] });
    t.after(() => service.close());
    const turn = clientWith({ baseUrl: service.url, token: service.token, timeoutMs: 500 });
    let signal;
    turn.use((request, init) => ((signal = init.signal), fetch(request, init)));
    assert.equal((await ends(turn.client.enrichPhone(JANE))).code, "timeout");
    await service.idle();
    assert.deepEqual([signal.aborted, service.requests()[0].aborted], [false, false]);
  });

  test("the service sees the connection go when the caller gives up and wants that", async () => {
    const service = await startSandbox({ faults: [{ fault: "delay", ms: 300 }] });
    const controller = new AbortController();
    const call = createClient({ baseUrl: service.url, token: service.token, abort: "cancel" }).enrichPhone(JANE, { signal: controller.signal });
    while (service.requests().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    assert.equal((await ends(call)).code, "aborted");
    await service.idle();
    assert.equal(service.requests()[0].aborted, true);
    await service.close();
  });
});

describe("a signal that is aborted", { timeout: 30_000 }, () => {
  for (const [name, reason] of Object.entries(reasons).filter(([, reason]) => reason !== undefined)) {
    test(`with ${name} ends the call before it begins, free, with that as its cause`, async () => {
      const turn = clientWith();
      const { code, charge, error } = await ends(turn.client.enrichPhone(JANE, { signal: AbortSignal.abort(reason) }));
      assert.deepEqual({ code, charge, retryable: error.retryable }, { code: "aborted", charge: "none", retryable: true });
      assert.ok(Object.is(error.cause, reason));
      await stillWorks(turn);
    });
  }

  test('by controller.abort("why"), while the request is out', async () => {
    const turn = clientWith();
    const controller = new AbortController();
    turn.use((request, init) => {
      setTimeout(() => controller.abort("why"), 20);
      return fetch(request, { ...init, signal: AbortSignal.any([init.signal, controller.signal]) });
    });
    sandbox.setFaults([{ fault: "delay", ms: 100 }]);
    const { code, charge, error } = await ends(turn.client.enrichPhone(JANE, { signal: controller.signal }));
    sandbox.setFaults([]);
    assert.deepEqual({ code, charge, cause: error.cause }, { code: "aborted", charge: "possible", cause: "why" });
    await stillWorks(turn);
  });

  test("without a reason has the runtime's own", async () => {
    const { error } = await ends(clientWith().client.enrichPhone(JANE, { signal: AbortSignal.abort() }));
    assert.equal(error.cause.name, "AbortError");
  });

  test("by a timeout has that as its cause", async () => {
    const turn = clientWith();
    turn.use(never);
    const { code, error } = await ends(turn.client.enrichPhone(JANE, { signal: AbortSignal.timeout(20) }));
    assert.deepEqual([code, error.cause.name], ["aborted", "TimeoutError"]);
  });

  test("after the answer changes nothing", async () => {
    const controller = new AbortController();
    const outcome = await clientWith().client.enrichPhone(NOBODY, { signal: controller.signal });
    controller.abort("late");
    assert.equal(outcome.status, "not_found");
  });

  const places = {
    "in onRequest": (stop) => ({ onRequest: stop }),
    "in fetch": (stop) => ({ fetch: () => (stop(), never()) }),
    "in fetch, which then throws": (stop) => ({ fetch: () => { stop(); throw "stopped"; } }),
    "in the function for the token": (stop) => ({ token: () => (stop(), SECRET) }),
    "in the function for the headers": (stop) => ({ headers: () => (stop(), {}) }),
    "in onOutcome": (stop) => ({ onOutcome: stop }),
  };
  for (const [place, options] of Object.entries(places)) {
    test(`${place} ends the call as any other abort does`, async () => {
      const controller = new AbortController();
      const client = createClient({ baseUrl: sandbox.url, token: SECRET, ...options(() => controller.abort("why")) });
      const result = await ends(client.enrichPhone(NOBODY, { signal: controller.signal }));
      if (place === "in onOutcome") return void assert.equal(result.status, "not_found");
      assert.equal(result.code, "aborted");
      assert.equal(result.error.cause, "why");
      assert.equal(getEventListeners(controller.signal, "abort").length, 0);
      // The client itself is as good as before.
      const again = await ends(client.enrichPhone(NOBODY, place.startsWith("in fetch") ? { signal: AbortSignal.abort("again") } : {}));
      assert.ok(again.status === "not_found" || again.error.cause === "again");
    });
  }

  test("in onRequest is never charged without a word", async () => {
    const service = await startSandbox();
    const controller = new AbortController();
    const error = await createClient({ baseUrl: service.url, token: service.token, onRequest: () => controller.abort() }).enrichPhone(JANE, { signal: controller.signal }).catch((thrown) => thrown);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await service.idle();
    const charges = service.ledger().length;
    await service.close();
    assert.ok(charges === 0 || error.charge === "possible", `charged ${charges} times, and the call ended with ${error}`);
  });
});

describe("what a call leaves behind", { timeout: 30_000 }, () => {
  const endings = {
    "a found": { request: JANE },
    "a not-found": { request: NOBODY },
    "an invalid request": { request: {} },
    "wrong options": { request: JANE, options: { timeoutMs: 0 } },
    "a token that is none": { request: JANE, options: { token: "a b" } },
    "a token that never comes": { request: JANE, options: { token: never, timeoutMs: 20 } },
    "a lost request": { request: JANE, options: { fetch: rejects("why") } },
    "a deadline": { request: JANE, options: { fetch: never, timeoutMs: 20 } },
    "a rate limit": { request: JANE, options: { fetch: async () => new Response("", { status: 429, headers: { "retry-after": "0" } }), maxRateLimitRetries: 1 } },
    "a page of HTML": { request: JANE, options: { fetch: async () => new Response("<html>") } },
  };
  for (const [name, { request, options }] of Object.entries(endings)) {
    test(`${name} leaves no listener on the signal`, async () => {
      const { signal } = new AbortController();
      const client = createClient({ baseUrl: sandbox.url, token: SECRET, ...options });
      await ends(client.enrichPhone(request, { signal }));
      assert.equal(getEventListeners(signal, "abort").length, 0);
    });
  }

  test("a thousand calls on one signal add no listener, and no more than one each while they run", async () => {
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    let most = 0;
    const client = createClient({
      baseUrl: sandbox.url,
      token: SECRET,
      fetch: async () => {
        most = Math.max(most, getEventListeners(signal, "abort").length);
        return new Response(body);
      },
    });
    // Somebody else each time: whoever is known needs no request.
    const one = (round, index) => client.enrichPhone({ email: `jane.${round}.${index}@acme.example.com` }, { signal });
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 100 }, (_, index) => one(round, index)));
    assert.equal(getEventListeners(signal, "abort").length, 0);
    assert.ok(most > 0 && most <= 100, `${most}`);
  });

  test("an aborted signal that many calls share ends all of them, and keeps none", async () => {
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const { client, use } = clientWith();
    use(never);
    const calls = Array.from({ length: 50 }, () => ends(client.enrichPhone(JANE, { signal: controller.signal })));
    setTimeout(() => controller.abort("all"), 20);
    for (const { code, error } of await Promise.all(calls)) assert.deepEqual([code, error.cause], ["aborted", "all"]);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });

  test("a program ends as soon as its calls have, whatever they ended with", async () => {
    const program = `
      import { createClient } from "phone-enrichment";
      const body = ${JSON.stringify(body)};
      const never = () => new Promise(() => {});
      const ends = [];
      for (const [fetch, signal, timeoutMs] of [[async () => new Response(body)], [() => { throw 1; }], [never, AbortSignal.abort()], [never, undefined, 50], [async () => ({ status: 200, body: { getReader: () => ({ read: never }) } }), undefined, 50]]) {
        const client = createClient({ token: "t", fetch });
        ends.push(await client.enrichPhone({ email: "jane.doe@acme.com" }, { ...(signal && { signal }), ...(timeoutMs && { timeoutMs }) }).then((o) => o.status, (e) => e.code));
      }
      const controller = new AbortController();
      const call = createClient({ token: "t", fetch: never }).enrichPhone({ email: "jane.doe@acme.com" }, { signal: controller.signal });
      setTimeout(() => controller.abort(), 10);
      ends.push(await call.catch((e) => e.code));
      const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout");
      console.log(JSON.stringify({ ends, timers }));
    `;
    const begun = performance.now();
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { cwd: consumer, timeout: 15_000 });
    assert.deepEqual(JSON.parse(stdout), { ends: ["success", "network", "aborted", "timeout", "timeout", "aborted"], timers: [] });
    // The default deadline is 20 s: a timer that stayed would have kept it waiting.
    assert.ok(performance.now() - begun < 10_000);
  });

  test("no rejection without a handler", async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(unhandled, []);
  });
});
