// What one `check` costs, beside a valibot schema that does the same as far as it can. Prints one JSON object.
//
// Rounds of everybody take turns, and each begins with another, so that a machine that gets slower or busier does so to all;
// what counts is the median. The package is asked as its users ask it, with `await`; the schema answers at once.
import assert from "node:assert/strict";
import { createClient } from "phone-enrichment";

import { full, invalid, linkedin } from "./requests.js";
import { judge } from "./schema.js";

const ROUNDS = 15;
/** In milliseconds: what a clock, a collection of garbage or a neighbour adds must not count. */
const ROUND = 60;
const WARM_UP = 1000;

const requests = { full, linkedin, invalid };
const { check } = createClient({ token: "none" });
const subjects = Object.entries(requests).flatMap(([name, request]) => [
  {
    name: `check ${name}`,
    async run(times) {
      for (let left = times; left > 0; left--) await check(request);
    },
  },
  {
    name: `valibot ${name}`,
    peerOf: `check ${name}`,
    run(times) {
      for (let left = times; left > 0; left--) judge(request);
    },
  },
]);

/** Whoever is measured does the work. */
for (const [name, request] of Object.entries(requests)) {
  const [ours, theirs] = [await check(request), judge(request)];
  assert.equal(ours.ok, name !== "invalid", `${name}: ${JSON.stringify(ours)}`);
  assert.equal(theirs.ok, ours.ok, `${name}: ${JSON.stringify(theirs)}`);
  if (ours.ok) assert.deepEqual([theirs.lookup, theirs.ladder, theirs.price], [ours.lookup, ours.ladder, ours.price]);
  else assert.ok(ours.issues.length >= 4 && theirs.issues.length >= 4, JSON.stringify([ours, theirs]));
}

async function milliseconds(subject, times) {
  const begin = performance.now();
  await subject.run(times);
  return performance.now() - begin;
}

// Warm up for as long as the compilers need to be done, then see how many make a round.
for (const subject of subjects) {
  let times = 1000;
  for (const end = performance.now() + WARM_UP; performance.now() < end; ) {
    const each = (await milliseconds(subject, times)) / times;
    subject.times = Math.ceil((1.2 * ROUND) / each);
    times = Math.min(subject.times, 10_000);
  }
  subject.rounds = [];
}

for (let round = 0; round < ROUNDS; round++) {
  for (let turn = 0; turn < subjects.length; turn++) {
    const subject = subjects[(round + turn) % subjects.length];
    subject.rounds.push(((await milliseconds(subject, subject.times)) / subject.times) * 1000);
  }
}

const rounded = (number) => Math.round(number * 1000) / 1000;
const figures = {};
for (const { name, peerOf, rounds, times } of subjects) {
  rounds.sort((one, other) => one - other);
  const [median, least, most] = [rounds[(ROUNDS - 1) / 2], rounds[0], rounds[ROUNDS - 1]].map(rounded);
  figures[name] = { median, least, most, times };
  if (peerOf) figures[peerOf].ratio = rounded(figures[peerOf].median / median);
}
console.log(JSON.stringify({ node: process.version, rounds: ROUNDS, figures }));
