// A list on the page: planned before anything is sent, run, stopped, killed and taken up again; the sandbox's ledger judges.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { startSandbox } from "phone-enrichment/sandbox";
import { randomFrom, seedOf } from "../chaos/support/plan.js";
import { examine, fill, launchProfile, resultTitle, sendButton, servePage, startAll, visit } from "./harness.js";

const SIZES = [[320, 640], [768, 900], [1440, 900]];

let all;
let sandbox;
let served;
before(async () => {
  all = await startAll();
  // More people, and a wallet for all of them.
  sandbox = await startSandbox({ credits: 10_000, people: 500 });
  served = await servePage(all.built.folder, sandbox);
});
after(async () => {
  await served?.close();
  await sandbox?.close();
  await all?.close();
});
beforeEach(async () => {
  // Whoever is still out, as after a test that failed, would be charged in the next one's ledger.
  await sandbox.idle();
  sandbox.reset();
});

const number = (n) => String(n).padStart(5, "0");

/** People who are known to the service, people who are not, duplicates, invalid rows, and a blank one. */
function listOf({ known, nobody, duplicates, invalid }) {
  const lines = ["First Name,Last Name,Email,Company,Notes"];
  for (let n = 1; n <= known; n++) lines.push(`Pat,Example,person-${number(n)}@example.com,Company ${number(n)},"=1+1"`);
  for (let n = 1; n <= nobody; n++) lines.push(`No,Body,nobody-${n}@example.com,Nowhere,x`);
  for (let n = 1; n <= duplicates; n++) lines.push(`Pat,Example,PERSON-${number(n)}@Example.com,Company ${number(n)},again`);
  for (let n = 1; n <= invalid; n++) lines.push(`Only,,not-an-address-${n},,`);
  lines.push(",,,,");
  return `${lines.join("\n")}\n`;
}

const listOf60 = () => listOf({ known: 40, nobody: 6, duplicates: 8, invalid: 5 });

const EVERYBODY = Array.from({ length: 40 }, (_, index) => `person-${number(index + 1)}`);

async function openList(page) {
  await page.getByRole("link", { name: "A list" }).click();
  await page.getByLabel("Drop a CSV file here, or choose one").waitFor();
}

async function planned(page, text = listOf60(), name = "people.csv") {
  await openList(page);
  await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.locator("#plan-title").waitFor();
}

const withPage = (use, options = {}) => visit(all.browser, options.origin ?? served.origin, options, use);

const counts = (page) => page.locator(".counts").evaluate((counts) => Object.fromEntries([...counts.children].map((part) => [part.querySelector("dt").innerText.trim(), Number(part.querySelector("strong").innerText.replaceAll(",", ""))])));
const startButton = (page) => page.locator("form.start button[type=submit]");
const ended = (page, title) => page.locator(`#run-title:text-is("${title}")`).waitFor({ timeout: 30_000 });

/** Nobody was charged twice, and these were. */
function judge(who) {
  const paid = sandbox.ledger().map(({ person_id }) => person_id).sort();
  assert.equal(sandbox.wallet().double_charges, 0);
  if (who) assert.deepEqual(paid, [...who].sort());
  return paid;
}

