// The settings, from their oldest shape on, and the pages that set them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import { click, find, sees, startBeside } from "./support/chromium.js";
import { importSource } from "./support/source.js";

const { DEFAULTS, MIGRATIONS, settingsIn, workerOrigin, writeToken } = await importSource("settings.ts", { storage: { local: {}, session: {} } });
const sample = (version) => JSON.parse(readFileSync(new URL(`settings/${version}.json`, import.meta.url), "utf8"));

for (let version = 1; version < DEFAULTS.version; version++) {
  test(`settings of version ${version} become those of version ${version + 1}`, () => assert.deepEqual({ ...MIGRATIONS[version](sample(version)), version: version + 1 }, sample(version + 1)));
  test(`settings of version ${version} are read as they are now`, () => assert.deepEqual(settingsIn(sample(version)), sample(DEFAULTS.version)));
}

test("settings of this version are read as they are", () => assert.deepEqual(settingsIn(sample(DEFAULTS.version)), sample(DEFAULTS.version)));

test("what can't be read is as it was at the start, and takes nothing along", () => {
  for (const stored of [undefined, null, 1, "x", [], {}]) assert.deepEqual(settingsIn(stored), DEFAULTS);
  const now = sample(DEFAULTS.version);
  for (const [name, wrong] of [["way", "both"], ["worker", "x"], ["dailyBudget", -1], ["dailyBudget", "1"], ["retentionDays", 151], ["suppressed", [1]], ["language", "xx"], ["rememberToken", 1]])
    assert.deepEqual(settingsIn({ ...now, [name]: wrong }), { ...now, [name]: DEFAULTS[name] }, name);
  assert.deepEqual(settingsIn({ ...now, more: 1 }), now);
});

test("a Worker is reached over https, or within this machine", () => {
  for (const [address, origin] of [["https://worker.example.com/", "https://worker.example.com"], ["https://example.com/phone/", "https://example.com/phone"], ["http://127.0.0.1:8787", "http://127.0.0.1:8787"], ["http://localhost:8787/", "http://localhost:8787"]]) assert.equal(workerOrigin(address), origin);
  for (const address of ["", "x", "http://worker.example.com", "http://127.0.0.1.example.com", "https://user:word@example.com", "javascript:alert(1)", "file:///etc/passwd"]) assert.equal(workerOrigin(address), undefined, address);
});

test("a token is not remembered where the browser can't keep it from content scripts", async () => {
  await assert.rejects(writeToken("x", true), TypeError);
});

test("a token lies in one place alone", async () => {
  const area = (kept = {}) => ({ kept, get: async (name) => ({ [name]: kept[name] }), set: async (more) => void Object.assign(kept, more), remove: async (name) => void delete kept[name], setAccessLevel() {} });
  const storage = { local: area(), session: area() };
  const { writeToken, readToken } = await importSource("settings.ts", { storage });
  await writeToken("one", false);
  assert.deepEqual([storage.local.kept, storage.session.kept], [{}, { token: "one" }]);
  assert.equal(await readToken({ rememberToken: false }), "one");
  await writeToken("two", true);
  assert.deepEqual([storage.local.kept, storage.session.kept], [{ token: "two" }, {}]);
});

test("an exported table does nothing in a spreadsheet", async () => {
  const { cell } = await importSource("pages/csv.ts");
  for (const [value, written] of [["=1+1", "'=1+1"], ["@x", "'@x"], ["-1", "'-1"], ["+1 212-555-0100", "+1 212-555-0100"], ["+1+cmd|x", "'+1+cmd|x"], ['a"b', '"a""b"'], ["a,b", '"a,b"'], [null, ""], [undefined, ""], [5, "5"]]) assert.equal(cell(value), written);
});

let beside;
before(async () => (beside = await startBeside()));
afterEach(() => beside.tidy());
after(() => beside.close());

async function options(name = "options") {
  const page = await beside.context.newPage();
  await page.goto(`${beside.origin}/${name}.html`);
  await page.waitForSelector("form");
  return page;
}
const stored = (area = "local") => beside.within((area) => chrome.storage[area].get(), area, "welcome");
const settings = async () => (await stored()).settings;

