// What only Cloudflare has: a cache that is none of the others' business, and objects that restart.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { cloudflareKVStore } from "phone-enrichment/stores/cloudflare-kv";
import { durableObjectStore } from "phone-enrichment/stores/durable-object";
import { ALL, testRules } from "./support/rules.js";
import { never, pause, until } from "./support/wait.js";
import { startWorker } from "./support/worker.js";

/** Where a name of ours would have what is before "theirs". */
const THEIRS = "somebody-elses-x/theirs";

let worker;
before(async () => (worker = await startWorker()));
after(() => worker?.close());

describe("Workers KV", { timeout: 60_000 }, () => {
  const kv = (...args) => worker.call("kv", ...args);

  describe("as a store", () => testRules({ keys: true, readsOwnWrites: false, expires: false }, (...rule) => kv("judge", ...rule)));

  test("drops by itself what has expired, but is never asked for less than a minute", async () => {
    const now = Date.now() / 1000;
    await kv("set", "short", "value", 5_000);
    await kv("set", "long", "value", 90_500);
    await kv("set", "always", "value");
    const { keys } = await kv("raw", "list");
    const left = Object.fromEntries(keys.map(({ name, expiration }) => [name, expiration && Math.round(expiration - now)]));
    assert.ok(Math.abs(left["phone-enrichment/short"] - 60) <= 2, JSON.stringify(left));
    assert.ok(Math.abs(left["phone-enrichment/long"] - 91) <= 2, JSON.stringify(left));
    assert.equal(left["phone-enrichment/always"], undefined);
  });

  test("keys lists more than KV gives at once, and nothing of others", async () => {
    await kv("raw", "put", THEIRS, "value");
    await kv("fill", "many/", 1005);
    const keys = await kv("keys");
    assert.equal(keys.filter((key) => key.startsWith("many/")).length, 1005);
    assert.ok(!keys.includes("theirs"));
    for (const key of keys.slice(0, 20)) await kv("delete", key);
    assert.equal(await kv("raw", "get", THEIRS), "value");
  });

  test("an error of KV rejects", async () => {
    assert.match(await kv("set", "k".repeat(600), "value"), /Error/);
    const broken = cloudflareKVStore({ get: async () => Promise.reject(new Error("503")), put: async () => Promise.reject(new Error("429")), delete: async () => Promise.reject(new Error("500")), list: async () => Promise.reject(new Error("500")) });
    await assert.rejects(broken.get("a"), /503/);
    await assert.rejects(broken.set("a", "b"), /429/);
    await assert.rejects(broken.delete("a"), /500/);
    await assert.rejects(broken.keys().next(), /500/);
  });
});

for (const place of ["keyvalue", "sqlite"]) {
  describe(`a Durable Object with the backend ${place}`, { timeout: 60_000 }, () => {
    const object = (...args) => worker.call(place, ...args);

    describe("as a store", () => testRules(ALL, (...rule) => object("judge", ...rule)));

    test("has one lock for all requests and all stores over its storage", async () => {
      await object("lock", "a");
      await until(() => object("holds", "a"), "the lock");
      let done = false;
      const second = object("holdFor", "a", 0).then(() => (done = true));
      await never(() => done, "another store over the same storage has the lock");
      await object("release", "a");
      await second;
    });

    test("gives back the lock of a caller that left, while it had the lock or waited for it", async () => {
      const leave = async (milliseconds) => {
        const leaving = new AbortController();
        const left = worker.send(place, leaving.signal, "holdFor", "b", 300).catch(() => "left");
        await pause(milliseconds);
        leaving.abort();
        assert.equal(await left, "left");
      };
      await Promise.all([leave(100), leave(150)]);
      await object("holdFor", "b", 0);
    });

    test("gives all locks back when it restarts, and keeps what was set", async () => {
      await object("set", "kept", "value");
      await object("lock", "c");
      await until(() => object("holds", "c"), "the lock");
      await object("restart").catch(() => {});
      await object("holdFor", "c", 0);
      assert.equal(await object("get", "kept"), "value");
    });

    test("keys lists more than a page, and nothing of others, which stays", async () => {
      await object("raw", "put", THEIRS, "value");
      await object("fill", "many/", 250);
      const keys = await object("keys");
      assert.equal(new Set(keys).size, keys.length);
      assert.equal(keys.filter((key) => key.startsWith("many/")).length, 250);
      assert.ok(!keys.includes("theirs"));
      for (const key of keys.slice(0, 20)) await object("delete", key);
      assert.equal(await object("raw", "get", THEIRS), "value");
    });

    test("what has expired is deleted when it is read, and by keys", async () => {
      await object("set", "short", "value", 1);
      await object("set", "shorter", "value", 1);
      assert.ok((await object("rawKeys")).includes("phone-enrichment/short"));
      await until(async () => (await object("get", "short")) === null, "the end of its time");
      assert.ok(!(await object("rawKeys")).includes("phone-enrichment/short"));
      assert.ok(!(await object("keys")).includes("shorter"));
      assert.ok(!(await object("rawKeys")).includes("phone-enrichment/shorter"));
    });

    test("a value that is too large rejects, and the one before stays", async () => {
      await object("set", "large", "small");
      assert.match(await object("set", "large", "x".repeat(3_000_000)), /Error/);
      assert.equal(await object("get", "large"), "small");
    });
  });
}

describe("the store of a Durable Object", { timeout: 60_000 }, () => {
  test("keeps what was set when the whole runtime is started anew", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "phone-objects-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const first = await startWorker(folder);
    await first.call("sqlite", "set", "a", "durable");
    await first.close();
    const second = await startWorker(folder);
    t.after(() => second.close());
    assert.equal(await second.call("sqlite", "get", "a"), "durable");
  });

  // As Cloudflare describes it: put and delete fill a buffer, and only sync tells when that is written.
  for (const [name, act] of [["set", (store) => store.set("a", "value")], ["delete", (store) => store.delete("a")]]) {
    test(`${name} resolves only once the buffer is written, and rejects if that fails`, async () => {
      let written;
      const storage = { put: async () => {}, delete: async () => true, sync: () => new Promise((resolve, reject) => (written = { resolve, reject })) };
      let resolved = false;
      const acting = act(durableObjectStore(storage)).then(() => (resolved = true));
      await never(() => resolved, "it resolves before", 60);
      written.resolve();
      await acting;
      const failing = act(durableObjectStore(storage));
      await pause(5);
      written.reject(new Error("the disk is gone"));
      await assert.rejects(failing, /the disk is gone/);
    });
  }
});
