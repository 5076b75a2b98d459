// A list is run: in order or not, within a budget, no further ahead than it is read, through crashes, and nobody is paid
// for twice. The service's own ledger judges.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, mock, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createClient, isEnrichmentError } from "phone-enrichment";
import { generatedPerson, startSandbox } from "phone-enrichment/sandbox";
import { installed } from "./support/installed.js";
import { launchBrowser, startChromium, startMiniflare, workerModules } from "./support/runtimes.js";

/** The n-th invented person, who has a phone. */
const person = (number) => ({ linkedin_url: generatedPerson(number).linkedin_url });
const people = (count, first = 1) => Array.from({ length: count }, (_, index) => person(first + index));
/** Somebody whom nobody knows: free. */
const stranger = (number) => ({ email: `stranger-${number}@nowhere.example.com` });
const strangers = (count) => Array.from({ length: count }, (_, index) => stranger(index));
const slugOf = ({ linkedin_url }) => linkedin_url.split("/in/")[1];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A service of its own, and a client of it. */
async function service(t, { faults = [], credits = 10_000, ...options } = {}) {
  const sandbox = await startSandbox({ people: 1000, credits, faults });
  t.after(() => sandbox.close());
  const heard = [];
  const client = createClient({ baseUrl: sandbox.url, token: sandbox.token, onOutcome: (result) => heard.push(result), ...options });
  return { sandbox, client, heard };
}

/** Reads a run to its end: every result, and what it threw. */
async function readAll(run, look = () => {}) {
  const results = [];
  let thrown;
  try {
    for await (const result of run) {
      results.push(result);
      await look(result);
    }
  } catch (error) {
    thrown = error;
  }
  return { results, thrown, ends: results.map(({ outcome, error }) => outcome?.status ?? error.code) };
}

const charges = (sandbox) => sandbox.ledger().length;
const posts = (sandbox) => sandbox.requests().filter(({ method }) => method === "POST");

/** A source that tells how many rows were taken of it, and whether it was closed. */
function watched(rows) {
  const seen = { taken: 0, closed: 0 };
  const source = {
    seen,
    *[Symbol.iterator]() {
      try {
        for (const row of rows) {
          seen.taken++;
          yield row;
        }
      } finally {
        seen.closed++;
      }
    },
  };
  return source;
}

/** A fetch that tells how many requests are out, and answers not found after a while, or when told. */
function canned({ ms = 0, reply = { success: true, status: "not_found", message: "Phone not found", remaining_credits: 100 } } = {}) {
  const state = { out: 0, most: 0, sent: 0 };
  state.fetch = async () => {
    state.sent++;
    state.most = Math.max(state.most, ++state.out);
    await pause(ms);
    state.out--;
    return new Response(JSON.stringify(reply));
  };
  return state;
}
const offline = (fetch, options) => createClient({ token: "nobody-reads-this", fetch, ...options });

