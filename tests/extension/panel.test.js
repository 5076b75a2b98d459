// The panel beside the site, in every state that it has; what was spent is judged by the sandbox's ledger.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { click, find, isAbout, sees, startBeside, stateOf } from "./support/chromium.js";
import { ADMIN_KEY } from "../worker/support/worker.js";
import { SITE } from "./support/site.js";

let beside;
before(async () => (beside = await startBeside()));
after(() => beside.close());
afterEach(() => beside.tidy());

/** How often somebody was paid for. */
const paid = (slug) => beside.sandbox.ledger().filter(({ person_id }) => person_id === slug).length;
const requests = () => beside.sandbox.requests().length;
/** Another page of the single-page site, without a load. */
const go = (tab, path) => tab.evaluate((path) => history.pushState(null, "", path), path);

test("says what a lookup costs and what is left, and pays when somebody clicks", async () => {
  const before = requests();
  const { slug, panel } = await beside.ready();
  assert.match(await panel.innerText("main"), new RegExp(`${slug}[^]*5 credits if one is found, nothing if not`));
  assert.equal(requests(), before, "nothing is sent before a click");
  await find(panel);
  await sees(panel, "found");
  assert.match(await panel.innerText("main"), /Cost 5 credits\.[^]*995 credits left[^]*5 credits spent here/);
  assert.equal(paid(slug), 1);
});

test("has the phone to copy and to call, and the e-mail to copy", async () => {
  await beside.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { slug, panel } = await beside.ready();
  await find(panel);
  const phone = await (await panel.waitForSelector(".phone")).innerText();
  assert.match(await panel.getByRole("link", { name: "Call" }).getAttribute("href"), /^tel:\+\d{8,15}$/);
  for (const [name, text] of [["Copy the phone number", phone], ["Copy the e-mail address", `${slug}@example.com`]]) {
    await panel.getByRole("button", { name }).click({ force: true });
    await panel.getByText("Copied").waitFor();
    assert.equal(await panel.evaluate(() => navigator.clipboard.readText()), text);
  }
});

test("shows whom it knows at once, for free, with how old it is", async () => {
  const { slug, tab, panel } = await beside.ready();
  await find(panel);
  await sees(panel, "found");
  await panel.close();
  const later = await beside.panel(tab);
  await sees(later, "known");
  assert.match(await later.innerText("main"), /Found (now|\d+ seconds ago)\. Shown for free\./);
  assert.equal(paid(slug), 1);
});

test("says which page it is beside, where that is no profile", async () => {
  const tab = await beside.visit("/company/acme/");
  const panel = await beside.panel(tab);
  for (const [path, says] of [["/company/acme/", /a company's page/], ["/feed/", /a post or the feed/], ["/jobs/view/1/", /a job/], ["/sales/lead/x", /Sales Navigator/], ["/in/me/", /your own profile/], ["/search/results/people/", /a search/], ["/groups/1/", /a group/], ["/", /nobody's profile/]]) {
    await go(tab, path);
    await sees(panel, "page");
    await panel.getByText(says).waitFor();
  }
  const elsewhere = await beside.context.newPage();
  await elsewhere.goto("about:blank");
  await elsewhere.bringToFront();
  await sees(panel, "away");
});

test("follows the site where it changes the address without a load, back and forward too", async () => {
  const { slug, tab, panel } = await beside.ready();
  await tab.click("text=johndoe");
  await isAbout(panel, "johndoe");
  await tab.click("text=acme");
  await sees(panel, "page");
  await tab.goBack();
  await isAbout(panel, "johndoe");
  await tab.goBack();
  await isAbout(panel, slug);
  await tab.goForward();
  await isAbout(panel, "johndoe");
  await tab.goto(`${SITE}/in/${slug}/`);
  await isAbout(panel, slug);
});

test("is about the person, however the address is spelt", async () => {
  const { tab, panel } = await beside.ready();
  for (const path of ["/in/JohnDoe/?trk=x", "/in/johndoe/details/experience/", "/in/johndoe#about"]) {
    await go(tab, path);
    await isAbout(panel, "johndoe");
  }
  await tab.goto(`https://uk.linkedin.com/in/johndoe`);
  await isAbout(panel, "johndoe");
});