async function exported(page, kind) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: `Export ${kind}` }).click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("a list is planned before anything is sent, and whoever has none downloads nothing of it", () =>
  withPage(async (page, { requests, lookups }) => {
    assert.equal(requests.some((request) => /view/.test(request.url())), false);
    await openList(page);
    await examine(page, "20-list-start", SIZES);
    await planned(page);
    assert.equal(await page.locator("#plan-title").innerText(), "60 rows, 46 people");
    assert.deepEqual(await counts(page), { "To look up": 46, Known: 0, "May have been charged": 0, Duplicates: 8, Invalid: 5, "Blank or suppressed": 1 });
    assert.equal(await startButton(page).innerText(), "Start – 230 credits at most");
    const columns = await page.locator(".columns li").evaluateAll((items) => items.map((item) => [item.querySelector("label").innerText, item.querySelector("select").value]));
    assert.deepEqual(columns, [["First Name", "first_name"], ["Last Name", "last_name"], ["Email", "email"], ["Company", "company_name"], ["Notes", ""]]);
    assert.match(await page.locator(".columns li").last().innerText(), /=1\+1 · =1\+1 · =1\+1[\s\S]*Ignored: its name is not known/);
    await examine(page, "21-list-planned", SIZES);
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      for (const cell of [".cell-name", ".cell-state"]) {
        // All at once: rows come and go with the size.
        const lefts = await page.evaluate((cells) => [...document.querySelectorAll(cells)].map((cell) => Math.round(cell.getBoundingClientRect().left + parseFloat(getComputedStyle(cell).paddingLeft))), `[role=row] ${cell}`);
        assert.ok(lefts.length > 5 && Math.max(...lefts) - Math.min(...lefts) <= 1, `${cell} and its title are at ${lefts} at ${width} px`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    assert.equal(lookups().length, 0);
    assert.deepEqual(sandbox.requests(), []);
    const databases = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    assert.equal(databases.includes("phone-enrichment-page"), false, "nothing of the list is kept before it begins");
  }));

test("a file that is changed before the start, or gone when it is read again, is told with a way out, and nothing is sent", async () => {
  const folder = await mkdtemp(join(tmpdir(), "phone-list-"));
  const path = join(folder, "list.csv");
  try {
    await withPage(async (page) => {
      const choose = async (text) => {
        await writeFile(path, text);
        await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles(path);
        await page.locator("#plan-title").waitFor();
      };
      const told = () => page.getByRole("alert").getByText("The file can’t be read any more").waitFor();
      await openList(page);
      await choose("Email,n\njane.doe@acme.example.com,1\n");
      await writeFile(path, "Email,n\nsomeone.else@acme.example.com,2\nmore@acme.example.com,3\n");
      await startButton(page).click();
      await told();
      await examine(page, "31-list-unreadable", SIZES);
      await page.getByRole("button", { name: "Another list" }).click();
      await choose("Email,Other\njane.doe@acme.example.com,x@acme.example.com\n");
      await rm(path);
      await page.locator(".columns select").last().selectOption("email");
      await told();
      assert.equal(await startButton(page).count(), 0);
      assert.deepEqual(sandbox.requests(), []);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a corrected column changes the plan, and a pasted list is planned like a file", () =>
  withPage(async (page) => {
    await openList(page);
    await page.getByLabel("Paste it, with the line of headers").fill("Who,Where\nJane Doe,jane.doe@acme.example.com\nTom Okafor,tom.okafor@acme.example.com\n");
    await page.getByRole("button", { name: "Read the pasted list" }).click();
    await page.locator('#plan-title:text-is("2 rows, 2 people")').waitFor();
    assert.match(await page.locator(".columns li").nth(1).innerText(), /Matched by its values/);
    await page.getByRole("button", { name: "Another list" }).click();
    await planned(page, "Name,Address,Email\nJane Doe,jane.doe@acme.example.com,jane@other.example.com\nJane Doe,tom@acme.example.com,jane@other.example.com\n");
    assert.equal(await page.locator("#plan-title").innerText(), "2 rows, 1 person");
    await page.getByLabel("Email", { exact: true }).selectOption("");
    await page.getByLabel("Address", { exact: true }).focus();
    await page.getByLabel("Address", { exact: true }).selectOption("email");
    await page.locator('#plan-title:text-is("2 rows, 2 people")').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "SELECT", "the focus stays in what was corrected");
    assert.match(await page.locator(".columns li").nth(1).innerText(), /You said so/);
    assert.equal(await startButton(page).innerText(), "Start – 10 credits at most");
    assert.deepEqual(sandbox.requests(), []);
  }));

test("what was found out wrongly of a list can be said: what parts it, where its header is, how it is written", () =>
  withPage(async (page, { lookups }) => {
    const planTitle = page.locator("#plan-title");
    await openList(page);
    const text = "made by,a tool\nE-Mail;Firma;Ort\nperson-00001@example.com;Stra\u00dfe;x\nperson-00002@example.com;\u0160;y\n";
    // In an encoding that nobody can find out.
    const buffer = Buffer.from([...text].map((letter) => ({ "\u00df": 0xdf, "\u0160": 0x8a })[letter] ?? letter.charCodeAt(0)));
    await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles({ name: "old.csv", mimeType: "text/csv", buffer });
    await planTitle.waitFor();
    await page.getByText("How the list is read").click();
    const chosen = (label) => page.getByLabel(label, { exact: true }).evaluate((select) => select.selectedOptions[0].text);
    assert.deepEqual([await chosen("Separated by"), await chosen("Header"), await chosen("Written in")], ["Found out: semicolons", "Found out: Record 2", "Found out: windows-1252"]);
    await examine(page, "33-list-reading", SIZES);

    await page.getByLabel("Written in", { exact: true }).selectOption("windows-1250");
    await page.locator(".columns .cut", { hasText: "Stra\u00dfe \u00b7 \u0160" }).waitFor();
    await page.getByLabel("Separated by", { exact: true }).selectOption("commas");
    await page.getByRole("alert").getByText("Which columns name a person?").waitFor();
    assert.equal(await planTitle.count(), 0, "there is no plan to start");
    await page.getByLabel("Separated by", { exact: true }).selectOption("semicolons");
    await page.getByLabel("Header", { exact: true }).selectOption("No header");
    await page.getByRole("alert").getByText("Which columns name a person?").waitFor();
    await page.getByLabel("Header", { exact: true }).selectOption("Record 1");
    await planTitle.waitFor({ state: "detached" });
    await page.getByLabel("Header", { exact: true }).selectOption("Find out");
    await planTitle.getByText("2 rows, 2 people").waitFor();
    assert.equal(lookups().length, 0);

    // How it was read is kept with the list.
    await startButton(page).click();
    await ended(page, "Done");
    await page.reload();
    await page.locator("#run-title").waitFor();
    assert.deepEqual(judge(), ["person-00001", "person-00002"]);
    assert.match((await exported(page, "JSON")).text, /"Firma":"\u0160"/);
  }));

test("the ladder takes rows that have one good identifier, tries the next one where nothing is found, and is paid once", () =>
  withPage(async (page) => {
    await planned(page, "LinkedIn,Email\nnot a profile,person-00001@example.com\nlinkedin.com/in/nobody-at-all,person-00002@example.com\n", "ladder.csv");
    assert.equal(await page.locator("#plan-title").innerText(), "2 rows, 1 person");
    assert.match(await startButton(page).innerText(), /5 credits at most/);
    await page.getByLabel("try the person\u2019s other identifiers").check();
    await page.locator("#plan-title").getByText("2 rows, 2 people").waitFor();
    assert.match(await startButton(page).innerText(), /10 credits at most/);
    await startButton(page).click();
    await ended(page, "Done");
    assert.deepEqual(judge(), ["person-00001", "person-00002"]);
    assert.equal(sandbox.requests().length, 3);
    assert.equal(await page.locator("#spent").innerText(), "10 credits");
  }));

test("what is no list is said so, with the reason; a list whose columns nobody knows is read as a person says", () =>
  withPage(async (page) => {
    await openList(page);
    const give = (text) => page.getByLabel("Drop a CSV file here, or choose one").setInputFiles({ name: "x.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await give("CONVERSATION ID,CONTENT,FROM\n1,2,3\n");
    await page.getByRole("alert").getByText("Take Connections.csv of the same archive.").waitFor();
    await examine(page, "22-list-refused", SIZES);

    await give("a,b,c\nJane Doe,Acme,x\nTom Okafor,Acme,y\n");
    await page.getByRole("alert").getByText("Which columns name a person?").waitFor();
    await examine(page, "27-list-columns-unknown", SIZES);
    assert.equal(await startButton(page).count(), 0);
    await page.getByLabel("a", { exact: true }).selectOption("full_name");
    await page.getByRole("alert").getByText("Which columns name a person?").waitFor();
    assert.equal(await startButton(page).count(), 0);
    await page.getByLabel("b", { exact: true }).selectOption("company_name");
    await page.locator('#plan-title:text-is("2 rows, 2 people")').waitFor();
    assert.equal(await startButton(page).innerText(), "Start – 10 credits at most");
    assert.deepEqual(sandbox.requests(), []);
  }));

test("a list that nobody would write on purpose gets a verdict in words, and nothing is sent for it", () =>
  withPage(async (page, { lookups }) => {
    const folder = await mkdtemp(join(tmpdir(), "phone-list-"));
    const row = (n) => `p${n}@acme.com,A`;
    const rows = Array.from({ length: 300 }, (_, n) => row(n));
    const refused = (words) => page.getByRole("alert").getByText(words);
    const planned = (words) => page.locator(`#plan-title:text-is("${words}")`);
    const LISTS = [
      ['"'.repeat(2_000_000), refused("(Line 1.)")],
      [`Email,Name\na@acme.com,A\n"b@acme.com,B\n${rows.join("\n")}\n`, refused("(Line 3.)")],
      [Buffer.alloc(100_000), refused("not a text file")],
      [Buffer.alloc(100_000_000, "x"), refused("(Line 1.)")],
      [`Email,Name\r\n${rows.map((row, n) => row + ["\r\n", "\n", "\r"][n % 3]).join("")}`, planned("300 rows, 300 people")],
      [Buffer.from(`\ufeffEmail,Name\n${rows.join("\n")}`, "utf16le"), planned("300 rows, 300 people")],
      [`Email,Name,Email,Name\n${rows.map((row) => `${row},${row}`).join("\n")}`, planned("300 rows, 300 people")],
      [rows.join("\n"), planned("300 rows, 300 people")],
    ];
    try {
      await openList(page);
      for (const [index, [content, verdict]] of LISTS.entries()) {
        const file = join(folder, `${index}.csv`);
        await writeFile(file, content);
        await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles(file);
        await verdict.waitFor({ timeout: 30_000 });
        if (await startButton(page).count()) await page.getByRole("button", { name: "Another list" }).click();
      }
      assert.equal(lookups().length, 0);
      assert.deepEqual(sandbox.requests(), []);
    } finally {
      await rm(folder, { recursive: true });
    }
  }));

test("a run to the end pays for everybody once, and its export says what the ledger says", () =>
  withPage(async (page) => {
    await planned(page);
    await startButton(page).click();
    await ended(page, "Done");
    judge(EVERYBODY);
    assert.equal(await page.locator("#spent").innerText(), "200 credits");
    assert.deepEqual(await counts(page), { Found: 40, "Not found": 6, "May have been charged": 0, Failed: 0, "Not looked up yet": 0 });
    await examine(page, "23-list-done", SIZES);

    const { name, text } = await exported(page, "CSV");
    assert.equal(name, "people with phones.csv");
    const lines = text.replace("\ufeff", "").trim().split("\r\n").map((line) => line.split(","));
    assert.equal(lines.length, 61);
    const at = (column) => lines[0].indexOf(column);
    assert.deepEqual([1, 47, 55, 60].map((line) => lines[line][at("state")]), ["found", "duplicate", "invalid", "blank"]);
    assert.match(lines[1][at("phone")], /^\+/);
    assert.equal(lines[47][at("duplicate_of_line")], "2");
    assert.equal(lines[47][at("phone")], lines[1][at("phone")]);
    assert.equal(lines.slice(1).reduce((sum, line) => sum + Number(line[at("credits")]), 0), sandbox.wallet().spent);
    const json = JSON.parse((await exported(page, "JSON")).text);
    assert.equal(json.length, 60);
    assert.equal(json.filter(({ state }) => state === "found").length, 40);

    // Filter and sort.
    await page.getByLabel("State").selectOption("invalid");
    await page.getByText("5 of 60 rows").waitFor();
    await page.getByLabel("State").selectOption("");
    await page.getByLabel("Search").fill("person-00007");
    await page.getByText("2 of 60 rows").waitFor();
    await page.getByLabel("Search").fill("");
    await page.getByRole("columnheader", { name: "Line" }).getByRole("button").click();
    await page.locator("[role=row][aria-rowindex='2'] .cell-line", { hasText: "61" }).waitFor();

    // The form asks the same store: whoever the list paid for is free there, too.
    await page.getByRole("link", { name: "One person" }).click();
    await page.reload();
    await fill(page, { "E-mail": "person-00001@example.com" });
    await sendButton(page).click();
    assert.equal(await resultTitle(page), "Phone found");
    assert.match(await page.locator(".card:visible").innerText(), /nothing was sent/);
    await page.getByRole("link", { name: "A list" }).click();

    // The same list again is free, and known beforehand.
    await page.getByRole("button", { name: "Another list" }).click();
    await planned(page);
    assert.equal((await counts(page)).Known, 46);
    assert.match(await startButton(page).innerText(), /0 credits at most/);
    await startButton(page).click();
    await ended(page, "Done");
    judge(EVERYBODY);

    await page.getByRole("button", { name: "Erase everything" }).click();
    await page.getByRole("button", { name: "Yes, erase everything" }).click();
    await page.getByLabel("Drop a CSV file here, or choose one").waitFor();
    await page.waitForFunction(async () => (await indexedDB.databases()).length === 0);
  }));

test("cells that a spreadsheet would run get an apostrophe, phones don't", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: "status", status: 200, times: 1, body: { success: true, status: "success", results: { phone: "=HYPERLINK(1)", email: "@x" }, remaining_credits: 95 } }]);
    await planned(page, "First Name,Last Name,Company,Email\nAnn,Other,-Minus,\n,,,jane.doe@acme.example.com\n");
    await page.getByLabel("At once").fill("1");
    await startButton(page).click();
    await ended(page, "Done");
    const { text } = await exported(page, "CSV");
    assert.match(text, /,'=HYPERLINK\(1\),,'@x,/);
    assert.match(text, /,\+1[ \d().-]+,/);
  }));

test("a budget stops the run before it is overspent, and it goes on with another", () =>
  withPage(async (page) => {
    await planned(page);
    await page.getByLabel("Spend at most").fill("60");
    assert.equal(await startButton(page).innerText(), "Start – 60 credits at most");
    await startButton(page).click();
    await ended(page, "Stopped");
    assert.equal(judge().length, 12);
    await page.getByRole("alert").getByText("The limit is reached").waitFor();
    await examine(page, "24-list-budget", SIZES);
    assert.equal(await page.locator(".row .mark", { hasText: /^Found$/ }).count() > 0, true, "the rows show what is known by now");
    await page.getByLabel("Spend at most, from now on").fill("");
    await startButton(page).click();
    await ended(page, "Done");
    judge(EVERYBODY);
    assert.equal(await page.locator("#spent").innerText(), "200 credits");
  }));

test("a pause sends nothing more until it ends; a stop leaves the rest for later", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: "delay", ms: 400 }]);
    await planned(page);
    await startButton(page).click();
    await page.getByRole("button", { name: "Pause" }).click();
    await ended(page, "Paused");
    await sandbox.idle();
    await page.waitForTimeout(300);
    const sent = sandbox.requests().length;
    assert.ok(sent < 46);
    await examine(page, "25-list-paused", SIZES);
    assert.equal(sandbox.requests().length, sent);
    await page.getByRole("button", { name: "Resume" }).click();
    while (sandbox.requests().length === sent) await page.waitForTimeout(5);
    await page.getByRole("button", { name: "Stop" }).click();
    await ended(page, "Stopped");
    await sandbox.idle();
    await page.waitForTimeout(300);
    const stopped = sandbox.requests().length;
    assert.ok(stopped > sent && stopped < 46);
    await startButton(page).click();
    await ended(page, "Done");
    judge(EVERYBODY);
    // Whoever was out at the stop was left to finish, and its answer was kept.
    assert.deepEqual(await counts(page), { Found: 40, "Not found": 6, "May have been charged": 0, Failed: 0, "Not looked up yet": 0 });
  }));