describe("a run", { concurrency: 8, timeout: 60_000 }, () => {
  test("gives every row its place, its request and its outcome, in the order of the list", async (t) => {
    const { sandbox, client } = await service(t, { faults: [{ fault: "delay", ms: [0, 30] }] });
    const list = [...people(12), stranger(1), ...people(12, 100)];
    const run = client.enrichMany(list);
    const { results, thrown } = await readAll(run);
    assert.equal(thrown, undefined);
    assert.deepEqual(results.map(({ index }) => index), list.map((_, index) => index));
    for (const [index, { request, outcome }] of results.entries()) {
      assert.equal(request, list[index], "the very object that was given");
      assert.equal(outcome.status, index === 12 ? "not_found" : "success");
    }
    assert.equal(charges(sandbox), 24);
    assert.deepEqual(run.progress, { done: 25, found: 24, notFound: 1, failed: 0, cached: 0, spent: 120, reserved: 0, possible: 0, total: 25, eta: 0 });
  });

  test("gives rows as they end where no order is asked for, and keeps the order where it is", async () => {
    for (const [ordered, place] of [[false, 7], [true, 0], [undefined, 0]]) {
      let answered = 0;
      const slow = async (request) => {
        const isFirst = (await request.text()).includes("stranger-0@");
        // The first is answered after the others, where they don't wait for it.
        while (isFirst && answered < (place || 4)) await pause(1);
        answered++;
        return new Response('{"success":true,"status":"not_found","message":"Phone not found"}');
      };
      const { results } = await readAll(offline(slow).enrichMany(strangers(8), { ordered }));
      assert.equal(results.findIndex(({ index }) => index === 0), place);
    }
  });

  const sources = {
    "an array": (rows) => rows,
    "a set": (rows) => new Set(rows),
    "a generator": function* (rows) {
      yield* rows;
    },
    "an async generator": async function* (rows) {
      for (const row of rows) {
        await pause(1);
        yield row;
      }
    },
    "a stream": (rows) => ReadableStream.from(rows),
    "an iterator without return": (rows) => ({ [Symbol.iterator]: () => ({ next: Array.prototype[Symbol.iterator].call(rows).next.bind(rows[Symbol.iterator]()) }) }),
  };
  for (const [name, make] of Object.entries(sources)) {
    test(`takes ${name}`, async () => {
      const run = offline(canned().fetch).enrichMany(make(strangers(20)));
      const { ends, thrown } = await readAll(run);
      assert.equal(thrown, undefined);
      assert.deepEqual(ends, Array(20).fill("not_found"));
      assert.equal(run.progress.total, name === "an array" ? 20 : null);
      assert.equal(run.progress.eta, name === "an array" ? 0 : null);
    });
  }

  test("of nothing ends at once", async () => {
    const { results, thrown } = await readAll(offline(canned().fetch).enrichMany([]));
    assert.deepEqual([results, thrown], [[], undefined]);
  });

  test("begins with the first read: before it nothing is taken and nothing sent", async () => {
    const service = canned();
    const source = watched(strangers(3));
    const run = offline(service.fetch).enrichMany(source);
    await pause(50);
    assert.deepEqual([service.sent, source.seen.taken, run.progress.done], [0, 0, 0]);
    assert.deepEqual((await readAll(run)).ends.length, 3);
    // It can be read once.
    assert.deepEqual((await readAll(run)).results, []);
  });

  test("gives reads at the same time one row each", async () => {
    const reader = offline(canned({ ms: 5 }).fetch).enrichMany(strangers(3))[Symbol.asyncIterator]();
    const reads = await Promise.all([1, 2, 3, 4].map(() => reader.next()));
    assert.deepEqual(reads.map(({ done, value }) => done || value.index), [0, 1, 2, true]);
  });

  test("pays once for a person who is listed five times, in any spelling", async (t) => {
    const { sandbox, client } = await service(t);
    const { linkedin_url } = person(1);
    const path = linkedin_url.replace("https://www.", "");
    const spellings = [linkedin_url, `https://uk.${path}/?trk=x`, `http://${path}`, linkedin_url.toUpperCase().replace("HTTPS", "https"), path];
    const run = client.enrichMany(spellings.map((linkedin_url) => ({ linkedin_url })));
    const { results } = await readAll(run);
    assert.deepEqual(results.map(({ outcome }) => outcome.meta.charge).sort(), ["confirmed", "none", "none", "none", "none"]);
    assert.equal(charges(sandbox), 1);
    const { found, cached, spent } = run.progress;
    assert.deepEqual([found, cached, spent], [5, 4, 5]);
  });

  test("hands the options of a call to each row", async (t) => {
    const { sandbox, client } = await service(t);
    await client.enrichPhone(person(1));
    // Who is known is asked for again only if that is wanted.
    assert.equal((await readAll(client.enrichMany([person(1)]))).results[0].outcome.meta.source, "cache");
    assert.equal((await readAll(client.enrichMany([person(1)], { fresh: true }))).results[0].outcome.meta.source, "network");
    // Two identifiers, of which the first is not known.
    const twice = { email: "stranger@nowhere.example.com", linkedin_url: "https://www.linkedin.com/in/nobody-at-all" };
    assert.equal((await readAll(client.enrichMany([twice], { ladder: true }))).results[0].outcome.meta.attempts, 2);
    sandbox.setFaults([{ fault: "delay", ms: 400 }]);
    assert.deepEqual((await readAll(client.enrichMany([person(2)], { timeoutMs: 50 }))).ends, ["timeout"]);
    await sandbox.idle();
    sandbox.setFaults([{ fault: "drop" }]);
    assert.deepEqual((await readAll(client.enrichMany([person(3)]))).ends, ["network"]);
    assert.deepEqual((await readAll(client.enrichMany([person(3)]))).ends, ["outcome_unknown"]);
    sandbox.setFaults([]);
    assert.deepEqual((await readAll(client.enrichMany([person(3)], { force: true }))).ends, ["success"]);
    sandbox.setFaults([{ fault: 500, times: 1 }]);
    assert.deepEqual((await readAll(client.enrichMany([person(4)], { retryUnknown: true }))).ends, ["success"]);
  });

  test("lets the hooks hear once how each row ended", async (t) => {
    const { client, heard } = await service(t, { faults: [{ fault: "delay", ms: 20 }] });
    // Nine of ten wait for room, which no hook hears of.
    const { ends } = await readAll(client.enrichMany(strangers(10), { budget: 5, concurrency: 10 }));
    assert.deepEqual(ends, Array(10).fill("not_found"));
    assert.equal(heard.length, 10);
  });
});

