// Each verb, what it says and how it ends.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { listOf, rowsOf, TOKEN, workplace } from "./support/command.js";

const linesOf = (text) => text.trimEnd().split("\n").map((line) => JSON.parse(line));
const hasTerminals = spawnSync("script", ["--version"]).status === 0;

describe("phone-enrichment lookup", { concurrency: 4 }, () => {
  test("finds, once for 5 credits and then free, whoever asks", async (t) => {
    const { ask, sandbox } = await workplace(t);
    const first = await ask(["lookup", "--linkedin", "https://www.linkedin.com/in/johndoe"]);
    assert.deepEqual([first.code, first.err], [0, ""]);
    assert.match(first.out, /^phone {4}\+1 555-123-4567\ne164 {5}\+15551234567\nemail {4}john\.doe@acme\.com\ncharge {3}confirmed, 5 credits\nwallet {3}9995 credits\n$/);
    const again = await ask(["lookup", "--email=john.doe@acme.com", "--json"]);
    const [{ status, meta }, ...more] = linesOf(again.out);
    assert.deepEqual([again.code, status, meta.charge, meta.source, more], [0, "success", "none", "cache", []]);
    assert.equal(sandbox.ledger().length, 1);
  });

  test("by name and company, and by name and website", async (t) => {
    const { ask } = await workplace(t);
    const name = ["--first-name", "Jane", "--last-name", "Doe"];
    assert.match((await ask(["lookup", ...name, "--company", "Acme"])).out, /\+1 212-555-0101/);
    assert.match((await ask(["lookup", ...name, "--website", "acme.example.com"])).out, /\+1 212-555-0101/);
  });

  test("a not-found is no failure, and --ladder goes on from it", async (t) => {
    const { ask } = await workplace(t);
    const who = ["--linkedin", "https://www.linkedin.com/in/nobody-of-that-name", "--email", "john.doe@acme.com"];
    const missed = await ask(["lookup", ...who]);
    assert.deepEqual([missed.code, missed.out.split("\n")[1]], [0, "charge   none, 0 credits"]);
    assert.match((await ask(["lookup", ...who, "--ladder"])).out, /\+1 555-123-4567/);
  });

  test("what may have been charged ends with 3, is not asked again by itself, and is by --force", async (t) => {
    const { ask, posts } = await workplace(t, { faults: [{ fault: "charge_then_drop", times: 1 }] });
    const who = ["lookup", "--email", "john.doe@acme.com"];
    const lost = await ask(who);
    assert.deepEqual([lost.code, lost.out], [3, ""]);
    assert.match(lost.err, /network: .*\nIt may have been charged\./);
    const parked = await ask([...who, "--json"]);
    assert.deepEqual([parked.code, parked.err, linesOf(parked.out)[0].code], [3, "", "outcome_unknown"]);
    assert.equal(posts().length, 1);
    assert.deepEqual([(await ask([...who, "--force"])).code, posts().length], [0, 2]);
  });

  test("each way to end has its code", async (t) => {
    const { ask, run, sandbox, posts } = await workplace(t, { credits: 4 });
    const codes = {
      "out of credits": await ask(["lookup", "--email", "john.doe@acme.com"]),
      "out of budget": await ask(["lookup", "--email", "john.doe@acme.com", "--limit", "4"]),
      "a wrong token": await ask(["lookup", "--email", "john.doe@acme.com"], { env: { ENRICHMENT_TOKEN: "unknown-token" } }),
      "a bad request": await ask(["lookup", "--email", "john.doe@"]),
      "nobody": await ask(["lookup"]),
      "an unknown option": await ask(["lookup", "--mail", "john.doe@acme.com"]),
      "no token": await run(["lookup", "--email", "john.doe@acme.com"], { env: {} }),
      "a bad address": await run(["lookup", "--email", "john.doe@acme.com", "--base-url", "http://example.com"]),
    };
    assert.deepEqual(Object.values(codes).map(({ code }) => code), [4, 4, 1, 2, 2, 2, 2, 2], JSON.stringify(codes, null, 1));
    assert.match(codes["a bad request"].err, /email: email_syntax: /);
    assert.equal(posts().length, 2);
    assert.equal(sandbox.ledger().length, 0);
  });
});