test("who may have been charged is set apart and not asked again; what failed for free is, when told to", () =>
  withPage(async (page) => {
    sandbox.setFaults([
      { fault: "cut_body", keep: 5, match: { email: "person-00003@example.com" } },
      { fault: 429, times: 1, match: { email: "person-00004@example.com" } },
    ]);
    await planned(page);
    await startButton(page).click();
    await ended(page, "Done");
    assert.deepEqual(await counts(page), { Found: 38, "Not found": 6, "May have been charged": 1, Failed: 1, "Not looked up yet": 0 });
    await page.getByRole("button", { name: "See whether answers came after all – free" }).click();
    await ended(page, "Done");
    assert.equal(sandbox.requests().length, 46, "nothing was sent for who is in doubt");
    await page.getByLabel("State").selectOption("doubt");
    assert.equal(await page.locator(".row.apart-row").count(), 1);
    await examine(page, "26-list-doubt", SIZES);
    sandbox.setFaults([]);
    await page.getByRole("button", { name: "Retry 1 that failed for free – 5 credits at most" }).click();
    await ended(page, "Done");
    assert.deepEqual(await counts(page), { Found: 39, "Not found": 6, "May have been charged": 1, Failed: 0, "Not looked up yet": 0 });
    judge(EVERYBODY);
    // The service has charged for the one in doubt, once.
    assert.equal(sandbox.requests().filter(({ body }) => body.email === "person-00003@example.com").length, 1);
  }));

