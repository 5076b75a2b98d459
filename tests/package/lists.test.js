// A plan of a list, as whoever has the package makes it: of files, streams, texts and objects, in small steps and within bounds.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, openAsBlob, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { createClient, isEnrichmentError } from "phone-enrichment";
import { planList } from "phone-enrichment/lists";
import { startSandbox } from "phone-enrichment/sandbox";
import { randomFrom } from "../chaos/support/plan.js";

const LIST = "LinkedIn URL,Email\nlinkedin.com/in/jane,jane@acme.com\n,JANE@acme.com\n,nobody@\n,\n,john.doe@acme.com\n";
const COUNTS = { rows: 5, people: 2, duplicates: 1, invalid: 1, blank: 1, most_credits: 10 };
const thrownBy = (call) => call.then(() => assert.fail("nothing was thrown"), (error) => error);
const all = async (iterable) => {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
};
const counts = (plan) => Object.fromEntries(Object.keys(COUNTS).map((name) => [name, plan[name]]));

/** Aborted in a moment; unlike a signal of `AbortSignal.timeout`, it keeps the process waiting for that. */
function soon() {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  return controller.signal;
}

/** A stream of these, which says whether it was closed early. */
function streamOf(chunks) {
  const state = { cancelled: false };
  const source = chunks[Symbol.iterator]();
  state.stream = new ReadableStream({
    pull(controller) {
      const { done, value } = source.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void (state.cancelled = true),
  });
  return state;
}

/** The records of a text, read by another reader than the package's: empty lines are none. */
function* recordsOf(text) {
  let at = 0;
  let line = 1;
  for (;;) {
    for (; text[at] === "\r" || text[at] === "\n"; at += 1) if (text[at] === "\n" || text[at + 1] !== "\n") line += 1;
    if (at >= text.length) return;
    const begin = line;
    const cells = [];
    for (let isOver = false; !isOver; ) {
      let cell = "";
      if (text[at] === '"') {
        for (at += 1; ; at += 1) {
          const end = text.indexOf('"', at);
          const part = text.slice(at, end < 0 ? undefined : end);
          line += part.split("\n").length - 1;
          cell += part;
          at = end < 0 ? text.length : end + 1;
          if (text[at] !== '"') break;
          cell += '"';
        }
      }
      const rest = /[,\r\n]/g;
      rest.lastIndex = at;
      const end = rest.exec(text)?.index ?? text.length;
      cells.push(cell + text.slice(at, end));
      isOver = text[end] !== ",";
      at = isOver ? end : end + 1;
    }
    yield { line: begin, cells };
  }
}

describe("a list", { timeout: 120_000 }, () => {
  const bytes = new TextEncoder().encode(LIST);
  const sources = {
    "a text": () => LIST,
    bytes: () => bytes,
    "a file": () => new File([LIST], "list.csv"),
    "a stream of bytes": () => streamOf([bytes.subarray(0, 1), bytes.subarray(1, 30), bytes.subarray(30)]).stream,
    "a stream of text": () => streamOf([LIST.slice(0, 3), LIST.slice(3)]).stream,
    "UTF-16": () => new Blob([Buffer.from(`\ufeff${LIST}`, "utf16le")]),
    "UTF-16, the other way": () => new Blob([Buffer.from(`\ufeff${LIST}`, "utf16le").swap16()]),
    "UTF-8 with its mark": () => new Blob([`\ufeff${LIST}`]),
  };
  for (const [name, source] of Object.entries(sources)) {
    test(`as ${name}`, async () => {
      const plan = await planList(source());
      assert.deepEqual(counts(plan), COUNTS);
      assert.deepEqual(plan.page(0, 9).map(({ kind, line, of }) => [kind, line, of]), [["unique", 2, null], ["duplicate", 3, 0], ["invalid", 4, null], ["blank", 5, null], ["unique", 6, null]]);
    });
  }

  test("its cells are handed out again, whatever it is a list in", async () => {
    for (const [name, source] of Object.entries(sources)) {
      const plan = await planList(source());
      assert.deepEqual((await all(plan.cells(source())))[3], ["", ""], name);
      await assert.rejects(all(plan.cells("Email\na@acme.com\n")), { code: "invalid_list" }, name);
    }
    const objects = [{ email: "a@acme.com", note: 'says "no"' }, { email: "b@acme.com" }];
    const plan = await planList(objects);
    assert.deepEqual(await all(plan.cells(objects)), [["a@acme.com", 'says "no"'], ["b@acme.com", ""]]);
    await assert.rejects(all(plan.cells("email,note\n")), { code: "invalid_options" });
  });

  test("of objects has no lines, and takes the names of their members for columns", async () => {
    const objects = [{ linkedin_url: "linkedin.com/in/jane", email: "jane@acme.com" }, { email: "JANE@acme.com" }, { email: "nobody@" }, {}, { email: 'john.doe@acme.com', note: 'says "no",\nand more' }];
    async function* later() {
      yield* objects;
    }
    for (const source of [objects, new Set(objects), later()]) {
      const plan = await planList(source);
      assert.deepEqual(counts(plan), COUNTS);
      assert.equal(plan.page(2, 1)[0].line, null);
      assert.equal(plan.page(2, 1)[0].issues[0].code, "email_syntax");
    }
  });

  test("tells each person once, with the rows", async () => {
    const plan = await planList(LIST);
    const people = await all(plan.everybody());
    assert.deepEqual(people, [
      { request: { linkedin_url: "https://www.linkedin.com/in/jane", email: "jane@acme.com" }, kind: "unique", rows: [0, 1] },
      { request: { email: "john.doe@acme.com" }, kind: "unique", rows: [4] },
    ]);
    assert.deepEqual(plan.rowsOf(people[1].request), [4]);
    assert.deepEqual(plan.rowsOf({}), []);
  });

  test("in many pages is the same list", async () => {
    const rows = 1700;
    const plan = await planList(Array.from({ length: rows }, (_, row) => ({ email: `p${row}@acme.com` })));
    assert.equal((await all(plan.requests())).length, rows);
    assert.deepEqual(plan.page(rows - 1, 10).map(({ row }) => row), [rows - 1]);
  });

  test("with letters of four bytes at every place", async () => {
    const name = "😀".repeat(40_000);
    const plan = await planList(`note,email\na${name},jane@acme.com\n${name},john@acme.com\n`);
    assert.equal(plan.people, 2);
  });

  test("in another encoding that the caller names", async () => {
    const plan = await planList(new Blob([Buffer.from([...Buffer.from("Vorname;Nachname;Firma\n"), 0xa3, 0x75, 0x6b, 0x61, ...Buffer.from(";Nowak;Acme\n")])]), { encoding: "iso-8859-2" });
    assert.equal(plan.encoding, "iso-8859-2");
    assert.equal((await all(plan.requests()))[0].first_name, "Łuka");
  });
});

describe("with a client", { timeout: 60_000 }, () => {
  test("its cells are handed out again, as another reader reads them", async () => {
    const random = randomFrom(7);
    const pieces = ['"', '"', '""', ",", ",", "\n", "\r\n", "\r", "a", " ", "x@example.com", "é", ";"];
    let compared = 0;
    for (let round = 0; round < 1500; round++) {
      const text = `email,x\n${Array.from({ length: 1 + Math.floor(random() * 40) }, () => pieces[Math.floor(random() * pieces.length)]).join("")}`;
      const plan = await planList(text, { header: 1, delimiter: ",", columns: { email: "email" } }).catch((error) => error);
      if (plan instanceof Error) {
        assert.equal(plan.code, "invalid_list", `${JSON.stringify(text)}: ${plan.message}`);
        continue;
      }
      const [, ...records] = recordsOf(text);
      assert.deepEqual(plan.page(0, 1000).map(({ line }) => line), records.map(({ line }) => line), JSON.stringify(text));
      assert.deepEqual(await all(plan.cells(text)), records.map(({ cells }) => cells), JSON.stringify(text));
      compared++;
    }
    assert.ok(compared > 500, `${compared}`);
  });

  test("it is known who costs nothing, who is in doubt and who is never asked for; and the rest can be looked up", async () => {
    const sandbox = await startSandbox({ credits: 100 });
    try {
      const client = createClient({ token: sandbox.token, baseUrl: sandbox.url, suppress: ["linkedin.com/in/jane"] });
      await client.enrichPhone({ email: "john.doe@acme.com" });
      sandbox.setFaults([{ fault: "charge_then_drop", times: 1 }]);
      await client.enrichPhone({ email: "doubt@acme.com" }).catch(() => {});
      await sandbox.idle();
      const before = sandbox.requests().length;
      // Row 4 is known by its e-mail alone, row 6 suppressed by its profile.
      const list = `${LIST}linkedin.com/in/johndoe-2,john.doe@acme.com\nlinkedin.com/in/jane,other@acme.com\n,doubt@acme.com\n,new@acme.com\n`;
      const plan = await planList(list, { client });
      assert.deepEqual([plan.people, plan.known, plan.unknown, plan.suppressed, plan.most_credits], [4, 1, 1, 1, 5]);
      assert.equal(sandbox.requests().length, before, "a plan sent something");
      const people = await all(plan.everybody());
      assert.deepEqual(people.map(({ kind, rows }) => [kind, rows]), [["known", [4, 5]], ["unknown", [7]], ["unique", [8]]]);
      assert.deepEqual(people[0].request, { email: "john.doe@acme.com" });
      const ends = [];
      for await (const { request, outcome, error } of client.enrichMany(plan.requests())) ends.push([plan.rowsOf(request), outcome?.meta.source ?? error.code]);
      assert.deepEqual(ends, [[[4, 5], "cache"], [[7], "outcome_unknown"], [[8], "network"]]);
    } finally {
      await sandbox.close();
    }
  });

  test("a store that tells its keys is asked for nobody who is under none of them", async () => {
    const asked = async (more) => {
      let gets = 0;
      const store = { get: () => void gets++, set() {}, delete() {}, ...more };
      assert.equal((await planList(LIST, { client: createClient({ token: "x", store }) })).known, 0);
      return gets > 0;
    };
    assert.deepEqual(await Promise.all([{ keys: () => [] }, { keys: () => ["of others"] }, {}, { keys: () => [], readsOwnWrites: false }, { keys: async function* () { throw new Error("down"); } }].map(asked)), [false, false, true, true, true]);
  });

  test("a request tells its rows to nobody but its plan", async () => {
    const plan = await planList(LIST);
    const [{ request, rows }] = await all(plan.everybody());
    assert.deepEqual([plan.rowsOf(request), plan.rowsOf({ ...request }), Reflect.ownKeys(request)], [rows, [], Object.keys(request)]);
  });

  test("a store that tells of many names at once is asked so, and says what it says of one after another", async () => {
    const sandbox = await startSandbox({ credits: 100 });
    try {
      const values = new Map();
      const asked = [];
      const many = { set: (key, value) => values.set(key, value), delete: (key) => values.delete(key), get: (key) => (asked.push(1), values.get(key)), getMany: async (keys) => (asked.push(keys.length), keys.map((key) => values.get(key))) };
      const list = `email,first,last,company\n${Array.from({ length: 1200 }, (_, row) => `p${row}@acme.com,Jane,Roe${row},Acme\n`).join("")}`;
      const options = { token: sandbox.token, baseUrl: sandbox.url, storeSecret: "secret", suppress: ({ key }) => key === "email:p7@acme.com" };
      await createClient({ ...options, store: values }).enrichPhone({ email: "p1100@acme.com" });
      asked.length = 0;
      const plans = [];
      const { getMany, ...single } = many;
      const keys = () => values.keys();
      const crowded = () => [...values.keys(), ...Array.from({ length: 6000 }, (_, other) => `another's ${other}`)];
      // How many names each store is asked for: everybody has two, and one may not be asked for; fewer where it says what it has.
      for (const [store, names, questions] of [[many, 2399, 50], [single, 2399, 2399], [{ ...many, keys }, values.size, values.size], [{ ...single, keys }, values.size, values.size], [{ ...many, keys: crowded }, 2399, 50]]) {
        asked.length = 0;
        plans.push(await planList(list, { client: createClient({ ...options, store }) }));
        assert.equal(asked.reduce((sum, names) => sum + names), names);
        assert.ok(asked.length <= questions, `the store was asked ${asked.length} times`);
      }
      for (const plan of plans) {
        assert.deepEqual([plan.known, plan.unknown, plan.suppressed, plan.people, plan.most_credits], [1, 0, 1, 1200, 5990]);
        assert.deepEqual(plan.page(0, 1200), plans[0].page(0, 1200));
      }
    } finally {
      await sandbox.close();
    }
  });

  test("a store that fails, or does not tell of every name, fails the plan", async () => {
    const down = () => Promise.reject(new Error("down"));
    const stores = [{ get: down }, { get() {}, getMany: down }, { get() {}, getMany: () => [] }, { get() {}, getMany() {} }];
    for (const store of stores) {
      const error = await thrownBy(planList(LIST, { client: createClient({ token: "x", store: { set() {}, delete() {}, ...store } }) }));
      assert.equal(error.code, "store_failed");
    }
  });
});

describe("what is no list", { timeout: 120_000 }, () => {
  const megabytes = (count, text) => new Blob(Array.from({ length: count }, () => text.repeat(1_000_000 / text.length)));
  const lists = {
    spreadsheet: new Blob(["PK\x03\x04\x14\0\x06\0"]),
    not_text: new Blob(["\0\x01\x02"]),
    unclosed_quote: 'email\na@acme.com\n"b@acme.com\n',
    not_people: "CONVERSATION ID,FROM\n1,Jane\n",
    empty_list: "",
    no_columns: "a,b\n1,2\n",
    record_too_long: megabytes(100, "x"),
  };
  for (const [code, list] of Object.entries(lists)) {
    test(`is refused: ${code}`, async () => {
      const error = await thrownBy(planList(list));
      assert.ok(isEnrichmentError(error));
      assert.deepEqual([error.code, error.charge, error.issues[0].code], ["invalid_list", "none", code]);
      assert.ok(error.issues[0].fix && error.message.includes(error.issues[0].fix));
    });
  }

  test("objects that change what they are are refused by number", async () => {
    const error = await thrownBy(planList(Array.from({ length: 1500 }, (_, row) => (row === 1200 ? { mail: "x" } : { email: `p${row}@acme.com` }))));
    assert.match(error.message, /^Object 1200 /);
  });

  test("options that can't work are refused by name", async () => {
    for (const [options, name] of [[{ head: 1 }, "head"], [{ header: 51 }, "header"], [{ header: 1.5 }, "header"], [{ delimiter: "|" }, "delimiter"], [{ encoding: "klingon" }, "encoding"], [{ client: {} }, "client"], [{ ladder: 1 }, "ladder"]]) {
      const error = await thrownBy(planList(LIST, options));
      assert.equal(error.code, "invalid_options");
      assert.ok(error.message.includes(name), error.message);
    }
    for (const source of [undefined, null, 1, {}, [1], streamOf([1]).stream]) assert.equal((await thrownBy(planList(source))).code, "invalid_options");
  });
});

describe("a long list", { timeout: 120_000 }, () => {
  /** A list of so many rows in chunks, made as it is read. */
  function* chunks(rows) {
    yield "Email,LinkedIn URL,First Name\n";
    for (let row = 0; row < rows; ) {
      let text = "";
      for (const end = Math.min(row + 2000, rows); row < end; row++) text += `p${row}@acme.com,https://www.linkedin.com/in/p-${row},Zoë\n`;
      yield text;
    }
  }

  test("is given up, and its source closed, whenever that is said", async () => {
    const source = streamOf(chunks(1e9));
    const controller = new AbortController();
    let told = 0;
    const error = await thrownBy(planList(source.stream, { signal: controller.signal, onProgress: () => ++told === 3 && controller.abort("enough") }));
    assert.deepEqual([error.code, error.charge, error.cause], ["aborted", "none", "enough"]);
    assert.ok(source.cancelled);
    const stuck = new ReadableStream({ pull: () => new Promise(() => {}) });
    assert.equal((await thrownBy(planList(stuck, { signal: soon() }))).code, "aborted");
    // A file on a disk that does not answer.
    const file = Object.assign(new Blob([LIST]), { slice: () => ({ arrayBuffer: () => new Promise(() => {}) }) });
    assert.equal((await thrownBy(planList(file, { signal: soon() }))).code, "aborted");
    const before = streamOf([LIST]);
    assert.equal((await thrownBy(planList(before.stream, { signal: AbortSignal.abort() }))).code, "aborted");
  });

  test("of a file that is cut short, changed or removed while it is read is an error, and never a shorter list", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "phone-list-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "list.csv");
    for (const change of [() => truncateSync(path, 1_000_000), () => appendFileSync(path, "one@more.com\n"), () => rmSync(path)]) {
      writeFileSync(path, [...chunks(50_000)].join(""));
      const file = await openAsBlob(path);
      assert.equal((await planList(file)).rows, 50_000);
      let slices = 0;
      // The first slice is there, and what comes after it is no longer.
      file.slice = (...range) => {
        if (slices++ === 1) change();
        return Blob.prototype.slice.apply(file, range);
      };
      assert.equal((await thrownBy(planList(file))).name, "NotReadableError");
      assert.ok(slices > 1);
    }
    // A browser's file is of no size once it has gone; what is still to be had of it is the list.
    const file = new Blob([...chunks(50_000)]);
    const { size } = file;
    let asked = 0;
    Object.defineProperty(file, "size", { get: () => (asked++ > 2 ? 0 : size) });
    assert.equal((await planList(file)).rows, 50_000);
  });

  test("closes a source of objects that is given up", async () => {
    let closed = false;
    function* objects() {
      try {
        for (let row = 0; ; row++) yield { email: `p${row}@acme.com` };
      } finally {
        closed = true;
      }
    }
    assert.equal((await thrownBy(planList(objects(), { signal: soon() }))).code, "aborted");
    assert.ok(closed);
  });

  test("lets everything else have its turn", async () => {
    let longest = 0;
    let last = performance.now();
    let turns = 0;
    const timer = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      turns++;
    });
    const begin = performance.now();
    const plan = await planList(streamOf(chunks(200_000)).stream);
    clearInterval(timer);
    assert.equal(plan.people, 200_000);
    // On a busy machine anything can take long; what has to be seen is that it is many turns.
    assert.ok(turns > (performance.now() - begin) / 100, `${turns} turns, the longest of ${longest} ms`);
  });

  test("of a million rows needs no more than its people do", async () => {
    const child = fileURLToPath(new URL("support/lists-million.js", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [child]);
    const { people, megabytes } = JSON.parse(stdout);
    assert.equal(people, 1_000_000);
    assert.ok(megabytes < 400, `${megabytes} MB`);
  });
});

