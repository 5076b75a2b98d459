// Runs a list in a process of its own, to be killed: many-child.js <base URL> <token> <store> <people> <concurrency>.
// Prints a line for each row: index, status or code, charge, source.
import { createClient } from "phone-enrichment";
import { generatedPerson } from "phone-enrichment/sandbox";
import { LineStore } from "./line-store.js";

const [baseUrl, token, path, people, concurrency] = process.argv.slice(2);
const client = createClient({ baseUrl, token, store: new LineStore(path) });

function* list() {
  for (let number = 1; number <= Number(people); number++) yield { linkedin_url: generatedPerson(number).linkedin_url };
}

for await (const { index, outcome, error } of client.enrichMany(list(), { concurrency: Number(concurrency) })) {
  console.log(JSON.stringify([index, outcome?.status ?? error.code, outcome?.meta.charge ?? error.charge, outcome?.meta.source ?? null]));
}
console.log("whole");
