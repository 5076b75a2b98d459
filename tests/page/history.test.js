// Lists that outlive their tab: every one that was begun is there again, whatever happened to the page, in one tab at a time,
// until somebody erases it.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { startSandbox } from "phone-enrichment/sandbox";
import { examine, launchProfile, servePage, startAll, visit } from "./harness.js";

let all;
let sandbox;
let served;
before(async () => {
  all = await startAll();
  sandbox = await startSandbox({ credits: 10_000, people: 100 });
  served = await servePage(all.built.folder, sandbox);
});
after(async () => {
  await served?.close();
  await sandbox?.close();
  await all?.close();
});
beforeEach(() => sandbox.reset());

const personOf = (n) => `person-${String(n).padStart(5, "0")}`;
/** Some of the people whom the service knows, by their numbers. */
const listOf = (from, to) => ["Email", ...Array.from({ length: to - from + 1 }, (_, index) => `${personOf(from + index)}@example.com`)].join("\n");
const everybody = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => personOf(from + index));

const file = (page) => page.getByLabel("Drop a CSV file here, or choose one");
const startButton = (page) => page.locator("form.start button[type=submit]");
const ended = (page, title) => page.locator(`#run-title:text-is("${title}")`).waitFor({ timeout: 30_000 });
const counts = (page) => page.locator(".counts").evaluate((counts) => Object.fromEntries([...counts.children].map((part) => [part.querySelector("dt").innerText.trim(), Number(part.querySelector("strong").innerText)])));
const another = (page) => page.getByRole("button", { name: "Another list" }).click();
const earlier = (page) => page.locator(".history li");
async function names(page) {
  await page.locator(".history").waitFor();
  return page.locator(".history .name").allInnerTexts();
}

async function planned(page, name, text) {
  if (!page.url().endsWith("#list")) await page.getByRole("link", { name: "A list" }).click();
  await file(page).setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.locator("#plan-title").waitFor();
}

async function looked(page, name, text) {
  await planned(page, name, text);
  await startButton(page).click();
  await ended(page, "Done");
}

async function openEarlier(page, name) {
  await page.getByRole("button", { name: `Open ${name}` }).click();
  await page.locator("#run-title").waitFor();
}

async function eraseEarlier(page, name) {
  await page.getByRole("button", { name: `Erase ${name}` }).click();
  await page.getByRole("button", { name: "Yes, erase this list" }).click();
  await page.locator(".history .name", { hasText: name }).waitFor({ state: "detached" });
}

/** Nobody was charged twice, and these were. */
function judge(who) {
  assert.equal(sandbox.wallet().double_charges, 0);
  assert.deepEqual(sandbox.ledger().map(({ person_id }) => person_id).sort(), [...who].sort());
}

async function exported(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export JSON" }).click()]);
  return JSON.parse(await readFile(await download.path(), "utf8")).map((row) => ({ ...row, email: row.request?.email }));
}

const withPage = (use, options = {}) => visit(all.browser, served.origin, options, use);

/** Another tab of the same browser. */
async function tabOf(page) {
  const tab = await page.context().newPage();
  tab.setDefaultTimeout(8000);
  await tab.goto(`${served.origin}/#list`);
  return tab;
}

const databases = (page) => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));

test("every list that was begun is kept, newest first, and each opens again with all that it came to", () =>
  withPage(async (page) => {
    await looked(page, "first.csv", listOf(1, 6));
    await another(page);
    await planned(page, "second.csv", `${listOf(5, 12)}\nnobody@example.com\n`);
    await page.getByLabel("Spend at most").fill("10");
    await startButton(page).click();
    await ended(page, "Stopped");
    await another(page);
    assert.deepEqual(await names(page), ["second.csv", "first.csv"]);
    assert.equal(await page.getByText("Open in another tab.").count(), 0, "what this tab had is no other tab's");
    assert.match(await earlier(page).nth(0).innerText(), /Begun \w+ \d+, \d{4}.*9 rows, 9 people, 4 found\. 10 credits spent\. 5 people not looked up yet\./);
    assert.match(await earlier(page).nth(1).innerText(), /6 rows, 6 people, 6 found\. 30 credits spent\. Done\./);
    await examine(page, "30-history");

    // Nothing is open, and that stays so.
    await page.reload();
    await file(page).waitFor();
    const sent = sandbox.requests().length;
    await openEarlier(page, "first.csv");
    await ended(page, "Done");
    assert.equal(await page.locator("#spent").innerText(), "30 credits");
    const rows = await exported(page);
    assert.deepEqual(rows.map(({ state, email }) => [state, email]), everybody(1, 6).map((person) => ["found", `${person}@example.com`]));
    for (const { phone } of rows) assert.match(phone, /^\+/);
    assert.equal(sandbox.requests().length, sent, "to open a list sends nothing");

    // The other one goes on where it stopped.
    await another(page);
    await openEarlier(page, "second.csv");
    await page.getByLabel("Spend at most, from now on").fill("");
    await startButton(page).click();
    await ended(page, "Done");
    judge(everybody(1, 12));
    await page.reload();
    await ended(page, "Done");
    assert.deepEqual(await counts(page), { Found: 8, "Not found": 1, "May have been charged": 0, Failed: 0, "Not looked up yet": 0 });
  }));

