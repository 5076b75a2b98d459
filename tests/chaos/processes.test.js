// Chaos on a machine: processes that share a store, and are killed at any moment, ask a service that fails in every way it
// can, and nobody is paid for twice. The service's own ledger judges.
// CHAOS_SEED=… draws the same plan, faults and kills again, as far as time allows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "phone-enrichment";
import { complaintsAbout, complaintsAboutAgain, numbersOf } from "./support/judge.js";
import { FAULTS, seedOf, spellingsOf } from "./support/plan.js";
import { chaosAmongProcesses } from "./support/processes.js";

const seed = seedOf(process.env);

test("every spelling of a person is one person", async () => {
  const { check } = createClient({ token: "nobody-reads-this" });
  for (const number of [1, 7, 8, 9]) {
    const checked = await Promise.all(spellingsOf(number).map(check));
    assert.deepEqual(new Set(checked.map(({ fingerprint }) => fingerprint)).size, 1, JSON.stringify(checked));
  }
});

test("processes that share a store never pay twice for a person, whatever fails and whoever is killed", { timeout: 150_000 }, async (t) => {
  t.diagnostic(`CHAOS_SEED=${seed}`);
  const started = Date.now();
  const plan = { seed, lookups: 2000, people: 700, hot: 40 };
  const { before, again, onceMore, wallet } = await chaosAmongProcesses(t, { plan, children: 3, kills: 24, store: "shared" });
  const numbers = numbersOf({ ...before, again: again.ends });
  t.diagnostic(JSON.stringify({ ...numbers, seconds: (Date.now() - started) / 1000 }));

  assert.deepEqual(complaintsAbout(before), []);
  assert.deepEqual(complaintsAboutAgain({ ...before, again: again.ends, requests: again.requests }), []);
  // Now everybody is found, not found or unknown.
  assert.deepEqual(onceMore.requests, []);
  assert.equal(wallet.double_charges, 0);
  assert.deepEqual([before.crashed, again.code, onceMore.code], [0, 0, 0]);

  // It was chaos indeed.
  const asked = new Set(before.lives.flat().filter((entry) => "end" in entry).map(({ end }) => end));
  assert.equal(asked.size, plan.lookups, "every lookup was asked, and told how it ended");
  assert.ok(before.killed >= 12, `${before.killed} processes were killed`);
  assert.ok(numbers.byBonusMail > 0, "nobody asked by a bonus e-mail");
  for (const { fault } of FAULTS) assert.ok(numbers.faults[fault] > 0, `no request was struck by ${fault}`);
  assert.ok(numbers.struck > numbers.requests * 0.2, `${numbers.struck} of ${numbers.requests} requests were struck`);
  for (const code of ["success", "not_found", "timeout", "aborted", "network", "server_error", "malformed_response", "rate_limited", "outcome_unknown"]) assert.ok(numbers.ends[code] > 0, `no lookup ended with ${code}`);
  assert.ok(numbers.chargedAndKilled > 0, "a process was killed that alone knew of a charge");
});

for (const store of ["of its own", "that promises too soon"]) {
  test(`the judge sees that the same chaos charges twice where each process has a store ${store}`, { timeout: 60_000 }, async (t) => {
    t.diagnostic(`CHAOS_SEED=${seed}`);
    const plan = { seed, lookups: 240, people: 40, hot: 10 };
    const { before } = await chaosAmongProcesses(t, { plan, children: 3, kills: 3, store, faults: FAULTS.slice(0, 1) });
    assert.match(complaintsAbout(before).join("\n"), /was charged [2-9] times/);
  });
}
