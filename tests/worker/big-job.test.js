// A job as large as one may be: planned without a word to the vendor, looked up to the end, and read back whole.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startSandbox } from "phone-enrichment/sandbox";
import { startWorker } from "./support/worker.js";

const ROWS = Number(process.env.ROWS ?? 100_000);
/** Of them so many are looked up, which takes the longest. */
const LOOKED_UP = Number(process.env.LOOKED_UP ?? 5000);

const csvOf = (rows) => `First Name,Last Name,Company,LinkedIn URL,Note\r\n${Array.from({ length: rows }, (_, index) => `Person,"Number ${index + 1}",Company,https://www.linkedin.com/in/person-${String(index + 1).padStart(5, "0")},a note\r\n`).join("")}`;
const secondsOf = async (what, doing) => {
  const began = performance.now();
  const result = await doing();
  return [result, (performance.now() - began) / 1000];
};

describe("a big job", () => {
  let sandbox, worker, key;
  before(async () => {
    sandbox = await startSandbox({ credits: 10_000_000, people: { generated: ROWS } });
    worker = await startWorker({ vars: { VENDOR_URL: sandbox.url, VENDOR_TOKEN: sandbox.token, WALLET_PER_DAY: 100_000_000 } });
    key = await worker.keyFor("big", { scopes: ["jobs"] });
  });
  after(async () => {
    await worker?.close();
    await sandbox?.close();
  });

  test(`of ${ROWS} rows is planned in well under a minute, and nothing is sent`, { timeout: 120_000 }, async (t) => {
    const [made, seconds] = await secondsOf("plan", () => worker.call("POST", "/v1/jobs?name=big", { key, body: csvOf(ROWS), type: "text/csv" }));
    assert.equal(made.status, 201, made.text);
    t.diagnostic(`planned in ${seconds.toFixed(1)} s: ${Math.round(ROWS / seconds)} rows/s`);
    assert.equal(made.json.plan.people, ROWS);
    assert.equal(made.json.plan.most_credits, ROWS * 5);
    assert.equal(sandbox.requests().length, 0);
    assert.ok(seconds < 60);
    const [results, reading] = await secondsOf("results", () => worker.call("GET", `/v1/jobs/${made.json.id}/results?format=csv`, { key }));
    t.diagnostic(`${(results.text.length / 1e6).toFixed(1)} MB of results read in ${reading.toFixed(1)} s`);
    assert.equal(results.text.split("\r\n").length, ROWS + 2);
  });

  test(`of ${LOOKED_UP} rows is looked up to the end, each person paid for once`, { timeout: 120_000 }, async (t) => {
    const { json } = await worker.call("POST", "/v1/jobs", { key, body: csvOf(LOOKED_UP), type: "text/csv" });
    const [, seconds] = await secondsOf("run", async () => {
      await worker.call("POST", `/v1/jobs/${json.id}/start`, { key, body: { budget: LOOKED_UP * 5 } });
      for (;;) {
        const { json: job } = await worker.call("GET", `/v1/jobs/${json.id}`, { key });
        if (job.state !== "running") return assert.deepEqual([job.state, job.reason, job.progress.found, job.progress.credits], ["done", undefined, LOOKED_UP, LOOKED_UP * 5]);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    });
    t.diagnostic(`looked up in ${seconds.toFixed(1)} s: ${Math.round(LOOKED_UP / seconds)} rows/s`);
    assert.equal(sandbox.ledger().length, LOOKED_UP);
    assert.equal(sandbox.wallet().double_charges, 0);
  });
});
