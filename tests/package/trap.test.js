// WebAssembly that breaks down: whoever waits is told, with what it may have cost; what was spent and what is in doubt is not
// forgotten; and the next call of every client starts afresh. The package is the packed one, and what breaks it is outside of
// it: memory that may not grow, or the runtime, which throws at a chosen moment into a core that is in the middle of its work.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { startSandbox } from "phone-enrichment/sandbox";
import { copyOfPackage, importFrom, installed, resolveExport } from "./support/installed.js";

const [JANE, MARCUS, JOHN, NOBODY] = ["jane.doe@acme.example.com", "marcus.lee@example.com", "john.doe@acme.com", "nobody@example.com"].map((email) => ({ email }));

/** Set, the next thing that any core asks of JavaScript ends it. */
let armed = false;
let starts = 0;
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = (source, imports) => {
  // What puts the core together is one too, and so is Node's own fetch.
  if (!imports || imports.env) return instantiate(source, imports);
  starts++;
  const fragile = (work) => (...values) => {
    if (armed) {
      armed = false;
      throw new WebAssembly.RuntimeError("unreachable");
    }
    return work(...values);
  };
  const each = (object, change) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
  return instantiate(source, each(imports, (module) => each(module, (value) => (typeof value === "function" ? fragile(value) : value))));
};
const arm = () => (armed = true);

/** WebAssembly whose memory can't grow by more than `pages` of 64 KiB: the section of the memory says so. */
function withLittleMemory(wasm, pages) {
  const unsigned = (at) => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return [value, at];
    }
  };
  const encode = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...encode(value >>> 7)]);
  for (let at = 8; at < wasm.length; ) {
    const [length, begin] = unsigned(at + 1);
    if (wasm[at] === 5) {
      const [least] = unsigned(begin + 2);
      const content = [1, 1, ...encode(least), ...encode(least + pages)];
      return Buffer.concat([wasm.subarray(0, at), Buffer.from([5, ...encode(content.length), ...content]), wasm.subarray(begin + length)]);
    }
    at = begin + length;
  }
  throw new Error("no memory of its own");
}

/** What a call ends with, which has to come; nothing but an outcome or one of ours. */
async function end(call, api) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("the call hangs")), 3000)));
  const result = await Promise.race([call, late]).catch((error) => error).finally(() => clearTimeout(timer));
  if (!(result instanceof Error)) return [result.status, result.meta.charge, result.meta.source];
  if (!api.isEnrichmentError(result)) throw result;
  if (result.code === "wasm_failed") {
    assert.ok(result.cause instanceof WebAssembly.RuntimeError, `its cause was ${result.cause}`);
    assert.equal(result.retryable, result.charge === "none", "retryable, and not free");
    assert.match(result.message, /starts anew/);
  }
  return [result.code, result.charge];
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

/** A door that stays shut until it is opened, and says when somebody stands before it. */
function door() {
  let open, knock;
  const opened = new Promise((resolve) => (open = resolve));
  const reached = new Promise((resolve) => (knock = resolve));
  return { open, reached, pass: () => (knock(), opened) };
}

/** A store that counts who holds a lock, with a hook on what is written. */
class LockingStore extends Map {
  held = 0;
  writes = 0;
  onRead = () => {};
  onWrite = () => {};
  async lock() {
    this.held++;
    return () => this.held--;
  }
  get(name) {
    this.onRead();
    return super.get(name);
  }
  async set(name, text) {
    await this.onWrite(++this.writes);
    return super.set(name, text);
  }
}

/** A client of a sandbox and all that its judge has to look at. */
async function turn(t, api, options = {}) {
  const sandbox = await startSandbox({ credits: 1000 });
  t.after(() => sandbox.close());
  const store = new LockingStore();
  // A broken twin's timers must not keep the test for long.
  const client = api.createClient({ baseUrl: sandbox.url, token: sandbox.token, store, timeoutMs: 5000, ...options });
  return { sandbox, store, client, wants: (expected, balance) => {
    assert.deepEqual([sandbox.requests().length, sandbox.wallet().spent, sandbox.wallet().double_charges], expected, "requests, credits, double charges");
    const { spent, reserved, possible } = client.balance();
    assert.deepEqual({ spent, reserved, possible }, { spent: 0, reserved: 0, possible: 0, ...balance });
    assert.ok(spent + possible >= sandbox.wallet().spent, "money is forgotten");
  } };
}

