// A list whose run is killed or interrupted at any point, gone on with until it is done, and judged by the sandbox's ledger.
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { copyOfPackage } from "../package/support/installed.js";
import { listOf, rowsOf, workplace } from "./support/command.js";
import { judge } from "./support/judge.js";

const COUNT = 200;
const OUT_AT_ONCE = 8;
const LIST = ["enrich", "leads.csv", "-o", "out.csv", "--yes", "--concurrency", String(OUT_AT_ONCE)];
/** Answers that take a moment, so that some are always out. */
const SLOW = [{ fault: "delay", ms: [1, 25], before: "answer" }];

/** Kills the command after so many requests of each life, goes on until it ends by itself, and gives what a judge needs. */
async function killedAt(t, points, bin) {
  const place = await workplace(t, { people: COUNT, faults: SLOW, bin });
  place.write("leads.csv", listOf(COUNT));
  for (const [life, point] of points.entries()) {
    const before = place.posts().length;
    const { child, ended } = place.startAsking(life === 0 ? LIST : [...LIST, "--resume"]);
    let isOver = false;
    ended.then(() => (isOver = true));
    await place.until(() => isOver || place.posts().length - before >= point);
    child.kill("SIGKILL");
    assert.equal((await ended).code, "SIGKILL");
    assert.ok(!place.has("out.csv"), "there is no half of a list");
  }
  const { code, out, err } = await place.ask([...LIST, "--resume"]);
  await place.sandbox.idle();
  const charges = place.sandbox.ledger();
  return { code, out, err, place, judged: { text: place.read("out.csv"), count: COUNT, most: points.length * OUT_AT_ONCE, charges } };
}

describe("a run that is killed", { concurrency: 2 }, () => {
  for (const points of [[1], [60], [195], [5, 40, 1, 90], [30, 30, 30, 30, 30]]) {
    test(`after ${points.join(", then ")} requests, and gone on with: nobody is charged twice, nothing that was paid for is lost`, async (t) => {
      const { code, out, err, judged, place } = await killedAt(t, points);
      const { doubtful } = judge(judged);
      assert.equal(code, doubtful > 0 ? 3 : 0, err);
      assert.match(out, doubtful > 0 ? new RegExp(`${doubtful} in doubt`) : /0 in doubt/);
      if (doubtful > 0) assert.match(out, /In doubt, and not asked again by itself: lines? \d+/);
      // Whoever goes on once more changes nothing.
      const requests = place.posts().length;
      await place.ask([...LIST, "--resume"]);
      assert.equal(judge({ ...judged, text: place.read("out.csv"), charges: place.sandbox.ledger() }).doubtful, doubtful);
      assert.equal(place.posts().length, requests);
    });
  }

  test("the judge sees a command that forgets what it was doing", async (t) => {
    const copy = copyOfPackage(t);
    copy.replace("bin/service.js", "join(data, 'store')", "join(data, `store-${process.pid}`)");
    const { judged } = await killedAt(t, [60], join(copy.folder, "bin"));
    assert.throws(() => judge(judged), /charged twice/);
  });

  test("the judge sees a command that asks again by force", async (t) => {
    const copy = copyOfPackage(t);
    copy.replace("bin/enrich.js", "ordered: false }", "ordered: false, force: true }");
    const { judged } = await killedAt(t, [60, 60], join(copy.folder, "bin"));
    assert.throws(() => judge(judged), /charged twice/);
  });
});

