// A found, a not-found and each error of the contract, in Node, Chromium and workerd alike; the service's ledger judges.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { wrongTypeVariants } from "phone-enrichment/sandbox";
import { groups } from "./outcomes.cases.js";
import { copyOfPackage } from "./support/installed.js";
import { judge, play, summary } from "./support/judge.js";
import { everyRuntime, startChromium, startNode, startWorkerd } from "./support/runtimes.js";

const { runtimes, browser } = everyRuntime();

/** What can't be alike is left out where the case says why, and only there; a part of a body has to be a part of it. */
function comparable({ result }, { alike = {} }) {
  const copy = structuredClone(result);
  for (const field of Object.keys(alike)) {
    delete copy.error[field];
    copy.error.fields = copy.error.fields.filter((name) => name !== field);
    copy.hooks = copy.hooks.map((heard) => (heard[0] === "outcome" ? ["outcome", heard.at(-1)] : heard));
  }
  return copy;
}

function expected({ expect, alike = {} }) {
  return Object.fromEntries(Object.entries(expect).filter(([field]) => !(field in alike)));
}

async function check(one, runtimes) {
  const { expect, sent = 1, charged = false, waitsMs, tokenKind = "live", ledgerKnowsBetter } = one;
  const played = await Promise.all(runtimes.map(async (runtime) => ({ name: runtime.name, ...(await play(runtime, one)) })));
  for (const { name, ...turn } of played) {
    try {
      const seen = summary(turn.result);
      for (const field of Object.keys(one.alike ?? {})) delete seen[field];
      assert.deepEqual(seen, expected(one));
      assert.equal(turn.posts.length, sent, "requests that reached the service");
      assert.deepEqual(turn.elsewhere, [], "requests to anywhere else");
      for (const { token, body, headers } of turn.posts) {
        assert.equal(token, tokenKind);
        assert.equal(headers["content-type"], "application/json");
        // The same person every time, and by one identifier.
        assert.deepEqual(body, turn.posts[0].body);
      }
      if (!ledgerKnowsBetter) judge(turn);
      assert.equal(turn.ledger.length, charged ? 1 : 0, "charges in the service's ledger");
      if (waitsMs) assert.ok(turn.posts[1].at_ms - turn.posts[0].at_ms >= waitsMs, "it waited as long as the service asked");
      assert.equal(turn.result.sameId, true, "one call is one lookup, by one id");
      // Every request was announced; then one outcome, and the wallet where the service said it.
      const hooks = turn.result.hooks.map(([what]) => what);
      const requests = expect.attempts ?? (one.server === "none" ? 1 : sent);
      assert.deepEqual(hooks.slice(0, requests + 1), [...Array(requests).fill("request"), "outcome"]);
      assert.equal(hooks.includes("credits"), typeof (expect.remaining_credits ?? expect.remainingCredits) === "number", "onCredits hears of the wallet");
    } catch (error) {
      error.message = `${name}: ${error.message}\n${JSON.stringify(turn.result)}\n${JSON.stringify(turn.posts.map(({ status, charged, aborted }) => ({ status, charged, aborted })))}`;
      throw error;
    }
  }
  const [first, ...others] = played;
  for (const other of others) assert.deepEqual(comparable(other, one), comparable(first, one), `${other.name} is not like ${first.name}`);
}

for (const [group, cases] of Object.entries(groups)) {
  describe(group, { concurrency: 12, timeout: 60_000 }, () => {
    for (const one of cases) test(one.name, () => check(one, runtimes));
  });
}

describe("the table", () => {
  const all = Object.values(groups).flat();

  test("names each case once", () => {
    assert.deepEqual([...new Set(all.map(({ name }) => name))], all.map(({ name }) => name));
  });

  test("has every wrong type that the sandbox can order", () => {
    const ordered = all.flatMap(({ faults = [] }) => faults.filter(({ fault }) => fault === "wrong_types").map(({ variant }) => variant));
    assert.deepEqual(ordered.sort(), [...wrongTypeVariants].sort());
  });

  test("has every code that a call can end with after it was sent, and every charge", () => {
    const codes = new Set(all.map(({ expect }) => expect.code).filter(Boolean));
    const sent = ["invalid_token", "insufficient_credits", "bad_request", "forbidden", "not_found_endpoint", "rate_limited", "server_error", "malformed_response", "timeout", "aborted", "network"];
    assert.deepEqual([...codes].sort(), sent.sort());
    assert.deepEqual([...new Set(all.map(({ expect }) => expect.charge))].sort(), ["confirmed", "none", "possible"]);
  });
});

describe("a broken twin of the package", { concurrency: 4, timeout: 60_000 }, () => {
  const named = (name) => Object.values(groups).flat().find((one) => one.name === name);
  /** Starts all runtimes on a copy that was tampered with, and expects the check to go red in each of them. */
  const goesRed = async (t, name, pattern, tamper) => {
    const copy = copyOfPackage(t);
    tamper(copy);
    for (const start of [startNode, startWorkerd, (folder) => startChromium(browser(), folder)]) {
      const runtime = await start(copy.folder);
      try {
        await assert.rejects(check(named(name), [runtime]), pattern, runtime.name);
      } finally {
        await runtime.close();
      }
    }
  };

  test("that ignores the deadline is noticed", (t) =>
    goesRed(t, "no answer within the deadline", /'success'/, (copy) => copy.replace("dist/client.js", "setTimeout(", "(()=>0)(")));

  test("that follows redirects is noticed", (t) =>
    goesRed(t, "a redirect with 307", /trap@example|requests to anywhere else/, (copy) => {
      copy.replace("dist/client.js", '"manual"', '"follow"');
      copy.replace("dist/client.js", '"error"', '"follow"');
    }));

  test("that sends again what was lost is noticed", (t) =>
    goesRed(t, "500 after the work", /requests that reached the service/, (copy) => wrap(copy, "(call) => call().catch(() => call({ force: true }))")));

  test("that calls what is in doubt free is noticed", (t) =>
    goesRed(t, "500 after the work", /possible/, (copy) => wrap(copy, "(call) => call().catch((error) => { throw Object.assign(error, { charge: 'none' }); })")));

  test("is noticed by the ledger alone, too", () => {
    assert.throws(() => judge({ result: { error: { charge: "none" } }, ledger: [{ credits: 5 }] }), /nothing was charged/);
    assert.throws(() => judge({ result: { outcome: { meta: { charge: "confirmed", credits: 5 } } }, ledger: [] }), /what was charged/);
    assert.throws(() => judge({ result: { error: { charge: "possible" } }, ledger: [{ credits: 5 }, { credits: 5 }] }), /more than once/);
  });

  /** Puts a function around every call of the copy. */
  function wrap(copy, around) {
    for (const entry of ["index", "workerd"]) {
      copy.write(`dist/real-${entry}.js`, copy.read(`dist/${entry}.js`));
      copy.write(`dist/${entry}.js`, `
        import { createClient as real } from "./real-${entry}.js";
        export * from "./real-${entry}.js";
        export const createClient = (options) => {
          const client = real(options);
          return { ...client, enrichPhone: (request, options) => (${around})((more) => client.enrichPhone(request, { ...options, ...more })) };
        };
      `);
    }
  }
});
