// That whatever `cargo xtask bench` measures can be measured, and comes as its table needs it. No figure is judged: a test runs
// on a busy machine.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";

import { here, SUBJECTS } from "./measure.js";

const everybody = Object.keys(SUBJECTS);
const clients = everybody.slice(1);
const withoutSlim = everybody.filter((name) => !name.endsWith("/slim"));
const timed = ["median", "least", "most"];
/** Beside them what is not a sample, but a difference, which may be anything. */
const added = ["median", "p99", "least", "added", "added_p99"];

/** The tables of each part: who is in it, and with which columns. */
const PARTS = {
  size: { size: [clients, ["raw", "gzip", "brotli"]] },
  start: {
    ...Object.fromEntries(["node", "chromium"].flatMap((runtime) => [`${runtime} started`, `${runtime} imported`]).map((name) => [name, [everybody, timed]])),
    ...Object.fromEntries(["workerd started", "workerd imported"].map((name) => [name, [withoutSlim, timed]])),
  },
  throughput: Object.fromEntries(["1", "16", "256"].map((name) => [name, [everybody, [...timed, "cpu"]]])),
  check: Object.fromEntries(["full", "linkedin", "invalid"].map((name) => [name, [["check", "valibot", "zod"].map((who) => `${who} ${name}`), [...timed, "per_second"]]])),
  lists: {
    time: [["Papa Parse + valibot", "phone-enrichment/lists"], [...timed, "mb_per_second"]],
    processor: [["Papa Parse + valibot", "phone-enrichment/lists"], [...timed, "mb_per_second"]],
    "peak memory": [["Papa Parse + valibot", "phone-enrichment/lists"], timed],
    growth: [["a tenth", "all"], timed],
  },
  memory: { memory: [everybody, [...timed, "heap", "external", "rss"]] },
  worker: { kept: [["a bare read of a Durable Object", "a kept answer"], added], lookup: [["a bare Worker", "the Worker"], added] },
};

describe("the bench, briefly", () => {
  for (const [part, expected] of Object.entries(PARTS)) {
    test(`measures ${part}`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [`${part}.js`, "--brief"], { cwd: here });
      const { runtime, tables, note } = JSON.parse(stdout);
      assert.ok(runtime && note);
      assert.deepEqual(tables.map(({ name }) => name), Object.keys(expected));
      for (const { name, to, columns, figures } of tables) {
        const [subjects, needed] = expected[name];
        assert.deepEqual([Object.keys(figures), columns], [subjects, needed], name);
        for (const [subject, figure] of Object.entries(figures)) {
          for (const column of [...columns, "ratio"].filter((column) => !column.startsWith("added"))) assert.ok(figure[column] > 0, `${name}, ${subject}: ${column} is ${figure[column]}`);
          if (columns.includes("least")) assert.ok(figure.least <= figure.median && figure.median <= (figure.most ?? figure.p99), `${name}, ${subject}`);
        }
        assert.equal(figures[to].ratio, 1, `${name}: everybody is compared with ${to}`);
      }
    });
  }
});
