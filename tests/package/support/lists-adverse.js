// What a plan says of a list that nobody would write on purpose, made as it is read, and the most memory that it took: one JSON
// object. node lists-adverse.js <name> <address of the service>
import { createClient, isEnrichmentError } from "phone-enrichment";
import { planList } from "phone-enrichment/lists";

const MEGABYTE = 1_000_000;
const bytes = new TextEncoder();
const utf16 = (text) => new Uint8Array(Uint16Array.from(text, (letter) => letter.charCodeAt()).buffer);
const times = function* (count, chunk) {
  for (let time = 0; time < count; time++) yield chunk;
};
/** So many rows after what stands in front, each with another end of the line. */
const rows = function* (head, count, row, ends = ["\n"]) {
  yield head;
  for (let from = 0; from < count; from += 1000) yield Array.from({ length: 1000 }, (_, index) => row(from + index) + ends[index % ends.length]).join("");
};
const all = function* (texts, encode = (text) => bytes.encode(text)) {
  for (const text of texts) yield encode(text);
};

const LISTS = {
  "only quotes": () => times(20, bytes.encode('"'.repeat(MEGABYTE))),
  "an unclosed quote": () => all(["Email,Name\na@acme.com,A\n", '"b@acme.com,B\n', ...times(100, "c@acme.com,C\n".repeat(MEGABYTE / 13))]),
  "nothing but NULs": () => times(20, new Uint8Array(MEGABYTE)),
  "NULs in between": () => all(rows("Email,Name\n", 100_000, (row) => (row === 50_000 ? "a\0b@acme.com,A" : `p${row}@acme.com,A`))),
  "mixed ends of lines": () => all(rows("Email,Name\r\n", 300_000, (row) => `p${row}@acme.com,A`, ["\r\n", "\n", "\r"])),
  "UTF-16": () => all(rows("\ufeffEmail,Name\n", 300_000, (row) => `p${row}@acme.com,Zoë`), utf16),
  "a line of 100 MB": () => times(100, bytes.encode("x".repeat(MEGABYTE))),
  "headers that stand there twice": () => all(rows("Email,Name,Email,Name\n", 1000, (row) => `p${row}@acme.com,A,q${row}@acme.com,B`)),
  "no header": () => all(rows("", 1000, (row) => `p${row}@acme.com,Jane,Roe`)),
};

const [, , name, baseUrl] = process.argv;
let verdict;
try {
  const plan = await planList(ReadableStream.from(LISTS[name]()), { client: createClient({ token: "none", baseUrl }) });
  const { rows, people, invalid, header, encoding, columns } = plan;
  verdict = { rows, people, invalid, header, encoding, fields: columns.map(({ field }) => field), lastLine: plan.page(rows - 1, 1)[0].line };
} catch (error) {
  if (!isEnrichmentError(error)) throw error;
  verdict = { code: error.code, issue: error.issues[0].code, line: error.issues[0].line };
}
console.log(JSON.stringify({ verdict, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) }));