test("a service that takes nothing from this page is asked by those who are out, and by nobody after them", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: "status", status: 403, body: { detail: "You do not have permission to perform this action." } }]);
    await planned(page);
    await startButton(page).click();
    await ended(page, "Stopped");
    assert.equal(await page.locator("[role=alert] h2").innerText(), "This page may not look people up");
    assert.ok(sandbox.requests().length <= 5, `${sandbox.requests().length} requests`);
    assert.deepEqual([(await counts(page)).Failed, (await counts(page))["Not looked up yet"]], [0, 46]);
    // Once it does, the list goes on as if nothing had been.
    sandbox.setFaults([]);
    await startButton(page).click();
    await ended(page, "Done");
    assert.deepEqual(judge(), EVERYBODY);
  }));

test("what takes its time looks right while it does: looking up, reading, and what broke off", () =>
  withPage(async (page) => {
    // From the eleventh on nobody is answered in time.
    sandbox.setFaults(EVERYBODY.slice(10).map((person) => ({ fault: "delay", ms: 15_000, match: { email: `${person}@example.com` } })));
    await planned(page);
    await startButton(page).click();
    await page.waitForFunction(() => document.querySelector("[data-part=found] strong")?.innerText === "10");
    await examine(page, "28-list-running", SIZES);
    assert.equal(await page.locator("#run-title").innerText(), "Looking up");
    await page.reload();

    // A list on a disk that stops answering, however fast the machine is otherwise.
    await page.locator("#run-title").waitFor();
    await page.getByRole("button", { name: "Another list" }).click();
    await page.evaluate(() => {
      const read = Blob.prototype.arrayBuffer;
      let slices = 0;
      Blob.prototype.arrayBuffer = function () {
        return slices++ < 3 ? read.call(this) : new Promise(() => {});
      };
    });
    const lines = ["Email"];
    for (let n = 0; n < 300_000; n++) lines.push(`someone-${n}@example.com`);
    await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles({ name: "long.csv", mimeType: "text/csv", buffer: Buffer.from(lines.join("\n")) });
    await page.locator("#reading-title").waitFor();
    await examine(page, "29-list-reading", SIZES);
    await page.getByRole("button", { name: "Give up" }).click();
    await page.reload();

    sandbox.setFaults([{ fault: "status", status: 402, body: { detail: "Insufficient credits." } }]);
    await planned(page, "Email\njane.doe@acme.example.com\n");
    await startButton(page).click();
    await ended(page, "Stopped");
    await page.getByRole("alert").locator("h2").waitFor();
    await examine(page, "30-list-broken-off", SIZES);
    // Those who were out are charged all the same, and it would be the next test's.
    await sandbox.idle();
  }));