test("follows from tab to tab, and shows a lookup's answer only beside whom it is about", async () => {
  const { slug, tab, panel } = await beside.ready();
  const other = await beside.visit("/in/johndoe/");
  await isAbout(panel, "johndoe");
  await tab.bringToFront();
  await isAbout(panel, slug);
  beside.sandbox.setFaults([{ fault: "delay", ms: 1500 }]);
  await find(panel);
  await sees(panel, "looking");
  await other.bringToFront();
  await isAbout(panel, "johndoe");
  await beside.sandbox.idle();
  await pause(500);
  assert.equal(await stateOf(panel), "ready", "the answer about somebody else is not shown here");
  await tab.bringToFront();
  await isAbout(panel, slug);
  await sees(panel, "found", "known");
  assert.equal(paid(slug), 1);
});

test("belongs to its window: another window has a panel of its own", async () => {
  const { slug, panel } = await beside.ready();
  const opens = beside.context.waitForEvent("page", (page) => page.url().includes("/in/johndoe"));
  await beside.within((url) => new Promise((resolve) => chrome.windows.create({ url, focused: true }, resolve)), `${SITE}/in/johndoe/`, "welcome");
  const window = await opens;
  const created = beside.context.waitForEvent("page", (page) => page.url().endsWith("sidepanel.html"));
  await beside.within(async (url) => {
    const [tab] = await chrome.tabs.query({ url: "https://www.linkedin.com/in/johndoe/" });
    await chrome.tabs.create({ windowId: tab.windowId, url, active: false });
  }, `${beside.origin}/sidepanel.html`, "welcome");
  const second = await created;
  await isAbout(second, "johndoe");
  await beside.context.pages().find((page) => page.url().includes(slug)).bringToFront();
  await isAbout(panel, slug);
  await go(window, "/company/acme/");
  await sees(second, "page");
  assert.equal(await stateOf(panel), "ready");
});

test("follows a pinned tab like any other, and one that moves to the window", async () => {
  const { slug, tab, panel } = await beside.ready();
  await beside.within(async (slug) => {
    const [tab] = await chrome.tabs.query({ url: `https://www.linkedin.com/in/${slug}/` });
    await chrome.tabs.update(tab.id, { pinned: true });
  }, slug, "welcome");
  await tab.bringToFront();
  await isAbout(panel, slug);
  await go(tab, "/in/johndoe/");
  await isAbout(panel, "johndoe");
});

test("shows what is last, however many addresses come in a row", async () => {
  const { tab, panel } = await beside.ready();
  for (let n = 1; n < 30; n++) await go(tab, `/in/somebody-${n}/`);
  await go(tab, "/in/the-last-one/");
  await isAbout(panel, "the-last-one");
  await pause(300);
  assert.equal(await panel.innerText(".who"), "the-last-one");
});

test("an answer about an address that comes late is not shown", async () => {
  const { tab, panel } = await beside.ready();
  await panel.evaluate(() => {
    const send = chrome.runtime.sendMessage.bind(chrome.runtime);
    chrome.runtime.sendMessage = async (message) => {
      const answer = await send(message);
      if (message.address?.includes("/in/slow")) await new Promise((resolve) => setTimeout(resolve, 700));
      return answer;
    };
  });
  await go(tab, "/in/slow/");
  await pause(200);
  await go(tab, "/in/quick/");
  await isAbout(panel, "quick");
  await pause(1200);
  assert.equal(await panel.innerText(".who"), "quick");
});

test("a lookup that another panel began ends here too", async () => {
  const { slug, tab, panel } = await beside.ready();
  beside.sandbox.setFaults([{ fault: "delay", ms: 1500 }]);
  await find(panel);
  await sees(panel, "looking");
  const other = await beside.panel(tab);
  await sees(other, "looking");
  await panel.close();
  await sees(other, "found", "known");
  assert.equal(paid(slug), 1);
});

test("two panels that are clicked at once pay once", async () => {
  const { slug, tab, panel } = await beside.ready();
  const other = await beside.panel(tab);
  await sees(other, "ready");
  beside.sandbox.setFaults([{ fault: "delay", ms: 500 }]);
  await Promise.all([find(panel), find(other)]);
  await Promise.all([panel, other].map((page) => sees(page, "found", "known")));
  assert.equal(paid(slug), 1);
});

