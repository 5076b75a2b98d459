// The rules that every store is held to where it is at home, held to account: for each there is a store that breaks it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judge, RULES } from "./support/contract.js";
import { testRules } from "./support/rules.js";

describe("a Map is a store", () => {
  const map = new Map();
  testRules({ keys: true, expires: false }, (rule, traits) => judge(rule, () => map, traits));
});

describe("a broken store is noticed:", { timeout: 60_000 }, () => {
  /** A Map with a lock and expiry: whole, until a twin breaks it. */
  function whole() {
    const values = new Map();
    const queues = new Map();
    return {
      values,
      get(key) {
        const entry = values.get(key);
        return entry && !(entry.expires <= Date.now()) ? entry.text : undefined;
      },
      async set(key, text, ttlMs) {
        values.set(key, { text, expires: Date.now() + ttlMs });
      },
      delete: (key) => values.delete(key),
      keys: () => [...values.keys()],
      async getMany(keys) {
        return keys.map(this.get);
      },
      async lock(key) {
        const before = queues.get(key);
        let release;
        queues.set(key, new Promise((resolve) => (release = resolve)));
        await before;
        return release;
      },
    };
  }
  const traits = { lock: true, keys: true, many: true };
  const text = (change) => (store) => ({ ...store, set: (key, value, ttlMs) => store.set(key, change(value), ttlMs) });
  const key = (change) => (store) => ({ ...store, get: (key) => store.get(change(key)), set: (key, ...rest) => store.set(change(key), ...rest), delete: (key) => store.delete(change(key)) });

  // What it breaks, the store, and the rules that have to notice.
  const twins = [
    ["has no lock", (store) => ({ ...store, lock: undefined }), ["says of itself what it can do"]],
    ["says that it can't read its own writes", (store) => ({ ...store, readsOwnWrites: false }), ["says of itself what it can do"]],
    ["finds what is in every object", (store) => ({ ...store, get: (key) => store.get(key) ?? {}[key] }), ["what was never set is missing"]],
    ["keeps to itself what it was told", (store) => ({ ...whole(), lock: store.lock }), ["what was set is there, for another handle too", "what was set last is there, whoever set it"]],
    ["keeps the first value", (store) => ({ ...store, set: (key, ...rest) => (store.values.has(key) ? undefined : store.set(key, ...rest)) }), ["what was set last is there, whoever set it", "what is set anew stays as long as was said last"]],
    ["deletes nothing", (store) => ({ ...store, delete() {} }), ["what was deleted is missing, and deleting it again is no error", "keys lists every key once, and none that was deleted"]],
    ["throws when there is nothing to delete", (store) => ({ ...store, delete: (key) => store.values.delete(key) || Promise.reject(new Error("missing")) }), ["what was deleted is missing, and deleting it again is no error"]],
    ["loses a mark before a text", text((value) => value.replace(/^\ufeff/, "")), ["text in any script comes back as it went"]],
    ["normalises", text((value) => value.normalize()), ["text in any script comes back as it went"]],
    ["cuts at 64 kB", text((value) => value.slice(0, 65_536)), ["100 kB come back whole"]],
    ["knows no capitals", key((name) => name.toLowerCase()), ["keys that look alike are kept apart"]],
    ["decodes keys", key((name) => name.replace("%41", "A")), ["keys that look alike are kept apart"]],
    ["tells of many keys in an order of its own", (store) => ({ ...store, getMany: async (keys) => (await store.getMany(keys)).sort() }), ["asked for many keys at once it tells of each what it tells of one"]],
    ["tells only of those of many keys that are there", (store) => ({ ...store, getMany: async (keys) => (await store.getMany(keys)).filter(Boolean) }), ["asked for many keys at once it tells of each what it tells of one"]],
    ["tells of many keys what has expired, too", (store) => ({ ...store, getMany: async (keys) => keys.map((key) => store.values.get(key)?.text) }), ["asked for many keys at once it tells of each what it tells of one"]],
    ["lists a key twice", (store) => ({ ...store, keys: () => [...store.keys(), ...store.keys()] }), ["keys lists every key once, and none that was deleted"]],
    ["lists at most ten", (store) => ({ ...store, keys: () => store.keys().slice(-10) }), ["keys lists every key once, and none that was deleted"]],
    ["never forgets", (store) => ({ ...store, set: (key, value) => store.set(key, value) }), ["what has expired is missing, and nothing else is", "what is set anew stays as long as was said last"]],
    ["forgets everything", (store) => ({ ...store, set: (key, value) => store.set(key, value, 30) }), ["what has expired is missing, and nothing else is", "what is set anew stays as long as was said last"]],
    ["deletes what it finds expired, whatever has become of it", (store) => ({ ...store, async get(key) {
      if (!(store.values.get(key)?.expires <= Date.now())) return store.get(key);
      await null;
      store.delete(key);
    } }), ["what is set anew is not lost to whoever finds the old value expired"]],
    ["loses one of many", (store) => ({ ...store, set: async (key, ...rest) => (/\/33$/.test(key) ? undefined : store.set(key, ...rest)) }), ["many keys set at once are all there"]],
    ["writes in no order", (store) => ({ ...store, set: async (...entry) => (await new Promise((done) => setTimeout(done, calls++ ? 0 : 20)), store.set(...entry)) }), ["of many values set at once for one key, the last is there"]],
    ["lets everybody in", (store) => ({ ...store, lock: async () => () => {} }), ["a lock lets in one at a time, and everybody in the end", "a lock is nobody else's until it is given back", "a lock that is given back twice is given back once"]],
    ["lets the next one in whenever a lock is given back", (store) => {
      const queue = [];
      const next = () => (queue.length ? queue.shift()() : (locked = false));
      return { ...store, lock: async () => (locked ? await new Promise((enter) => queue.push(enter)) : (locked = true), next) };
    }, ["a lock that is given back twice is given back once"]],
    ["has one lock for all keys", (store) => ({ ...store, lock: () => store.lock("the one") }), ["a lock stops neither other locks, nor reading and writing"]],
  ];
  let locked = false;
  let calls = 0;

  test("and a whole one is not", async () => {
    const store = whole();
    for (const rule of Object.keys(RULES)) assert.equal(await judge(rule, () => store, traits), null, rule);
  });
  test("by at least one twin for every rule", () => {
    assert.deepEqual(new Set(twins.flatMap(([, , rules]) => rules)), new Set(Object.keys(RULES)));
  });
  for (const [what, break_, rules] of twins) {
    for (const rule of rules) {
      test(`one that ${what}, by "${rule}"`, { timeout: 5000 }, async () => {
        locked = false;
        calls = 0;
        const store = whole();
        let timer;
        const never = new Promise((resolve) => (timer = setTimeout(resolve, 500, "it hangs")));
        assert.notEqual(await Promise.race([judge(rule, () => break_(store), traits), never]), null);
        clearTimeout(timer);
      });
    }
  }
});
