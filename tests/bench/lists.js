// What a plan of half a million rows costs, beside Papa Parse with a valibot schema and the same canonical forms: one JSON object.
// Each sample is a process of its own, which reads the same file and tells its verdict on every row.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { brief, compared, here, interleaved, rounded, spread, versionOf } from "./measure.js";

const ROUNDS = brief ? 1 : 5;
const ROWS = brief ? 2_000 : 500_000;
const SUBJECTS = ["Papa Parse + valibot", "phone-enrichment/lists"];

const folder = await mkdtemp(join(tmpdir(), "phone-enrichment-lists-"));

/** Half a million rows as tools export them: a tenth repeats somebody in another spelling, a fiftieth is not valid. */
async function write(name, rows) {
  const file = join(folder, name);
  const out = createWriteStream(file);
  out.write("First Name,Last Name,Company,Website,Email,LinkedIn URL,City\n");
  let text = "";
  for (let row = 0; row < rows; row++) {
    const isAgain = row % 10 === 9;
    const number = isAgain ? row - 9 : row;
    const upper = (value) => (isAgain ? value.toUpperCase() : value);
    // Whoever is listed again is of the same kind as the first time.
    const kind = number % 3;
    const email = row % 50 === 7 ? "nobody@" : kind === 0 ? upper(`jane.roe${number}@acme${number % 97}.com`) : "";
    const url = kind === 1 ? (isAgain ? `uk.linkedin.com/in/Jane-Roe-${number}/?trk=x` : `https://www.linkedin.com/in/jane-roe-${number}`) : "";
    const website = kind === 1 ? "" : upper(`acme${number % 97}.com`);
    text += `Jane,${upper(`Roe${number}`)},${kind === 2 ? `"Acme, Inc. ${number % 1000}"` : "Acme"},${website},${email},${url},Berlin\n`;
    if (text.length > 1_000_000) {
      if (!out.write(text)) await once(out, "drain");
      text = "";
    }
  }
  out.end(text);
  await once(out, "close");
  return file;
}

const run = promisify(execFile);
async function measure(subject, file) {
  const { stdout } = await run(process.execPath, [join(here, "list.js"), SUBJECTS.indexOf(subject), file], { maxBuffer: 1e9 });
  return JSON.parse(stdout);
}

const samples = Object.fromEntries(SUBJECTS.map((name) => [name, { seconds: [], cpu: [], memory: [] }]));
const linear = [];
let bytes;
try {
  const file = await write("list.csv", ROWS);
  const tenth = await write("tenth.csv", ROWS / 10);
  bytes = (await stat(file)).size;
  const verdicts = new Set();
  await interleaved(ROUNDS, SUBJECTS, async (subject) => {
    const { seconds, cpu, rss, rows, digest } = await measure(subject, file);
    assert.equal(rows, ROWS);
    verdicts.add(digest);
    samples[subject].seconds.push(seconds);
    samples[subject].cpu.push(cpu);
    samples[subject].memory.push(rss);
    if (subject === SUBJECTS[1]) linear.push([(await measure(subject, tenth)).seconds, seconds]);
  });
  // Row by row the same: whose it is, and whether it is valid.
  assert.equal(verdicts.size, 1, "the verdicts differ");
} finally {
  await rm(folder, { recursive: true });
}

const table = (name, title, of, digits, columns) => {
  const taken = Object.fromEntries(SUBJECTS.map((subject) => [subject, samples[subject][of]]));
  const figures = Object.fromEntries(SUBJECTS.map((subject) => [subject, { ...spread(taken[subject], digits), ...(of !== "memory" && { mb_per_second: rounded(bytes / 1e6 / spread(taken[subject], 6).median) }) }]));
  return { name, title, columns, to: SUBJECTS[0], figures: compared(figures, SUBJECTS[0], taken) };
};
const [small, large] = [0, 1].map((at) => linear.map((pair) => pair[at]));
const growth = { name: "growth", title: "s, a tenth of the rows, and all of them", columns: ["median", "least", "most"], to: "a tenth", figures: compared({ "a tenth": spread(small, 4), all: spread(large, 4) }, "a tenth", { "a tenth": small, all: large }) };
const tables = [
  table("time", `s, a list of ${ROWS} rows, ${rounded(bytes / 1e6)} MB`, "seconds", 3, ["median", "least", "most", "mb_per_second"]),
  table("processor", "s of the processor, which neighbours slow down less", "cpu", 3, ["median", "least", "most", "mb_per_second"]),
  table("peak memory", "MB at most, the process with its runtime", "memory", 1, ["median", "least", "most"]),
  growth,
];
const note = `papaparse ${versionOf("papaparse")}, valibot ${versionOf("valibot")}. A process for each sample, from the first byte of the file to the verdict on the last row; the start of the process is not counted. Both say the same of every row.`;
console.log(JSON.stringify({ runtime: `Node ${process.versions.node}`, rounds: ROUNDS, tables, note }));