for (const after of [0, 1, 7, 23, 40]) {
  test(`a tab that is killed after ${after} replies loses nothing that was paid for, and pays for nobody twice`, () =>
    withPage(async (first) => {
      sandbox.setFaults([{ fault: "delay", ms: [20, 60] }]);
      await planned(first);
      await startButton(first).click();
      while (sandbox.requests().filter(({ status }) => status !== null).length < after) await new Promise((resolve) => setTimeout(resolve, 5));
      await first.close({ runBeforeUnload: false });
      await sandbox.idle();
      const page = await first.context().newPage();
      page.setDefaultTimeout(15_000);
      await resumeAndJudge(page);
    }));
}

/** Takes the list up where it was left, and holds the end to the ledger. */
async function resumeAndJudge(page) {
  await page.goto(`${served.origin}/#list`);
  const first = page.locator("#run-title").or(page.getByLabel("Drop a CSV file here, or choose one")).first();
  // A tab that is killed before the list was kept has begun nothing.
  if ((await first.getAttribute("id")) !== "run-title") {
    assert.deepEqual(sandbox.requests(), []);
    return;
  }
  // It may still be bringing back what is known.
  await page.locator("#run-title:not(.working)").waitFor();
  if (await startButton(page).count()) {
    await startButton(page).click();
    await ended(page, "Done");
  }
  const sum = await counts(page);
  assert.equal(sum.Found + sum["Not found"] + sum["May have been charged"], 46);
  // Only those who were out, or about to be, when it happened are in doubt: five at once.
  assert.ok(sum["May have been charged"] <= 5, JSON.stringify(sum));
  const asked = sandbox.requests().map(({ body }) => body.email);
  assert.equal(new Set(asked).size, asked.length, "nobody was asked for twice");
  assert.ok(asked.length >= 46 - sum["May have been charged"], "everybody was asked for who is not in doubt");
  // Whoever was paid for is either there or set apart.
  const states = new Map(JSON.parse((await exported(page, "JSON")).text).filter(({ request, state }) => request && state !== "duplicate").map(({ request, state }) => [request.email, state]));
  for (const person of judge()) assert.match(states.get(`${person}@example.com`), /^(found|doubt)$/, person);
}

