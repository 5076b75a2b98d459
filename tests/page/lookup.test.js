import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { charge, examine, fill, resultTitle, sendButton, servePage, startAll, visit } from "./harness.js";

let all;
let sandbox;
before(async () => {
  all = await startAll();
  ({ sandbox } = all);
});
after(() => all?.close());
beforeEach(() => sandbox.reset());

const JANE = { "LinkedIn address": "https://uk.linkedin.com/in/Jane-Doe/?trk=share" };
const NOBODY = { "E-mail": "nobody.at.all@example.com" };

/** A visit, and what every visit is held to. */
const withPage = (use, options = {}) => visit(all.browser, options.origin ?? all.served.origin, options, use);

/** Fills the form in, looks up once, and gives what the result says. */
async function lookUp(page, fields) {
  await fill(page, fields);
  await sendButton(page).click();
  return { title: await resultTitle(page), charge: await charge(page), text: await page.locator(".card").innerText() };
}

test("before anything is typed, the page says what suffices and what a lookup can cost", () =>
  withPage(async (page, { lookups }) => {
    await page.getByText("Fill in one of the three.").waitFor();
    assert.equal(await sendButton(page).innerText(), "Look up");
    assert.deepEqual(await page.locator(".prices dt").allInnerTexts(), ["Charged 5 credits", "Not charged", "Not sent", "May have been charged"]);
    await examine(page, "1-start");
    assert.equal(lookups().length, 0);
  }));

test("while somebody types, the page shows what would be sent and what it costs, and sends nothing", () =>
  withPage(async (page, { lookups }) => {
    await page.getByLabel("LinkedIn address").pressSequentially("uk.linkedin.com/in/Jane-Doe/?trk=share");
    await page.getByLabel("E-mail").fill("jane.doe@acme.example.com");
    await page.getByLabel("First name").fill("Jane");
    await page.getByText("Not sent: the unfinished name.").waitFor();
    await page.getByRole("button", { name: "Look up – 5 credits if found" }).waitFor();
    const ready = await page.locator(".ready").innerText();
    assert.match(ready, /https:\/\/www\.linkedin\.com\/in\/jane-doe/);
    assert.match(ready, /Not sent, because one is enough: the e-mail/);
    await examine(page, "2-ready");
    assert.equal(lookups().length, 0);
    assert.equal(sandbox.requests().length, 0);
  }));