describe("a row that fails", { concurrency: 8, timeout: 60_000 }, () => {
  test("is a result, and the run goes on", async (t) => {
    const { client, sandbox } = await service(t, {
      faults: [
        { fault: 500, match: { slug: slugOf(person(1)) } },
        { fault: "charge_then_drop", match: { slug: slugOf(person(2)) } },
        { fault: "html_200", match: { slug: slugOf(person(3)) } },
        { fault: "status", status: 400, match: { slug: slugOf(person(4)) } },
        { fault: "status", status: 403, match: { slug: slugOf(person(5)) } },
        { fault: "status", status: 404, match: { slug: slugOf(person(6)) } },
      ],
      suppress: [person(7).linkedin_url],
    });
    const hostile = { get email() { throw new Error("a getter that throws"); } };
    const rows = [
      [person(1), "server_error", "possible"],
      [person(2), "network", "possible"],
      [person(3), "malformed_response", "possible"],
      [person(4), "bad_request", "none"],
      [person(5), "forbidden", "none"],
      [person(6), "not_found_endpoint", "none"],
      [person(7), "suppressed", "none"],
      [null, "invalid_request", "none"],
      [undefined, "invalid_request", "none"],
      [5, "invalid_request", "none"],
      ["https://www.linkedin.com/in/johndoe", "invalid_request", "none"],
      [[person(8)], "invalid_request", "none"],
      [hostile, "invalid_request", "none"],
      [{ linkedin_url: "https://www.linkedin.com/company/acme" }, "invalid_request", "none"],
      [person(9), "success", "confirmed"],
    ];
    const run = client.enrichMany(rows.map(([request]) => request));
    const { results, thrown } = await readAll(run);
    assert.equal(thrown, undefined);
    assert.deepEqual(results.map(({ outcome, error }) => [outcome?.status ?? error.code, outcome?.meta.charge ?? error.charge]), rows.map(([, ...end]) => end));
    assert.ok(results.slice(0, -1).every(({ error }) => isEnrichmentError(error)));
    assert.equal(results[12].request, hostile);
    assert.deepEqual([run.progress.failed, run.progress.found, run.progress.spent, run.progress.possible], [14, 1, 5, 15]);
    assert.equal(charges(sandbox), 3);
  });

  const fatal = [
    // What of the run's rows is answered; what it throws.
    ["invalid_token", { client: { token: "nobody-knows-this-token" } }],
    ["invalid_options", { client: { baseUrl: "ftp://example.com" } }],
    ["invalid_options", { options: { timeoutMs: 0 } }],
    ["insufficient_credits", { credits: 12 }],
    ["budget_exceeded", { client: { budget: { perCall: 4 } } }],
    ["budget_exceeded", { client: { budget: { total: 12 } } }],
    ["budget_exceeded", { client: { budget: { perDay: 12 } } }],
    ["budget_exceeded", { options: { budget: 14 } }],
    ["budget_exceeded", { options: { budget: 0 } }],
  ];
  for (const ordered of [true, false]) {
    for (const [code, { client: own = {}, options = {}, credits }] of fatal) {
      test(`ends the run with ${code} for ${JSON.stringify({ ...own, ...options, credits, ordered })}, after all that was out is read`, async (t) => {
        const { sandbox, client } = await service(t, { ...own, ...(credits && { credits }) });
        const source = watched(people(200));
        const run = client.enrichMany(source, { concurrency: 4, ordered, ...options });
        const { results, thrown } = await readAll(run);
        assert.ok(isEnrichmentError(thrown), String(thrown?.stack));
        assert.equal(thrown.code, code);
        assert.ok(results.some(({ error }) => error === thrown), "it is what one of the rows ended with");
        // Whatever was charged was read, and whatever was taken too.
        assert.equal(results.filter(({ outcome }) => outcome?.status === "success").length, charges(sandbox));
        assert.equal(results.length, source.seen.taken);
        assert.ok(results.length <= 10, `${results.length} rows were taken`);
        assert.equal(source.seen.closed, 1);
        assert.ok(results.every(({ outcome, error }) => outcome || (error.code === code && error.charge === "none")));
        assert.equal(run.progress.eta, null);
      });
    }
  }
});