/**
 * When the core breaks under one call: how that is brought about, what the call ends in, how often the service was asked and
 * what it took, the balance, and how the next call for the person ends.
 */
const MOMENTS = {
  "the call begins": { arm: ({ look }) => (arm(), look()), ends: ["wasm_failed", "none"], service: [0, 0], next: ["success", "confirmed", "network"] },
  "the store was read": { arm: ({ store, look }) => ((store.onRead = once(arm)), look()), ends: ["wasm_failed", "none"], service: [0, 0], next: ["success", "confirmed", "network"] },
  "the token is there": { options: { token: undefined }, arm: ({ options, sandbox, look }) => ((options.token = once(() => (arm(), sandbox.token), () => sandbox.token)), look()), ends: ["wasm_failed", "none"], service: [0, 0], next: ["success", "confirmed", "network"] },
  "the claim is kept": { arm: ({ store, look }) => ((store.onWrite = (count) => count === 1 && arm()), look()), ends: ["wasm_failed", "none"], service: [0, 0], next: ["outcome_unknown", "possible"] },
  "the reply is there": { arm: ({ options, look }) => ((options.fetch = after(fetch, arm)), look()), ends: ["wasm_failed", "possible"], service: [1, 5], balance: { possible: 5 }, next: ["outcome_unknown", "possible"] },
  "the connection is lost": { arm: ({ options, look }) => ((options.fetch = () => (arm(), Promise.reject("lost"))), look()), ends: ["wasm_failed", "possible"], service: [0, 0], balance: { possible: 5 }, next: ["outcome_unknown", "possible"] },
  "the answer is kept": { arm: ({ store, look }) => ((store.onWrite = (count) => count === 2 && arm()), look()), ends: ["wasm_failed", "possible"], service: [1, 5], balance: { spent: 5 }, next: ["success", "none", "cache"] },
  "its time is over": { arm: ({ options, look }) => ((options.fetch = () => (setTimeout(arm, 50), new Promise(() => {}))), look({ timeoutMs: 200 })), ends: ["wasm_failed", "possible"], service: [0, 0], balance: { possible: 5 }, next: ["outcome_unknown", "possible"] },
  "the caller gives up": {
    arm: ({ options, look, controller }) => ((options.fetch = () => (setTimeout(() => (arm(), controller.abort()), 50), new Promise(() => {}))), look()),
    ends: ["wasm_failed", "possible"], service: [0, 0], balance: { possible: 5 }, next: ["outcome_unknown", "possible"],
  },
};
function once(first, then = () => {}) {
  let done = false;
  return () => (done ? then() : ((done = true), first()));
}
const after = (work, then) => async (...values) => {
  const result = await work(...values);
  then();
  return result;
};

async function moment(t, api, { options: chosen, arm, ends, service, balance, next }) {
  const options = { fetch: undefined, ...chosen };
  const controller = new AbortController();
  // Read when they are needed: the moment chooses them.
  const given = { fetch: (...values) => (options.fetch ?? fetch)(...values), ...(chosen && { token: () => options.token() }) };
  const { sandbox, store, client, wants } = await turn(t, api, given);
  await api.checkRequest(JANE);
  const before = timers();
  const startsBefore = starts;
  assert.deepEqual(await end(arm({ options, store, sandbox, controller, look: (more) => client.enrichPhone(JANE, { signal: controller.signal, ...more }) }), api), ends);
  await pause(20);
  await sandbox.idle();
  assert.equal(timers(), before, "a timer is left");
  assert.equal(getEventListeners(controller.signal, "abort").length, 0, "a listener is left");
  assert.equal(store.held, 0, "a lock is held");
  wants([...service, 0], balance);
  options.fetch = undefined;
  store.onRead = store.onWrite = () => {};
  assert.deepEqual(await end(client.enrichPhone(JANE), api), next);
  assert.equal(starts, startsBefore + 1, "one start for all");
  // Whoever is new is asked for as ever.
  assert.deepEqual(await end(client.enrichPhone(MARCUS), api), ["not_found", "none", "network"]);
  assert.equal(sandbox.wallet().double_charges, 0);
}