describe("the token", { concurrency: 4 }, () => {
  const WHO = ["lookup", "--email", "john.doe@acme.com"];

  test("comes from a file that nobody else may read", { skip: process.platform === "win32" }, async (t) => {
    const { ask, write, folder, posts } = await workplace(t);
    write("token", `${TOKEN}\n`);
    for (const mode of [0o644, 0o640, 0o604, 0o620]) {
      chmodSync(join(folder, "token"), mode);
      const refused = await ask([...WHO, "--token-file", "token"], { env: {} });
      assert.equal(refused.code, 2, mode.toString(8));
      assert.match(refused.err, /chmod 600 'token'/);
    }
    assert.equal(posts().length, 0);
    chmodSync(join(folder, "token"), 0o600);
    assert.equal((await ask([...WHO, "--token-file", "token"], { env: {} })).code, 0);
    assert.equal((await ask(WHO, { env: { ENRICHMENT_TOKEN_FILE: "token" } })).code, 0);
    assert.equal((await ask([...WHO, "--token-file", "."], { env: {} })).code, 2);
    assert.equal((await ask([...WHO, "--token-file", "nowhere"], { env: {} })).code, 2);
  });

  test("is never an argument, and is not repeated", async (t) => {
    const { ask, run, posts, write } = await workplace(t);
    write("leads.csv", listOf(1));
    const given = [["--token", TOKEN], [`--token=${TOKEN}`], ["-t", TOKEN], ["--api-key", TOKEN], [`--apikey=${TOKEN}`], ["--authorization", `Token ${TOKEN}`], [TOKEN], ["--column", TOKEN]];
    for (const words of given) {
      for (const verb of [WHO, ["plan", "leads.csv"], ["enrich", "leads.csv", "-o", "out.csv", "--yes"], ["erase", "--all", "--yes"]]) {
        const { code, err, out } = await (verb[0] === "lookup" ? ask : run)([...verb, ...words], { env: words[0].startsWith("-") && words[0] !== "--column" ? {} : undefined });
        assert.deepEqual([code, out], [2, ""]);
        assert.match(err, /never taken from the command line/);
      }
    }
    // Not even where nobody can know that it is one.
    const stray = await ask([...WHO, TOKEN], { env: {} });
    assert.deepEqual([stray.code, stray.out], [2, ""]);
    assert.equal(posts().length, 0);
  });
});

const MIXED = [
  "Who;E-Mail;Note;status",
  'Ann;person-00001@example.com;"=HYPERLINK(""http://evil.example"";""a;b"")";old',
  "Ann;PERSON-00001@example.com;+1 (555) 010-0000;@cmd",
  "Bob;nobody@;-2+3;\t=1",
  "",
  'Cid;nobody@example.com;"two\r\nlines";+1+cmd',
  ";;;",
  "Dan;person-00002@example.com;+49 30 1234;",
].join("\r\n");

