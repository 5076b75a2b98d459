// Keyv is a store as it is; these are its habits when its database is in trouble, of which whoever uses it should know.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { judge } from "./support/contract.js";
import { openRedis, openSqlite } from "./support/keyv.js";
import { testRules } from "./support/rules.js";
import { pause, until } from "./support/wait.js";

const ended = (promise) => promise.then((value) => ["resolves", value], (error) => ["rejects", error.message]);
const soon = (promise) => Promise.race([ended(promise), pause(1_500).then(() => ["waits"])]);

/** As the engine does it: a claim counts only if it is read back as it was written. */
async function isClaimed(keyv, text) {
  await keyv.set("claim", text);
  return (await keyv.get("claim")) === text;
}

// Keyv keeps no order among values that are set at once, and deletes what it finds expired even if it was just set anew.
const TRAITS = { ordered: false, racesExpiry: true, many: true };

for (const [name, open] of [["SQLite", openSqlite], ["Redis", openRedis]]) {
  describe(`Keyv over ${name} is a store`, { timeout: 60_000 }, () => {
    let database;
    before(async () => (database = await open()));
    after(() => database?.close());
    testRules(TRAITS, (rule, traits) => judge(rule, () => database.keyv(), traits));
  });
}

describe("Keyv over SQLite", { timeout: 60_000 }, () => {
  test("swallows errors by default: set resolves to false and get finds nothing, which reading back notices", async (t) => {
    const database = await openSqlite();
    t.after(() => database.close());
    const keyv = database.keyv();
    assert.equal(await isClaimed(keyv, "1"), true);
    await database.leave(keyv);
    assert.deepEqual(await ended(keyv.set("claim", "2")), ["resolves", false]);
    assert.deepEqual(await ended(keyv.get("claim")), ["resolves", undefined]);
    assert.equal(await isClaimed(keyv, "2"), false);
  });

  test("that may not write resolves to false and goes on giving out the old value, which reading back notices", async (t) => {
    const database = await openSqlite();
    t.after(() => database.close());
    const keyv = database.keyv();
    await keyv.set("claim", "1");
    await keyv.store.query("PRAGMA query_only = 1");
    assert.deepEqual(await ended(keyv.set("claim", "2")), ["resolves", false]);
    assert.equal(await isClaimed(keyv, "2"), false);
    assert.equal(await keyv.get("claim"), "1");
  });

  test("rejects with throwOnErrors, as a store should", async (t) => {
    const database = await openSqlite();
    t.after(() => database.close());
    const keyv = database.keyv({ throwOnErrors: true });
    await keyv.set("claim", "1");
    await database.leave(keyv);
    await assert.rejects(keyv.set("claim", "2"), /closed/);
    await assert.rejects(keyv.get("claim"), /closed/);
    await assert.rejects(keyv.delete("claim"), /closed/);
  });
});

describe("Keyv over Redis", { timeout: 60_000 }, () => {
  const full = (keyv) => keyv.store.client.sendCommand(["CONFIG", "SET", "maxmemory", "1"]);

  test("says true by default when Redis refused the value, which reading back notices", async (t) => {
    const redis = await openRedis();
    t.after(() => redis.close());
    const keyv = redis.keyv();
    await keyv.set("claim", "1");
    await full(keyv);
    assert.deepEqual(await ended(keyv.set("claim", "2")), ["resolves", true]);
    assert.equal(await isClaimed(keyv, "2"), false);
    assert.equal(await keyv.get("claim"), "1");
  });

  test("rejects with throwOnErrors when Redis refused the value", async (t) => {
    const redis = await openRedis();
    t.after(() => redis.close());
    const keyv = redis.keyv({ throwOnErrors: true });
    await keyv.set("claim", "1");
    await full(keyv);
    await assert.rejects(keyv.set("claim", "2"), /OOM|maxmemory/);
    assert.equal(await keyv.get("claim"), "1");
  });

  test("waits for a Redis that has gone, without an end and with throwOnErrors too", async (t) => {
    const redis = await openRedis();
    t.after(() => redis.close());
    const keyv = redis.keyv({ throwOnErrors: true });
    await keyv.set("claim", "1");
    await redis.stop();
    // What is under way in this moment rejects; what comes after waits.
    await until(() => !keyv.store.client.isReady, "the connection ending");
    assert.deepEqual(await Promise.all([soon(keyv.set("claim", "2")), soon(keyv.get("claim"))]), [["waits"], ["waits"]]);
  });

  test("rejects at once when Redis has gone, if it may not queue", async (t) => {
    const redis = await openRedis();
    t.after(() => redis.close());
    const keyv = redis.keyv({ throwOnErrors: true }, { disableOfflineQueue: true });
    await keyv.set("claim", "1");
    await redis.stop();
    await until(() => !keyv.store.client.isReady, "the connection ending");
    const [setting, getting] = await Promise.all([soon(keyv.set("claim", "2")), soon(keyv.get("claim"))]);
    assert.deepEqual([setting[0], getting[0]], ["rejects", "rejects"]);
  });
});