test("a found phone is shown with its cost, the wallet, the e-mail and a link to call", () =>
  withPage(async (page) => {
    const result = await lookUp(page, JANE);
    assert.equal(result.title, "Phone found");
    assert.equal(result.charge, "Charged 5 credits");
    assert.match(result.text, /\+1 212-555-0101/);
    assert.match(result.text, /jane\.doe@acme\.example\.com/);
    assert.match(result.text, /95 credits/);
    assert.equal(await page.getByRole("link", { name: "Call +12125550101" }).getAttribute("href"), "tel:+12125550101");
    assert.match(await page.locator(".wallet").innerText(), /95 credits/);
    await page.getByRole("button", { name: "Copy phone" }).click();
    await page.getByText("Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "+1 212-555-0101");
    await examine(page, "3-found");
    assert.deepEqual(sandbox.ledger().map(({ person_id, credits }) => [person_id, credits]), [["jane-doe", 5]]);
    assert.deepEqual(sandbox.requests().map(({ body }) => body), [{ linkedin_url: "https://www.linkedin.com/in/jane-doe" }]);
  }));

test("a phone whose country is not certain has no link to call", () =>
  withPage(async (page) => {
    const result = await lookUp(page, { "First name": "Priya", "Last name": "Raman", "Company": "Globex Trading" });
    assert.match(result.text, /\(415\) 555-0105/);
    assert.equal(await page.locator("a[href^='tel:']").count(), 0);
    await examine(page, "4-found-without-country");
  }));

test("a person who is not found costs nothing, and the page says what to try next", () =>
  withPage(async (page) => {
    const result = await lookUp(page, { ...NOBODY, "First name": "No", "Last name": "Body", "Company": "Nowhere" });
    assert.equal(result.title, "No phone found");
    assert.equal(result.charge, "Not charged");
    assert.match(result.text, /Phone not found/);
    assert.match(result.text, /To go by name and company, clear the e-mail\./);
    await examine(page, "5-not-found");
    assert.deepEqual(sandbox.ledger(), []);
    assert.deepEqual(sandbox.requests().map(({ body }) => body), [{ email: "nobody.at.all@example.com" }]);
  }));

test("everything that is wrong is told at once, in one list and beside its field, and nothing is sent", () =>
  withPage(async (page, { lookups }) => {
    await fill(page, { "LinkedIn address": "https://www.linkedin.com/company/acme", "E-mail": "jane@", "First name": "Jane", "Company website": "192.168.0.1" });
    await sendButton(page).click();
    await page.locator(".summary:focus").getByRole("heading", { name: "Nothing was sent" }).waitFor();
    const list = await page.locator(".summary li").allInnerTexts();
    assert.equal(list.length, 4);
    for (const [field, label] of [["linkedin_url", "LinkedIn address"], ["email", "E-mail"], ["company_website", "Company website"]]) {
      const input = page.getByLabel(label, { exact: true });
      assert.equal(await input.getAttribute("aria-invalid"), "true");
      assert.match(await input.getAttribute("aria-describedby"), new RegExp(`\\b${field}-issue$`));
      // A message and a fix.
      assert.match(await page.locator(`#${field}-issue`).innerText(), /^This .+\. (Open|Write|Give) .+\.$/);
      assert.ok(list.some((item) => item.startsWith(`${label}: This `)), `${label} is in the list`);
    }
    assert.match(list.at(-1), /Still missing: last name\./);
    await examine(page, "6-invalid");
    await page.locator(".summary a").first().click();
    await page.locator("#linkedin_url:focus").waitFor();
    assert.equal(lookups().length, 0);
    assert.equal(sandbox.requests().length, 0);
  }));

test("the list of mistakes goes as they are mended", () =>
  withPage(async (page) => {
    await sendButton(page).click();
    await page.getByText("The request names no person.").waitFor();
    await fill(page, { "First name": "Jane" });
    await page.locator(".summary").getByText("The name is incomplete").waitFor();
    await page.locator("#name-issue").waitFor();
    assert.equal(await page.getByLabel("Last name").getAttribute("aria-invalid"), "true");
    await fill(page, { "Last name": "Doe", "Company website": "www.acme.example.com/about" });
    await page.getByRole("button", { name: "5 credits if found" }).waitFor();
    assert.equal(await page.locator(".summary, .issue").count(), 0);
    assert.equal(sandbox.requests().length, 0);
  }));

test("half a name is no mistake while somebody is still typing it", () =>
  withPage(async (page) => {
    await fill(page, { "First name": "Jane" });
    await page.locator(".ready").getByText("Still missing: last name and the company or its website.").waitFor();
    assert.equal(await page.locator(".issue, .summary, [aria-invalid=true]").count(), 0);
  }));

test("whoever mends the form is not interrupted by what the page finds in the meantime", () =>
  withPage(async (page) => {
    await sendButton(page).click();
    await page.locator(".summary:focus").waitFor();
    // The list goes, and comes back, while somebody types.
    const email = page.getByLabel("E-mail", { exact: true });
    await email.pressSequentially("jane.doe@acme.example.com");
    await page.locator(".summary").waitFor({ state: "detached" });
    await email.pressSequentially("@");
    await page.locator(".summary").waitFor();
    assert.equal(await email.evaluate((input) => input === document.activeElement), true);
    // So does the question whether to pay twice.
    await email.press("Backspace");
    await page.locator(".summary").waitFor({ state: "detached" });
    sandbox.setFaults([{ fault: "charge_then_500" }]);
    await email.press("Enter");
    assert.equal(await resultTitle(page), "The service failed");
    await email.fill("jane.doe@acme.example.co");
    await page.locator(".again").waitFor({ state: "detached" });
    await email.pressSequentially("m");
    await page.locator(".again").waitFor();
    assert.equal(await email.evaluate((input) => input === document.activeElement), true);
  }));

test("without enough credits the page says how many are needed and that nothing was charged", () =>
  withPage(async (page) => {
    sandbox.setCredits(3);
    const result = await lookUp(page, JANE);
    assert.equal(result.title, "Not enough credits");
    assert.equal(result.charge, "Not charged");
    assert.match(result.text, /needs 5 credits/);
    assert.match(result.text, /Add credits/);
    await examine(page, "7-no-credits");
    assert.deepEqual(sandbox.ledger(), []);
  }));

test("a token that the service refuses is shown as the server's mistake, not the visitor's", async () => {
  const served = await servePage(all.built.folder, { url: sandbox.url, token: "sandbox-revoked-token" });
  try {
    await withPage(async (page) => {
      const result = await lookUp(page, JANE);
      assert.equal(result.title, "This page may not look people up");
      assert.equal(result.charge, "Not charged");
      assert.match(result.text, /mend this on its server/);
      await examine(page, "8-bad-token");
    }, { origin: served.origin });
  } finally {
    await served.close();
  }
});

test("a limit with a wait says how long, and nothing is sent again by itself", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: 429, retryAfter: 1 }]);
    const result = await lookUp(page, JANE);
    assert.equal(result.title, "Too many lookups at once");
    assert.equal(result.charge, "Not charged");
    assert.match(result.text, /asks to wait 1 second, until/);
    await page.waitForTimeout(1800);
    assert.equal(sandbox.requests().length, 1);
    sandbox.setFaults([{ fault: 429, retryAfter: 7200 }]);
    await sendButton(page).click();
    await page.getByText("asks to wait 2 hours").waitFor();
    await examine(page, "9-rate-limited");
  }));