const STORIES = {
  /** One breaks down under somebody else's check while others are at all stages of theirs. */
  async "everybody who waits is told, and everybody goes on"(t, api) {
    const [token, wire] = [door(), door()];
    let heard;
    const early = await turn(t, api);
    const waiting = await turn(t, api);
    const { sandbox } = waiting;
    const options = { baseUrl: sandbox.url, store: waiting.store, timeoutMs: 5000 };
    const atToken = api.createClient({ ...options, token: once(() => token.pass(), () => sandbox.token) });
    const onWire = api.createClient({ ...options, token: sandbox.token, fetch: (request, init) => (heard ? fetch(request, init) : ((heard = init.signal), wire.pass())) });
    assert.deepEqual(await end(early.client.enrichPhone(JANE), api), ["success", "confirmed", "network"]);
    const before = timers();
    const controller = new AbortController();
    const calls = [atToken.enrichPhone(JOHN, { signal: controller.signal }), onWire.enrichPhone(JANE, { signal: controller.signal }), onWire.enrichPhone(JANE)];
    for (const call of calls) call.catch(() => {});
    await Promise.all([token.reached, wire.reached]);
    arm();
    await assert.rejects(api.checkRequest(NOBODY), { code: "wasm_failed", charge: "none" });
    assert.deepEqual(await Promise.all(calls.map((call) => end(call, api))), [["wasm_failed", "none"], ["wasm_failed", "possible"], ["wasm_failed", "none"]]);
    await pause(20);
    assert.ok(heard.aborted, "a request goes on that nobody can read");
    assert.equal(timers(), before, "a timer is left");
    assert.equal(getEventListeners(controller.signal, "abort").length, 0, "a listener is left");
    assert.equal(waiting.store.held, 0, "a lock is held");
    assert.deepEqual([atToken, onWire, early.client].map((client) => [client.balance().spent, client.balance().possible, client.balance().reserved]), [[0, 0, 0], [0, 5, 0], [5, 0, 0]]);
    // What comes late changes nothing.
    token.open(sandbox.token);
    wire.open(new Response('{"status":"not_found"}'));
    await pause(20);
    assert.deepEqual(await Promise.all([atToken.enrichPhone(JOHN), onWire.enrichPhone(JANE), onWire.enrichPhone(NOBODY), early.client.enrichPhone(JANE), early.client.enrichPhone(NOBODY)].map((call) => end(call, api))), [
      ["success", "confirmed", "network"],
      ["outcome_unknown", "possible"],
      ["not_found", "none", "network"],
      ["success", "none", "cache"],
      ["not_found", "none", "network"],
    ]);
    assert.deepEqual([atToken, onWire, early.client].map((client) => [client.balance().spent, client.balance().possible]), [[5, 0], [0, 5], [5, 0]]);
    assert.equal(sandbox.wallet().double_charges, 0);
  },

  /** Twice, as the second time must not forget what the first one left. */
  async "what was spent, and what is in doubt, counts against every budget"(t, api) {
    for (const budget of [{ total: 15 }, { perDay: 15 }, { perMinute: 15 }]) {
      let lose = false;
      const { sandbox, client } = await turn(t, api, { budget, store: new Map(), fetch: async (...values) => (lose ? (lose = false, arm(), new Response("")) : fetch(...values)) });
      assert.deepEqual(await end(client.enrichPhone(JANE), api), ["success", "confirmed", "network"]);
      for (const person of [MARCUS, JOHN]) {
        lose = true;
        assert.deepEqual(await end(client.enrichPhone(person), api), ["wasm_failed", "possible"]);
      }
      const error = await client.enrichPhone(NOBODY).catch((error) => error);
      assert.deepEqual([error.code, error.remainingCredits], ["budget_exceeded", 0], JSON.stringify(budget));
      const { spent, possible } = client.balance();
      assert.deepEqual([spent, possible], [5, 10]);
      assert.equal(sandbox.requests().length, 1);
    }
  },

  async "what a budget no longer looks back on does not count after it either"(t, api) {
    const now = Date.now;
    t.after(() => (Date.now = now));
    const { client } = await turn(t, api, { budget: { perMinute: 5 } });
    assert.deepEqual(await end(client.enrichPhone(JANE), api), ["success", "confirmed", "network"]);
    arm();
    await assert.rejects(api.checkRequest(NOBODY), { code: "wasm_failed" });
    assert.equal((await end(client.enrichPhone(JOHN), api))[0], "budget_exceeded");
    arm();
    await assert.rejects(api.checkRequest(NOBODY), { code: "wasm_failed" });
    Date.now = () => now() + 121_000;
    assert.deepEqual(await end(client.enrichPhone(JOHN), api), ["success", "confirmed", "network"]);
    assert.equal(client.balance().spent, 10);
  },

  async "a run ends with what its rows cost, and the same list goes on"(t, api) {
    const wire = door();
    let out = 0;
    let holds = true;
    const { sandbox, client } = await turn(t, api, { fetch: (...values) => (holds && ++out > 1 ? wire.pass() : fetch(...values)) });
    const people = [JANE, JOHN, MARCUS, NOBODY];
    const run = client.enrichMany(people, { concurrency: 2 });
    const rows = [];
    const reading = (async () => {
      for await (const row of run) rows.push(row);
    })();
    await wire.reached;
    while (run.progress.done < 1) await pause(5);
    arm();
    assert.deepEqual(client.balance().spent, 5);
    const thrown = await reading.catch((error) => error);
    assert.equal(thrown.code, "wasm_failed");
    const ends = rows.map(({ outcome, error }) => [outcome?.status ?? error.code, outcome?.meta.charge ?? error.charge]);
    assert.deepEqual(ends.slice(0, 2), [["success", "confirmed"], ["wasm_failed", "possible"]]);
    const { spent, possible, reserved } = run.progress;
    assert.ok(spent === 5 && possible >= 5 && reserved === 0, JSON.stringify(run.progress));
    holds = false;
    const again = [];
    for await (const { outcome, error } of client.enrichMany(people)) again.push(outcome?.meta.source ?? error.code);
    assert.deepEqual([again[0], again[1]], ["cache", "outcome_unknown"]);
    assert.equal(sandbox.wallet().double_charges, 0);
  },

  /** The record that is on its way to the store gets there before anybody else looks. */
  async "the lock is held until the store has what it was given"(t, api) {
    const disk = door();
    const { sandbox, store, client } = await turn(t, api, { token: "nobody-asks-with-it" });
    store.onWrite = once(disk.pass);
    const call = end(client.enrichPhone(JANE), api);
    await disk.reached;
    arm();
    await assert.rejects(api.checkRequest(NOBODY), { code: "wasm_failed" });
    assert.deepEqual(await call, ["wasm_failed", "none"]);
    assert.equal(store.held, 1);
    disk.open();
    await pause(20);
    assert.equal(store.held, 0);
    assert.deepEqual(await end(client.enrichPhone(JANE), api), ["outcome_unknown", "possible"]);
    assert.equal(sandbox.requests().length, 0);
  },

  async "what answers at once answers all the same"(t, api) {
    const { client } = await turn(t, api, { suppress: [JOHN.email] });
    assert.deepEqual(await end(client.enrichPhone(JANE), api), ["success", "confirmed", "network"]);
    for (const ask of [() => client.balance().spent, () => (client.closeBreaker(), client.balance().spent)]) {
      arm();
      assert.equal(ask(), 5);
      armed = false;
      await api.checkRequest(JANE);
    }
    // Who is suppressed still is.
    assert.deepEqual(await end(client.enrichPhone(JOHN), api), ["suppressed", "none"]);
  },

  /** Without a store, the client is one. */
  async "what a client without a store knows is kept"(t, api) {
    let lose = false;
    const { sandbox, client } = await turn(t, api, { store: undefined, fetch: async (...values) => (lose ? (lose = false, arm(), new Response("")) : fetch(...values)) });
    assert.deepEqual(await end(client.enrichPhone(JANE), api), ["success", "confirmed", "network"]);
    lose = true;
    assert.deepEqual(await end(client.enrichPhone(JOHN), api), ["wasm_failed", "possible"]);
    assert.deepEqual(await end(client.enrichPhone(JANE), api), ["success", "none", "cache"]);
    assert.deepEqual(await end(client.enrichPhone(JOHN), api), ["outcome_unknown", "possible"]);
    assert.equal(sandbox.requests().length, 1);
  },
};