test("not found is free, and another identifier of the same person may be tried", async () => {
  const { tab, panel } = await beside.ready("not-linkedin");
  await find(panel);
  await sees(panel, "missing");
  assert.match(await panel.innerText("main"), /That was free\./);
  assert.equal(paid("not-linkedin"), 0);
  const form = panel.getByRole("form", { name: "By e-mail" });
  await form.getByLabel("E-mail address").fill("nobody@gmail");
  await form.getByRole("button").click({ force: true });
  await panel.getByRole("alert").getByText("This is no e-mail address that can be looked up.").waitFor();
  assert.equal(await form.getByLabel("E-mail address").inputValue(), "nobody@gmail", "what was typed is still there");
  await go(tab, "/company/acme/");
  await sees(panel, "page");
  await go(tab, "/in/not-linkedin/");
  await sees(panel, "missing");
  assert.equal(await form.getByLabel("E-mail address").inputValue(), "nobody@gmail", "after a look elsewhere too");
  const { email } = beside.sandbox.people().find(({ id }) => id === "not-linkedin");
  await form.getByLabel("E-mail address").fill(email);
  await form.getByRole("button").click({ force: true });
  await sees(panel, "found");
  assert.equal(paid("not-linkedin"), 1);
});

test("by name and company: a domain is taken for the company's website", async () => {
  for (const [slug, company] of [["only-company", "Umbra"], ["only-website", "umbra.example.com"]]) {
    const { panel } = await beside.ready(slug);
    await find(panel);
    await sees(panel, "missing");
    const { first_name, last_name, company_website } = beside.sandbox.people().find(({ id }) => id === slug);
    const form = panel.getByRole("form", { name: "By name and company" });
    await form.getByLabel("First name").fill(first_name);
    await form.getByLabel("Last name").fill(last_name);
    await form.getByLabel("Company or its website").fill(company.includes(".") ? company_website : company);
    await form.getByRole("button").click({ force: true });
    await sees(panel, "found");
    assert.equal(paid(slug), 1);
    await panel.close();
  }
});

test("once every identifier was tried, says so", async () => {
  const { panel } = await beside.ready("nobody-at-all");
  await find(panel);
  const byEmail = panel.getByRole("form", { name: "By e-mail" });
  await byEmail.getByLabel("E-mail address").fill("nobody-at-all@example.com");
  await byEmail.getByRole("button").click({ force: true });
  await byEmail.waitFor({ state: "detached" });
  const byName = panel.getByRole("form", { name: "By name and company" });
  for (const [label, text] of [["First name", "No"], ["Last name", "Body"], ["Company or its website", "Nowhere"]]) await byName.getByLabel(label).fill(text);
  await byName.getByRole("button").click({ force: true });
  await panel.getByText("Every identifier was tried.").waitFor();
});

test("may have been charged: says so, and never asks again by itself", async () => {
  beside.sandbox.setFaults([{ fault: "charge_then_drop" }]);
  const { slug, tab, panel } = await beside.ready();
  await find(panel);
  await sees(panel, "doubt");
  const before = requests();
  await tab.reload();
  await go(tab, "/in/johndoe/");
  await isAbout(panel, "johndoe");
  await go(tab, `/in/${slug}/`);
  await sees(panel, "doubt");
  assert.equal(await panel.getByRole("button", { name: "Find the phone number" }).count(), 0);
  assert.equal(requests(), before);
  assert.equal(paid(slug), 1);
});

test("a reply that is lost between here and the Worker is fetched without a second payment", async () => {
  const { slug, panel } = await beside.ready();
  let isLost = false;
  const ids = [];
  await beside.context.route(`${beside.worker.url}/**`, async (route) => {
    if (route.request().method() === "POST") ids.push(route.request().headers()["idempotency-key"]);
    if (isLost || route.request().method() !== "POST") return route.continue();
    isLost = true;
    await route.fetch();
    await route.abort();
  });
  await find(panel);
  await sees(panel, "doubt");
  await click(panel, "Ask the Worker what became of it");
  await sees(panel, "found");
  await beside.context.unrouteAll();
  assert.ok(isLost);
  assert.ok(ids.length === 2 && ids[0] && ids[0] === ids[1], "the id of the click, both times");
  assert.equal(paid(slug), 1);
});

test("what the Worker does not know either is paid for once more only if somebody accepts that", async () => {
  beside.sandbox.setFaults([{ fault: "charge_then_drop", times: 1 }]);
  const { slug, panel } = await beside.ready();
  const spent = async () => Number(/(\d+) (?:of \d+ )?credits spent here/.exec(await panel.locator(".wallet").innerText())[1]);
  const before = await spent();
  await find(panel);
  await sees(panel, "doubt");
  assert.equal(await panel.getByRole("checkbox").count(), 0, "the Worker is asked first");
  await click(panel, "Ask the Worker what became of it");
  await panel.getByText("does not know either").waitFor();
  assert.equal(paid(slug), 1);
  assert.ok(await panel.getByRole("button", { name: "Ask again" }).isDisabled());
  await panel.getByRole("checkbox").check();
  await click(panel, "Ask again");
  await sees(panel, "found");
  assert.equal(paid(slug), 2, "what was accepted, and no more");
  assert.equal((await spent()) - before, 10, "both count, as nobody knows of the first");
});

