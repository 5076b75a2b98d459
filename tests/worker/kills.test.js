// The runtime is killed, and the wallet's object ended, at any moment of any lookup, while the vendor fails as it likes. By
// the sandbox's ledger nobody is paid for twice, every charge is in the books, and nobody paid for is lost.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startSandbox } from "phone-enrichment/sandbox";
import { ADMIN_KEY, callsTo, costOf, startBoth, until, VENDOR_TOKEN } from "./support/both.js";
import { inside, insideOf } from "./support/inside.js";

const program = fileURLToPath(new URL("support/child.js", import.meta.url));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Numbers in [0, 1) that are the same for the same seed. */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Starts a Worker that can be killed: the process group is its own, workerd included. What it writes goes to `said`. */
async function live(t, options, said) {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { detached: true, stdio: "pipe" });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => said.push(String(part)));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const kill = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It is over already.
    }
    return ended;
  };
  t.after(kill);
  const url = await new Promise((resolve, reject) => {
    child.stdout.once("data", (line) => resolve(String(line).trim()));
    ended.then(() => reject(new Error("the Worker did not start")));
  });
  return { ...callsTo(url), kill };
}

const KINDS = ["charge_then_drop", "charge_then_500", 500, "drop", 502, "html_200"];
// Together they strike in about 30 of 100 cases.
const FAULTS = [{ fault: "delay", ms: [0, 40], before: "answer" }, ...KINDS.map((fault) => ({ fault, probability: 0.058 }))];