describe("phone-enrichment plan", { concurrency: 4 }, () => {
  test("says what a list comes to, sends nothing, needs no token and leaves nothing behind", async (t) => {
    const { run, write, has, posts } = await workplace(t);
    write("leads.csv", MIXED);
    const { code, out, err } = await run(["plan", "leads.csv"], { env: {} });
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /leads\.csv: 6 rows\n/);
    assert.match(out, /column {6}E-Mail = email\n/);
    assert.match(out, /people {6}3\n {2}duplicates {2}1\n {2}known {7}0\n {2}in doubt {4}0\n {2}invalid {5}1\n/);
    assert.match(out, /1 email_syntax, line 4: /);
    assert.match(out, /Costs 15 credits at most/);
    assert.deepEqual([has(".phone-enrichment"), posts().length], [false, 0]);
  });

  test("--json is one line; what is known is free, what is in doubt is named", async (t) => {
    const { ask, run, write } = await workplace(t, { people: 2, faults: [{ fault: "charge_then_drop", times: 1 }] });
    write("leads.csv", MIXED);
    await ask(["lookup", "--email", "person-00002@example.com"]);
    await ask(["lookup", "--email", "person-00001@example.com"]);
    const { out } = await run(["plan", "leads.csv", "--json"]);
    const [plan, ...more] = linesOf(out);
    assert.deepEqual(more, []);
    const { event, rows, people, duplicates, blank, known, invalid, in_doubt, most_credits, in_doubt_lines, delimiter } = plan;
    assert.deepEqual({ event, rows, people, duplicates, blank, known, invalid, in_doubt, most_credits, in_doubt_lines, delimiter }, {
      event: "plan", rows: 6, people: 3, duplicates: 1, blank: 1, known: 1, invalid: 1, in_doubt: 1, most_credits: 5, in_doubt_lines: [9], delimiter: ";",
    });
    assert.deepEqual(plan.issues.map(({ code, lines }) => [code, lines]), [["email_syntax", [4]]]);
  });

  test("--column says what is where; what is no list, or no column, is refused with 2", async (t) => {
    const { run, write } = await workplace(t);
    write("leads.csv", "who,x\nperson-00001@example.com,1\n");
    assert.equal(linesOf((await run(["plan", "leads.csv", "--column", "who=email", "--json"])).out)[0].people, 1);
    for (const [words, says] of [
      [["leads.csv", "--column", "nowhere=email"], /no column "nowhere"|invalid_/],
      [["leads.csv", "--column", "who=mail"], /HEADER=FIELD/],
      [["leads.csv", "--column", "who"], /HEADER=FIELD/],
      [["nowhere.csv"], /can't be read \(ENOENT\)/],
      [[], /no list is named/],
      [["leads.csv", "other.csv"], /one too many/],
    ]) {
      const { code, err, out } = await run(["plan", ...words]);
      assert.deepEqual([code, out], [2, ""], `${words}: ${err}`);
      assert.match(err, says);
    }
    write("empty.csv", "");
    write("book.xlsx", "PK\u0003\u0004\0\0");
    for (const file of ["empty.csv", "book.xlsx"]) assert.deepEqual((await run(["plan", file])).code, 2, file);
  });
});