test("a limit without a wait does not invent one", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: 429 }]);
    const result = await lookUp(page, JANE);
    assert.equal(result.title, "The limit is reached");
    assert.match(result.text, /did not say until when/);
  }));

test("an answer that was lost may have been charged: no button sends it again", () =>
  withPage(async (page) => {
    // A lookup before, so that the browser has a connection that it has used, and the page knows the wallet.
    await lookUp(page, NOBODY);
    sandbox.setFaults([{ fault: "charge_then_drop" }]);
    await page.getByLabel("E-mail", { exact: true }).fill("");
    const result = await lookUp(page, JANE);
    assert.equal(result.charge, "May have been charged");
    assert.match(result.text, /nobody on this side can know/);
    assert.match(result.text, /It held 100 credits before; if it holds 95 credits now, this lookup was charged\./);
    assert.equal(await page.locator(".card button, .card a").count(), 0);
    assert.equal(await sendButton(page).getAttribute("aria-disabled"), "true");
    await examine(page, "10-lost");

    // Not by the button, not by Enter, and not by another spelling of the same person.
    await sendButton(page).click({ force: true });
    await page.locator("input[type=checkbox]:focus").waitFor();
    await page.getByLabel("LinkedIn address").fill("linkedin.com/in/jane-doe");
    await page.getByLabel("LinkedIn address").press("Enter");
    await page.getByText("may have been charged. Looking up again can cost 5 credits a second time.").waitFor();
    assert.equal(sandbox.requests().length, 2);
    assert.equal(sandbox.ledger().length, 1);

    // Only somebody who says so pays twice.
    assert.match(await page.locator(".wallet").innerText(), /100 credits before the last lookup/);
    sandbox.setFaults([]);
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Ask again – may cost 5 credits more" }).click();
    await page.getByRole("heading", { name: "Phone found" }).waitFor();
    assert.equal(sandbox.requests().length, 3);
    // The doubt is over.
    assert.equal(await page.locator(".again").count(), 0);
  }));

test("an answer that came after the visitor gave up is not paid for again", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: "delay", ms: 3000, before: "answer" }]);
    await fill(page, JANE);
    await sendButton(page).click();
    while (sandbox.ledger().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await page.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await resultTitle(page), "You cancelled");
    await sandbox.idle();
    await page.getByRole("checkbox").check();
    await sendButton(page).click();
    await page.getByRole("heading", { name: "Phone found" }).waitFor();
    assert.equal(await charge(page), "Not sent");
    assert.equal(sandbox.requests().length, 1);
    assert.equal(sandbox.ledger().length, 1);
  }));

for (const [name, fault, title] of [
  ["a connection that is dropped", { fault: "drop" }, "The service failed"],
  ["a service that fails", { fault: 500 }, "The service failed"],
  ["a service that charges and then fails", { fault: "charge_then_500" }, "The service failed"],
  ["a page of HTML in place of an answer", { fault: "html_200" }, "The answer can’t be read"],
  ["an answer without its phone", { fault: "missing_phone" }, "The answer can’t be read"],
  ["an answer that is cut off", { fault: "cut_body" }, "The answer can’t be read"],
]) {
  test(`${name} may have been charged, and was sent once`, () =>
    withPage(async (page) => {
      sandbox.setFaults([fault]);
      const result = await lookUp(page, JANE);
      assert.equal(result.title, title);
      assert.equal(result.charge, "May have been charged");
      assert.equal(await page.locator(".card button").count(), 0);
      if (fault.fault === "html_200") {
        await page.locator("summary").click();
        await examine(page, "11-malformed");
      }
      assert.equal(sandbox.requests().length, 1);
    }));
}