/**
 * Where a run is killed: after how many replies and milliseconds, drawn from the seed, and in turn the tab alone and the whole
 * browser. Each kill takes the replies of those who are out, five at once, so the last one comes before there are no more.
 */
function killsOf(seed, people, kills) {
  const random = randomFrom(seed);
  const replies = Array.from({ length: kills }, () => Math.floor(random() * (people - 6 * kills))).sort((a, b) => a - b);
  return replies.map((after, index) => ({ after, wait: Math.floor(random() * 30), kills: index % 2 === 0 ? "the tab" : "the browser" }));
}

// PAGE_SEED=… kills at the same moments again, as far as time allows.
test("a run of 500 rows is killed ten times and taken up each time: nobody is paid for twice, and nothing that was paid for is lost", async (t) => {
  const seed = Number(process.env.PAGE_SEED ?? seedOf({}));
  const kills = killsOf(seed, 480, 10);
  t.diagnostic(`PAGE_SEED=${seed}: ${kills.map(({ after, wait, kills }) => `${kills} after ${after} replies and ${wait} ms`).join(", ")}`);
  const profile = await mkdtemp(join(tmpdir(), "phone-profile-"));
  sandbox.setFaults([{ fault: "delay", ms: [5, 25] }]);
  let context = await launchProfile(profile);
  try {
    const replies = () => sandbox.requests().filter(({ status }) => status !== null).length;
    let page = await context.newPage();
    await page.goto(served.origin);
    await planned(page, listOf({ known: 450, nobody: 30, duplicates: 15, invalid: 4 }), "five hundred.csv");
    assert.equal(await page.locator("#plan-title").innerText(), "500 rows, 480 people");
    for (const { after, wait, kills: what } of kills) {
      await startButton(page).click();
      while (replies() < after) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, wait));
      const session = await context.newCDPSession(page);
      if (what === "the tab") {
        const gone = page.waitForEvent("crash");
        session.send("Page.crash").catch(() => {});
        await gone;
        await page.close();
      } else {
        const gone = new Promise((resolve) => context.once("close", resolve));
        session.send("Browser.crash").catch(() => {});
        await gone;
        context = await launchProfile(profile);
      }
      await sandbox.idle();
      page = await context.newPage();
      await page.goto(`${served.origin}/#list`);
      await page.locator("#run-title").waitFor({ timeout: 30_000 });
    }
    await startButton(page).click();
    await ended(page, "Done");

    const sum = await counts(page);
    assert.equal(sum.Found + sum["Not found"] + sum["May have been charged"], 480, JSON.stringify(sum));
    // Only those who were out, or about to be, when it happened: five at once.
    assert.ok(sum["May have been charged"] <= 5 * kills.length, JSON.stringify(sum));
    const asked = sandbox.requests().map(({ body }) => body.email);
    assert.equal(new Set(asked).size, asked.length, "nobody was asked for twice");
    const paid = new Set(judge().map((person) => `${person}@example.com`));
    const rows = JSON.parse((await exported(page, "JSON")).text).filter(({ state }) => ["found", "not_found", "doubt"].includes(state)).map(({ request, ...row }) => ({ ...row, email: request.email }));
    const inState = (state) => rows.filter((row) => row.state === state);
    assert.deepEqual([inState("found").length, inState("doubt").length], [sum.Found, sum["May have been charged"]], "the export says what the page says");
    // Whoever was paid for is there with a phone, or set apart; and nobody is there who was not paid for.
    for (const { email, phone } of inState("found")) assert.ok(paid.has(email) && phone, email);
    for (const { email } of inState("not_found")) assert.ok(!paid.has(email), email);
    const settled = inState("found").length + inState("doubt").filter(({ email }) => paid.has(email)).length;
    assert.equal(settled, paid.size);
    assert.equal(settled * 5, sandbox.wallet().spent, "what the page tells is what the ledger says");
    // What came after a kill is known from before, and then costs nothing: the page never says more than was charged.
    const spent = rows.reduce((credits, row) => credits + row.credits, 0);
    assert.equal(await page.locator("#spent").innerText(), `${spent.toLocaleString("en")} credits`);
    assert.ok(spent <= sum.Found * 5, `${spent} of ${sum.Found * 5}`);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
});

