// What only a browser can do to a store: close its tabs, delete its database, run out of room.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BROWSERS, openChromium } from "./support/browsers.js";
import { MANY, testRules } from "./support/rules.js";
import { never, until } from "./support/wait.js";

for (const [name, open] of Object.entries(BROWSERS)) {
  describe(`IndexedDB in ${name}`, { timeout: 120_000 }, () => {
    let browser;
    let one;
    let two;
    before(async () => {
      browser = await open();
      one = await browser.tab();
      two = await browser.tab();
    });
    after(() => browser?.close());

    // In the tab in front: in others a timer may take a second.
    describe("in a page", () => testRules(MANY, (...rule) => two.call("judge", ...rule)));
    describe("in a worker", () => testRules(MANY, (...rule) => two.call("inWorker", "judge", ...rule)));

    test("two tabs and a worker share what is kept", async () => {
      await one.call("set", "shared", "by the first");
      assert.equal(await two.call("get", "shared"), "by the first");
      await two.call("inWorker", "set", "shared", "by a worker");
      assert.equal(await one.call("get", "shared"), "by a worker");
    });

    test("a lock that one tab has is nobody else's, until it is given back", async () => {
      await one.call("lock", "a");
      await until(() => one.call("holds", "a"), "the first tab having the lock");
      await two.call("lock", "a");
      await two.call("inWorker", "lock", "a");
      const inside = async () => (await two.call("holds", "a")) || (await two.call("inWorker", "holds", "a"));
      await never(inside, "somebody else has the lock");
      await one.call("release", "a");
      await until(inside, "the next one having the lock");
      const [first, second] = (await two.call("holds", "a")) ? [["release", "a"], ["inWorker", "holds", "a"]] : [["inWorker", "release", "a"], ["holds", "a"]];
      await two.call(...first);
      await until(() => two.call(...second), "the last one having the lock");
      await two.call(...(second[0] === "inWorker" ? ["inWorker", "release", "a"] : ["release", "a"]));
    });

    test("a tab that is closed gives back what it had", async () => {
      const third = await browser.tab();
      await third.call("lock", "b");
      await until(() => third.call("holds", "b"), "the tab having the lock");
      await one.call("lock", "b");
      await never(() => one.call("holds", "b"), "two tabs have the lock");
      await third.close();
      await until(() => one.call("holds", "b"), "the lock of a closed tab being free");
      await one.call("release", "b");
    });

    test("a worker that is ended gives back what it had", async () => {
      const third = await browser.tab();
      await third.call("inWorker", "lock", "c");
      await until(() => third.call("inWorker", "holds", "c"), "the worker having the lock");
      await one.call("lock", "c");
      await never(() => one.call("holds", "c"), "two have the lock");
      await third.call("endWorker");
      await until(() => one.call("holds", "c"), "the lock of an ended worker being free");
      await third.close();
    });

    test("a counter that a tab, another and a worker add to is right", async () => {
      await Promise.all([one.call("count", "counter", 15), two.call("count", "counter", 15), two.call("inWorker", "count", "counter", 15)]);
      assert.equal(await one.call("get", "counter"), "45");
    });

    test("whoever deletes the database is not kept waiting, and the store goes on with a new one", async () => {
      await one.call("set", "before", "value");
      assert.equal(await two.call("dropDatabase"), "deleted");
      assert.equal(await one.call("get", "before"), null);
      assert.equal(await one.call("set", "after", "value"), "set");
      assert.equal(await two.call("get", "after"), "value");
    });

    test("keys lists more than the database gives at once", async () => {
      await one.call("fill", "many/", 1005);
      const keys = (await one.call("keys")).filter((key) => key.startsWith("many/"));
      assert.equal(new Set(keys).size, 1005);
      assert.equal(keys.length, 1005);
    });

    test("what has expired is deleted by keys, and when the database is opened", async () => {
      const isThere = async (key) => (await one.call("rawKeys")).includes(key);
      await one.call("set", "short", "value", 30);
      assert.ok(await isThere("short"));
      await until(async () => !(await one.call("keys")).includes("short"), "the end of its time");
      assert.ok(!(await isThere("short")));
      await one.call("set", "shorter", "value", 1);
      const third = await browser.tab();
      await third.call("get", "anything");
      await until(async () => !(await isThere("shorter")), "the deletion by a tab that opens the database");
      await third.close();
    });

    test("a database that was closed without a word is opened again", async () => {
      await one.call("closeInSilence");
      assert.equal(await one.call("set", "silence", "value"), "set");
      assert.equal(await two.call("get", "silence"), "value");
    });

    test("a browser that forgets about a request is an error, and the next call opens the database anew", async () => {
      const third = await browser.tab();
      for (const [prototype, method] of [["IDBFactory", "open"], ["IDBDatabase", "transaction"]]) {
        await third.call("forgetful", prototype, method);
        assert.match(await third.call("set", "forgotten", "value"), /^TimeoutError/);
        assert.equal(await third.call("set", "forgotten", method), "set");
        assert.equal(await one.call("get", "forgotten"), method);
      }
      await third.close();
      assert.equal(await two.call("dropDatabase"), "deleted");
    });

    test("a database of a later version, or of somebody else, rejects until it is gone", async () => {
      for (const [name, version, error] of [["later", 2, "VersionError"], ["foreign", 1, "NotFoundError"]]) {
        await one.call("occupy", name, version);
        assert.equal(await one.call("setIn", name, "a", "value"), error);
        assert.equal(await two.call("dropDatabase", name), "deleted");
        assert.equal(await one.call("setIn", name, "a", "value"), "set");
      }
    });
  });
}