test("connects to a Worker, and says who one is to it", async () => {
  await beside.set({ worker: { address: "", key: "" } });
  const auditor = await beside.worker.keyFor("an auditor", { scopes: ["audit"] });
  for (const name of ["options", "welcome"]) {
    const page = await options(name);
    const test = async (address, key, says) => {
      await page.getByLabel("Address of the Worker").fill(address);
      await page.getByLabel("Your key").fill(key);
      await click(page, "Test the connection");
      await page.getByText(says).waitFor();
    };
    await test(beside.worker.url, "a-key-that-nobody-has-ever-been-given-by-it", "The Worker does not know this key.");
    await test("http://127.0.0.1:9", "x", /Nobody answers there.*chrome-extension:\/\//);
    await test(beside.worker.url, auditor, "This key is not for lookups.");
    await test(`${beside.worker.url}/`, beside.key, /Connected as “\u2068the extension\u2069”\./);
    assert.deepEqual((await settings()).worker, { address: beside.worker.url, key: beside.key });
    await page.close();
  }
});

test("says that an address is none before anything is sent", async () => {
  const page = await options();
  await page.getByLabel("Address of the Worker").fill("http://worker.example.com");
  await page.getByText("An address begins with https://").waitFor();
  assert.ok(await page.getByRole("button", { name: "Test the connection" }).isDisabled());
});

test("a token is an opt-in beside its risk, lasts as long as the session, and is never shown", async () => {
  const page = await options();
  await page.getByLabel("With your own token in this browser").check();
  await page.getByText("can take the token and spend all that it can spend").waitFor();
  await page.getByLabel("Token", { exact: true }).fill("a-token-of-my-own");
  assert.equal(await page.getByLabel("Token", { exact: true }).getAttribute("type"), "password");
  await page.evaluate(() => (chrome.permissions.request = async () => true));
  await page.locator("form").first().getByRole("button", { name: "Save" }).click();
  await page.getByText("A token is kept. It is never shown again.").waitFor();
  assert.equal((await stored("session")).token, "a-token-of-my-own");
  assert.equal((await stored()).token, undefined);
  assert.ok(!(await page.content()).includes("a-token-of-my-own"));
  assert.equal((await settings()).way, "token");
  await page.getByLabel("Remember it after the browser is closed").check();
  await page.getByLabel("Token", { exact: true }).fill("a-token-of-my-own");
  await page.locator("form").first().getByRole("button", { name: "Save" }).click();
  await page.waitForFunction(() => chrome.storage.local.get("token").then(({ token }) => token === "a-token-of-my-own"));
  assert.deepEqual(await stored("session"), {});
});

test("saves what may be spent, how long answers are kept, and who is not looked up", async () => {
  const page = await options();
  await page.getByLabel("Credits within 24 hours").fill("25");
  await page.getByLabel("Days that answers are kept").fill("3");
  await page.getByLabel("People who are never looked up").fill("jane@example.com\nnobody\n");
  const save = () => page.locator("form").nth(1).getByRole("button", { name: "Save" }).click();
  await save();
  await page.getByText("Line 2 is no LinkedIn profile and no e-mail.").waitFor();
  await page.getByLabel("People who are never looked up").fill("jane@example.com\nhttps://www.linkedin.com/in/jane\n");
  await save();
  await page.getByText("Saved.").waitFor();
  const { dailyBudget, retentionDays, suppressed } = await settings();
  assert.deepEqual([dailyBudget, retentionDays, suppressed], [25, 3, ["jane@example.com", "https://www.linkedin.com/in/jane"]]);
});

test("an answer that is kept for no day is shown once, and not known after", async () => {
  await beside.set({ retentionDays: 0 });
  const { slug, tab, panel } = await beside.ready();
  await find(panel);
  await sees(panel, "found");
  await panel.close();
  await sees(await beside.panel(tab), "ready");
  assert.equal(beside.sandbox.ledger().filter(({ person_id }) => person_id === slug).length, 1);
});

test("speaks the language that is chosen, at once, in every page that is open", async () => {
  const { panel } = await beside.ready();
  const page = await options();
  for (const [language, title, dir] of [["de", "Optionen", "ltr"], ["ar", "الخيارات", "rtl"], ["en", "Options", "ltr"]]) {
    await page.locator("select[name=language]").selectOption(language);
    await page.locator("form").nth(1).locator("button[type=submit]").click();
    await page.getByRole("heading", { name: title }).waitFor();
    assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [language, dir]);
    await panel.waitForFunction((language) => document.documentElement.lang === language, language, { polling: 50 });
  }
});

test("erases everything that was found, after it was asked twice", async () => {
  const { tab, panel } = await beside.ready();
  await find(panel);
  await sees(panel, "found");
  const page = await options();
  await page.getByRole("button", { name: "Erase everything that was found" }).click();
  await page.getByRole("button", { name: "No" }).click();
  await page.getByRole("button", { name: "Erase everything that was found" }).click();
  await page.getByRole("button", { name: "Yes, erase" }).click();
  await page.getByText("Everything is erased.").waitFor();
  await page.close();
  await panel.close();
  await tab.bringToFront();
  await sees(await beside.panel(tab), "ready");
});

test("the first page opens by itself when the extension is installed", () => assert.ok(beside.isWelcomed()));