/**
 * What the page's own thread was given to do at once, one after another, in milliseconds of the processor: what keeps a page
 * from answering. By the clock the neighbours on a busy machine would be counted, too.
 */
async function tasksOf(page, work) {
  const browser = page.context().browser();
  await browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
  const mark = `begin ${Math.random()}`;
  await page.evaluate((mark) => void performance.mark(mark), mark);
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  // Every tab has a thread of this name: the page's is the one that was told so.
  const { pid, tid, ts } = traceEvents.find(({ name }) => name === mark);
  return traceEvents.filter((event) => event.pid === pid && event.tid === tid && event.ts > ts && event.name === "ThreadControllerImpl::RunTask").map(({ tdur }) => (tdur ?? 0) / 1000);
}

test("half a million rows are planned, and the page answers all the while", () =>
  withPage(async (page, { lookups }) => {
    const lines = ["First Name,Last Name,Email,Company"];
    for (let n = 0; n < 500_000; n++) lines.push(`First${n},Last${n},someone-${n}@example-${n % 5000}.com,Company ${n % 9000}`);
    const folder = await mkdtemp(join(tmpdir(), "phone-list-"));
    try {
      const file = join(folder, "half a million.csv");
      await writeFile(file, lines.join("\n"));
      await openList(page);
      const tasks = await tasksOf(page, async () => {
        await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles(file);
        await page.locator("#plan-title").waitFor({ timeout: 120_000 });
      });
      assert.equal(await page.locator("#plan-title").innerText(), "500,000 rows, 500,000 people");
      const total = tasks.reduce((sum, task) => sum + task, 0);
      assert.ok(total > 1000 && tasks.length > 100, `${tasks.length} tasks of ${total} ms in all are not the plan's`);
      assert.ok(Math.max(...tasks) < 50, `the longest of ${tasks.length} tasks took ${Math.max(...tasks)} ms`);
      assert.equal(lookups().length, 0);
    } finally {
      await rm(folder, { recursive: true });
    }
  }));