describe("phone-enrichment enrich", { concurrency: 4 }, () => {
  test("writes every row in order with what became of it, and nothing that a spreadsheet computes", async (t) => {
    const { ask, write, read, sandbox, folder } = await workplace(t, { people: 2 });
    write("leads.csv", MIXED);
    const { code, out } = await ask(["enrich", "leads.csv", "-o", "out.csv", "--yes"]);
    assert.equal(code, 3, "one row is not valid");
    assert.match(out, /^2 found, 1 not found, 0 failed, 0 in doubt, 0 not asked, 1 invalid; 0 were known\.\n10 credits spent, 9990 left\.\nWritten: out\.csv\n$/);
    const rows = rowsOf(read("out.csv"), ";");
    assert.deepEqual(Object.keys(rows[0]), ["Who", "E-Mail", "Note", "status", "enrichment_status", "phone", "e164", "email", "charge", "credits", "code", "message"]);
    assert.deepEqual(rows.map((row) => [row.Who, row.Note, row.status, row.enrichment_status, row.charge, row.credits, row.code]), [
      ["Ann", `'=HYPERLINK("http://evil.example";"a;b")`, "old", "success", "confirmed", "5", ""],
      ["Ann", "+1 (555) 010-0000", "'@cmd", "success", "none", "0", "duplicate"],
      ["Bob", "'-2+3", "'\t=1", "invalid", "none", "0", "email_syntax"],
      ["Cid", "two\r\nlines", "'+1+cmd", "not_found", "none", "0", ""],
      ["", "", "", "blank", "none", "0", ""],
      ["Dan", "+49 30 1234", "", "success", "confirmed", "5", ""],
    ]);
    assert.equal(rows[0].phone, rows[1].phone);
    assert.match(rows[0].e164, /^\+\d+$/);
    assert.equal(sandbox.wallet().spent, 10);
    if (process.platform !== "win32") assert.equal(statSync(join(folder, "out.csv")).mode & 0o077, 0);
  });

  test("every phone of the book comes through as it is, or with an apostrophe", async (t) => {
    const { ask, write, read, sandbox } = await workplace(t);
    const people = sandbox.people().filter(({ email, phone }) => email && phone);
    write("leads.csv", `email\n${people.map(({ email }) => `${email}\n`).join("")}`);
    await ask(["enrich", "leads.csv", "-o", "out.csv", "--yes"]);
    for (const row of rowsOf(read("out.csv"))) {
      if (row.status !== "success") continue;
      assert.doesNotMatch(row.phone, /^[=@\t\r-]/);
      if (row.phone.startsWith("+")) assert.match(row.phone, /^\+\d[\d \u00a0\u2011().\/-]*$/);
    }
  });

  test("--json: a plan, a line for each result, a summary", async (t) => {
    const { ask, write } = await workplace(t, { people: 3 });
    write("leads.csv", listOf(4));
    const { code, out } = await ask(["enrich", "leads.csv", "-o", "out.csv", "--yes", "--json"]);
    const events = linesOf(out);
    assert.deepEqual([code, events.map(({ event }) => event)], [0, ["plan", "result", "result", "result", "result", "summary"]]);
    const results = events.slice(1, 5).sort((one, other) => one.row - other.row);
    assert.deepEqual(results.map(({ row, line, rows, status, credits }) => [row, line, rows, status, credits]), [
      [0, 2, [0], "success", 5], [1, 3, [1], "success", 5], [2, 4, [2], "success", 5], [3, 5, [3], "not_found", 0],
    ]);
    const { found, not_found, spent, exit, stopped } = events[5];
    assert.deepEqual({ found, not_found, spent, exit, stopped }, { found: 3, not_found: 1, spent: 15, exit: 0, stopped: null });
  });

  test("--limit ends it with 4, and --resume goes on for the rest", async (t) => {
    const { ask, write, read, sandbox } = await workplace(t, { people: 6 });
    write("leads.csv", listOf(6));
    const limited = await ask(["enrich", "leads.csv", "-o", "out.csv", "--limit", "12"]);
    assert.equal(limited.code, 4);
    assert.equal(sandbox.wallet().spent, 10);
    const counts = (status) => rowsOf(read("out.csv")).filter((row) => row.status === status).length;
    assert.deepEqual([counts("success"), counts("not_asked")], [2, 4]);
    assert.equal((await ask(["enrich", "leads.csv", "-o", "out.csv", "--yes"])).code, 2, "it is there already");
    assert.equal((await ask(["enrich", "leads.csv", "-o", "out.csv", "--yes", "--resume"])).code, 0);
    assert.deepEqual([counts("success"), sandbox.wallet().spent, sandbox.wallet().double_charges], [6, 30, 0]);
  });

  test("an empty wallet ends it with 4, a wrong token with 1", async (t) => {
    const { ask, write, posts } = await workplace(t, { people: 6, credits: 7 });
    write("leads.csv", listOf(6));
    assert.equal((await ask(["enrich", "leads.csv", "-o", "out.csv", "--yes", "--concurrency", "1"])).code, 4);
    assert.equal(posts().length, 2);
    assert.equal((await ask(["enrich", "leads.csv", "-o", "other.csv", "--yes"], { env: { ENRICHMENT_TOKEN: "unknown-token" } })).code, 1);
  });

  test("nothing is sent that was not confirmed, or would be lost", async (t) => {
    const { ask, write, posts } = await workplace(t, { people: 2 });
    write("leads.csv", listOf(2));
    for (const words of [
      ["leads.csv", "-o", "out.csv"],
      ["leads.csv", "--yes"],
      ["leads.csv", "-o", "leads.csv", "--yes"],
      ["leads.csv", "-o", "leads.csv", "--yes", "--resume"],
      ["leads.csv", "-o", "nowhere/out.csv", "--yes"],
      ["leads.csv", "-o", "out.csv", "--yes", "--resume"],
      ["leads.csv", "-o", "out.csv", "--yes", "--concurrency", "0"],
      ["leads.csv", "-o", "out.csv", "--yes", "--per-second", "0"],
      ["leads.csv", "-o", "out.csv", "--yes", "--limit", "some"],
      ["nowhere.csv", "-o", "out.csv", "--yes"],
    ]) {
      const { code, err } = await ask(["enrich", ...words]);
      assert.equal(code, 2, `${words}: ${err}`);
    }
    assert.equal(posts().length, 0);
  });

  test("going on needs the data folder that it was begun with", async (t) => {
    const { ask, write, sandbox } = await workplace(t, { people: 2 });
    write("leads.csv", listOf(2));
    const words = ["enrich", "leads.csv", "-o", "out.csv", "--yes"];
    assert.equal((await ask([...words, "--data", "here"])).code, 0);
    assert.match((await ask([...words, "--data", "there", "--resume"])).err, /nothing to go on with/);
    assert.equal((await ask([...words, "--data", "here", "--resume"])).code, 0);
    assert.equal(sandbox.ledger().length, 2);
  });

  test("on a terminal it asks, and a bar says how far it is", { skip: !hasTerminals }, async (t) => {
    const { ask, write, has, sandbox } = await workplace(t, { people: 20, faults: [{ fault: "delay", ms: 60 }] });
    write("leads.csv", listOf(20));
    const words = ["enrich", "leads.csv", "-o", "out.csv", "--concurrency", "2"];
    const refused = await ask(words, { terminal: true, input: "n\n" });
    assert.match(refused.out, /Spend up to 100 credits\? \[y\/N\]/);
    assert.deepEqual([refused.code, has("out.csv"), sandbox.requests().length], [130, false, 0]);
    const agreed = await ask(words, { terminal: true, input: "y\n" });
    assert.match(agreed.out, /\r\[#+-+\] \d+ of 20: /);
    assert.deepEqual([agreed.code, sandbox.ledger().length], [0, 20]);
  });

  test("what took too long and came after all is in the list", async (t) => {
    const { ask, write, read, sandbox } = await workplace(t, { people: 2, faults: [{ fault: "delay", ms: 21_000, before: "answer", times: 1 }] });
    write("leads.csv", listOf(2));
    const { code } = await ask(["enrich", "leads.csv", "-o", "out.csv", "--yes"]);
    const rows = rowsOf(read("out.csv"));
    assert.deepEqual([code, rows.map(({ status, charge, credits }) => [status, charge, credits])], [0, [["success", "confirmed", "5"], ["success", "confirmed", "5"]]]);
    assert.equal(sandbox.ledger().length, 2);
  });
});

describe("phone-enrichment erase", { concurrency: 4 }, () => {
  test("removes a person under every identifier, and everything only when told twice", async (t) => {
    const { ask, run, sandbox } = await workplace(t, { people: 2 });
    const lookup = (email) => ask(["lookup", "--email", email]);
    assert.match((await run(["erase", "--email", "john.doe@acme.com"])).out, /Nothing is kept there/);
    await ask(["lookup", "--linkedin", "linkedin.com/in/johndoe"]);
    await lookup("person-00001@example.com");
    const erased = await run(["erase", "--email", "john.doe@acme.com", "--json"], { env: {} });
    assert.deepEqual([erased.code, JSON.parse(erased.out)], [0, { removed: 2 }]);
    await ask(["lookup", "--linkedin", "linkedin.com/in/johndoe"]);
    await lookup("person-00001@example.com");
    assert.equal(sandbox.ledger().length, 3);
    assert.equal((await run(["erase", "--all"])).code, 2);
    assert.equal((await run(["erase", "--all", "--email", "john.doe@acme.com", "--yes"])).code, 2);
    assert.equal((await run(["erase"])).code, 2);
    assert.equal((await run(["erase", "--email", "half@"])).code, 2);
    await lookup("person-00001@example.com");
    assert.equal(sandbox.ledger().length, 3);
    assert.equal((await run(["erase", "--all", "--yes"])).code, 0);
    await lookup("person-00001@example.com");
    assert.equal(sandbox.ledger().length, 4);
  });
});

test("every verb has a help that tells its exit codes", async (t) => {
  const { run } = await workplace(t);
  assert.match((await run(["--help"])).out, /lookup .*\n {2}plan .*\n {2}enrich .*\n {2}erase .*\n {2}sandbox /);
  for (const verb of ["lookup", "plan", "enrich", "erase"]) {
    const { code, out, err } = await run([verb, "--help"], { env: {} });
    assert.deepEqual([code, err], [0, ""]);
    for (const line of out.split("\n")) assert.ok(line.length <= 110, line);
    assert.match(out, /Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 .*\n {2}4 .*\n {2}130 /);
  }
});
