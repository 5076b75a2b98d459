// The files that the page writes of a list: every cell that was given, what became of each row, and nothing that computes.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, beforeEach, test } from "node:test";
import { planList } from "phone-enrichment/lists";
import { examine, startAll, visit } from "./harness.js";

const LAYOUTS = fileURLToPath(new URL("../lists/layouts/", import.meta.url));
const RESULTS = ["state", "phone", "e164", "found_email", "charge", "credits", "problem", "line", "duplicate_of_line"];

let all;
before(async () => (all = await startAll()));
after(() => all?.close());
beforeEach(() => all.sandbox.reset());

const withPage = (use) =>
  visit(all.browser, all.served.origin, {}, async (page) => {
    await page.getByRole("link", { name: "A list" }).click();
    await use(page);
  });

/** Gives the page a list, and looks everybody up. */
async function run(page, file) {
  await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles(typeof file === "string" ? { name: "list.csv", mimeType: "text/csv", buffer: Buffer.from(file) } : file);
  await page.locator("form.start button[type=submit]").click();
  await page.locator('#run-title:text-is("Done")').waitFor();
}

async function exported(page, kind) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: `Export ${kind}` }).click()]);
  return readFile(await download.path(), "utf8");
}

/** The cells of every record of a text, as RFC 4180 has them. */
function cellsOf(text, delimiter = ",") {
  const records = [];
  for (let at = 0, record = []; at < text.length; ) {
    const [whole, quoted, plain, end] = new RegExp(`(?:"((?:[^"]|"")*)"|([^"\\r\\n${delimiter}]*))(\\r\\n|${delimiter})`, "y").exec(text.slice(at)) ?? assert.fail(`no cell at ${text.slice(at, at + 40)}`);
    record.push(quoted?.replaceAll('""', '"') ?? plain);
    at += whole.length;
    if (end === "\r\n") records.push(record.splice(0));
  }
  return records;
}

/** The cells of a list as its own reader has them. */
async function givenCells(source) {
  const plan = await planList(source);
  return { plan, rows: await collected(plan.cells(source)) };
}

