// What one `check` costs, beside a valibot and a zod schema that do the same as far as they can: one JSON object. The package
// is asked as its users ask it, with `await`; the schemas answer at once.
import assert from "node:assert/strict";
import { createClient } from "phone-enrichment";

import { brief, compared, interleaved, spread, versionOf } from "./measure.js";
import { full, invalid, linkedin } from "./requests.js";
import { judge as judgeByValibot } from "./valibot.js";
import { judge as judgeByZod } from "./zod.js";

const ROUNDS = brief ? 1 : 15;
/** In milliseconds: what a clock, a collection of garbage or a neighbour adds must not count. */
const ROUND = brief ? 5 : 60;
const WARM_UP = brief ? 5 : 1000;

const requests = { full, linkedin, invalid };
const { check } = createClient({ token: "none" });
const judges = { valibot: judgeByValibot, zod: judgeByZod };
const subjects = Object.entries(requests).flatMap(([name, request]) => [
  {
    name: `check ${name}`,
    async run(times) {
      for (let left = times; left > 0; left--) await check(request);
    },
  },
  ...Object.entries(judges).map(([peer, judge]) => ({
    name: `${peer} ${name}`,
    run(times) {
      for (let left = times; left > 0; left--) judge(request);
    },
  })),
]);

/** Whoever is measured does the work. */
for (const [name, request] of Object.entries(requests)) {
  const ours = await check(request);
  assert.equal(ours.ok, name !== "invalid", `${name}: ${JSON.stringify(ours)}`);
  for (const [peer, judge] of Object.entries(judges)) {
    const theirs = judge(request);
    assert.equal(theirs.ok, ours.ok, `${peer} ${name}: ${JSON.stringify(theirs)}`);
    if (ours.ok) assert.deepEqual([theirs.lookup, theirs.ladder, theirs.price], [ours.lookup, ours.ladder, ours.price], peer);
    else assert.ok(ours.issues.length >= 4 && theirs.issues.length >= 4, JSON.stringify([ours, theirs]));
  }
}

async function milliseconds(subject, times) {
  const begin = performance.now();
  await subject.run(times);
  return performance.now() - begin;
}

// Warm up for as long as the compilers need to be done, then see how many make a round.
for (const subject of subjects) {
  let times = brief ? 10 : 1000;
  for (const end = performance.now() + WARM_UP; performance.now() < end; ) {
    const each = (await milliseconds(subject, times)) / times;
    subject.times = Math.ceil((1.2 * ROUND) / each);
    times = Math.min(subject.times, 10_000);
  }
  subject.rounds = [];
}
await interleaved(ROUNDS, subjects, async (subject) => {
  subject.rounds.push(((await milliseconds(subject, subject.times)) / subject.times) * 1000);
});

const tables = Object.keys(requests).map((request) => {
  const figures = {};
  const samples = {};
  for (const { name, rounds } of subjects.filter(({ name }) => name.endsWith(` ${request}`))) {
    samples[name] = rounds;
    const figure = spread(rounds, 3);
    figures[name] = { ...figure, per_second: Math.round(1e6 / figure.median) };
  }
  const to = `valibot ${request}`;
  return { name: request, title: `µs, ${request} request`, columns: ["median", "least", "most", "per_second"], to, figures: compared(figures, to, samples) };
});
const note = `valibot ${versionOf("valibot")}, zod ${versionOf("zod")}, with the same rules behind both.`;
console.log(JSON.stringify({ runtime: `Node ${process.versions.node}`, rounds: ROUNDS, tables, note }));