describe("WebAssembly that breaks down", { timeout: 60_000 }, () => {
  let api;
  before(async () => (api = await importFrom(resolveExport(installed, ".", ["node", "import"]))));

  for (const [name, spec] of Object.entries(MOMENTS)) test(`when ${name}`, (t) => moment(t, api, spec));
  for (const [name, story] of Object.entries(STORIES)) test(name, (t) => story(t, api));

  test("for want of memory is no worse than that, and a client with a request out is told", async (t) => {
    const { withWasm, isEnrichmentError } = await importFrom(join(copyOfPackage(t).folder, "dist/slim.js"));
    const wasm = withLittleMemory(readFileSync(join(installed, "dist/phone_enrichment.wasm")), 4);
    const surface = { isEnrichmentError, ...withWasm(once(() => wasm, () => assert.fail("the source is asked once"))) };
    const wire = door();
    const { client, wants } = await turn(t, surface, { fetch: wire.pass });
    const call = end(client.enrichPhone(JANE), surface);
    await wire.reached;
    for (let round = 0; round < 3; round++) {
      await assert.rejects(surface.checkRequest({ first_name: "x".repeat(2_000_000) }), { code: "wasm_failed", charge: "none" });
      assert.equal((await surface.checkRequest(JANE)).ok, true);
    }
    assert.deepEqual(await call, ["wasm_failed", "possible"]);
    wants([0, 0, 0], { possible: 5 });
    assert.deepEqual(await end(client.enrichPhone(JANE), surface), ["outcome_unknown", "possible"]);
  });
});

