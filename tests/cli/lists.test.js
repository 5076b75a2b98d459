// Lists as they come: answers stand in the rows that the planner saw, in every layout, encoding and mess.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { planList } from "phone-enrichment/lists";
import { randomFrom } from "../chaos/support/plan.js";
import { importFrom, installed } from "../package/support/installed.js";
import { cellsOf, rowsOf, workplace } from "./support/command.js";

const { cellOf } = await importFrom(join(installed, "bin/csv.js"));
const layouts = fileURLToPath(new URL("../lists/layouts/", import.meta.url));

test("every layout is written again, row for row", async (t) => {
  const { run, write, read, has } = await workplace(t);
  const names = readdirSync(layouts).filter((name) => name.endsWith(".csv"));
  assert.ok(names.length > 15);
  let written = 0;
  for (const name of names) {
    const bytes = readFileSync(join(layouts, name));
    const plan = await planList(bytes).catch(({ code }) => code);
    write(name, bytes);
    const { code, err } = await run(["enrich", name, "-o", `out-${name}`, "--limit", "0", "--base-url", "http://127.0.0.1:9"]);
    if (plan === "invalid_list") {
      assert.deepEqual([code, has(`out-${name}`)], [2, false], name);
      continue;
    }
    assert.ok([3, 4].includes(code), `${name}: ${err}`);
    const records = cellsOf(read(`out-${name}`).replace(/^\ufeff/, ""), plan.delimiter);
    assert.equal(records.length, plan.rows + 1, name);
    assert.equal(new Set(records.map(({ length }) => length)).size, 1, name);
    written++;
  }
  assert.ok(written > 15);
});

test("letters come through from every encoding, and a spreadsheet is told of UTF-8", async (t) => {
  const { ask, write, read } = await workplace(t, { people: 1 });
  const text = "Straße;E-Mail\r\nMüller & Söhne €;person-00001@example.com\r\n";
  const bytes = {
    "utf-8": [Buffer.from(text), false],
    "utf-8 with its mark": [Buffer.from(`\ufeff${text}`), true],
    "utf-16": [Buffer.from(`\ufeff${text}`, "utf16le"), true],
    "windows-1252": [Buffer.from(text.replace("€", "\u0080"), "latin1"), true],
  };
  for (const [name, [list, hasMark]] of Object.entries(bytes)) {
    write(`${name}.csv`, list);
    const { code, err } = await ask(["enrich", `${name}.csv`, "-o", `${name}-out.csv`, "--yes"]);
    assert.equal(code, 0, `${name}: ${err}`);
    const out = read(`${name}-out.csv`);
    assert.equal(out.startsWith("\ufeff"), hasMark, name);
    const [row] = rowsOf(out.replace(/^\ufeff/, ""), ";");
    assert.deepEqual([row["Straße"], row.status], ["Müller & Söhne €", "success"], name);
  }
});

test("a list without a header, with short and long rows, loses no cell", async (t) => {
  const { ask, write, read } = await workplace(t, { people: 3 });
  write("leads.csv", "person-00001@example.com,a\nperson-00002@example.com\nperson-00003@example.com,b,c\n");
  const { err } = await ask(["enrich", "leads.csv", "-o", "out.csv", "--yes"]);
  const [names, ...rows] = cellsOf(read("out.csv"));
  assert.deepEqual(names.slice(0, 4), ["column 1", "column 2", "column 3", "status"], err);
  assert.deepEqual(rows.map((cells) => cells.slice(0, 3)), [["person-00001@example.com", "a", ""], ["person-00002@example.com", "", ""], ["person-00003@example.com", "b", "c"]]);
  assert.deepEqual(rows.slice(0, 2).map((cells) => cells[3]), ["success", "success"]);
});

test("what is not found out by itself can be said", async (t) => {
  const { ask, run, write, read } = await workplace(t, { people: 1 });
  write("leads.csv", Buffer.from("one;two,three\nStra\xdfe;person-00001@example.com,\u0080\n", "latin1"));
  const words = ["--delimiter", "semicolon", "--header-row", "0", "--encoding", "windows-1252", "--column", "1=email"];
  const { out } = await run(["plan", "leads.csv", "--json", ...words]);
  const { rows, delimiter, encoding, header, invalid } = JSON.parse(out);
  assert.deepEqual([rows, delimiter, encoding, header, invalid], [2, ";", "windows-1252", null, 2]);
  const { code, err } = await ask(["enrich", "leads.csv", "-o", "out.csv", "--yes", "--delimiter", "comma", "--header-row", "1", "--encoding", "latin1", "--column", "one;two=full_name", "--column", "three=company_name"]);
  assert.equal(code, 3, err);
  assert.equal(rowsOf(read("out.csv").replace(/^\ufeff/, ""))[0].three, "€");
  for (const wrong of [["--delimiter", "|"], ["--header-row", "51"], ["--encoding", "klingon"]]) assert.equal((await run(["plan", "leads.csv", ...wrong])).code, 2, wrong.join(" "));
});

test("a cell that is written is read as it was, but for the apostrophe", () => {
  const random = randomFrom(11);
  const pieces = ['"', ",", ";", "\n", "\r", "\t", "=", "+", "-", "@", "1", "a", " "];
  for (let round = 0; round < 2000; round++) {
    const cell = Array.from({ length: Math.floor(random() * 8) }, () => pieces[Math.floor(random() * pieces.length)]).join("");
    const [[read, end]] = cellsOf(`${cellOf(cell, ",")},end\r\n`);
    assert.deepEqual([read.replace(/^'/, ""), end], [cell, "end"]);
    assert.doesNotMatch(read, /^(?!\+\d[\d ().\/-]*$)[=+\-@\t\r]/);
  }
  for (const phone of ["+12125550101", "+1.212.555.0101", "+1 212-555-0101", "+1 (212) 555-0101"]) assert.equal(cellOf(phone, ","), phone);
  // A spreadsheet would subtract and divide.
  for (const computed of ["+1-212-555-0101", "+49/30/1234", " =1", "＝1", "－1"]) assert.equal(cellOf(computed, ","), `'${computed}`);
  assert.equal(cellOf("x;=1", ","), '"x;=1"', "opened with another delimiter it is no other cell");
});