test("corrected columns are kept with the list", () =>
  withPage(async (page) => {
    await planned(page, "columns.csv", `Email,Other\nnobody-1@example.com,${personOf(1)}@example.com\nnobody-2@example.com,${personOf(2)}@example.com\n`);
    await page.getByLabel("Email", { exact: true }).selectOption("");
    await page.getByLabel("Other", { exact: true }).selectOption("email");
    await page.getByText("You said so").nth(1).waitFor();
    await startButton(page).click();
    await ended(page, "Done");
    judge(everybody(1, 2));
    await another(page);
    await openEarlier(page, "columns.csv");
    assert.deepEqual((await exported(page)).map(({ email, state }) => [email, state]), everybody(1, 2).map((person) => [`${person}@example.com`, "found"]));
  }));

test("answers that were paid for and not written down with the list are brought back when it opens, and nothing is sent", () =>
  withPage(async (page) => {
    await looked(page, "gap.csv", listOf(1, 8));
    const sent = sandbox.requests().length;
    // What a tab leaves that is killed between the answer and the note of it.
    await page.evaluate(async () => {
      const database = await new Promise((resolve) => (indexedDB.open("phone-enrichment-page").onsuccess = ({ target }) => resolve(target.result)));
      const endings = database.transaction("endings", "readwrite").objectStore("endings");
      const keys = await new Promise((resolve) => (endings.getAllKeys().onsuccess = ({ target }) => resolve(target.result)));
      for (const key of keys.slice(0, 5)) endings.delete(key);
      await new Promise((resolve) => (endings.transaction.oncomplete = resolve));
      database.close();
    });
    await page.reload();
    await ended(page, "Done");
    assert.deepEqual(await counts(page), { Found: 8, "Not found": 0, "May have been charged": 0, Failed: 0, "Not looked up yet": 0 });
    assert.equal(sandbox.requests().length, sent);
    for (const { phone } of await exported(page)) assert.match(phone, /^\+/);
    // From now on it is written down again.
    const kept = await page.evaluate(() => new Promise((resolve) => (indexedDB.open("phone-enrichment-page").onsuccess = ({ target }) => (target.result.transaction("endings").objectStore("endings").count().onsuccess = (event) => (target.result.close(), resolve(event.target.result))))));
    assert.equal(kept, 8);
  }));