describe("a broken twin of the package", { timeout: 60_000 }, () => {
  const everybody = STORIES["everybody who waits is told, and everybody goes on"];
  const budgets = STORIES["what was spent, and what is in doubt, counts against every budget"];
  // What is taken out of it, what goes red, and by which words.
  const TWINS = {
    "that tells nobody": [".ends.add(", ".ends.has(", everybody, /hangs/],
    "that goes on with the broken instance": [".isBroken=!0", ".isBroken=!1", everybody, /./],
    "that calls free what is out": ['"possible":"none"', '"none":"none"', everybody, /retryable/],
    "that forgets what is in doubt": [".possible+=", ".reserved+=", everybody, /./],
    "that forgets what was spent": ["gone:new Map", "gone:{set(){},*[Symbol.iterator](){}}", budgets, /budget_exceeded/],
    "that leaves its timers": ["clearTimeout(", "String(", everybody, /a timer is left/],
    "that leaves its listeners": [".removeEventListener(", ".hasOwnProperty(", everybody, /a listener is left/],
    "that lets its requests go on": [".abort()", ".aborted", everybody, /nobody can read/],
  };
  for (const [name, [from, to, story, pattern]] of Object.entries(TWINS)) {
    test(`${name} is noticed`, async (t) => {
      const copy = copyOfPackage(t);
      copy.replace("dist/client.js", from, to);
      await assert.rejects(story(t, await importFrom(join(copy.folder, "dist/index.js"))), pattern);
      armed = false;
    });
  }
});