describe("a source", { concurrency: 8, timeout: 60_000 }, () => {
  for (const ordered of [true, false]) {
    for (const concurrency of [1, 3, 8]) {
      test(`is asked only when a row can begin: ${concurrency} at a time, ${ordered ? "in order" : "as they end"}, read slowly`, async () => {
        const service = canned({ ms: 5 });
        const source = watched(strangers(40));
        let read = 0;
        const { results } = await readAll(offline(service.fetch).enrichMany(source, { concurrency, ordered }), async () => {
          read++;
          await pause(read % 10 === 0 ? 60 : 1);
          assert.ok(source.seen.taken - read <= concurrency, `${source.seen.taken} taken, ${read} read`);
          assert.ok(service.out <= concurrency);
        });
        assert.equal(results.length, 40);
        assert.equal(service.most, concurrency);
        assert.deepEqual(source.seen, { taken: 40, closed: 1 });
      });
    }
  }

  for (const reason of [new Error("the source's own"), undefined, null, "a text"]) {
    test(`that throws ${String(reason)} ends the run with that, after what was out`, async () => {
      const list = async function* () {
        yield* strangers(3);
        throw reason;
      };
      const results = [];
      let thrown = "nothing";
      try {
        for await (const result of offline(canned({ ms: 30 }).fetch).enrichMany(list())) results.push(result);
      } catch (error) {
        thrown = error;
      }
      assert.equal(thrown, reason);
      assert.deepEqual(results.map(({ outcome }) => outcome.status), Array(3).fill("not_found"));
    });
  }

  for (const none of [undefined, null, 5, {}, { [Symbol.iterator]: 5 }]) {
    test(`that is none is refused: ${JSON.stringify(none)}`, async () => {
      const { results, thrown } = await readAll(offline(canned().fetch).enrichMany(none));
      assert.deepEqual([results, thrown.code, thrown.charge], [[], "invalid_options", "none"]);
    });
  }

  const closing = { "is left": async (run) => { for await (const _ of run) break; }, "is left by an error": (run) => readAll(run, () => { throw new Error("the loop's own"); }) };
  for (const [how, leave] of Object.entries(closing)) {
    test(`is closed when the run ${how}, and who was asked for is known the next time`, async (t) => {
      const { sandbox, client } = await service(t, { faults: [{ fault: "delay", ms: 100 }] });
      const source = watched(people(20));
      await leave(client.enrichMany(source, { concurrency: 4, ordered: false }));
      assert.equal(source.seen.closed, 1);
      const { taken } = source.seen;
      assert.ok(taken <= 5);
      await pause(50);
      assert.equal(source.seen.taken, taken);
      await sandbox.idle();
      await pause(50);
      const sent = posts(sandbox).length;
      assert.equal(charges(sandbox), sent);
      sandbox.setFaults([]);
      // What had begun but was not sent yet was left at that.
      const again = client.enrichMany(people(taken));
      await readAll(again);
      assert.equal(again.progress.cached, sent);
      assert.deepEqual([charges(sandbox), sandbox.wallet().double_charges], [taken, 0]);
    });
  }

  test("is closed before the loop is left", async () => {
    for (const concurrency of [1, 2, 5, 20]) {
      for (let reads = 1; reads < 12; reads++) {
        const source = watched(strangers(50));
        let read = 0;
        for await (const _ of offline(canned().fetch).enrichMany(source, { concurrency })) if (++read === reads) break;
        assert.equal(source.seen.closed, 1);
        assert.ok(source.seen.taken <= reads + concurrency);
      }
    }
  });

  test("that does not answer keeps nobody from leaving", async () => {
    let closed = 0;
    const source = {
      rows: strangers(1),
      [Symbol.asyncIterator]() {
        return { next: () => (this.rows.length > 0 ? Promise.resolve({ done: false, value: this.rows.pop() }) : new Promise(() => {})), return: async () => (closed++, {}) };
      },
    };
    const left = (async () => {
      for await (const _ of offline(canned().fetch).enrichMany(source)) break;
      return "left";
    })();
    assert.equal(await Promise.race([left, pause(2000)]), "left");
  });

  test("is not asked where the options are refused", async () => {
    const refused = [
      [{ concurrency: 0 }, "concurrency"],
      [{ concurrency: 257 }, "concurrency"],
      [{ concurrency: 1.5 }, "concurrency"],
      [{ concurrency: NaN }, "concurrency"],
      [{ concurrency: "5" }, "concurrency"],
      [{ concurrency: null }, "concurrency"],
      [{ budget: -1 }, "budget"],
      [{ budget: 0.5 }, "budget"],
      [{ budget: 2 ** 32 + 5 }, "budget"],
      [{ budget: {} }, "budget"],
      [{ perSecond: 0 }, "perSecond"],
      [{ perSecond: -1 }, "perSecond"],
      [{ perSecond: NaN }, "perSecond"],
      [{ perSecond: "2" }, "perSecond"],
      [{ ordered: "yes" }, "ordered"],
      [{ signal: {} }, "signal"],
      [{ onProgress: 5 }, "onProgress"],
      [{ onOutcome() {} }, "onOutcome"],
      [{ limit: 5 }, "limit"],
      [new Proxy({}, { ownKeys() { throw new Error("no"); } }), "readable"],
    ];
    for (const [options, name] of refused) {
      const source = watched(strangers(3));
      const { results, thrown } = await readAll(offline(canned().fetch).enrichMany(source, options));
      assert.deepEqual([results.length, source.seen.taken, thrown.code, thrown.charge], [0, 0, "invalid_options", "none"], name);
      assert.match(thrown.message, new RegExp(name));
    }
  });
});

describe("the pace", { concurrency: 4, timeout: 60_000 }, () => {
  test("is kept evenly, however fast the answers are, and from the first row on", async () => {
    const starts = [];
    function* list() {
      for (const row of strangers(26)) {
        starts.push(performance.now());
        yield row;
      }
    }
    // What was not sent while nobody read is not made up for, but for what a timer is late.
    await readAll(offline(canned().fetch).enrichMany(list(), { perSecond: 50 }), ({ index }) => index === 10 && pause(300));
    for (const [rows, least] of [[25, 485], [5, 85], [2, 25]]) {
      for (let index = rows; index < starts.length; index++) {
        const took = starts[index] - starts[index - rows];
        assert.ok(took >= least, `${rows} gaps of 20 ms took ${took} ms`);
      }
    }
  });

  test("is of those that need a request: who is known costs no time", async () => {
    const client = offline(canned().fetch);
    await readAll(client.enrichMany(strangers(100)));
    const before = performance.now();
    const { results } = await readAll(client.enrichMany(strangers(100), { perSecond: 2, concurrency: 1 }));
    assert.equal(results.length, 100);
    assert.ok(performance.now() - before < 3000);
  });

  test("is slowed down for all after a rate limit, for as long as the service asks", async (t) => {
    const { sandbox, client } = await service(t, { maxRateLimitRetries: 0, faults: [{ fault: 429, retryAfter: 1, match: { nth: 3 } }] });
    const { ends, thrown } = await readAll(client.enrichMany(strangers(6), { concurrency: 1 }));
    assert.equal(thrown, undefined);
    assert.deepEqual(ends, ["not_found", "not_found", "rate_limited", "not_found", "not_found", "not_found"]);
    const [, , limited, next] = posts(sandbox);
    assert.ok(next.at_ms - limited.at_ms >= 990, `the next began ${next.at_ms - limited.at_ms} ms later`);
  });

  test("is slowed down for a second after a rate limit that does not say how long", async (t) => {
    const { sandbox, client } = await service(t, { faults: [{ fault: 429, match: { nth: 1 } }] });
    const { ends } = await readAll(client.enrichMany(strangers(2), { concurrency: 1 }));
    assert.deepEqual(ends, ["rate_limited", "not_found"]);
    const [limited, next] = posts(sandbox);
    assert.ok(next.at_ms - limited.at_ms >= 990);
  });
});