test("a service that does not answer in time may have charged", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: "delay", ms: 3000, before: "answer" }]);
    await page.clock.install();
    await fill(page, JANE);
    await page.clock.runFor(1000);
    await sendButton(page).click();
    await page.getByRole("heading", { name: "Looking up" }).waitFor();
    while (sandbox.ledger().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await page.clock.fastForward(21_000);
    assert.equal(await resultTitle(page), "No answer in time");
    assert.equal(await charge(page), "May have been charged");
  }));

test("a visitor can cancel, and is told that it may be charged all the same", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: "delay", ms: 60_000, before: "answer" }]);
    await fill(page, JANE);
    await sendButton(page).click();
    const cancel = page.getByRole("button", { name: "Cancel" });
    await cancel.waitFor();
    assert.match(await page.locator("#cancel-says").innerText(), /may charge all the same/);
    while (sandbox.ledger().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await examine(page, "12-looking");
    await cancel.click();
    assert.equal(await resultTitle(page), "You cancelled");
    assert.equal(await charge(page), "May have been charged");
    await examine(page, "13-cancelled");
    assert.equal(sandbox.requests().length, 1);
  }));

test("leaving the page in the middle of a lookup asks first, and at any other time does not", () =>
  withPage(async (page) => {
    const asked = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    sandbox.setFaults([{ fault: "delay", ms: 60_000 }]);
    await fill(page, JANE);
    await page.reload();
    assert.deepEqual(asked, []);
    await fill(page, JANE);
    await sendButton(page).click();
    await page.getByRole("button", { name: "Cancel" }).waitFor();
    await page.reload();
    assert.deepEqual(asked, ["beforeunload"]);
  }));

test("a double click and a held Enter send one request", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: "delay", ms: 1000 }]);
    await fill(page, JANE);
    await sendButton(page).dblclick();
    for (let times = 0; times < 5; times++) await page.getByLabel("LinkedIn address").press("Enter");
    assert.equal(await resultTitle(page), "Phone found");
    assert.equal(sandbox.requests().length, 1);
  }));

test("whoever was paid for a moment ago is not bought again by pressing Enter again", () =>
  withPage(async (page) => {
    await lookUp(page, JANE);
    await page.getByRole("button", { name: "Show again – free" }).waitFor();
    await page.getByLabel("LinkedIn address").press("Enter");
    await page.getByText("This page has the answer from before: nothing was sent.").waitFor();
    assert.equal(await charge(page), "Not sent");
    assert.match(await page.locator(".card").innerText(), /\+1 212-555-0101/);
    await examine(page, "14-again");
    assert.equal(sandbox.requests().length, 1);
    // Somebody else can be looked up at once.
    await lookUp(page, { "LinkedIn address": "linkedin.com/in/marcus-bell" });
    assert.equal(sandbox.ledger().length, 2);
  }));

test("a page that is offline says so, and does not promise that nothing was charged", () =>
  withPage(async (page) => {
    await fill(page, JANE);
    await page.context().setOffline(true);
    await sendButton(page).click();
    assert.equal(await resultTitle(page), "The connection failed");
    assert.equal(await charge(page), "May have been charged");
    assert.equal(sandbox.requests().length, 0);
  }));

test("a browser without WebAssembly sends nothing, and says so", () =>
  withPage(
    async (page) => {
      assert.equal(await resultTitle(page), "This browser can’t check what you type");
      assert.equal(await charge(page), "Not sent");
      await examine(page, "15-without-wasm");
      const email = page.getByLabel("E-mail", { exact: true });
      await email.pressSequentially("jane.doe@acme.example.com");
      await page.waitForTimeout(500);
      assert.equal(await email.evaluate((input) => input === document.activeElement), true, "nobody is interrupted while typing");
      await email.press("Enter");
      assert.equal(await resultTitle(page), "This browser can’t check what you type");
      assert.equal(sandbox.requests().length, 0);
    },
    { prepare: (page) => page.addInitScript(() => { WebAssembly.instantiate = WebAssembly.instantiateStreaming = () => Promise.reject(new Error("switched off")); }) },
  ));
