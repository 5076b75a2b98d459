// Many at once, and callers who do not wait.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { costOf, PATH, startBoth, until } from "./support/both.js";

const JANE = { email: "jane.doe@acme.example.com" };
const person = (n) => ({ linkedin_url: `https://www.linkedin.com/in/person-${String(n).padStart(5, "0")}` });
const countBy = (list, of) => list.reduce((counts, one) => ({ ...counts, [of(one)]: (counts[of(one)] ?? 0) + 1 }), {});

describe("under load", { timeout: 60_000 }, () => {
  test("1,000 calls at once for one person are one request, one charge and 1,000 answers", async (t) => {
    // Nobody who only waits sets anything aside.
    const { lookup, key, sandbox, wallet } = await startBoth(t, { vars: { WALLET_PER_DAY: 5 }, vendor: { faults: [{ fault: "delay", ms: 300 }] } });
    const answers = await Promise.all(Array.from({ length: 1000 }, () => lookup(key, JANE)));
    assert.deepEqual(countBy(answers, ({ status }) => status), { 200: 1000 });
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.deepEqual(countBy(answers, (answer) => costOf(answer).join()), { "none,0,cache": 999, "confirmed,5,network": 1 });
    assert.deepEqual([sandbox.requests().length, sandbox.wallet().spent, (await wallet()).today.spent], [1, 5, 5]);
  });

  test("1,000 people at once with credits for 100 are 100 charges at most, and the rest are told when", async (t) => {
    const { lookup, key, sandbox, wallet } = await startBoth(t, { vendor: { people: 1000 }, vars: { WALLET_PER_DAY: 500 } });
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, index) => lookup(key, person(index + 1))));
    assert.deepEqual(countBy(answers, ({ status }) => status), { 200: 100, 429: 900 });
    for (const { status, json, headers } of answers) if (status === 429) assert.deepEqual([json.limit, Number(headers["retry-after"]) > 0], ["wallet_per_day", true]);
    assert.deepEqual([sandbox.wallet().charges, (await wallet()).today.spent], [100, 500]);
  });

  test("1,000 people at once while the vendor's own wallet runs dry are charged as far as it goes, and never below", async (t) => {
    const { lookup, key, sandbox, wallet } = await startBoth(t, { vendor: { people: 1000, credits: 52 } });
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, index) => lookup(key, person(index + 1))));
    assert.deepEqual(countBy(answers, ({ status }) => status), { 200: 10, 402: 990 });
    assert.deepEqual([sandbox.wallet().credits, (await wallet()).today.spent, (await wallet()).today.held], [2, 50, 0]);
    const before = sandbox.requests().length;
    await lookup(key, JANE);
    assert.equal(sandbox.requests().length, before, "nobody asks a wallet that is known to be empty");
  });

  for (const [name, before] of [["the vendor has the request", "handling"], ["the vendor has charged", "answer"]]) {
    test(`whoever hangs up when ${name} leaves a paid answer that is kept`, async (t) => {
      const { lookup, key, url, sandbox, wallet } = await startBoth(t, { vendor: { faults: [{ fault: "delay", ms: 250, before, times: 1 }] } });
      const leaving = new AbortController();
      const left = fetch(url + PATH, { method: "POST", headers: { authorization: `Token ${key}`, "content-type": "application/json" }, body: JSON.stringify(JANE), signal: leaving.signal }).catch((error) => error.name);
      await until(() => (before === "answer" ? sandbox.ledger() : sandbox.requests()).length === 1);
      leaving.abort();
      assert.equal(await left, "AbortError");
      await sandbox.idle();
      await until(async () => (await wallet()).today.held === 0);
      assert.deepEqual([costOf(await lookup(key, JANE)), (await wallet()).today.spent, sandbox.requests().length, sandbox.requests()[0].aborted], [["none", 0, "cache"], 5, 1, false]);
    });
  }

  test("whoever waits for somebody who hung up is answered", async (t) => {
    const { lookup, key, url, sandbox } = await startBoth(t, { vendor: { faults: [{ fault: "delay", ms: 250, times: 1 }] } });
    const leaving = new AbortController();
    const left = fetch(url + PATH, { method: "POST", headers: { authorization: `Token ${key}`, "content-type": "application/json" }, body: JSON.stringify(JANE), signal: leaving.signal }).catch((error) => error.name);
    await until(() => sandbox.requests().length === 1);
    const waiting = Array.from({ length: 20 }, () => lookup(key, JANE));
    leaving.abort();
    assert.equal(await left, "AbortError");
    assert.deepEqual(countBy(await Promise.all(waiting), ({ status }) => status), { 200: 20 });
    assert.equal(sandbox.ledger().length, 1);
  });
});