describe("the budget", { concurrency: 4, timeout: 60_000 }, () => {
  for (const ordered of [true, false]) {
    test(`is never overspent by 50 rows at once, ${ordered ? "in order" : "as they end"}`, async (t) => {
      const { sandbox, client } = await service(t, { faults: [{ fault: "delay", ms: [5, 40] }] });
      const seen = [];
      const look = ({ spent, reserved, possible }) => seen.push(spent + reserved + possible);
      const run = client.enrichMany(people(200), { budget: 50, concurrency: 50, ordered, onProgress: look });
      const watch = setInterval(() => look(run.progress), 1);
      const { results, thrown } = await readAll(run);
      clearInterval(watch);
      assert.equal(thrown.code, "budget_exceeded");
      assert.deepEqual([thrown.required, thrown.remainingCredits, thrown.retryable], [5, 0, false]);
      assert.equal(charges(sandbox), 10);
      assert.equal(results.filter(({ outcome }) => outcome?.status === "success").length, 10);
      assert.equal(posts(sandbox).length, 10, "what has no room is not sent");
      assert.ok(results.length <= 40, `${results.length} rows were taken, most of them while others waited for room`);
      assert.ok(seen.length > 10 && Math.max(...seen) === 50, `at most ${Math.max(...seen)} of ${seen.length}`);
      assert.equal(run.progress.spent, 50);
    });
  }

  test("lets rows wait for what is only set aside, and turns none away", async (t) => {
    const { sandbox, client } = await service(t, { faults: [{ fault: "delay", ms: [5, 20] }] });
    const mixed = [...strangers(40), person(1), ...Array.from({ length: 40 }, (_, index) => stranger(100 + index)), person(2)];
    const run = client.enrichMany(mixed, { budget: 10, concurrency: 30 });
    const before = performance.now();
    const { results, ends, thrown } = await readAll(run);
    assert.equal(thrown, undefined);
    assert.deepEqual([ends.filter((end) => end === "not_found").length, ends.filter((end) => end === "success").length], [80, 2]);
    assert.deepEqual(results.map(({ index }) => index), mixed.map((_, index) => index));
    assert.deepEqual([charges(sandbox), posts(sandbox).length], [2, 82]);
    assert.ok(performance.now() - before < 10_000, "it waits for rows, not for the clock");
  });

  test("wakes one row for each that ends, and does not let all of them ask again and again", async () => {
    let reads = 0;
    const store = Object.assign(new Map(), { readsOwnWrites: false });
    store.get = (key) => (reads++, Map.prototype.get.call(store, key));
    const { ends } = await readAll(offline(canned({ ms: 5 }).fetch, { store }).enrichMany(strangers(60), { budget: 5, concurrency: 60 }));
    assert.deepEqual(ends, Array(60).fill("not_found"));
    assert.ok(reads <= 200, `${reads} reads for 60 rows`);
  });

  test("lets rows wait for what the client has set aside for others", async (t) => {
    const { sandbox, client } = await service(t, { budget: { total: 5 }, faults: [{ fault: "delay", ms: 400, times: 1 }] });
    const other = client.enrichPhone(stranger(0));
    while (client.balance().reserved === 0) await pause(5);
    const { ends, thrown } = await readAll(client.enrichMany(strangers(5).slice(1)));
    assert.equal(thrown, undefined);
    assert.deepEqual(ends, Array(4).fill("not_found"));
    assert.equal((await other).status, "not_found");
    assert.equal(posts(sandbox).length, 5);
  });

  test("of a run is its own: others have theirs, and the client's holds for all", async (t) => {
    const { sandbox, client } = await service(t, { budget: { total: 25 } });
    const runs = [[1, 10], [101, 10], [201, undefined]].map(([first, budget]) => client.enrichMany(people(20, first), { budget }));
    const ends = [];
    for (const run of runs) ends.push((await readAll(run)).thrown.code);
    assert.deepEqual(ends, Array(3).fill("budget_exceeded"));
    assert.deepEqual(runs.map(({ progress }) => progress.spent), [10, 10, 5]);
    assert.equal(charges(sandbox), 5);
  });
});

const found = { success: true, status: "success", results: { phone: "+1 555-123-4567" }, remaining_credits: 100 };

// By themselves: the clock and its timers are everybody's.
test("a run that waits for the next minute can be aborted at once, and leaves no timer", { timeout: 60_000 }, async () => {
  const alive = new Set();
  const real = { setTimeout, clearTimeout };
  globalThis.setTimeout = (wake, ...rest) => {
    const timer = real.setTimeout((...values) => (alive.delete(timer), wake(...values)), ...rest);
    alive.add(timer);
    return timer;
  };
  globalThis.clearTimeout = (timer) => (alive.delete(timer), real.clearTimeout(timer));
  try {
    const service = canned({ reply: found });
    const run = offline(service.fetch, { budget: { perMinute: 5 } }).enrichMany(people(2));
    const before = performance.now();
    const { ends, thrown } = await readAll(run, async () => {
      await pause(100);
      run.abort();
    });
    assert.deepEqual([ends, thrown.code, service.sent], [["success", "aborted"], "aborted", 1]);
    assert.equal(run.progress.eta, null);
    assert.ok(performance.now() - before < 5000);
    assert.equal(alive.size, 0);
  } finally {
    Object.assign(globalThis, real);
  }
});

