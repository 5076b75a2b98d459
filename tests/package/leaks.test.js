// A hundred thousand lookups in one instance, most of which fail in some way: afterwards nothing is left of them. What is
// judged is the client, so that most of its requests go to a fetch within the process, which can fail in ways that no server
// can; some thousands go over real connections to the sandbox.
import assert from "node:assert/strict";
import { getEventListeners, setMaxListeners } from "node:events";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setImmediate as turnOfLoop, setTimeout as pause } from "node:timers/promises";
import v8 from "node:v8";
import vm from "node:vm";
import { startSandbox } from "phone-enrichment/sandbox";
import { copyOfPackage, importFrom, installed, resolveExport } from "./support/installed.js";

v8.setFlagsFromString("--expose-gc");
const gc = vm.runInNewContext("gc");

const LOOKUPS = 100_000;
/** At once. */
const BATCH = 250;
const PEOPLE = 3000;

/** The memory of the instance that started last, and its tables, which hold what it has of JavaScript. */
let exported;
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (source, imports) => {
  const made = await instantiate(source, imports);
  exported = Object.values((made.instance ?? made).exports);
  return made;
};
const wasmBytes = () => exported.find((one) => one instanceof WebAssembly.Memory).buffer.byteLength;
const wasmHandles = () => exported.filter((one) => one instanceof WebAssembly.Table).reduce((sum, { length }) => sum + length, 0);

/** Whatever can be thrown. */
const trap = () => {
  throw new Error("a trap of a proxy");
};
const THROWN = [
  "why", "", null, undefined, 0, 10n, Symbol("why"), Object.freeze(new TypeError("frozen")), Object.create(null), new DOMException("gone", "AbortError"),
  vm.runInNewContext("new TypeError('of another realm')"), vm.runInNewContext("({ message: 'plain' })"),
  new Proxy({}, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap }), new TypeError("fetch failed", { cause: new Error("ECONNRESET") }),
];
/** Throws something else each time, every so many times; at once or as a rejection. */
function sometimes(every) {
  let count = 0;
  return (answer) => {
    if (++count % every) return answer;
    const thrown = THROWN[(count / every) % THROWN.length];
    if ((count / every) % 2) return Promise.reject(thrown);
    throw thrown;
  };
}