describe("killed", { timeout: 170_000 }, () => {
  test("2,000 lookups among kills and evictions cost nobody twice, and lose nobody who was paid for", async (t) => {
    const [PEOPLE, LOOKUPS, KILLS, EVICTIONS, AT_ONCE] = [400, 2000, 14, 40, 20];
    const random = randomFrom(20_260_401);
    const folder = mkdtempSync(join(tmpdir(), "phone-wallet-"));
    t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
    const sandbox = await startSandbox({ credits: 1_000_000, token: VENDOR_TOKEN, people: PEOPLE, faults: FAULTS, seed: 11 });
    t.after(() => sandbox.close());
    const options = { folder, also: inside, limits: { CALLS: 1_000_000 }, vars: { VENDOR_URL: sandbox.url, VENDOR_TOKEN, WALLET_PER_DAY: 1_000_000 } };
    const said = [];
    let worker = await live(t, options, said);
    const key = await worker.keyFor("a caller");

    const personOf = (number) => {
      const digits = String(number).padStart(5, "0");
      // Two spellings of one, and somebody who is not known.
      return number % 10 === 0 ? { email: `nobody.${digits}@example.org` } : number % 2 ? { linkedin_url: `https://www.linkedin.com/in/person-${digits}` } : { linkedin_url: `linkedin.com/in/Person-${digits}/` };
    };
    const plan = Array.from({ length: LOOKUPS }, () => 1 + Math.floor(random() * PEOPLE));
    const kills = new Set(Array.from({ length: KILLS }, (_, index) => Math.floor(((index + random()) / KILLS) * LOOKUPS)));
    const evictions = new Set(Array.from({ length: EVICTIONS }, () => Math.floor(random() * LOOKUPS)));
    /** How each lookup ended: an answer, or nothing at all. */
    const ends = [];
    let killed = 0;
    let evicted = 0;
    let restarting;
    let next = 0;
    const asker = async () => {
      for (let index; (index = next++) < LOOKUPS; ) {
        await restarting;
        const number = plan[index];
        // A third of them with an idempotency key that is the person's own, as a client that tries again would.
        const headers = index % 3 ? {} : { "idempotency-key": `person-${number}` };
        const asked = worker;
        if (evictions.has(index)) pause(random() * 40).then(() => insideOf(asked.url, "end")).then(() => evicted++, () => {});
        if (kills.has(index)) {
          restarting = pause(random() * 60).then(async () => {
            await asked.kill();
            killed++;
            worker = await live(t, options, said);
          });
        }
        const answer = await asked.lookup(key, personOf(number), headers).catch(() => undefined);
        ends.push({ number, answer });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, asker));
    await restarting;
    await sandbox.idle();
    await until(async () => (await worker.call("GET", "/v1/wallet", { key: ADMIN_KEY })).json.today.held === 0);

    const { spent: charged, double_charges } = sandbox.wallet();
    assert.equal(double_charges, 0, "nobody was paid for twice");
    assert.deepEqual([killed, evicted > EVICTIONS / 2], [KILLS, true]);
    // Each row, so that no limit of a list hides one.
    const rows = await insideOf(worker.url, "rows", "SELECT person, state, SUM(credits) AS credits FROM ledger GROUP BY person, state");
    const sum = (state) => rows.filter((row) => row.state === state).reduce((all, { credits }) => all + credits, 0);
    assert.ok(sum("spent") <= charged && charged <= sum("spent") + sum("unknown"), `spent ${sum("spent")}, charged ${charged}, in doubt ${sum("unknown")}`);
    const { today } = (await worker.call("GET", "/v1/wallet", { key: ADMIN_KEY })).json;
    assert.deepEqual([today.spent, today.unknown, today.held], [sum("spent"), sum("unknown"), 0]);
    const [{ credits: counted }] = await insideOf(worker.url, "rows", "SELECT SUM(credits) AS credits FROM days WHERE caller = ''");
    assert.equal(counted, today.spent + today.unknown, "limits are held against what the ledger says");

    // Nobody was told that a lookup was free which was not.
    const numberOf = ({ body }) => Number(/person-(\d+)/i.exec(body.linkedin_url)[1]);
    const maybe = new Set(ends.filter(({ answer }) => answer === undefined || costOf(answer)[0] !== "none").map(({ number }) => number));
    for (const charge of sandbox.ledger()) assert.ok(maybe.has(numberOf(charge)), `person ${numberOf(charge)} was charged, and whoever asked was told that it is free`);
    const told = ends.filter(({ answer }) => answer && costOf(answer)[0] === "confirmed" && !answer.headers["idempotency-replayed"]);
    assert.ok(5 * told.length <= today.spent, "what a caller was told to have cost is in the books as spent");

    // With no faults any more, and after one more kill: whoever was told is told again, for nothing.
    await worker.kill();
    sandbox.setFaults([]);
    worker = await live(t, options, said);
    const before = sandbox.requests().length;
    const received = new Map(ends.filter(({ answer }) => answer?.status === 200).map(({ number, answer }) => [number, answer.json]));
    for (const [number, { results, message }] of received) {
      const again = await worker.lookup(key, personOf(number));
      assert.deepEqual([again.status, again.json.results, again.json.message, costOf(again)], [200, results, message, ["none", 0, "cache"]], `person ${number}`);
    }
    // Whoever was charged is never asked for again without force, told or not.
    for (const number of new Set(sandbox.ledger().map(numberOf))) {
      const again = await worker.lookup(key, personOf(number));
      assert.ok(again.status === 200 || again.status === 409, `person ${number}: ${again.status}`);
      assert.equal(costOf(again)[1], 0);
    }
    assert.equal(sandbox.requests().length, before);
    for (const secret of [VENDOR_TOKEN, ADMIN_KEY, key, "person-0", "nobody.", "555-01"]) assert.ok(!said.join("").includes(secret), `${secret} was written`);
    const counts = { received: received.size, charges: sandbox.ledger().length, inDoubt: today.unknown / 5, unanswered: ends.filter(({ answer }) => !answer).length };
    assert.ok(received.size > 150 && counts.inDoubt > 50 && counts.unanswered > 20, `the plan is worth its time: ${JSON.stringify(counts)}`);
    t.diagnostic(JSON.stringify({ ...counts, killed, evicted }));
  });

  test("a job that is killed again and again comes to its end, and nobody on the list is paid for twice", async (t) => {
    const [ROWS, KILLS] = [600, 3];
    const random = randomFrom(7);
    const folder = mkdtempSync(join(tmpdir(), "phone-wallet-"));
    t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
    const sandbox = await startSandbox({ credits: 1_000_000, token: VENDOR_TOKEN, people: ROWS, faults: [{ fault: "delay", ms: [5, 60] }, { fault: "charge_then_drop", probability: 0.1 }], seed: 3 });
    t.after(() => sandbox.close());
    const options = { folder, vars: { VENDOR_URL: sandbox.url, VENDOR_TOKEN, WALLET_PER_DAY: 1_000_000 } };
    const said = [];
    let worker = await live(t, options, said);
    const key = await worker.keyFor("a caller", { scopes: ["jobs"] });
    const people = Array.from({ length: ROWS }, (_, index) => ({ linkedin_url: `https://www.linkedin.com/in/person-${String(index + 1).padStart(5, "0")}` }));
    const { json: planned } = await worker.call("POST", "/v1/jobs", { key, body: people });
    const command = (name, body) => worker.call("POST", `/v1/jobs/${planned.id}/${name}`, { key, body });
    await command("start", { budget: 5 * ROWS });
    for (let kill = 0; kill < KILLS; kill++) {
      const before = sandbox.requests().length;
      await until(() => sandbox.requests().length >= Math.min(before + 40, ROWS - 40));
      await pause(random() * 60);
      await worker.kill();
      worker = await live(t, options, said);
      // What was in the queue is gone with the runtime here: the job sends again whatever is not settled.
      await command("pause");
      await command("resume", {});
    }
    let job;
    await until(async () => (job = (await worker.call("GET", `/v1/jobs/${planned.id}`, { key })).json).state !== "running");
    await sandbox.idle();
    assert.equal(job.state, "done");
    const { charges, double_charges, spent } = sandbox.wallet();
    assert.equal(double_charges, 0, "nobody was paid for twice");
    const { found, unknown, done } = job.progress;
    assert.deepEqual([done, found + unknown], [ROWS, ROWS]);
    const { today } = (await worker.call("GET", "/v1/wallet", { key: ADMIN_KEY })).json;
    assert.ok(today.spent <= spent && spent <= today.spent + today.unknown && today.held === 0, `spent ${today.spent}, charged ${spent}, in doubt ${today.unknown}`);
    const { text } = await worker.call("GET", `/v1/jobs/${planned.id}/results`, { key });
    const rows = text.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(rows.length, ROWS);
    assert.ok(rows.every(({ status, phone }) => (status === "found") === Boolean(phone)));
    assert.ok(unknown > 20 && found > 100, `the plan is worth its time: ${found} found, ${unknown} in doubt, ${charges} charges`);
  });
});

