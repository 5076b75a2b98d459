// Looks people up as it is told, in a process of its own: `node lookups.js SUBJECT BASE_URL`, then messages.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { inspect } from "node:util";

import { person, PHONE, wasmFile } from "./measure.js";

const [subject, baseUrl] = process.argv.slice(2);
const { connect } = await import(`./subjects/${subject}.js`);
const lookup = connect({ baseUrl, wasm: () => readFile(wasmFile) });
let next = 0;

/** Each of them asks again as soon as it is answered, until the time is over or enough are. */
async function run({ concurrency, milliseconds = Infinity, lookups = Infinity }) {
  const first = next;
  const before = process.cpuUsage();
  const begin = performance.now();
  const end = begin + milliseconds;
  const ask = async () => {
    while (next - first < lookups && performance.now() < end) assert.equal(await lookup(person(next++)), PHONE);
  };
  await Promise.all(Array.from({ length: concurrency }, ask));
  const took = performance.now() - begin;
  const { user, system } = process.cpuUsage(before);
  return { lookups: next - first, milliseconds: took, cpu: user + system };
}

async function memory() {
  // What closing connections and finalizers let go of is let go of.
  for (let times = 0; times < 3; times++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed, external };
}

process.on("message", async (message) => process.send(await (message === "memory" ? memory() : run(message)).catch((error) => ({ error: inspect(error) }))));
process.on("disconnect", () => process.exit());
process.send("ready");