const json = (body, init) => new Response(JSON.stringify(body), init);
const found = { success: true, status: "success", results: { phone: "+1 212-555-0101", email: null }, remaining_credits: 95 };
/** Until it is called off, as a real one would be. */
const never = (request, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
const throwing = sometimes(1);
/** What the service does for the people whose number has this rest, and what their caller does. */
const KINDS = [
  { fetch: () => json(found) },
  { fetch: () => json({ success: true, status: "not_found", message: "Phone not found", remaining_credits: 100 }) },
  { fetch: () => json(found), again: true },
  { fetch: () => json(found), twice: true },
  { fetch: () => throwing() },
  { fetch: () => json({ detail: "Not found." }, { status: 404 }) },
  { fetch: () => new Response("<html>", { status: 502 }) },
  { fetch: () => json({}, { status: 429 }) },
  { fetch: () => new Response("half of it") },
  { fetch: () => new Response(new ReadableStream({ pull: (controller) => controller.error(THROWN[10]) })) },
  { fetch: never, options: { timeoutMs: 40, abort: "cancel" } },
  { fetch: async () => (await pause(60), json(found)), options: { timeoutMs: 40 } },
  { fetch: () => new Promise(() => {}), options: { timeoutMs: 40, abort: "cancel" } },
  { fetch: never, abort: "during", options: { abort: "cancel" } },
  { fetch: async () => (await pause(10), json(found)), abort: "during" },
  { fetch: () => json(found), abort: "before" },
  { fetch: () => json(found), abort: "after" },
  { fetch: () => json(found), request: { linkedin_url: "https://www.linkedin.com/company/acme", email: "nobody@" } },
];

/** As good as any store, for as long as it remembers. */
class ShortStore extends Map {
  #fails = sometimes(97);
  get(name) {
    return this.#fails(super.get(name));
  }
  set(name, text) {
    if (this.size > 500) this.delete(this.keys().next().value);
    return this.#fails(super.set(name, text));
  }
}

/** What is alive after all that has ended: whoever was asked to go is given the time to. */
async function idle() {
  for (let round = 0; round < 3; round++) {
    await pause(10);
    gc();
    await turnOfLoop();
  }
}

const resources = () => process.getActiveResourcesInfo().filter((kind) => kind !== "Immediate");
/** Of what the process waits for now, what it did not wait for before. */
function since(before) {
  const left = resources();
  for (const kind of before) if (left.includes(kind)) left.splice(left.indexOf(kind), 1);
  return left;
}

/** Does so many lookups, looks ten times at what is alive, and says how they ended. */
async function work(api, lookups, { baseUrl = "http://localhost:1", token = "t", send = (kind, request, init) => kind.fetch(request, init) } = {}) {
  const [fails, hookFails, judgeFails] = [sometimes(101), sometimes(3), sometimes(103)];
  const hook = () => hookFails();
  /** What whoever gives up does once the request is out. */
  const begun = new Map();
  const options = {
    baseUrl,
    store: new ShortStore(),
    token: () => fails(token),
    suppress: () => judgeFails(false),
    fetch: async (request, init) => {
      const number = Number(/\d+/.exec((await request.clone().json()).email)[0]);
      setTimeout(() => begun.get(number)?.(), 1);
      return send(KINDS[number % KINDS.length], request, init);
    },
    ...Object.fromEntries(["onRequest", "onOutcome", "onCredits", "onWarning", "onAnomaly"].map((name) => [name, hook])),
  };
  const client = api.createClient(options);
  const shared = new AbortController();
  setMaxListeners(0, shared.signal);
  await api.checkRequest({});
  await idle();
  const before = resources();
  const ends = {};
  const samples = [];
  let listeners = 0;

  async function one(index) {
    const number = index % PEOPLE;
    const kind = KINDS[number % KINDS.length];
    const controller = kind.abort ? new AbortController() : shared;
    const abort = () => controller.abort(THROWN[index % THROWN.length]);
    if (kind.abort === "before") abort();
    if (kind.abort === "during") begun.set(number, abort);
    // Now and then a client of its own.
    const asked = index % 20 ? client : api.createClient(options);
    const look = () => asked.enrichPhone(kind.request ?? { email: `person-${String(number).padStart(5, "0")}@example.com` }, { signal: controller.signal, force: true, fresh: !kind.again, ...kind.options });
    const calls = kind.twice ? [look(), look()] : [look()];
    const end = ({ status, meta }) => `${status} ${meta.source}`;
    const failed = (error) => (api.isEnrichmentError(error) ? error.code : assert.fail(`thrown was ${typeof error}`));
    for (const name of await Promise.all(calls.map((call) => call.then(end, failed)))) ends[name] = (ends[name] ?? 0) + 1;
    begun.delete(number);
    if (kind.abort === "after") abort();
    if (controller !== shared) listeners += getEventListeners(controller.signal, "abort").length;
  }

  const tenth = Math.ceil(lookups / 10);
  for (let done = 0; done < lookups; ) {
    const until = Math.min(lookups, done + tenth);
    while (done < until) {
      const size = Math.min(BATCH, until - done);
      await Promise.all(Array.from({ length: size }, (_, index) => one(done + index)));
      done += size;
    }
    await pause(80);
    await idle();
    samples.push({ heap: process.memoryUsage().heapUsed, wasm: wasmBytes(), handles: wasmHandles() });
  }
  listeners += getEventListeners(shared.signal, "abort").length;
  return { client, ends, samples, listeners, left: since(before), count: lookups };
}

/** No listener, no timer, no handle: each is its own finding. */
function nothingIsLeft({ listeners, left }) {
  assert.equal(listeners, 0, "listeners are left on the callers' signals");
  assert.deepEqual(left, [], "something is left that the process waits for");
}

/**
 * Memory is flat once it has found its size: the second half takes no more than the first. A heap is never quite still, by a few
 * hundred kilobytes over 300,000 lookups as over 100,000, but what is kept of each would be tens of bytes at the very least.
 */
function memoryIsFlat({ samples, count }) {
  const half = Math.floor(samples.length / 2);
  const most = (name, part) => Math.max(...part.map((sample) => sample[name]));
  const [first, second] = [samples.slice(0, half), samples.slice(half)];
  for (const name of ["wasm", "handles"]) assert.ok(most(name, second) <= most(name, first), `${name} grow: ${samples.map((sample) => sample[name])}`);
  const least = (part) => Math.min(...part.map(({ heap }) => heap));
  // The lowest of the last samples against the lowest of those before the middle.
  const growth = (least(samples.slice(-3)) - least(samples.slice(half - 3, half))) / (count / 2);
  assert.ok(growth < 8, `the heap grows by ${growth.toFixed(1)} bytes per lookup: ${samples.map(({ heap }) => heap)}`);
}

async function stillAnswers(client) {
  // One after the other: calls at once would share one request, and what its store throws.
  const outcomes = [];
  for (let left = 20; left > 0; left--) outcomes.push(await client.enrichPhone({ email: "person-0@example.com" }, { force: true }).catch((error) => error));
  assert.ok(outcomes.some(({ status }) => status === "success"), JSON.stringify(outcomes));
  const { spent, reserved } = client.balance();
  assert.ok(spent > 0 && reserved === 0, "the client still counts");
}

const unhandled = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));