test("no credits left: says so, and goes on once there are some", async () => {
  beside.sandbox.setCredits(4);
  const { slug, panel } = await beside.ready();
  await find(panel);
  await sees(panel, "empty");
  assert.equal(paid(slug), 0);
  beside.sandbox.setCredits(1000);
  assert.equal((await beside.worker.call("POST", "/v1/wallet/reopen", { key: ADMIN_KEY })).status, 200);
  await click(panel, "Try again");
  await sees(panel, "found");
  assert.equal(paid(slug), 1);
});

test("over the budget of these settings nothing is sent, and raising it mends that at once", async () => {
  await beside.set({ dailyBudget: 0 });
  const { slug, panel } = await beside.ready();
  const before = requests();
  await find(panel);
  await sees(panel, "budget");
  assert.equal(requests(), before);
  await beside.set({});
  await sees(panel, "ready");
  assert.equal(paid(slug), 0);
});

test("however many clicks come at once, the budget lets in as many as it has room for, and each person once", async () => {
  const { panel } = await beside.ready();
  const spent = Number(/(\d+) (?:of \d+ )?credits spent here/.exec(await panel.locator(".wallet").innerText())[1]);
  await beside.set({ dailyBudget: spent + 10 });
  const slugs = Array.from({ length: 12 }, () => beside.somebody());
  // Each of them twice, as from two windows.
  const answers = await panel.evaluate(
    (slugs) =>
      Promise.all(
        [...slugs, ...slugs].map(async (slug) => {
          const profile = `https://www.linkedin.com/in/${slug}`;
          const { answer } = await chrome.runtime.sendMessage({ kind: "lookup", lookup: crypto.randomUUID(), profile, request: { linkedin_url: profile } });
          return answer.refused ?? answer.state;
        }),
      ),
    slugs,
  );
  assert.equal(slugs.reduce((sum, slug) => sum + paid(slug), 0), 2, answers.join());
  assert.ok(slugs.every((slug) => paid(slug) <= 1));
  assert.ok(answers.filter((answer) => answer === "budget").length >= 18, answers.join());
  await beside.set({});
});

test("over the limit of the key at the Worker: says until when", async () => {
  const key = await beside.worker.keyFor("the thrifty", { scopes: ["lookup"], per_day: 5 });
  await beside.set({ worker: { address: beside.worker.url, key } });
  const { panel, tab } = await beside.ready();
  await find(panel);
  await sees(panel, "found");
  const slug = beside.somebody();
  await go(tab, `/in/${slug}/`);
  await isAbout(panel, slug);
  await find(panel);
  await sees(panel, "budget");
  assert.equal(paid(slug), 0);
});

test("not connected: says what to do, and a refused key too", async () => {
  await beside.set({ worker: { address: "", key: "" } });
  const tab = await beside.visit(`/in/${beside.somebody()}/`);
  const panel = await beside.panel(tab);
  await sees(panel, "signedout");
  await beside.set({ worker: { address: beside.worker.url, key: "a-key-that-nobody-has-ever-been-given-by-it" } });
  await sees(panel, "ready");
  await find(panel);
  await sees(panel, "signedout");
  assert.match(await panel.innerText("main"), /does not know this key\. Nothing was charged\./);
});

test("offline: nothing is sent, whoever is known is still there, and it goes on by itself", async () => {
  const { slug: known, tab, panel } = await beside.ready();
  await find(panel);
  await sees(panel, "found");
  const slug = beside.somebody();
  await go(tab, `/in/${slug}/`);
  await isAbout(panel, slug);
  const before = requests();
  await beside.context.setOffline(true);
  try {
    await find(panel);
    await sees(panel, "offline");
    await go(tab, `/in/${known}/`);
    await sees(panel, "known");
    await go(tab, `/in/${slug}/`);
    await isAbout(panel, slug);
  } finally {
    await beside.context.setOffline(false);
  }
  await sees(panel, "ready");
  assert.equal(requests(), before);
  await find(panel);
  await sees(panel, "found");
  assert.equal(paid(slug), 1);
});

test("whoever is on the suppression list is not looked up", async () => {
  const slug = beside.somebody();
  await beside.set({ suppressed: [`https://www.linkedin.com/in/${slug}`] });
  const { panel } = await beside.ready(slug);
  const before = requests();
  await find(panel);
  await sees(panel, "suppressed");
  assert.equal(requests(), before);
});