test("the budget of a minute is waited for", { timeout: 60_000 }, async () => {
  const sent = [];
  const client = offline(async () => (sent.push(Date.now()), new Response(JSON.stringify(found))), { budget: { perMinute: 10 } });
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
  let whole;
  try {
    readAll(client.enrichMany(people(5))).then((all) => (whole = all));
    while (!whole) {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      mock.timers.tick(500);
    }
  } finally {
    mock.timers.reset();
  }
  const { ends, thrown } = whole;
  assert.equal(thrown, undefined);
  assert.deepEqual(ends, Array(5).fill("success"));
  for (let index = 2; index < 5; index++) {
    const gap = sent[index] - sent[index - 2];
    assert.ok(gap >= 60_000 && gap < 63_000, `a third request after ${gap} ms`);
  }
});

describe("a run that is stopped", { concurrency: 8, timeout: 60_000 }, () => {
  test("begins no row while it is paused, and goes on when it is resumed", async () => {
    const service = canned({ ms: 20 });
    const source = watched(strangers(30));
    const run = offline(service.fetch).enrichMany(source, { concurrency: 3, ordered: false });
    const reading = readAll(run, ({ index }) => index === 5 && run.pause());
    while (run.progress.done < 6 || service.out > 0) await pause(10);
    const { sent } = service;
    await pause(100);
    assert.equal(service.sent, sent);
    assert.ok(source.seen.taken <= sent + 1, "at most one was taken in the same moment");
    assert.equal(run.progress.done, sent, "what was out was read");
    assert.ok(run.progress.done < 30);
    run.resume();
    assert.equal((await reading).results.length, 30);
  });

  test("can be paused before it begins", async () => {
    const service = canned();
    const source = watched(strangers(3));
    const run = offline(service.fetch).enrichMany(source);
    run.pause();
    const reading = readAll(run);
    await pause(50);
    assert.deepEqual([service.sent, source.seen.taken], [0, 0]);
    run.resume();
    assert.equal((await reading).results.length, 3);
  });

  test("while the source takes its time holds the row that it then brings", async () => {
    const service = canned();
    let give;
    const rows = [stranger(1)];
    const source = { [Symbol.asyncIterator]: () => ({ next: () => new Promise((resolve) => (rows.length > 0 ? (give = () => resolve({ done: false, value: rows.pop() })) : resolve({ done: true }))) }) };
    const run = offline(service.fetch).enrichMany(source);
    const reading = readAll(run);
    while (!give) await pause(1);
    run.pause();
    give();
    await pause(50);
    assert.equal(service.sent, 0);
    run.resume();
    assert.deepEqual((await reading).ends, ["not_found"]);
  });

  const ways = { "abort()": (run, controller) => run.abort("enough"), "its signal": (run, controller) => controller.abort("enough") };
  for (const [name, stop] of Object.entries(ways)) {
    test(`by ${name} tells of every row that was out, and loses nothing that is paid for`, async (t) => {
      const { sandbox, client } = await service(t);
      sandbox.setFaults([{ fault: "delay", ms: 200, match: { slug: [4, 5, 6, 7, 8, 9, 10].map((number) => slugOf(person(number))) } }]);
      const controller = new AbortController();
      const source = watched(people(50));
      const run = client.enrichMany(source, { concurrency: 4, signal: controller.signal });
      const { results, ends, thrown } = await readAll(run, async ({ index }) => {
        while (index === 2 && posts(sandbox).length < 7) await pause(5);
        if (index === 2) stop(run, controller);
      });
      assert.deepEqual([thrown.code, thrown.charge, thrown.cause], ["aborted", "none", "enough"]);
      assert.deepEqual(ends, ["success", "success", "success", "aborted", "aborted", "aborted", "aborted"]);
      assert.ok(results.slice(3).every(({ error }) => error.charge === "possible" && error.cause === "enough"));
      assert.deepEqual(source.seen, { taken: 7, closed: 1 });
      assert.deepEqual([run.progress.done, run.progress.failed, run.progress.eta], [7, 4, null]);
      // They were left to finish.
      await sandbox.idle();
      while (client.balance().reserved > 0) await pause(5);
      sandbox.setFaults([]);
      const again = await readAll(client.enrichMany(people(8)));
      assert.deepEqual(again.results.map(({ outcome }) => outcome.meta.source), [...Array(7).fill("cache"), "network"]);
      assert.equal(charges(sandbox), 8);
    });
  }

  test("with abort: \"cancel\" breaks off what is out, which may have been charged", async (t) => {
    const { sandbox, client } = await service(t, { faults: [{ fault: "delay", ms: 300 }] });
    const run = client.enrichMany(people(4), { abort: "cancel" });
    const reading = readAll(run);
    while (posts(sandbox).length < 4) await pause(5);
    run.abort();
    assert.deepEqual((await reading).ends, Array(4).fill("aborted"));
    await sandbox.idle();
    assert.deepEqual((await readAll(client.enrichMany(people(4)))).ends, Array(4).fill("outcome_unknown"));
    assert.equal(run.progress.possible, 20);
  });

  test("before it began sends nothing, and closes the source", async () => {
    const service = canned();
    for (const stop of [(run) => run.abort(), undefined]) {
      const source = watched(strangers(3));
      const run = offline(service.fetch).enrichMany(source, stop ? {} : { signal: AbortSignal.abort() });
      stop?.(run);
      const { results, thrown } = await readAll(run);
      assert.deepEqual([results.length, thrown.code, service.sent, source.seen.taken], [0, "aborted", 0, 0]);
    }
  });

  test("while the source takes its time gives back the row that it then brings, unsent", async () => {
    const service = canned();
    let give;
    const source = { [Symbol.asyncIterator]: () => ({ next: () => new Promise((resolve) => (give = resolve)) }) };
    const run = offline(service.fetch).enrichMany(source);
    const reading = readAll(run);
    while (!give) await pause(1);
    run.abort();
    give({ done: false, value: stranger(1) });
    const { results, thrown } = await reading;
    assert.deepEqual(results.map(({ request, error }) => [request, error.code, error.charge]), [[stranger(1), "aborted", "none"]]);
    assert.deepEqual([thrown.code, service.sent], ["aborted", 0]);
  });

  test("while rows wait for room in the budget sends none of them", async (t) => {
    const { sandbox, client } = await service(t, { faults: [{ fault: "delay", ms: 200 }] });
    const run = client.enrichMany(people(10), { budget: 5, concurrency: 10 });
    const reading = readAll(run);
    while (posts(sandbox).length < 1) await pause(5);
    await pause(50);
    run.abort();
    const { results } = await reading;
    assert.deepEqual(results.map(({ error }) => [error.code, error.charge]).slice(0, 2), [["aborted", "possible"], ["aborted", "none"]]);
    await sandbox.idle();
    await pause(100);
    assert.deepEqual([posts(sandbox).length, charges(sandbox)], [1, 1]);
  });

  test("for a while sends nothing that waits for room either", async () => {
    const service = canned({ ms: 30 });
    const run = offline(service.fetch).enrichMany(strangers(4), { budget: 5 });
    const reading = readAll(run);
    while (service.sent < 1) await pause(1);
    run.pause();
    await pause(1500);
    assert.equal(service.sent, 1);
    run.resume();
    assert.deepEqual((await reading).ends, Array(4).fill("not_found"));
  });

  test("by a row that may have been charged tells nobody else that they may have been", async () => {
    let give;
    let sent = 0;
    const fetch = async () => (++sent === 1 ? new Response("", { status: 500 }) : new Response('{"error":"Insufficient credits."}', { status: 402 }));
    const rows = [() => ({ done: false, value: stranger(1) }), () => new Promise((resolve) => (give = resolve))];
    const run = offline(fetch).enrichMany({ [Symbol.asyncIterator]: () => ({ next: async () => rows.shift()() }) }, { retryUnknown: true });
    const { results, thrown } = await readAll(run, () => give({ done: false, value: stranger(2) }));
    assert.deepEqual(results.map(({ error }) => [error.code, error.charge]), [["insufficient_credits", "possible"], ["insufficient_credits", "none"]]);
    assert.deepEqual([thrown, sent], [results[0].error, 2]);
  });

  test("leaves no listener on its signal", async () => {
    const counts = { added: 0, removed: 0 };
    const { signal } = new AbortController();
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...all) => (counts.added++, addEventListener.apply(signal, all));
    signal.removeEventListener = (...all) => (counts.removed++, removeEventListener.apply(signal, all));
    await readAll(offline(canned().fetch).enrichMany(strangers(30), { signal, concurrency: 20 }));
    for await (const _ of offline(canned().fetch).enrichMany(strangers(30), { signal })) break;
    assert.deepEqual(counts, { added: 2, removed: 2 });
  });
});

