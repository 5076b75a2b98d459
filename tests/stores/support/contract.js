// What every store has to do, as a table of rules. This very file runs in Node, Deno, Bun, pages, workers, an extension and
// workerd: it imports nothing, and gets the store from whoever calls it.

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const random = () => Math.random().toString(36).slice(2, 12);

function check(holds, message) {
  if (!holds) throw new Error(message);
}

function same(found, expected, what) {
  const show = (value) => (JSON.stringify(value) ?? "nothing").slice(0, 200);
  check(JSON.stringify(found) === JSON.stringify(expected), `${what} is ${show(found)} instead of ${show(expected)}`);
}

/** Nothing is `undefined` or `null`. */
const missing = async (store, key) => {
  const found = await store.get(key);
  check(found === undefined || found === null, `what should be missing is ${JSON.stringify(found)}`);
};

const TEXTS = ["", " ", "{\"a\":[1,null]}", "line\r\nline\u0000\t\u2028", "\ufeffwith a mark before it", "Jürgen Ångström", "\u{1F4DE}\u{1F468}\u200d\u{1F469}", "שלום 你好", "a\u0301 and \u00e1", "'\"`\\%00$&"];

/**
 * Each rule has one or two handles on the same data, as two tabs or two processes have them.
 * `needs`: the trait of the home without which the rule has nothing to judge.
 */
export const RULES = {
  async "says of itself what it can do"({ store, traits }) {
    same(typeof store.lock, traits.lock ? "function" : "undefined", "the type of lock");
    same(typeof store.keys, traits.keys ? "function" : "undefined", "the type of keys");
    same(typeof store.getMany, traits.many ? "function" : "undefined", "the type of getMany");
    same(store.readsOwnWrites ?? true, traits.readsOwnWrites ?? true, "readsOwnWrites");
  },
  async "what was never set is missing"({ store, key }) {
    await missing(store, key);
    await missing(store, "constructor");
    await missing(store, "__proto__");
  },
  async "what was set is there, for another handle too"({ store, other, key }) {
    await store.set(key, "a value");
    same(await store.get(key), "a value", "the value");
    same(await other.get(key), "a value", "the value for another handle");
  },
  async "what was set last is there, whoever set it"({ store, other, key }) {
    await store.set(key, "a first and longer value");
    await other.set(key, "second");
    same(await store.get(key), "second", "the value");
  },
  async "what was deleted is missing, and deleting it again is no error"({ store, other, key }) {
    await store.set(key, "a value");
    await other.delete(key);
    await missing(store, key);
    await store.delete(key);
    await store.set(key, "anew");
    same(await store.get(key), "anew", "the value that was set after");
  },
  async "text in any script comes back as it went"({ store, key }) {
    for (const text of TEXTS) {
      await store.set(key, text);
      same(await store.get(key), text, "the text");
    }
  },
  async "100 kB come back whole"({ store, other, key }) {
    const text = Array.from({ length: 10_000 }, (_, index) => String(index).padStart(10, ".")).join("");
    await store.set(key, text);
    const found = await other.get(key);
    check(found === text, `of ${text.length} characters ${found?.length} came back`);
  },
  async "keys that look alike are kept apart"({ store, key }) {
    const keys = ["", "A", "a", "Ä", "ä", "a\u0308", "%41", "/a", "/../a", "\\a", ".", ":a", " ", "*", "?", "__proto__"].map((end) => key + end);
    for (const one of keys) await store.set(one, `of ${one}`);
    for (const one of keys) same(await store.get(one), `of ${one}`, `the value of ${JSON.stringify(one)}`);
    for (const one of keys) await store.delete(one);
  },
  async "keys lists every key once, and none that was deleted"({ store, other, key, traits }) {
    if (!traits.keys) return;
    const list = async () => {
      const found = [];
      for await (const one of store.keys()) if (one.startsWith(key)) found.push(one);
      return found.sort();
    };
    same(await list(), [], "the keys before");
    const keys = Array.from({ length: 12 }, (_, index) => `${key}/${String.fromCharCode(65 + index)}`);
    await Promise.all(keys.map((one) => other.set(one, "value")));
    same(await list(), keys, "the keys");
    await other.delete(keys[3]);
    same(await list(), keys.filter((one) => one !== keys[3]), "the keys after one was deleted");
  },
  async "what has expired is missing, and nothing else is"({ store, other, key, traits }) {
    if (traits.expires === false) return;
    await store.set(`${key}/short`, "soon gone", 40);
    await store.set(`${key}/long`, "here", 600_000);
    await store.set(`${key}/always`, "here");
    await pause(80);
    await missing(other, `${key}/short`);
    await missing(store, `${key}/short`);
    same([await store.get(`${key}/long`), await other.get(`${key}/always`)], ["here", "here"], "what has not expired");
  },
  async "what is set anew stays as long as was said last"({ store, other, key, traits }) {
    if (traits.expires === false) return;
    await store.set(key, "short", 40);
    await other.set(key, "for good");
    await pause(80);
    same(await store.get(key), "for good", "the value that was set without a time");
    await store.set(key, "short", 40);
    await pause(80);
    await missing(store, key);
    await other.set(key, "again", 600_000);
    same(await store.get(key), "again", "the value that was set after the first had expired");
  },
  async "what is set anew is not lost to whoever finds the old value expired"({ store, other, key, traits }) {
    if (traits.expires === false || traits.racesExpiry) return;
    for (let round = 0; round < 15; round++) {
      await store.set(key, "old", 1);
      await pause(3);
      await Promise.all([store.get(key), other.get(key), other.set(key, `new ${round}`), store.get(key), other.get(key)]);
      same(await store.get(key), `new ${round}`, "the value that was set anew");
    }
  },
  async "asked for many keys at once it tells of each what it tells of one"({ store, other, key, traits }) {
    if (!traits.many) return;
    const keys = ["last", "missing", "first", "constructor", "short", "last"].map((end) => `${key}/${end}`);
    for (const one of [keys[0], keys[2]]) await other.set(one, `of ${one}`);
    await other.set(keys[4], "soon gone", 40);
    await pause(80);
    const each = await Promise.all(keys.map(async (one) => (await store.get(one)) ?? null));
    same(each.map((text) => text !== null), [true, false, true, false, false, true], "what is there");
    await other.set(keys[4], "soon gone", 40);
    await pause(80);
    same((await store.getMany(keys)).map((text) => text ?? null), each, "what it tells of many");
    same(await store.getMany([]), [], "what it tells of none");
  },
  async "many keys set at once are all there"({ store, other, key }) {
    const keys = Array.from({ length: 60 }, (_, index) => `${key}/${index}`);
    await Promise.all(keys.map((one, index) => (index % 2 ? store : other).set(one, `of ${one}`)));
    same(await Promise.all(keys.map((one) => store.get(one))), keys.map((one) => `of ${one}`), "the values");
  },
  async "of many values set at once for one key, the last is there"({ store, other, key, traits }) {
    const texts = Array.from({ length: 20 }, (_, index) => `${index} `.repeat(500));
    await Promise.all(texts.map((text) => store.set(key, text)));
    const found = await other.get(key);
    check(texts.includes(found), "what is there was never set");
    if (traits.ordered !== false) check(found === texts.at(-1), `it is number ${parseInt(found)} of ${texts.length}`);
  },
  async "a lock lets in one at a time, and everybody in the end"({ store, other, key, traits }) {
    if (!traits.lock) return;
    let inside = 0;
    let most = 0;
    const turn = async (handle) => {
      const release = await handle.lock(key);
      most = Math.max(most, ++inside);
      const count = Number((await handle.get(key)) ?? 0);
      await pause(2);
      await handle.set(key, String(count + 1));
      inside--;
      release();
    };
    await Promise.all(Array.from({ length: 12 }, (_, index) => turn(index % 2 ? store : other)));
    same([most, await store.get(key)], [1, "12"], "how many were inside at once, and how often somebody was");
  },
  async "a lock is nobody else's until it is given back"({ store, other, key, traits }) {
    if (!traits.lock) return;
    const release = await store.lock(key);
    let entered = false;
    const waiting = other.lock(key).then((release) => ((entered = true), release));
    await pause(150);
    check(!entered, "a second one has the lock");
    release();
    (await waiting)();
  },
  async "a lock that is given back twice is given back once"({ store, other, key, traits }) {
    if (!traits.lock) return;
    const first = await store.lock(key);
    const second = other.lock(key);
    first();
    const release = await second;
    let entered = false;
    const third = store.lock(key).then((release) => ((entered = true), release));
    first();
    await pause(100);
    check(!entered, "a third one has the lock of the second");
    release();
    (await third)();
  },
  async "a lock stops neither other locks, nor reading and writing"({ store, other, key, traits }) {
    if (!traits.lock) return;
    const release = await store.lock(key);
    (await other.lock(`${key}/2`))();
    await other.set(key, "written");
    same(await other.get(key), "written", "the value");
    await other.delete(key);
    release();
  },
};