test("a Worker that is not there: it failed, and may or may not have been charged, as far as anybody can know", async () => {
  await beside.set({ worker: { address: "http://127.0.0.1:9", key: "x" } });
  const { panel } = await beside.ready();
  await find(panel);
  await sees(panel, "doubt", "failed");
});

test("the history can be searched, exported, and erased, one and all", async () => {
  const { slug, tab, panel } = await beside.ready();
  await find(panel);
  await sees(panel, "found");
  const other = beside.somebody();
  await go(tab, `/in/${other}/`);
  await isAbout(panel, other);
  await find(panel);
  await sees(panel, "found");
  await panel.getByText("Recent lookups").click({ force: true });
  const names = () => panel.locator(".history li .name").allInnerTexts();
  await panel.locator(".history li").first().waitFor();
  assert.deepEqual((await names()).slice(0, 2), [other, slug]);
  await panel.getByRole("searchbox").fill(slug.toUpperCase());
  await panel.waitForFunction(() => document.querySelectorAll(".history li").length === 1);
  assert.deepEqual(await names(), [slug]);
  const [download] = await Promise.all([panel.waitForEvent("download"), click(panel, "Export as CSV")]);
  const table = readFileSync(await download.path(), "utf8");
  assert.match(table, new RegExp(`^\\ufeffasked,profile,[^]*https://www.linkedin.com/in/${slug},,,,,found,\\+?[\\d() .-]+,`));
  assert.ok(!table.includes(other), "what was searched for is what is exported");
  await panel.getByRole("button", { name: `Erase \u2068${slug}\u2069` }).click({ force: true });
  await panel.getByText("Nobody matches.").waitFor();
  await panel.getByRole("searchbox").fill("");
  await panel.locator(".history li").first().waitFor();
  assert.ok(!(await names()).includes(slug));
  await click(panel, "Erase all");
  await click(panel, "No");
  assert.ok((await names()).length > 0);
  await click(panel, "Erase all");
  await click(panel, "Yes, erase");
  await panel.getByText("Nobody yet.").waitFor();
  await sees(panel, "ready");
  const kept = await beside.within(async () => {
    const found = [];
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise((resolve) => (indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result)));
      for (const store of db.objectStoreNames) found.push(...(await new Promise((resolve) => (db.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => resolve(target.result)))));
      db.close();
    }
    return JSON.stringify(found);
  });
  for (const trace of [slug, other, "example.com", "-555-"]) assert.ok(!kept.includes(trace), `nothing of ${trace} is left`);
});

test("everything can be done by keyboard, and the focus is never lost", async () => {
  const { slug, panel } = await beside.ready("only-email");
  const focus = () => panel.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.name || document.activeElement.tagName);
  const isHeld = () => panel.waitForFunction(() => document.activeElement !== document.body);
  const tabTo = async (text) => {
    for (let n = 0; n < 40; n++) {
      if ((await focus()).startsWith(text)) return;
      await panel.keyboard.press("Tab");
    }
    assert.fail(`Tab does not come to ${text}`);
  };
  beside.sandbox.setFaults([{ fault: "delay", ms: 300 }]);
  await tabTo("Find the phone number");
  await panel.keyboard.press("Enter");
  await sees(panel, "looking");
  await isHeld();
  await sees(panel, "missing");
  await isHeld();
  assert.equal(await focus(), "No phone number found");
  await tabTo("email");
  await panel.keyboard.type(beside.sandbox.people().find(({ id }) => id === slug).email);
  await panel.keyboard.press("Enter");
  await sees(panel, "found");
  await isHeld();
  await tabTo("Recent lookups");
  await panel.keyboard.press("Enter");
  await panel.locator(".history li").first().waitFor();
  await tabTo("Erase all");
  await panel.keyboard.press("Enter");
  await panel.getByText("Erase everybody for good?").waitFor();
  await isHeld();
  await tabTo("Yes, erase");
  await panel.keyboard.press("Enter");
  await panel.getByText("Nobody yet.").waitFor();
  await isHeld();
});

test("the button in the toolbar and the keyboard command open the panel", async () => {
  const behaviour = await beside.within(() => chrome.sidePanel.getPanelBehavior());
  assert.deepEqual(behaviour, { openPanelOnActionClick: true });
  const commands = await beside.within(() => chrome.commands.getAll());
  assert.deepEqual(commands.map(({ name, shortcut }) => [name, shortcut]), [["_execute_action", "Alt+P"]]);
});
