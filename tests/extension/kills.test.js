// The background is ended in mid-lookup, as a browser may at any time, and the browser itself too: nobody is paid for twice, no
// paid answer is lost, and no panel waits for ever.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { click, find, sees, startBeside, stateOf } from "./support/chromium.js";

/** Milliseconds that the service takes, and within which the background is ended. */
const SERVICE_MS = 400;
const WITHIN_MS = 600;
const SEED = 20261125;

let beside;
const profile = mkdtempSync(join(tmpdir(), "phone-profile-"));
before(async () => (beside = await startBeside({ profile })));
afterEach(() => beside.tidy());
after(async () => {
  await beside.close();
  rmSync(profile, { recursive: true, force: true });
});

/** Numbers from 0 to 1 that are the same in every run. */
function* chances(seed) {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

const paid = (slug) => beside.sandbox.ledger().filter(({ person_id }) => person_id === slug).length;

/** From wherever a panel came to rest, to the number: by what it offers. */
async function goOn(panel) {
  await sees(panel, "ready", "doubt", "found", "known");
  const state = await stateOf(panel);
  if (state === "ready") await find(panel);
  if (state === "doubt") await click(panel, "Ask the Worker what became of it");
  await sees(panel, "found", "known");
  return state;
}

const chance = chances(SEED);
for (let n = 1; n <= 10; n++) {
  // One point in each tenth, so that the whole lookup is covered.
  const at = Math.round(((n - chance.next().value) / 10) * WITHIN_MS);
  test(`ended ${at} ms after the click (${n} of 10)`, async () => {
    const { slug, panel } = await beside.ready();
    beside.sandbox.setFaults([{ fault: "delay", ms: SERVICE_MS }]);
    await find(panel);
    await pause(at);
    await beside.stopBackground();
    await goOn(panel);
    await beside.sandbox.idle();
    assert.equal(paid(slug), 1);
    const known = await panel.evaluate(() => chrome.runtime.sendMessage({ kind: "people", search: "" }));
    assert.deepEqual(known.answer.filter(({ profile }) => profile.endsWith(slug)).map(({ state }) => state), ["found"]);
  });
}

test("ended while it asks again: the answer is still there, and paid once", async () => {
  const { slug, panel } = await beside.ready();
  beside.sandbox.setFaults([{ fault: "delay", ms: 3 * SERVICE_MS }]);
  await find(panel);
  await sees(panel, "looking");
  await pause(SERVICE_MS);
  await beside.stopBackground();
  await sees(panel, "doubt");
  await click(panel, "Ask the Worker what became of it");
  await pause(SERVICE_MS / 4);
  await beside.stopBackground();
  await sees(panel, "doubt");
  await goOn(panel);
  assert.equal(paid(slug), 1);
});

test("ended while nothing is out: the next click wakes it up", async () => {
  const { slug, panel } = await beside.ready();
  await beside.stopBackground();
  await find(panel);
  await sees(panel, "found");
  assert.equal(paid(slug), 1);
});

test("what may be out counts against the budget until it is known", async () => {
  await beside.set({ dailyBudget: 5 });
  await beside.within(() => indexedDB.deleteDatabase("phone-enrichment-people"));
  await beside.stopBackground();
  const { panel, tab } = await beside.ready();
  beside.sandbox.setFaults([{ fault: "delay", ms: 3 * SERVICE_MS }]);
  await find(panel);
  await sees(panel, "looking");
  await pause(SERVICE_MS);
  await beside.stopBackground();
  await sees(panel, "doubt");
  const other = beside.somebody();
  await tab.evaluate((slug) => history.pushState(null, "", `/in/${slug}/`), other);
  await sees(panel, "ready");
  await find(panel);
  await sees(panel, "budget");
  assert.equal(paid(other), 0);
});

test("the browser is killed in mid-lookup: after its restart the panel has the paid answer", async () => {
  const { slug, panel } = await beside.ready();
  beside.sandbox.setFaults([{ fault: "delay", ms: SERVICE_MS }]);
  await find(panel);
  await sees(panel, "looking");
  await pause(SERVICE_MS / 2);
  await beside.killBrowser();
  await beside.sandbox.idle();
  const tab = await beside.visit(`/in/${slug}/`);
  const later = await beside.panel(tab);
  await sees(later, "doubt");
  await goOn(later);
  assert.equal(paid(slug), 1);
});

test("the browser is killed after the answer: it is known at once, after the restart", async () => {
  const { slug, panel } = await beside.ready();
  await find(panel);
  await sees(panel, "found");
  await beside.killBrowser();
  const tab = await beside.visit(`/in/${slug}/`);
  await sees(await beside.panel(tab), "known");
  assert.equal(paid(slug), 1);
});