/** Runs one rule and says what is wrong, or nothing. `open` gives a handle on the same data each time. */
export async function judge(rule, open, traits) {
  try {
    await RULES[rule]({ store: await open(), other: await open(), key: `phone-enrichment:${random()}`, traits });
    return null;
  } catch (error) {
    return `${error?.stack ?? error}`;
  }
}

/** A store's methods by name, for tests that tell a tab or a process what to do next. No call waits for a lock. */
export function remote(open) {
  const store = open();
  const locks = new Map();
  return {
    judge: (rule, traits) => judge(rule, open, traits),
    set: (key, value, ttlMs) => store.set(key, value, ttlMs).then(() => "set", (error) => `${error?.name}: ${error?.message}`),
    get: async (key) => (await store.get(key)) ?? null,
    delete: async (key) => void (await store.delete(key)),
    async keys() {
      const keys = [];
      for await (const key of store.keys()) keys.push(key);
      return keys.sort();
    },
    /** Asks for a lock. */
    lock(key) {
      locks.set(key, undefined);
      store.lock(key).then((release) => locks.set(key, release));
    },
    holds: (key) => locks.get(key) !== undefined,
    release: (key) => locks.get(key)(),
    /** Sets many keys, in an order of its own. */
    async fill(prefix, count) {
      for (let from = 0; from < count; from += 100) await Promise.all(Array.from({ length: Math.min(100, count - from) }, (_, index) => store.set(`${prefix}${from + index}`, "value")));
    },
    /** Adds to a counter under a lock, again and again. */
    async count(key, times) {
      for (let time = 0; time < times; time++) {
        const release = await store.lock(key);
        const before = Number((await store.get(key)) ?? 0);
        await store.set(key, String(before + 1));
        release();
      }
    },
  };
}