async function collected(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** A cell as it was, or with an apostrophe, which it has exactly where a spreadsheet would compute it. */
const isSame = (written, given) => written === (/^\s*[=+\-@]/.test(given) && !/^\+\d[\d.]*$/.test(given) && !/^\+\d[\d ().-]* [\d ().-]*$/.test(given) ? `'${given}` : given);

for (const layout of (await readdir(LAYOUTS)).filter((name) => name.endsWith(".csv") && name !== "linkedin-messages.csv")) {
  test(`${layout} is written again with every cell of it, and what became of each row`, () =>
    withPage(async (page) => {
      const bytes = await readFile(join(LAYOUTS, layout));
      const { plan, rows } = await givenCells(bytes);
      await run(page, { name: layout, mimeType: "text/csv", buffer: bytes });

      const text = await exported(page, "CSV");
      assert.ok(text.startsWith("\ufeff"));
      const [header, ...lines] = cellsOf(text.slice(1), plan.delimiter);
      const width = Math.max(plan.columns.length, ...rows.map((row) => row.length));
      assert.deepEqual(header.slice(0, width), Array.from({ length: width }, (_, column) => (plan.header === null ? undefined : plan.columns[column]?.header) ?? `column ${column + 1}`));
      assert.deepEqual(header.slice(width).map((name) => name.replace(/^enrichment_/, "")), RESULTS);
      assert.equal(lines.length, plan.rows);
      lines.forEach((line, row) => {
        assert.equal(line.length, width + RESULTS.length);
        line.slice(0, width).forEach((cell, column) => assert.ok(isSame(cell, rows[row][column] ?? ""), `line ${row}, column ${column}: ${cell}`));
        assert.equal(line[width + RESULTS.indexOf("line")], String(plan.page(row, 1)[0].line));
        assert.match(line[width], /^(found|not_found|known|duplicate|invalid|suppressed|blank)$/);
      });

      const objects = JSON.parse(await exported(page, "JSON"));
      assert.deepEqual(objects.map(({ cells }) => Object.values(cells)), rows);
      assert.deepEqual(objects.map(({ state }) => state), lines.map((line) => line[width]));
    }));
}

test("repeated headers, taken names, short and long rows lose no cell", () =>
  withPage(async (page) => {
    await run(page, 'Email,Note,Note,2024,,State\njane.doe@acme.example.com,a,b,c,d,e,more,"and, more"\ntom.okafor@acme.example.com,x\n');
    const [header, jane, tom] = cellsOf((await exported(page, "CSV")).slice(1));
    assert.deepEqual(header, ["Email", "Note", "Note", "2024", "", "State", "column 7", "column 8", "enrichment_state", ...RESULTS.slice(1)]);
    assert.deepEqual(jane.slice(0, 9), ["jane.doe@acme.example.com", "a", "b", "c", "d", "e", "more", "and, more", "invalid"]);
    assert.deepEqual(tom.slice(0, 9), ["tom.okafor@acme.example.com", "x", "", "", "", "", "", "", "found"]);
    const text = await exported(page, "JSON");
    const objects = JSON.parse(text);
    assert.deepEqual(objects[0].cells, { Email: "jane.doe@acme.example.com", Note: "a", "Note (2)": "b", 2024: "c", "column 5": "d", State: "e", "column 7": "more", "column 8": "and, more" });
    assert.deepEqual(objects[1].cells, { Email: "tom.okafor@acme.example.com", Note: "x" });
    assert.ok(text.indexOf('"Note (2)"') < text.indexOf('"2024"'), "the columns stay in their order");
    assert.deepEqual([objects[1].row, objects[1].line, objects[1].state, objects[1].request], [1, 3, "found", { email: "tom.okafor@acme.example.com" }]);
    assert.equal(objects[0].request, null);
  }));

test("whatever a spreadsheet would compute has an apostrophe in front, headers too; a phone has none", () =>
  withPage(async (page) => {
    const dangerous = ["=1+1", "+1", "-2", "@SUM(1)", "\tx", " =1+1", "\n-1", "＝1+1", "＠x", "+1-212-555-0101", "+1 2=3"].filter((cell) => cell !== "+1");
    const safe = ["1-1", "a=b", "+1 212-555-0101", "+12125550101", "+1 (212) 555.0101", "'=1", "x;=1", ""];
    const cells = [...dangerous, ...safe];
    const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;
    await run(page, `Email,"=HYPERLINK(1)"${",n".repeat(cells.length - 1)}\njane.doe@acme.example.com,${cells.map(quoted).join()}\n`);
    const text = await exported(page, "CSV");
    const [header, line] = cellsOf(text.slice(1));
    assert.equal(header[1], "'=HYPERLINK(1)");
    assert.deepEqual(line.slice(1, cells.length + 1), [...dangerous.map((cell) => `'${cell}`), ...safe]);
    assert.match(text, /"x;=1"/, "whoever opens it with another delimiter finds no other cells");
  }));

test("only the rows that the filter shows are written, when that is asked for", () =>
  withPage(async (page) => {
    await run(page, "Email,n\njane.doe@acme.example.com,1\nnot-an-address,2\ntom.okafor@acme.example.com,3\nneither,4\n");
    assert.equal(await page.getByRole("checkbox").count(), 0);
    await page.getByLabel("State").selectOption("invalid");
    await page.getByLabel("Only the 2 rows that the filter shows").check();
    await examine(page, "28-list-export-some", [[320, 640], [1280, 900]]);
    assert.deepEqual(cellsOf((await exported(page, "CSV")).slice(1)).map(([, n]) => n), ["n", "2", "4"]);
    assert.deepEqual(JSON.parse(await exported(page, "JSON")).map(({ cells }) => cells.n), ["2", "4"]);
    await page.getByLabel("State").selectOption("");
    assert.equal(JSON.parse(await exported(page, "JSON")).length, 4);
  }));

test("a file that is changed after the start is written as it was; a list that can't be read any more is told", async () => {
  const folder = await mkdtemp(join(tmpdir(), "phone-list-"));
  try {
    await withPage(async (page) => {
      const path = join(folder, "list.csv");
      await writeFile(path, "Email,n\njane.doe@acme.example.com,1\n");
      await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles(path);
      await page.locator("form.start button[type=submit]").click();
      await page.locator('#run-title:text-is("Done")').waitFor();
      await writeFile(path, "Email,n\nsomeone.else@acme.example.com,2\nmore,3\n");
      assert.deepEqual(JSON.parse(await exported(page, "JSON")).map(({ cells }) => cells.n), ["1"]);
      await page.reload();
      assert.deepEqual(JSON.parse(await exported(page, "JSON")).map(({ cells }) => cells.n), ["1"]);
      // A disk that fails.
      await page.evaluate(() => {
        Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException("The file could not be read.", "NotReadableError"));
      });
      await page.getByRole("button", { name: "Export CSV" }).click();
      await page.getByRole("alert").getByText("The file could not be written. The list was changed, moved or removed").waitFor();
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
