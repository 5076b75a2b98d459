// What is still held after ten thousand lookups, in Node: one JSON object. A process per sample, collected before it is asked.
import { brief, compared, interleaved, rounded, spread, startLookups, startServer, SUBJECTS } from "./measure.js";

const ROUNDS = brief ? 1 : 2;
const LOOKUPS = brief ? 100 : 10_000;

const server = await startServer();
const samples = Object.fromEntries(Object.keys(SUBJECTS).map((name) => [name, []]));
await interleaved(ROUNDS, Object.keys(SUBJECTS), async (name) => {
  const { ask, close } = await startLookups(name, server.baseUrl, ["--expose-gc"]);
  // It checks each answer itself.
  await ask({ concurrency: 16, lookups: LOOKUPS });
  samples[name].push(await ask("memory"));
  close();
});
server.close();

const megabytes = (bytes) => rounded(bytes / 1e6);
const figures = {};
const held = {};
for (const [name, taken] of Object.entries(samples)) {
  held[name] = taken.map(({ heap, external }) => heap + external);
  const of = (measure) => spread(taken.map((sample) => megabytes(measure(sample))));
  const { median, least, most } = of(({ heap, external }) => heap + external);
  figures[name] = { median, least, most, heap: of(({ heap }) => heap).median, external: of(({ external }) => external).median, rss: of(({ rss }) => rss).median };
}
const note = `Node with --expose-gc. phone-enrichment alone still has all ${LOOKUPS} answers then, each under the person's LinkedIn URL and e-mail.`;
const table = { name: "memory", title: `MB after ${LOOKUPS} lookups`, columns: ["median", "least", "most", "heap", "external", "rss"], to: "bare fetch", figures: compared(figures, "bare fetch", held) };
console.log(JSON.stringify({ runtime: `Node ${process.versions.node}`, rounds: ROUNDS, tables: [table], note }));
