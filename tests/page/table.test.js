// The rows of a list, sorted and filtered, also while it is looked up.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startAll, visit } from "./harness.js";

let all;
before(async () => (all = await startAll()));
after(() => all?.close());
beforeEach(() => all.sandbox.reset());

const withPage = (text, use) =>
  visit(all.browser, all.served.origin, { viewport: { width: 1280, height: 3000 } }, async (page) => {
    await page.getByRole("link", { name: "A list" }).click();
    await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles({ name: "list.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await page.locator("#plan-title").waitFor();
    await use(page);
  });

const sortBy = async (page, name) => {
  const header = page.getByRole("columnheader", { name });
  const before = await header.getAttribute("aria-sort");
  await header.getByRole("button").click();
  await page.locator(`[role=columnheader]:not([aria-sort="${before}"])`, { hasText: name }).waitFor();
  await arranged(page);
};
const arranged = (page) => page.locator("[role=table][aria-busy=false]").waitFor();
const texts = (page, cell) => page.locator(`.scroller .${cell}`).allInnerTexts();

test("rows are sorted by name without regard to case and accents, either way, and what has no name comes last", () =>
  withPage("First,Last,Company\nzoe,Z,Acme\nÉmile,E,Acme\n,,\nAnn,A,Acme\nEric,E,Acme\nemil,E,Acme\n", async (page) => {
    const first = async () => (await texts(page, "cell-name")).map((name) => name.split(" · ")[0]);
    await sortBy(page, "Person");
    assert.deepEqual(await first(), ["Ann", "emil", "Émile", "Eric", "zoe", "–"]);
    await sortBy(page, "Person");
    assert.deepEqual(await first(), ["zoe", "Eric", "Émile", "emil", "Ann", "–"]);
    await sortBy(page, "Line");
    assert.deepEqual(await first(), ["zoe", "Émile", "–", "Ann", "Eric", "emil"]);
    await page.getByLabel("Search").fill("ÈMIL");
    await page.getByText("2 of 6 rows").waitFor();
    assert.deepEqual(await first(), ["Émile", "emil"]);
  }));

test("a table is busy from the moment it tells another order until its rows have it", () =>
  withPage("First,Last,Company\nzoe,Z,Acme\nAnn,A,Acme\n", async (page) => {
    const header = page.getByRole("columnheader", { name: "Person" });
    const busy = await header.evaluate(
      (header) =>
        new Promise((resolve) => {
          new MutationObserver(() => resolve(header.closest("[role=table]").ariaBusy)).observe(header, { attributeFilter: ["aria-sort"] });
          header.querySelector("button").click();
        }),
    );
    assert.equal(busy, "true");
    await arranged(page);
    assert.match((await texts(page, "cell-name"))[0], /^Ann/);
  }));

test("thousands of rows come in their order, those that are alike as they are in the list", () => {
  const emails = Array.from({ length: 5000 }, (_, n) => `${String((n * 7919) % 5003).padStart(5, "0")}@example.com`);
  return withPage(`Email,n\n${emails.map((email, n) => `${email},${n}\n`).join("")}${"wrong,\n".repeat(3000)}`, async (page) => {
    const sorted = [...emails].sort();
    const scroller = page.locator(".scroller");
    await sortBy(page, "Person");
    for (const share of [0, 0.13, 0.37, 0.61]) {
      await scroller.evaluate((box, share) => (box.scrollTop = box.scrollHeight * share), share);
      await page.waitForFunction((place) => [...document.querySelectorAll(".scroller [role=row]")].some((row) => row.ariaRowIndex === String(place)), Math.floor(8000 * share) + 2);
      const rows = await scroller.locator("[role=row]").evaluateAll((rows) => rows.map((row) => [Number(row.getAttribute("aria-rowindex")) - 2, row.querySelector(".cell-name .cut").innerText]));
      assert.ok(rows.length > 5);
      for (const [place, name] of rows) assert.equal(name, sorted[place]);
    }
    await page.getByLabel("State").selectOption("invalid");
    await page.getByText("3,000 of 8,000 rows").waitFor();
    const lines = (await texts(page, "cell-line")).map(Number);
    assert.deepEqual(lines, lines.map((_, index) => 5002 + index));
  });
});

test("a filter by state follows the run", () =>
  withPage("Email\njane.doe@acme.example.com\nnobody@acme.example.com\ntom.okafor@acme.example.com\n", async (page) => {
    all.sandbox.setFaults([{ fault: "delay", ms: 1200 }]);
    await page.getByLabel("At once").fill("1");
    await page.getByLabel("State").selectOption("waiting");
    await page.getByText("3 rows", { exact: true }).waitFor();
    await page.locator("form.start button[type=submit]").click();
    // The table of a run is another one.
    await page.locator("#run-title").waitFor();
    await page.getByLabel("State").selectOption("found");
    for (const status of ["1 of 3 rows", "2 of 3 rows"]) await page.getByText(status).waitFor();
    assert.deepEqual(await texts(page, "cell-name"), ["jane.doe@acme.example.com", "tom.okafor@acme.example.com"]);
  }));