describe("a list that nobody would write on purpose", { timeout: 120_000 }, () => {
  const refused = (issue, line) => ({ code: "invalid_list", issue, ...(line && { line }) });
  const read = (rows, more) => ({ rows, people: rows, invalid: 0, header: 1, encoding: "utf-8", fields: ["email", "full_name"], lastLine: rows + 1, ...more });
  const VERDICTS = {
    "only quotes": refused("record_too_long", 1),
    "an unclosed quote": refused("unclosed_quote", 3),
    "nothing but NULs": refused("not_text"),
    "NULs in between": read(100_000, { people: 99_999, invalid: 1 }),
    "mixed ends of lines": read(300_000),
    "UTF-16": read(300_000, { encoding: "utf-16le" }),
    "a line of 100 MB": refused("record_too_long", 1),
    "headers that stand there twice": read(1000, { fields: ["email", "full_name", "email", null] }),
    "no header": read(1000, { header: null, fields: ["email", null, null], lastLine: 1000 }),
  };
  let sandbox;
  before(async () => (sandbox = await startSandbox()));
  after(() => sandbox?.close());
  for (const [name, verdict] of Object.entries(VERDICTS)) {
    test(`gets a verdict, bounded memory, and nothing is sent: ${name}`, async () => {
      const child = fileURLToPath(new URL("support/lists-adverse.js", import.meta.url));
      const said = JSON.parse((await promisify(execFile)(process.execPath, [child, name, sandbox.url])).stdout);
      assert.deepEqual(said.verdict, verdict);
      // Some fifty are the runtime's own, and a hundred bytes are each person's.
      assert.ok(said.megabytes < 200, `${said.megabytes} MB`);
      assert.deepEqual(sandbox.requests(), []);
    });
  }
});

test("the layouts of known tools are read in the package as in the core", async () => {
  const folder = new URL("../lists/layouts/", import.meta.url);
  const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8"));
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".csv"))) {
    const want = expected[file.replace(".csv", "")];
    const list = new Blob([readFileSync(new URL(file, folder))]);
    if (want.refused) {
      assert.equal((await thrownBy(planList(list))).issues[0].code, want.refused);
      continue;
    }
    const plan = await planList(list);
    const columns = plan.columns.filter(({ field }) => field).map(({ header, field }) => `${header} = ${field}`);
    const [first] = await all(plan.requests());
    assert.deepEqual({ layout: plan.layout, header: plan.header, columns, kinds: plan.page(0, 100).map(({ kind }) => kind), first }, want, file);
  }
});