describe("the progress", { timeout: 60_000 }, () => {
  test("can be read at any time, and a hook that throws does no harm", async () => {
    const heard = [];
    const run = offline(canned({ ms: 10 }).fetch).enrichMany([...strangers(9), null], {
      onProgress(progress) {
        heard.push(progress);
        throw new Error("a hook's own");
      },
    });
    const none = { done: 0, found: 0, notFound: 0, failed: 0, cached: 0, spent: 0, reserved: 0, possible: 0 };
    assert.deepEqual(run.progress, { ...none, total: 10, eta: null });
    const reader = run[Symbol.asyncIterator]();
    await reader.next();
    assert.ok(run.progress.done >= 1 && run.progress.eta > 0);
    while (!(await reader.next()).done);
    assert.deepEqual(run.progress, { ...none, done: 10, notFound: 9, failed: 1, total: 10, eta: 0 });
    assert.deepEqual(heard.map(({ done }) => done), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("tells how long the rest takes, roughly, and leaves pauses out", async () => {
    const run = offline(canned({ ms: 40 }).fetch).enrichMany(strangers(60), { concurrency: 2 });
    const reader = run[Symbol.asyncIterator]();
    for (let row = 0; row < 20; row++) await reader.next();
    run.pause();
    await pause(2000);
    run.resume();
    for (let row = 0; row < 10; row++) await reader.next();
    const { eta } = run.progress;
    await reader.return();
    // 30 rows, two at a time, 40 ms each, on a machine that may be busy.
    assert.ok(eta > 300 && eta < 2500, `${eta} ms`);
  });
});

/** Runs a program of ours with Node, and gives what it printed; killed where `kill` says so. */
function child(name, given, { kill, flags = [] } = {}) {
  const running = spawn(process.execPath, [...flags, fileURLToPath(new URL(`support/${name}`, import.meta.url)), ...given.map(String)], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = [];
  let rest = "";
  return new Promise((resolve, reject) => {
    running.on("error", reject);
    running.stdout.on("data", (data) => {
      const parts = (rest + data).split("\n");
      rest = parts.pop();
      lines.push(...parts);
    });
    kill?.(() => running.kill("SIGKILL"));
    running.on("close", (code, signal) => resolve({ lines, code, signal }));
  });
}

test("a process that is killed at any point never pays twice, and the next one goes on where it was", { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "phone-many-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const sandbox = await startSandbox({ people: 100, credits: 10_000, faults: [{ fault: "delay", ms: [5, 25] }] });
  t.after(() => sandbox.close());
  const CONCURRENCY = 6;
  const given = [sandbox.url, sandbox.token, join(folder, "store"), 100, CONCURRENCY];
  let kills = 0;
  let last;
  const ends = new Map();
  do {
    // From right at the start to well into the list, counted in requests that the service has seen.
    const until = posts(sandbox).length + kills * 3;
    const seen = posts(sandbox).length;
    last = await child("many-child.js", given, {
      async kill(strike) {
        if (kills >= 6) return;
        while (posts(sandbox).length < until + 1) await pause(1);
        strike();
      },
    });
    if (last.signal === "SIGKILL") kills++;
    await sandbox.idle();
    const rows = last.lines.filter((line) => line.startsWith("[")).map((line) => JSON.parse(line));
    for (const [index, end, charge] of rows) {
      if (charge === "confirmed") assert.ok(!ends.has(index), `row ${index} was paid for before`);
      if (end === "success") ends.set(index, end);
      else assert.deepEqual([end, charge], ["outcome_unknown", "possible"]);
    }
    const unknown = rows.filter(([, end]) => end === "outcome_unknown").length;
    assert.ok(unknown <= kills * CONCURRENCY, `${unknown} rows were out at ${kills} kills`);
    assert.ok(last.lines.at(-1) === "whole" || posts(sandbox).length > seen);
  } while (last.signal);
  assert.equal(kills, 6);
  assert.deepEqual([last.code, last.lines.length, last.lines.at(-1)], [0, 101, "whole"]);
  // Every person is there once: as an answer, or as one that was charged and never read.
  assert.deepEqual([sandbox.wallet().double_charges, charges(sandbox) <= 100], [0, true]);
  const known = last.lines.filter((line) => line.includes('"success"')).length;
  assert.ok(charges(sandbox) - known <= kills * CONCURRENCY);
  // The whole list once more: nothing is sent at all.
  const before = posts(sandbox).length;
  const again = await child("many-child.js", given);
  assert.deepEqual(again.lines.map((line) => line.replace('"confirmed","network"', '"none","cache"')), last.lines.map((line) => line.replace('"confirmed","network"', '"none","cache"')));
  assert.equal(posts(sandbox).length, before);
});

describe("very many requests need no more memory than some", { timeout: 240_000 }, () => {
  for (const order of ["ordered", "as they end"]) {
    const rows = 200_000;
    test(`${rows.toLocaleString("en")} of them, ${order}`, async () => {
      const { lines, code } = await child("many-million.js", [rows, 20_000, order], { flags: ["--expose-gc"] });
      assert.equal(code, 0);
      const { read, heap, progress } = JSON.parse(lines[0]);
      assert.deepEqual([read, progress.done, progress.notFound, progress.reserved], [rows, rows, rows, 0]);
      const grown = heap[rows] - heap[100_000];
      assert.ok(grown < 2_000_000, `the heap grew by ${grown} bytes: ${JSON.stringify(heap)}`);
    });
  }
});

test("in Chromium, a page runs a list, and a token without the opt-in ends it before anything is sent", { timeout: 60_000 }, async (t) => {
  const sandbox = await startSandbox({ cors: true, people: 20 });
  t.after(() => sandbox.close());
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const chromium = await startChromium(browser);
  t.after(() => chromium.close());
  const inPage = (options) =>
    chromium.page.evaluate(async ([options, list]) => {
      const run = globalThis.api.createClient(options).enrichMany(list, { budget: 30 });
      const ends = [];
      try {
        for await (const { outcome, error } of run) ends.push(outcome?.status ?? error.code);
      } catch (error) {
        ends.push(`threw ${error.code}`);
      }
      return [ends, run.progress];
    }, [options, people(6)]);
  const options = { baseUrl: sandbox.url, token: sandbox.token };
  const [refused] = await inPage(options);
  assert.deepEqual([refused.at(-1), posts(sandbox).length], ["threw token_in_browser", 0]);
  const [ends, progress] = await inPage({ ...options, dangerouslyAllowBrowser: true });
  assert.deepEqual(ends, Array(6).fill("success"));
  assert.deepEqual([progress.done, progress.spent, progress.reserved, progress.eta], [6, 30, 0, 0]);
  assert.equal(charges(sandbox), 6);
});

test("in workerd, several requests run lists at once with one client", { timeout: 60_000 }, async (t) => {
  const sandbox = await startSandbox({ people: 20 });
  t.after(() => sandbox.close());
  const script = (entry) => `
    import { createClient } from "${entry}";
    let client;
    export default {
      async fetch(request, env) {
        client ??= createClient({ baseUrl: env.URL, token: env.TOKEN });
        const run = client.enrichMany(await request.json(), { concurrency: 3, budget: 50 });
        const ends = [];
        for await (const { outcome, error } of run) ends.push(outcome?.status ?? error.code);
        return Response.json({ ends, progress: run.progress });
      },
    };
  `;
  const miniflare = startMiniflare(workerModules(installed, script), { bindings: { URL: sandbox.url, TOKEN: sandbox.token } });
  t.after(() => miniflare.dispose());
  await miniflare.ready;
  const ask = async (list) => (await miniflare.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(list) })).json();
  const all = await Promise.all(Array.from({ length: 5 }, () => ask(people(8))));
  for (const { ends } of all) assert.deepEqual(ends, Array(8).fill("success"));
  assert.deepEqual([charges(sandbox), all.reduce((sum, { progress }) => sum + progress.spent, 0)], [8, 40]);
});