test(`${LOOKUPS.toLocaleString("en")} lookups in one instance leave nothing behind`, { timeout: 240_000 }, async (t) => {
  const api = await importFrom(resolveExport(installed, ".", ["node", "import"]));
  const result = await work(api, LOOKUPS);
  t.diagnostic(JSON.stringify(result.ends));
  t.diagnostic(result.samples.map(({ heap, wasm, handles }) => `${(heap / 1e6).toFixed(2)} MB, ${wasm / 65_536} pages, ${handles} handles`).join("; "));
  for (const end of ["success network", "success cache", "not_found network", "invalid_request", "invalid_options", "store_failed", "timeout", "aborted", "network", "server_error", "malformed_response", "rate_limited", "not_found_endpoint"])
    assert.ok(result.ends[end] > 100, `${end}: ${result.ends[end]}`);
  nothingIsLeft(result);
  memoryIsFlat(result);
  await stillAnswers(result.client);
  assert.deepEqual(unhandled, []);
});

test("3,000 lookups over real connections leave no handle, no timer and no listener", { timeout: 120_000 }, async (t) => {
  const api = await importFrom(resolveExport(installed, ".", ["node", "import"]));
  const before = resources();
  const strikes = ["drop", "charge_then_drop", "500", "429", "cut_body", "empty_200", "huge"].map((fault) => ({ fault, probability: 0.08 }));
  const sandbox = await startSandbox({ credits: 1e9, people: PEOPLE, faults: [...strikes, { fault: "delay", ms: [60, 80], probability: 0.5 }] });
  t.after(() => sandbox.close());
  const result = await work(api, 3000, { baseUrl: sandbox.url, token: sandbox.token, send: (kind, request, init) => fetch(request, init) });
  t.diagnostic(JSON.stringify(result.ends));
  for (const end of ["success network", "timeout", "aborted", "network", "server_error", "malformed_response", "rate_limited"]) assert.ok(result.ends[end] > 10, `${end}: ${result.ends[end]}`);
  await sandbox.idle();
  assert.ok(sandbox.wallet().charges > 100);
  // The connections that the runtime keeps go with the service.
  await sandbox.close();
  for (const until = Date.now() + 10_000; since(before).length > 0 && Date.now() < until; ) await idle();
  nothingIsLeft({ ...result, left: since(before) });
  assert.deepEqual(unhandled, []);
});

describe("a broken twin", { timeout: 120_000 }, () => {
  const LESS = 6000;
  const twin = async (t, from, to) => {
    const copy = copyOfPackage(t);
    if (from) copy.replace("dist/client.js", from, to);
    return importFrom(join(copy.folder, "dist/index.js"));
  };

  // Before those that leave what goes by itself after a while: what falls can hide what rises.
  test("that keeps something of every error is noticed", async (t) => {
    const result = await work(await twin(t, "Object.assign(this,", "(globalThis.keptByTwin??=[]).push(new Array(100)),Object.assign(this,"), LESS);
    delete globalThis.keptByTwin;
    assert.throws(() => memoryIsFlat(result), /heap grows/);
  });

  test("that leaves its listeners is noticed", async (t) => {
    const result = await work(await twin(t, ".removeEventListener(", ".hasOwnProperty("), LESS);
    assert.throws(() => nothingIsLeft(result), /listeners/);
  });

  test("that leaves its timers is noticed", async (t) => {
    const result = await work(await twin(t, "clearTimeout(", "String("), LESS);
    assert.throws(() => nothingIsLeft(result), /waits for/);
  });

  test("that never frees a client in the WebAssembly is noticed", async (t) => {
    const { FinalizationRegistry } = globalThis;
    globalThis.FinalizationRegistry = class {
      register() {}
      unregister() {}
    };
    t.after(() => (globalThis.FinalizationRegistry = FinalizationRegistry));
    const result = await work(await twin(t), LESS);
    assert.throws(() => memoryIsFlat(result), /wasm grow/);
  });
});
