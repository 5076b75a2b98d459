// One reading of a list, by one of the subjects, as a process of its own: how long it took, its most memory, and a digest of its
// verdict on every row, which is of the first row of the same person, or -1 for nobody. node list.js <subject> <file>
import { createHash } from "node:crypto";
import { createReadStream, openAsBlob } from "node:fs";

const [, , subject, file] = process.argv;
/** The time on the clock and that of the processor, in seconds. */
const now = () => {
  const { user, system } = process.cpuUsage();
  return [performance.now() / 1e3, (user + system) / 1e6];
};

async function papa() {
  const [{ default: Papa }, { judge }] = await Promise.all([import("papaparse"), import("./valibot.js")]);
  const FIELDS = { "First Name": "first_name", "Last Name": "last_name", Company: "company_name", Website: "company_website", Email: "email", "LinkedIn URL": "linkedin_url" };
  const begin = now();
  const first = new Map();
  const people = [];
  const verdicts = [];
  await new Promise((resolve, reject) =>
    Papa.parse(createReadStream(file), {
      header: true,
      skipEmptyLines: true,
      error: reject,
      complete: resolve,
      step({ data }) {
        const request = {};
        for (const header in FIELDS) if (data[header]) request[FIELDS[header]] = data[header];
        const verdict = judge(request);
        const row = verdicts.length;
        if (!verdict.ok) return verdicts.push(-1);
        const { lookup } = verdict;
        if (!first.has(lookup.key)) {
          first.set(lookup.key, row);
          people.push(lookup.request);
        }
        verdicts.push(first.get(lookup.key));
      },
    }),
  );
  return { begin, end: now(), verdicts: () => verdicts };
}

async function ours() {
  const { planList } = await import("phone-enrichment/lists");
  const begin = now();
  const plan = await planList(await openAsBlob(file));
  return {
    begin,
    end: now(),
    *verdicts() {
      for (let from = 0; from < plan.rows; from += 5000) for (const { row, kind, of } of plan.page(from, 5000)) yield kind === "invalid" ? -1 : (of ?? row);
    },
  };
}

const { begin, end, verdicts } = await [papa, ours][subject]();
// In kB, of the whole process until now.
const rss = (process.resourceUsage().maxRSS * 1024) / 1e6;
const digest = createHash("sha256");
let rows = 0;
for (const verdict of verdicts()) {
  digest.update(`${verdict}\n`);
  rows++;
}
console.log(JSON.stringify({ seconds: end[0] - begin[0], cpu: end[1] - begin[1], rss, rows, digest: digest.digest("hex") }));