describe("evicted", { timeout: 60_000 }, () => {
  const JANE = { email: "jane.doe@acme.example.com" };
  const MARCUS = { email: "marcus.bell@acme.example.com" };

  test("while a lookup is out: it is in doubt, its hold is kept, and it is not sent again", async (t) => {
    const { lookup, key, url, sandbox, wallet, doubts, audit } = await startBoth(t, { also: inside, vendor: { faults: [{ fault: "delay", ms: 300, before: "answer" }] } });
    const out = lookup(key, JANE);
    await until(() => sandbox.ledger().length === 1);
    assert.equal((await wallet()).today.held, 5);
    await insideOf(url, "end");
    const cut = await out;
    assert.deepEqual([cut.status, costOf(cut)], [500, ["possible", 0, "none"]]);
    const again = await lookup(key, JANE);
    assert.deepEqual([again.status, again.json.code], [409, "outcome_unknown"]);
    const { today } = await wallet();
    assert.deepEqual([today.spent, today.held, today.unknown, (await doubts()).length, sandbox.requests().length], [0, 0, 5, 1, 1]);
    assert.ok((await audit()).some(({ action, detail }) => action === "restarted" && detail === "1 lookups were out"));
  });

  // What memory holds otherwise than the tables is nothing once the object ended: of each, what poisons it, and the proof.
  const poisons = [
    ["that the wallet is empty", async ({ lookup, key, sandbox }) => {
      sandbox.setCredits(0);
      assert.equal((await lookup(key, JANE)).status, 402);
      sandbox.setCredits(100);
    }, "DELETE FROM facts WHERE name = 'breaker'"],
    ["an answer that the tables do not have", async ({ lookup, key }) => assert.equal((await lookup(key, JANE)).status, 200), "DELETE FROM records"],
    ["a lookup that is out for ever", async ({ lookup, key, sandbox }) => {
      sandbox.setFaults([{ fault: "delay", ms: 30_000, times: 1 }]);
      void lookup(key, JANE);
      await until(() => sandbox.requests().length === 1);
    }, "DELETE FROM records"],
  ];
  for (const [name, poison, sql] of poisons) {
    test(`storage wins over memory that holds ${name}`, async (t) => {
      const both = await startBoth(t, { also: inside, twice: true });
      await poison(both);
      await insideOf(both.url, "rows", sql);
      await insideOf(both.url, "end");
      assert.deepEqual(costOf(await both.lookup(both.key, JANE)), ["confirmed", 5, "network"]);
    });
  }

  test("an empty wallet, a limit that is used up and a revoked key are still so afterwards", async (t) => {
    const both = await startBoth(t, { also: inside, caller: { per_minute: 5 } });
    const { lookup, call, key, keyFor, url, sandbox } = both;
    assert.equal((await lookup(key, JANE)).status, 200);
    const revoked = await keyFor("revoked");
    await call("DELETE", `/v1/keys/${revoked.split("_")[1]}`, { key: ADMIN_KEY });
    await insideOf(url, "end");
    assert.equal((await lookup(key, MARCUS)).json.limit, "key_per_minute");
    assert.equal((await lookup(revoked, JANE)).status, 401);
    const other = await keyFor("another");
    sandbox.setCredits(0);
    assert.equal((await lookup(other, MARCUS)).status, 402);
    await insideOf(url, "end");
    sandbox.setCredits(100);
    assert.deepEqual([(await lookup(other, MARCUS)).status, sandbox.requests().length], [402, 2]);
    assert.deepEqual(costOf(await lookup(other, JANE)), ["none", 0, "cache"]);
  });

  test("kept answers that were not yet written down are lost for the audit log at most, never for the ledger", async (t) => {
    const { lookup, key, url, wallet } = await startBoth(t, { also: inside });
    await lookup(key, JANE);
    await lookup(key, JANE);
    await insideOf(url, "end");
    assert.deepEqual([costOf(await lookup(key, JANE)), (await wallet()).today.spent], [["none", 0, "cache"], 5]);
  });
});