describe("IndexedDB in Chromium alone", { timeout: 120_000 }, () => {
  test("without room it rejects and keeps what was there; with room it goes on", async (t) => {
    const browser = await openChromium();
    t.after(() => browser.close());
    const tab = await browser.tab();
    const devtools = await tab.devtools();
    // Before anything is kept: Chromium asks for the room that is left only once it believes that there is none.
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: browser.origin, quotaSize: 5_000 });
    assert.equal(await tab.call("set", "a", "small"), "set");
    assert.match(await tab.call("setNoise", "a", 300_000), /^QuotaExceededError/);
    assert.equal(await tab.call("get", "a"), "small");
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: browser.origin });
    assert.equal(await tab.call("setNoise", "a", 300_000), "set");
  });

  test("after the browser closed the database it goes on with a new one", async (t) => {
    const browser = await openChromium();
    t.after(() => browser.close());
    const tab = await browser.tab();
    await tab.call("set", "a", "value");
    await (await tab.devtools()).send("Storage.clearDataForOrigin", { origin: browser.origin, storageTypes: "indexeddb" });
    // What is under way when it happens rejects.
    await until(async () => (await tab.call("set", "b", "again")) === "set", "a value being set");
    assert.deepEqual([await tab.call("get", "a"), await tab.call("get", "b")], [null, "again"]);
  });

  test("a tab that crashes gives back what it had", async (t) => {
    const browser = await openChromium();
    t.after(() => browser.close());
    const [one, two] = [await browser.tab(), await browser.tab()];
    await one.call("lock", "a");
    await until(() => one.call("holds", "a"), "the tab having the lock");
    await two.call("lock", "a");
    const crashed = once(one.page, "crash");
    one.page.goto("chrome://crash").catch(() => {});
    await crashed;
    await until(() => two.call("holds", "a"), "the lock of a crashed tab being free");
  });

  test("what set resolved for is there after the browser was killed", async (t) => {
    const profile = mkdtempSync(join(tmpdir(), "phone-profile-"));
    t.after(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
    const browser = await openChromium(profile);
    t.after(() => browser.served.close());
    const tab = await browser.tab();
    assert.equal(await tab.call("set", "a", "durable"), "set");
    const closed = once(browser.context, "close");
    (await browser.context.browser().newBrowserCDPSession()).send("Browser.crash").catch(() => {});
    await closed;
    const again = await openChromium(profile, browser.origin);
    t.after(() => again.close());
    assert.equal(await (await again.tab()).call("get", "a"), "durable");
  });
});
