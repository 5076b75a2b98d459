// How many lookups a second everybody makes on loopback, and what each takes of the processor: one JSON object. Each subject
// is in a process of its own, and while one works the others wait. Everybody is looked up once.
import assert from "node:assert/strict";

import { brief, compared, interleaved, rounded, spread, startLookups, startServer, SUBJECTS } from "./measure.js";

const ROUNDS = brief ? 1 : 21;
/** In milliseconds: short, so that everybody meets the same machine. */
const ROUND = brief ? 30 : 100;
/** So many lookups it takes until the compilers are done with everybody. */
const WARM_UP = brief ? 50 : 6000;
const CONCURRENCIES = [1, 16, 256];

const server = await startServer();
const subjects = [];
for (const name of Object.keys(SUBJECTS)) subjects.push({ name, samples: {}, ...(await startLookups(name, server.baseUrl)) });

let busiest = 0;
/** A round of one, all of whose lookups the server has to know. */
async function measured({ name, ask }, work) {
  const before = await server.done();
  const did = await ask(work);
  const after = await server.done();
  assert.equal(after.answered - before.answered, did.lookups, `${name}: a lookup was not answered by the server`);
  busiest = Math.max(busiest, (after.cpu - before.cpu) / 1000 / did.milliseconds);
  return did;
}

for (const subject of subjects) await measured(subject, { concurrency: 16, lookups: WARM_UP });
busiest = 0;
const tables = [];
for (const concurrency of CONCURRENCIES) {
  for (const subject of subjects) subject.samples = { speed: [], cpu: [] };
  await interleaved(ROUNDS, subjects, async (subject) => {
    const { lookups, milliseconds, cpu } = await measured(subject, { concurrency, milliseconds: ROUND });
    subject.samples.speed.push((lookups / milliseconds) * 1000);
    subject.samples.cpu.push(cpu / lookups);
  });
  const [figures, speeds] = [{}, {}];
  for (const { name, samples } of subjects) speeds[name] = samples.speed;
  for (const { name, samples } of subjects) figures[name] = { ...spread(samples.speed, 0), cpu: spread(samples.cpu, 1).median };
  tables.push({ name: `${concurrency}`, title: `lookups/s, ${concurrency} at once`, columns: ["median", "least", "most", "cpu"], to: "bare fetch", figures: compared(figures, "bare fetch", speeds) });
}
for (const { close } of subjects) close();
server.close();

const note = `cpu: µs of the processor per lookup, all threads of the process. One server of its own process for all, busy for at most ${rounded(100 * busiest, 0)} % of a round. openai by the method that its calls go through, stripe by rawRequest, peopledatalabs by person.bulk.enrichment of one person; stripe and peopledatalabs send by node:http here, all others by fetch.`;
console.log(JSON.stringify({ runtime: `Node ${process.versions.node}`, rounds: ROUNDS, tables, note }));
