// What the Worker adds, in workerd: a kept answer beside a bare read of a Durable Object, and a lookup beside a Worker that
// only passes it on. One JSON object. Each Worker has a runtime of its own, and they take turns.
import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { startBare, startWorker, versionOfRuntime } from "../worker/support/worker.js";
import { brief, interleaved, rounded } from "./measure.js";

const ROUNDS = brief ? 2 : 12;
/** Of one turn. */
const READS = brief ? 20 : 400;
const LOOKUPS = brief ? 16 : 160;
const CONCURRENCY = 16;
/** How long the service takes, in milliseconds. */
const SERVICE_MS = 200;

const SLOW = `
  import { startSandbox } from "phone-enrichment/sandbox";
  const sandbox = await startSandbox({ credits: 1e9, people: { generated: 100_000 }, faults: [{ fault: "delay", ms: ${SERVICE_MS} }], log: false });
  process.send({ url: sandbox.url, token: sandbox.token });
  process.on("disconnect", () => process.exit());
`;
const service = fork("-", { execArgv: ["--input-type=module", "-e", SLOW], cwd: new URL("..", import.meta.url).pathname });
const [{ url, token }] = await once(service, "message");

/** One request over a connection that is kept; how long it took, in milliseconds. */
function timed(agent, address, headers, body) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const sent = request(address, { method: "POST", agent, headers: { "content-type": "application/json", "content-length": body.length, ...headers } }, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (part) => (text += part));
      reply.on("end", () => (reply.statusCode === 200 && text.includes('"success":true') ? resolve(performance.now() - started) : reject(new Error(`${reply.statusCode}: ${text}`))));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const LOOKUP = "/external/phone/enrichment/";
const person = (number) => JSON.stringify({ linkedin_url: `https://www.linkedin.com/in/person-${String(number).padStart(5, "0")}` });

const worker = await startWorker({ vars: { VENDOR_URL: url, VENDOR_TOKEN: token, WALLET_PER_DAY: 1e9 }, limits: { CALLS: 1e9 } });
const bare = await startBare({ VENDOR_URL: url, VENDOR_TOKEN: token });
const key = await worker.keyFor("bench");
const WORKERS = { bare: [bare.url, {}], ours: [worker.url, { authorization: `Token ${key}` }] };
let next = 1;

async function turn(name, path, bodies, concurrency) {
  const [origin, headers] = WORKERS[name];
  // Anew for each turn: the runtime closes connections that were idle meanwhile.
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const times = [];
  const left = [...bodies];
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (let body; (body = left.pop()); ) times.push(await timed(agent, origin + path, headers, body));
  }));
  agent.destroy();
  return times;
}

const at = (times, share) => [...times].sort((one, other) => one - other)[Math.min(times.length - 1, Math.floor(times.length * share))];
const figure = (times) => ({ median: rounded(at(times, 0.5)), p99: rounded(at(times, 0.99)), least: rounded(at(times, 0)) });

const read = { bare: [], ours: [] };
const passed = { bare: [], ours: [] };
const kept = person(99_999);
for (const name of Object.keys(WORKERS)) await turn(name, LOOKUP, Array(50).fill(kept), 4);
await interleaved(ROUNDS, Object.keys(WORKERS), async (name) => void read[name].push(await turn(name, name === "bare" ? "/read" : LOOKUP, Array(READS).fill(kept), 1)));
await interleaved(ROUNDS, Object.keys(WORKERS), async (name) => void passed[name].push(await turn(name, LOOKUP, Array.from({ length: LOOKUPS }, () => person(next++)), CONCURRENCY)));

const table = (name, title, samples, [bareName, ownName]) => {
  const figures = { [bareName]: figure(samples.bare.flat()), [ownName]: figure(samples.ours.flat()) };
  const ratios = samples.ours.map((times, round) => at(times, 0.5) / at(samples.bare[round], 0.5)).sort((one, other) => one - other);
  figures[bareName].ratio = 1;
  figures[ownName].ratio = rounded(ratios[Math.floor(ratios.length / 2)]);
  for (const one of Object.values(figures)) {
    one.added = rounded(one.median - figures[bareName].median);
    one.added_p99 = rounded(one.p99 - figures[bareName].p99);
  }
  return { name, title, columns: ["median", "p99", "least", "added", "added_p99"], to: bareName, figures };
};
const tables = [
  table("kept", "ms for one that is kept, one at a time", read, ["a bare read of a Durable Object", "a kept answer"]),
  table("lookup", `ms for a lookup, ${CONCURRENCY} at once`, passed, ["a bare Worker", "the Worker"]),
];
await Promise.all([worker.close(), bare.close()]);
service.disconnect();
console.log(JSON.stringify({ runtime: `workerd ${versionOfRuntime()}`, rounds: ROUNDS, tables, note: `The service answers after ${SERVICE_MS} ms.` }));
