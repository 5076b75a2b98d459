// Chaos in a browser: pages that crash or are closed and a service worker that is stopped, at any moment, ask a service
// that fails in every way it can, and nobody is paid for twice. The service's own ledger judges.
// CHAOS_SEED=… draws the same plan, faults and kills again, as far as time allows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chaosInBrowser, openExtension, openPages } from "./support/browser.js";
import { complaintsAbout, complaintsAboutAgain, numbersOf } from "./support/judge.js";
import { FAULTS, seedOf } from "./support/plan.js";

const seed = seedOf(process.env);

const HOMES = {
  "two pages of one origin": [openPages, 10],
  "an extension's service worker and a page of it": [openExtension, 10],
};
for (const [name, [open, kills]] of Object.entries(HOMES)) {
  test(`${name} never pay twice for a person, whatever fails and whoever is killed`, { timeout: 120_000 }, async (t) => {
    t.diagnostic(`CHAOS_SEED=${seed}`);
    const started = Date.now();
    const plan = { seed, lookups: 240, people: 100, hot: 15 };
    const { before, again, onceMore, wallet } = await chaosInBrowser(t, { plan, open, kills });
    const numbers = numbersOf({ ...before, again: again.ends });
    t.diagnostic(JSON.stringify({ ...numbers, seconds: (Date.now() - started) / 1000 }));

    assert.deepEqual(complaintsAbout({ ...before, announced: false }), []);
    assert.deepEqual(complaintsAboutAgain({ ...before, again: again.ends, requests: again.requests }), []);
    // Now everybody is found, not found or unknown.
    assert.deepEqual(onceMore.requests, []);
    assert.equal(wallet.double_charges, 0);

    // It was chaos indeed.
    const asked = new Set(before.lives.flat().filter((entry) => "end" in entry).map(({ end }) => end));
    assert.equal(asked.size, plan.lookups, "every lookup was asked, and told how it ended");
    assert.ok(before.killed >= 5, `${before.killed} places were killed`);
    assert.ok(numbers.struck > numbers.requests * 0.1, `${numbers.struck} of ${numbers.requests} requests were struck`);
    // One person in ten is nobody, and of few requests all of those may have been struck: then it is told afterwards.
    const codes = new Set([...Object.keys(numbers.ends), ...again.ends.map(({ code }) => code)]);
    for (const code of ["success", "not_found", "outcome_unknown"]) assert.ok(codes.has(code), `no lookup ended with ${code}`);
    assert.ok(numbers.cutOff > 0, "nobody was killed while a lookup was out");
  });
}

test("the judge sees that the same chaos charges twice where each page has a store of its own", { timeout: 60_000 }, async (t) => {
  t.diagnostic(`CHAOS_SEED=${seed}`);
  const plan = { seed, lookups: 80, people: 20, hot: 5 };
  const { before } = await chaosInBrowser(t, { plan, open: openPages, kills: 2, shared: false, faults: FAULTS.slice(0, 1) });
  assert.match(complaintsAbout({ ...before, announced: false }).join("\n"), /was charged [2-9] times/);
});