describe("Ctrl-C", { concurrency: 3, skip: process.platform === "win32" }, () => {
  /** Interrupts a run of 60 once 20 were sent, and goes on. */
  async function interruptedOnce(t, bin) {
    const place = await workplace(t, { people: 60, faults: [{ fault: "delay", ms: 150, before: "answer" }], bin });
    place.write("leads.csv", listOf(60));
    const { child, ended } = place.startAsking(LIST);
    await place.until(() => place.posts().length >= 20);
    child.kill("SIGINT");
    const at = place.posts().length;
    const { code, out, err } = await ended;
    assert.equal(code, 130, err);
    assert.match(err, /Stopping: no more rows begin/);
    assert.match(out, /ended early: aborted.*--resume goes on/);
    const rows = rowsOf(place.read("out.csv"));
    const count = (status) => rows.filter((row) => row.status === status).length;
    assert.equal(rows.length, 60);
    assert.ok(place.posts().length <= at + OUT_AT_ONCE, "hardly anybody began after it");
    assert.deepEqual([count("success"), count("in_doubt"), count("success") + count("not_asked")], [place.sandbox.ledger().length, 0, 60]);
    assert.ok(count("not_asked") > 0);
    const again = await place.ask([...LIST, "--resume"]);
    assert.equal(again.code, 0, again.err);
    judge({ text: place.read("out.csv"), count: 60, most: 0, charges: place.sandbox.ledger() });
  }

  test("begins no more rows, keeps what is out, writes the list and ends with 130; --resume does the rest", (t) => interruptedOnce(t));

  test("in the moment in which answers are being kept, loses none of them", async (t) => {
    const copy = copyOfPackage(t);
    // Hardly any time between two looks: the run is given up on while what came is not on disk yet.
    copy.replace("bin/enrich.js", "const LOOK_MS = 50", "const LOOK_MS = 1");
    await interruptedOnce(t, join(copy.folder, "bin"));
  });

  test("twice ends at once: what was out is in doubt, and is not asked again by --resume", async (t) => {
    const place = await workplace(t, { people: 20, faults: [{ fault: "delay", ms: 10_000, before: "answer", times: 4 }] });
    place.write("leads.csv", listOf(20));
    const words = ["enrich", "leads.csv", "-o", "out.csv", "--yes", "--concurrency", "4"];
    const run = place.startAsking(words);
    await place.until(() => place.sandbox.ledger().length >= 4);
    const began = Date.now();
    run.child.kill("SIGINT");
    await place.until(() => /Stopping/.test(run.err));
    // What npx passes on of the first is no second one.
    run.child.kill("SIGINT");
    await new Promise((done) => setTimeout(done, 1000));
    assert.equal(run.child.exitCode, null, "one Ctrl-C that arrives twice is one");
    run.child.kill("SIGINT");
    const { code, err } = await run.ended;
    assert.deepEqual([code, Date.now() - began < 5000, place.has("out.csv")], [130, true, false], err);
    assert.match(err, /Ended at once\. What was out may have been charged/);
    const again = await place.ask([...words, "--resume"]);
    assert.equal(again.code, 3);
    assert.match(again.out, /16 found, 0 not found, 0 failed, 4 in doubt.*\n80 credits spent, up to 20 more in doubt/);
    assert.match(again.out, /lines 2, 3, 4, …/);
    const { doubtful } = judge({ text: place.read("out.csv"), count: 20, most: 4, charges: place.sandbox.ledger() });
    assert.equal(doubtful, 4);
  });

  test("while the service asks to wait, or a slow pace does, ends soon, and nobody is asked", async (t) => {
    for (const [faults, more] of [[[{ fault: "429", retryAfter: 50 }], []], [[], ["--per-second", "0.02"]]]) {
      const place = await workplace(t, { people: 20, faults });
      place.write("leads.csv", listOf(20));
      const run = place.startAsking([...LIST, ...more]);
      await place.until(() => place.posts().length >= 1);
      await new Promise((done) => setTimeout(done, 500));
      const [began, requests] = [Date.now(), place.posts().length];
      run.child.kill("SIGINT");
      const { code, err } = await run.ended;
      assert.deepEqual([code, place.posts().length], [130, requests], err);
      const took = Date.now() - began;
      assert.ok(took < 10_000, `it took ${took} ms`);
      assert.equal(rowsOf(place.read("out.csv")).filter(({ status }) => status === "in_doubt").length, 0);
    }
  });
});

describe("two at once", () => {
  test("that share a data folder pay for nobody twice, and have the whole list each", async (t) => {
    const place = await workplace(t, { people: 40, faults: SLOW });
    place.write("leads.csv", listOf(40));
    const ends = await Promise.all(["one.csv", "other.csv"].map((out) => place.ask(["enrich", "leads.csv", "-o", out, "--yes"])));
    assert.deepEqual(ends.map(({ code }) => code), [0, 0], JSON.stringify(ends));
    for (const out of ["one.csv", "other.csv"]) judge({ text: place.read(out), count: 40, most: 0, charges: place.sandbox.ledger() });
    assert.equal(place.sandbox.wallet().spent, 200);
  });

  test("what a killed one had half written goes, that of a living one stays", async (t) => {
    const place = await workplace(t, { people: 1 });
    place.write("leads.csv", listOf(1));
    place.write("out.csv.4194305.part", "+1 201-555-0101");
    place.write(`out.csv.${process.pid}.part`, "");
    assert.equal((await place.ask(["enrich", "leads.csv", "-o", "out.csv", "--yes"])).code, 0);
    assert.deepEqual([place.has("out.csv.4194305.part"), place.has(`out.csv.${process.pid}.part`)], [false, true]);
  });
});

describe("rules that are broken on purpose are seen", { concurrency: 2 }, () => {
  test("a cell that would be computed", async (t) => {
    const copy = copyOfPackage(t);
    copy.replace("bin/csv.js", "`'${text}`", "text");
    const place = await workplace(t, { people: 1, bin: join(copy.folder, "bin") });
    place.write("leads.csv", "email,note\nperson-00001@example.com,=1+1\n");
    await place.ask(["enrich", "leads.csv", "-o", "out.csv", "--yes"]);
    assert.equal(rowsOf(place.read("out.csv"))[0].note, "=1+1");
  });
});
