// Runs very many requests and prints what the heap holds on the way: many-million.js <rows> <people> <ordered>, with
// --expose-gc.
import { createClient } from "phone-enrichment";

const [rows, people] = process.argv.slice(2).map(Number);
const reply = JSON.stringify({ success: true, status: "not_found", message: "Phone not found", remaining_credits: 100 });
const client = createClient({ token: "nobody-reads-this", fetch: async () => new Response(reply) });

function* list() {
  for (let number = 0; number < rows; number++) yield { email: `person-${number % people}@acme.example.com` };
}

const heap = {};
let read = 0;
const run = client.enrichMany(list(), { concurrency: 64, ordered: process.argv[4] === "ordered" });
for await (const { index, outcome, error } of run) {
  if (outcome?.status !== "not_found") throw new Error(`row ${index} failed`, { cause: error });
  if (++read % 100_000 === 0) {
    globalThis.gc();
    heap[read] = process.memoryUsage().heapUsed;
  }
}
console.log(JSON.stringify({ read, heap, progress: run.progress }));
