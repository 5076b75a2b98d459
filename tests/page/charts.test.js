// What a run came to over time: drawn, told in numbers and in a table, and there again after a reload.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { examine, startAll, visit, web } from "./harness.js";

let all;
before(async () => (all = await startAll()));
after(() => all?.close());
beforeEach(() => all.sandbox.reset());

/** Four people who are known to the service, two who are not. */
const LIST = `Email\n${["jane.doe", "marcus.bell", "ines.carvalho", "tom.okafor", "no.body", "some.body"].map((name) => `${name}@acme.example.com\n`).join("")}`;

const withPage = (use, options = {}) =>
  visit(all.browser, all.served.origin, options, async (page, visitor) => {
    await page.getByRole("link", { name: "A list" }).click();
    await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles({ name: "list.csv", mimeType: "text/csv", buffer: Buffer.from(LIST) });
    await page.locator("#plan-title").waitFor();
    await use(page, visitor);
  });

const press = (page) => page.locator("form.start button[type=submit]").click();
const ended = (page, title) => page.locator(`#run-title:text-is("${title}")`).waitFor();
const chart = (page, name) => page.getByRole("figure", { name, exact: true });
const legend = (page, name) => chart(page, name).locator(".legend").evaluate((legend) => Object.fromEntries([...legend.children].map((part) => [part.querySelector("dt").innerText.trim(), part.querySelector("dd").innerText])));
/** The heads and the last row of the table beside a chart. */
const table = (page, name) =>
  chart(page, name).locator("table").evaluate((table) => {
    const texts = (row) => [...row.cells].slice(1).map((cell) => cell.textContent);
    return Object.fromEntries(texts(table.rows[0]).map((head, index) => [head, texts(table.rows[table.rows.length - 1])[index]]));
  });
/** How much of a picture has a colour of the page. */
const painted = (page, name, color) =>
  chart(page, name).locator("canvas").evaluate((canvas, color) => {
    const copy = Object.assign(document.createElement("canvas"), { width: canvas.width + 1, height: canvas.height }).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    // Beside the picture, so that the browser says what the colour comes to.
    copy.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(color);
    copy.fillRect(canvas.width, 0, 1, 1);
    const [r, g, b] = copy.getImageData(canvas.width, 0, 1, 1).data;
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at] === r && data[at + 1] === g && data[at + 2] === b && data[at + 3] === 255) count++;
    return count / (canvas.width * canvas.height);
  }, color);

const PEOPLE = { Found: "4", "Not found": "1", "May have been charged": "1", "Failed, not charged": "0" };
const CREDITS = { Charged: "20", "May have been charged": "5", "Set aside": "0", Limit: "30" };

/** Both charts say how it ended. */
async function judge(page) {
  for (const name of ["People", "Credits"]) await chart(page, name).locator("canvas").waitFor();
  assert.deepEqual(await legend(page, "People"), PEOPLE);
  assert.deepEqual(await table(page, "People"), PEOPLE);
  assert.match(await chart(page, "People").getByRole("img").getAttribute("aria-label"), /: 4 found, 1 not found, 1 may have been charged, 0 failed without a charge\.$/);
  assert.deepEqual(await legend(page, "Credits"), CREDITS);
  assert.deepEqual(await table(page, "Credits"), CREDITS);
  assert.match(await chart(page, "Credits").getByRole("img").getAttribute("aria-label"), /: 20 credits charged, 5 may have been charged, 0 set aside, of 30 at most\.$/);
  for (const name of ["People", "Credits"]) {
    for (const color of ["--charged", "--unknown"]) assert.ok((await painted(page, name, color)) > 0.0005, `${name} has ${color}`);
    assert.equal(await painted(page, name, "--wrong"), 0, `${name}: nobody failed`);
  }
}

