// The extension in Firefox: its sidebar's page in a tab of the window that it is about.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startInFirefox, until } from "./support/firefox.js";

let beside;
let tab;
let panel;
const paid = (slug) => beside.sandbox.ledger().filter(({ person_id }) => person_id === slug).length;
const sees = (state) => until(panel, (state) => document.querySelector("[data-state]")?.dataset.state === state, state);
const isAbout = (slug) => until(panel, (slug) => document.querySelector(".who")?.textContent === slug, slug);
/** Clicks in the panel, which lies behind the tab: at a place, since a key goes to what is in front. */
async function find() {
  const [x, y] = await until(panel, () => {
    const place = document.querySelector("button.main")?.getBoundingClientRect();
    return place && [place.x + place.width / 2, place.y + place.height / 2];
  });
  await panel.mouse.click(x, y);
}

before(async () => {
  beside = await startInFirefox();
  panel = await beside.open("sidepanel");
  await panel.evaluate((worker) => chrome.storage.local.set({ settings: { version: 2, way: "worker", worker, rememberToken: false, dailyBudget: null, retentionDays: 30, suppressed: [], language: "en" } }), { address: beside.worker.url, key: beside.key });
  tab = await beside.browser.newPage();
});
after(() => beside.close());

const visit = async (path) => {
  await tab.goto(beside.SITE + path);
  await tab.bringToFront();
};

test("the permission of the site is asked for where Firefox withholds it, and then enough", async () => {
  await visit("/in/johndoe/");
  const isGranted = await panel.evaluate(() => browser.permissions.contains({ origins: ["https://*.linkedin.com/*"] }));
  await sees(isGranted ? "ready" : "grant");
});

test("from the page to the sandbox and back: the phone is shown, and paid once", async () => {
  await visit("/in/johndoe/");
  await isAbout("johndoe");
  await find();
  await sees("found");
  assert.match(await panel.evaluate(() => document.querySelector(".phone").textContent), /\+1 555-123-4567/);
  assert.equal(paid("johndoe"), 1);
});

test("follows the single-page site, and knows who was found", async () => {
  await tab.evaluate(() => history.pushState(null, "", "/company/acme/"));
  await sees("page");
  await tab.evaluate(() => history.pushState(null, "", "/in/person-00001/"));
  await isAbout("person-00001");
  await sees("ready");
  await tab.evaluate(() => history.back());
  await sees("page");
  await visit("/in/johndoe/");
  await sees("known");
  assert.equal(paid("johndoe"), 1);
});

test("not found is free", async () => {
  await visit("/in/nobody-knows-me/");
  await isAbout("nobody-knows-me");
  await find();
  await sees("missing");
  assert.equal(beside.sandbox.wallet().charges, 1);
});

test("does not remember a token, which Firefox can't keep from content scripts, and says so", async () => {
  const options = await beside.open("options");
  await until(options, () => document.querySelectorAll("input[name=way]").length === 2);
  const canKeep = await options.evaluate(() => "setAccessLevel" in browser.storage.local);
  await options.evaluate(() => document.querySelectorAll("input[name=way]")[1].click());
  const isOff = await until(options, () => document.querySelector(".check input[type=checkbox]") && String(document.querySelector(".check input[type=checkbox]").disabled));
  assert.equal(isOff, String(!canKeep));
  assert.ok(!canKeep, "this Firefox can: the words and the README have to say so");
  await options.close();
});

test("the built manifest opens the sidebar by its button and its command", async () => {
  const commands = await panel.evaluate(() => browser.commands.getAll());
  assert.deepEqual(commands.map(({ name, shortcut }) => [name, shortcut]), [["_execute_sidebar_action", "Alt+P"]]);
});