test("a browser that crashes has all lists again, and opens the one that was open", async () => {
  const profile = await mkdtemp(join(tmpdir(), "phone-history-"));
  try {
    const context = await launchProfile(profile);
    const page = await context.newPage();
    await page.goto(`${served.origin}/#list`);
    await looked(page, "before.csv", listOf(1, 3));
    await another(page);
    sandbox.setFaults([{ fault: "delay", ms: [20, 60] }]);
    await planned(page, "crashed.csv", listOf(4, 40));
    await startButton(page).click();
    while (sandbox.ledger().length < 12) await new Promise((resolve) => setTimeout(resolve, 5));
    const gone = new Promise((resolve) => context.once("close", resolve));
    (await context.newCDPSession(page)).send("Browser.crash").catch(() => {});
    await gone;
    await sandbox.idle();

    const again = await launchProfile(profile);
    const next = await again.newPage();
    await next.goto(`${served.origin}/#list`);
    await next.locator("#run-title").waitFor();
    await startButton(next).click();
    await ended(next, "Done");
    const sum = await counts(next);
    assert.equal(sum.Found + sum["May have been charged"], 37);
    assert.ok(sum["May have been charged"] <= 5, JSON.stringify(sum));
    const states = new Map((await exported(next)).map(({ email, state }) => [email, state]));
    for (const { person_id } of sandbox.ledger().slice(3)) assert.match(states.get(`${person_id}@example.com`), /^(found|doubt)$/);
    assert.equal(sandbox.wallet().double_charges, 0);
    await another(next);
    assert.deepEqual(await names(next), ["crashed.csv", "before.csv"]);
    await again.close();
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
});

test("one tab at a time works on a list; the other one says so, and opens it once it is given back", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: "delay", ms: 80 }]);
    await planned(page, "shared.csv", listOf(1, 30));
    await startButton(page).click();
    await page.locator('#run-title:text-is("Looking up")').waitFor();

    const second = await tabOf(page);
    await file(second).waitFor();
    await second.getByText("Open in another tab.").waitFor();
    await examine(second, "31-history-elsewhere");
    await second.getByRole("button", { name: "Open shared.csv" }).click();
    await second.getByRole("alert").getByText("A list is open in another tab").waitFor();
    // Neither is it erased under the other tab, alone or with everything.
    await second.getByRole("button", { name: "Erase shared.csv" }).click();
    await second.getByRole("button", { name: "Yes, erase this list" }).click();
    await second.getByRole("button", { name: "Erase shared.csv" }).waitFor();
    await second.getByRole("alert").getByText("A list is open in another tab").waitFor();
    await second.getByRole("button", { name: "Erase everything" }).click();
    await second.getByRole("button", { name: "Yes, erase everything" }).click();
    await second.getByRole("button", { name: "Erase everything", exact: true }).waitFor();
    await second.getByRole("alert").getByText("A list is open in another tab").waitFor();
    assert.deepEqual(await names(second), ["shared.csv"]);

    // The second works on a list of its own meanwhile, and each finds its own again.
    await looked(second, "own.csv", listOf(25, 35));
    // A tab that nobody sees draws nothing.
    await page.bringToFront();
    await ended(page, "Done");
    await page.reload();
    await ended(page, "Done");
    assert.equal((await counts(page)).Found, 30);
    await second.bringToFront();
    await second.reload();
    await ended(second, "Done");
    assert.equal((await counts(second)).Found, 11);
    judge(everybody(1, 35));

    // A tab that is gone holds nothing.
    await another(second);
    await page.close({ runBeforeUnload: false });
    await openEarlier(second, "shared.csv");
    assert.equal((await counts(second)).Found, 30);
  }));

test("a list that is erased takes with it what is kept of its people, but not of those on another list", () =>
  withPage(async (page) => {
    await looked(page, "one.csv", listOf(1, 8));
    await another(page);
    await looked(page, "two.csv", listOf(6, 10));
    await another(page);
    await page.getByRole("button", { name: "Erase one.csv" }).click();
    assert.match(await page.locator(".history").innerText(), /unless they are on another list here\. Whoever of them is looked up again costs again\./);
    await examine(page, "32-history-erase");
    await page.getByRole("button", { name: "Keep it" }).click();
    await eraseEarlier(page, "one.csv");
    assert.deepEqual(await names(page), ["two.csv"]);

    await planned(page, "one.csv", listOf(1, 8));
    const { Known, "To look up": left } = await counts(page);
    assert.deepEqual([Known, left], [3, 5]);
    await another(page);
    await openEarlier(page, "two.csv");
    assert.equal((await counts(page)).Found, 5);
    await another(page);
    await eraseEarlier(page, "two.csv");
    await planned(page, "two.csv", listOf(6, 10));
    assert.equal((await counts(page)).Known, 0);
    await another(page);

    await looked(page, "three.csv", listOf(20, 21));
    await page.getByRole("button", { name: "Erase everything" }).click();
    await page.getByRole("button", { name: "Yes, erase everything" }).click();
    await file(page).waitFor();
    await page.waitForFunction(async () => (await indexedDB.databases()).length === 0);
    assert.equal(await earlier(page).count(), 0);
  }));

test("whoever came from another list with the same e-mail in the answer stays known there", () =>
  withPage(async (page) => {
    const { linkedin_slug, bonus_email } = sandbox.people().find((person) => person.linkedin_slug && person.bonus_email && person.phone);
    await looked(page, "addresses.csv", `LinkedIn URL\nhttps://www.linkedin.com/in/${linkedin_slug}\n`);
    await another(page);
    await looked(page, "e-mails.csv", `Email\n${bonus_email}\n`);
    const paid = sandbox.ledger().length;
    await another(page);
    await eraseEarlier(page, "addresses.csv");
    await planned(page, "e-mails.csv", `Email\n${bonus_email}\n`);
    assert.equal((await counts(page)).Known, 1);
    assert.equal(sandbox.ledger().length, paid);
  }));