test("a run is drawn with what it came to, in numbers as well, and is there again after a reload; nothing is loaded for it before", () =>
  withPage(async (page, { requests }) => {
    const isLoaded = () => requests.some((request) => /\/chart-/.test(request.url()));
    assert.equal(isLoaded(), false);
    all.sandbox.setFaults([{ fault: "delay", ms: 100 }, { fault: "cut_body", keep: 5, match: { email: "some.body@acme.example.com" } }]);
    await press(page);
    await ended(page, "Done");
    assert.equal(isLoaded(), true);
    await judge(page);
    for (const summary of await page.locator("figure summary").all()) await summary.click();
    await examine(page, "29-list-charts", [[320, 640], [768, 900], [1440, 900]]);
    await page.reload();
    await judge(page);
    // Nothing is sent then, and so nothing has another limit.
    await page.getByRole("button", { name: "See whether answers came after all – free" }).click();
    await ended(page, "Done");
    await judge(page);
    // With the light, the picture changes its colours.
    await page.emulateMedia({ colorScheme: "dark" });
    let share = 0;
    for (let looks = 0; looks < 50 && share < 0.02; looks++) {
      await page.waitForTimeout(100);
      share = await painted(page, "People", "--charged");
    }
    assert.ok(share > 0.02, `${share} of the picture has the colour`);
  }));

test("the limit of each run is beside what was spent, and another list begins without a past", () =>
  withPage(async (page) => {
    await page.getByLabel("Spend at most").fill("10");
    await page.getByLabel("At once").fill("1");
    await press(page);
    await ended(page, "Stopped");
    assert.deepEqual(await legend(page, "Credits"), { Charged: "10", "May have been charged": "0", "Set aside": "0", Limit: "10" });
    await page.getByLabel("Spend at most, from now on").fill("25");
    await press(page);
    await ended(page, "Done");
    assert.deepEqual(await legend(page, "Credits"), { Charged: "20", "May have been charged": "0", "Set aside": "0", Limit: "35" });
    const limits = await chart(page, "Credits").locator("tbody tr td:last-child").allTextContents();
    assert.deepEqual([limits[0], limits.at(-1)], ["10", "35"]);

    await page.getByRole("button", { name: "Another list" }).click();
    await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles({ name: "other.csv", mimeType: "text/csv", buffer: Buffer.from("Email\njane.doe@acme.example.com\n") });
    await page.locator("#plan-title").waitFor();
    await press(page);
    await ended(page, "Done");
    await page.reload();
    await chart(page, "People").waitFor();
    assert.deepEqual(await legend(page, "People"), { Found: "1", "Not found": "0", "May have been charged": "0", "Failed, not charged": "0" });
    assert.equal((await legend(page, "Credits")).Charged, "0");
    assert.deepEqual(new Set(await chart(page, "Credits").locator("tbody tr td:last-child").allTextContents()), new Set(["none"]));
  }));

test("samples are thinned to a few hundred, of which the first and the last are those that were", async () => {
  const { createServer } = await import(pathToFileURL(join(web, "node_modules/vite/dist/node/index.js")).href);
  const server = await createServer({ configFile: false, root: web, logLevel: "error", server: { middlewareMode: true, ws: false }, optimizeDeps: { noDiscovery: true } });
  try {
    const { add, restore, samples, tick } = await server.ssrLoadModule("/src/list/samples.ts");
    const sums = (found) => ({ found, notFound: 0, doubt: 0, failed: 0, spent: 5 * found, possible: 0, reserved: 0, limit: null });
    const judge = (first, last) => {
      const kept = samples.value;
      assert.ok(kept.length > 100 && kept.length <= 500, `${kept.length} samples`);
      assert.deepEqual([kept[0].found, kept.at(-1).found], [first, last]);
      assert.ok(kept.every(({ at, found }, index) => index === 0 || (at > kept[index - 1].at && found > kept[index - 1].found)), "in their order");
    };
    tick(true);
    for (let found = 0; found <= 20_000; found++) {
      tick(true);
      add(sums(found));
    }
    judge(0, 20_000);
    restore(structuredClone(samples.value));
    tick(true);
    for (let found = 20_001; found <= 40_000; found++) {
      tick(true);
      add(sums(found));
    }
    judge(0, 40_000);
    // A pause is no work.
    tick(false);
    const { at } = samples.value.at(-1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    tick(true);
    add(sums(40_001));
    assert.ok(samples.value.at(-1).at - at < 0.05);
  } finally {
    await server.close();
  }
});
