// What only an extension has: a service worker that ends when it likes, and an area that everything of it writes to.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openExtension } from "./support/extension.js";
import { MANY, testRules } from "./support/rules.js";
import { never, until } from "./support/wait.js";

describe("browser.storage in an extension in Chromium", { timeout: 120_000 }, () => {
  let extension;
  before(async () => (extension = await openExtension()));
  after(() => extension?.close());
  const background = (...args) => extension.background("storage", ...args);
  const inArea = async () => Object.keys(await extension.area("get", null)).sort();

  describe("in its service worker", () => testRules(MANY, (...rule) => background("judge", ...rule)));
  describe("IndexedDB in its service worker", () => testRules(MANY, (...rule) => extension.background("indexeddb", "judge", ...rule)));

  test("the service worker and a page share what is kept, and one lock", async () => {
    const page = await extension.page();
    await page.call("storage", "set", "a", "by the page");
    assert.equal(await background("get", "a"), "by the page");
    await background("lock", "a");
    await until(() => background("holds", "a"), "the service worker having the lock");
    await page.call("storage", "lock", "a");
    await never(() => page.call("storage", "holds", "a"), "both have the lock");
    await background("release", "a");
    await until(() => page.call("storage", "holds", "a"), "the page having the lock");
    await page.close();
  });

  test("a page that is closed gives back what it had", async () => {
    const page = await extension.page();
    await page.call("storage", "lock", "b");
    await until(() => page.call("storage", "holds", "b"), "the page having the lock");
    await background("lock", "b");
    await never(() => background("holds", "b"), "both have the lock");
    await page.close();
    await until(() => background("holds", "b"), "the lock of a closed page being free");
  });

  test("what others keep in the area is not read, listed or changed", async () => {
    // One has, where the names of ours begin, as many characters of its own.
    const theirs = { settings: { dark: true }, "somebody-elses-x/theirs": { text: "theirs" }, "phone-enrichment": 1, "phone-enrichment:abc": "theirs" };
    await extension.area("set", theirs);
    await background("set", "phone-enrichment:abc", "ours");
    const keys = await background("keys");
    assert.ok(keys.includes("phone-enrichment:abc") && !keys.includes("settings") && !keys.includes("theirs"));
    for (const key of await background("keys")) await background("delete", key);
    assert.deepEqual(await extension.area("get", null), theirs);
    assert.equal(await background("get", "settings"), null);
  });

  test("what has expired is deleted when it is read, and by keys", async () => {
    await background("set", "short", "value", 1);
    await background("set", "shorter", "value", 1);
    assert.ok((await inArea()).includes("phone-enrichment/short"));
    await until(async () => (await background("get", "short")) === null, "the end of its time");
    assert.ok(!(await inArea()).includes("phone-enrichment/short"));
    assert.ok(!(await background("keys")).includes("shorter"));
    assert.ok(!(await inArea()).includes("phone-enrichment/shorter"));
  });

  test("what the page sets anew is not lost to the service worker, which finds the old value expired", async () => {
    const page = await extension.page();
    for (let round = 0; round < 30; round++) {
      await page.call("storage", "set", "raced", "old", 1);
      await Promise.all([background("get", "raced"), background("keys"), page.call("storage", "set", "raced", `new ${round}`), background("get", "raced")]);
      assert.equal(await page.call("storage", "get", "raced"), `new ${round}`);
    }
    await page.close();
  });

  test("a full area rejects, and what is there stays", async () => {
    const text = "x".repeat(4_000_000);
    assert.equal(await background("set", "large/1", text), "set");
    assert.equal(await background("set", "large/2", text), "set");
    assert.match(await background("set", "large/3", text), /quota/i);
    assert.equal(await background("get", "large/3"), null);
    assert.equal((await background("get", "large/1")).length, text.length);
    for (const number of [1, 2]) await background("delete", `large/${number}`);
  });

  test("a service worker that is stopped gives back what it had, and what it set is there", async () => {
    const page = await extension.page();
    await background("set", "last", "words");
    await background("lock", "c");
    await until(() => background("holds", "c"), "the service worker having the lock");
    await page.call("storage", "lock", "c");
    await never(() => page.call("storage", "holds", "c"), "both have the lock");
    await extension.stopWorker();
    await until(() => page.call("storage", "holds", "c"), "the lock of a stopped service worker being free");
    assert.equal(await page.call("storage", "get", "last"), "words");
  });
});