test("the one list of the version before is carried over, with its endings", () =>
  withPage(async (page) => {
    await page.evaluate(async (text) => {
      const database = await new Promise((resolve) => {
        const request = indexedDB.open("phone-enrichment-page", 1);
        request.onupgradeneeded = () => {
          request.result.createObjectStore("list");
          request.result.createObjectStore("endings");
        };
        request.onsuccess = () => resolve(request.result);
      });
      const transaction = database.transaction(["list", "endings"], "readwrite");
      transaction.objectStore("list").put({ name: "old.csv", source: new Blob([text]), columns: {}, limit: 50, concurrency: 3 }, 0);
      for (const place of [0, 1, 10]) transaction.objectStore("endings").put({ status: "found", charge: "confirmed", credits: 5, phone: `+1 555 ${place}`, e164: null, email: null }, place);
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      database.close();
    }, listOf(1, 12));
    await page.getByRole("link", { name: "A list" }).click();
    await ended(page, "Stopped");
    assert.equal(await page.locator("#spent").innerText(), "15 credits");
    assert.deepEqual((await exported(page)).flatMap(({ phone }, row) => (phone ? [[row, phone]] : [])), [0, 1, 10].map((place) => [place, `+1 555 ${place}`]));
    assert.equal(await page.getByLabel("At once").inputValue(), "3");
    await startButton(page).click();
    await ended(page, "Done");
    judge([...everybody(3, 10), personOf(12)]);
    await another(page);
    assert.match(await earlier(page).innerText(), /old\.csv\s+Begun before the history was kept\. 12 rows, 12 people, 12 found/);
  }));

/** Sets how much this origin may keep, in bytes; without a number, as much as ever. */
async function roomOf(page) {
  const session = await page.context().newCDPSession(page);
  return (quotaSize) => session.send("Storage.overrideQuotaForOrigin", { origin: served.origin, ...(quotaSize !== undefined && { quotaSize }) });
}

test("a list for which there is no room is not begun, and nothing is sent", () =>
  withPage(async (page) => {
    const room = await roomOf(page);
    await planned(page, "large.csv", listOf(1, 5));
    await room(1);
    await startButton(page).click();
    await page.getByRole("alert").getByText("This browser has no room left").waitFor();
    await examine(page, "33-history-no-room");
    assert.deepEqual(sandbox.requests(), []);
    await room();
    await startButton(page).click();
    await ended(page, "Done");
    judge(everybody(1, 5));
  }));

test("a disk that gets full in the middle of a run stops the run, and nothing that was paid for is lost", () =>
  withPage(async (page) => {
    const room = await roomOf(page);
    await room(4_000_000);
    sandbox.setFaults([{ fault: "delay", ms: 400 }]);
    await planned(page, "full.csv", listOf(1, 90));
    await startButton(page).click();
    while (sandbox.ledger().length < 10) await new Promise((resolve) => setTimeout(resolve, 5));
    // Something else of this origin takes what there is, down to the last bytes.
    await page.evaluate(async () => {
      const database = await new Promise((resolve) => {
        const request = indexedDB.open("something else", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("values", { autoIncrement: true });
        request.onsuccess = () => resolve(request.result);
      });
      for (let bytes = 1 << 20; bytes >= 64; ) {
        const isKept = await new Promise((resolve) => {
          const transaction = database.transaction("values", "readwrite");
          transaction.objectStore("values").add(crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65536))).toString().slice(0, bytes));
          transaction.oncomplete = () => resolve(true);
          transaction.onabort = () => resolve(false);
        });
        if (!isKept) bytes /= 2;
      }
      database.close();
    });
    await page.getByRole("alert").getByText("This browser has no room left").waitFor();
    await page.locator("#run-title", { hasText: "Stopped" }).waitFor();
    await sandbox.idle();
    assert.ok(sandbox.requests().length < 90, `${sandbox.requests().length} were sent`);
    const paid = sandbox.ledger().map(({ person_id }) => person_id);
    const found = (await exported(page)).filter(({ state }) => state === "found").map(({ email }) => email);
    assert.ok(found.length > 0);

    // With room again, what was not written down is, by itself.
    await page.evaluate(() => new Promise((resolve) => (indexedDB.deleteDatabase("something else").onsuccess = resolve)));
    await room();
    await page.getByText("This browser has no room left").waitFor({ state: "detached" });
    await page.reload();
    await page.locator("#run-title").waitFor();
    const states = new Map((await exported(page)).map(({ email, state }) => [email, state]));
    for (const email of found) assert.equal(states.get(email), "found");
    for (const person of paid) assert.match(states.get(`${person}@example.com`), /^(found|doubt)$/, person);
    assert.equal(sandbox.wallet().double_charges, 0);
  }));

test("whoever only looks leaves no history", () =>
  withPage(async (page) => {
    await planned(page, "seen.csv", listOf(1, 3));
    await another(page);
    await page.reload();
    await file(page).waitFor();
    assert.equal(await earlier(page).count(), 0);
    assert.equal((await databases(page)).includes("phone-enrichment-page"), false);
  }));