test("a hundred thousand rows are read and scrolled, with a few of them in the document", () =>
  withPage(async (page) => {
    const lines = ["Email"];
    for (let n = 0; n < 100_000; n++) lines.push(`someone-${n}@example.com`);
    await openList(page);
    await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles({ name: "large.csv", mimeType: "text/csv", buffer: Buffer.from(lines.join("\n")) });
    await page.locator("#plan-title").waitFor({ timeout: 60_000 });
    assert.equal(await page.locator("#plan-title").innerText(), "100,000 rows, 100,000 people");
    const scroller = page.locator(".scroller");
    assert.ok((await scroller.locator("[role=row]").count()) < 60);
    await scroller.evaluate((box) => (box.scrollTop = box.scrollHeight));
    await page.locator("[role=row][aria-rowindex='100001']").waitFor();
    const { bottom, last } = await page.evaluate(() => ({ bottom: document.querySelector(".scroller").getBoundingClientRect().bottom, last: document.querySelector("[role=row][aria-rowindex='100001']").getBoundingClientRect().bottom }));
    assert.ok(Math.abs(bottom - last) < 3, `the last row ends at ${last}, its box at ${bottom}`);
    // Sixty steps through the whole list, none of which makes anybody wait.
    const tasks = await tasksOf(page, () =>
      scroller.evaluate(async (box) => {
        for (let step = 0; step < 60; step++) {
          box.scrollTop = (box.scrollHeight * step) / 60;
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        }
      }),
    );
    assert.ok(tasks.length > 120, `${tasks.length} tasks are not sixty steps`);
    assert.ok(Math.max(...tasks) < 50, `a step took ${Math.max(...tasks)} ms`);
    assert.deepEqual(sandbox.requests(), []);
  }));
