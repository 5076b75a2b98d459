// The package that npm installed from the tarball, in a program of one's own, in every runtime there is: the program looks
// people up over HTTP and says itself whether all went well, and the service says what it was asked for and what it charged.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startSandbox } from "phone-enrichment/sandbox";
import { copyOfPackage } from "../package/support/installed.js";
import { closeBrowsers } from "./browsers.js";
import { rows } from "./rows.js";

/** Whether a row holds: by the word of the program, by that of the service, and it ran where it was meant to. */
async function judge({ run, version }, project, change) {
  const sandbox = await startSandbox();
  try {
    const said = await run(project, { baseUrl: sandbox.url, token: sandbox.token, ...change });
    assert.match(said, /^passed in /);
    await sandbox.idle();
    assert.deepEqual(sandbox.requests().map(({ method, status }) => `${method} ${status}`), ["POST 200", "POST 200"], "one request for each who could be sent, and none else");
    assert.deepEqual(sandbox.ledger().map(({ person_id, credits }) => [person_id, credits]), [["johndoe", 5]], "the one who was found is paid for, once");
    const ran = await version(said);
    assert.ok(ran, `another runtime was meant: ${said}`);
    return ran;
  } finally {
    await sandbox.close();
  }
}

after(closeBrowsers);

describe("whoever judges", { timeout: 60_000 }, () => {
  const [honest] = rows;
  const twice = async (project, service) => (await honest.run(project, service), honest.run(project, service));
  const LIARS = {
    "a program that only says so": [{ ...honest, run: async () => "passed in Node 18.0.0" }, /one request for each/],
    "a program that asks for everybody twice": [{ ...honest, run: twice }, /one request for each/],
    "a token that nobody knows": [{ ...honest, run: async (project, service) => honest.run(project, { ...service, token: "nobody-knows-it" }) }, /failed in .*invalid_token/],
    "another runtime than the one that was meant": [{ ...honest, version: () => undefined }, /another runtime was meant: passed in Node 18/],
  };
  for (const [name, [row, pattern]] of Object.entries(LIARS)) test(`notices ${name}`, async (t) => assert.rejects(judge(row, copyOfPackage(t).project), pattern));
});

for (const row of rows) {
  const { name, imports, twins } = row;
  describe(`${name}, by ${imports}`, { timeout: 120_000 }, () => {
    test("looks up whom it should, and is charged for nobody else", async (t) => {
      row.ran = await judge(row, copyOfPackage(t).project);
    });

    for (const [harm, [harmed, pattern]] of Object.entries(twins)) {
      test(`notices ${harm}`, async (t) => {
        const copy = copyOfPackage(t);
        const change = harmed(copy);
        await assert.rejects(judge(row, copy.project, change), pattern);
      });
    }
  });
}

const readme = fileURLToPath(new URL("../../README.md", import.meta.url));
const [BEGIN, END] = ["<!-- runtimes -->\n", "<!-- /runtimes -->"];

/**
 * The rows that passed, as the README has them; rows that differ in their version alone are one. What is no npm package has
 * the version that a machine happens to have: of that the README says what it was once, or a later one, and may go on to.
 */
function table(written) {
  const lines = new Map();
  for (const { runtime, imports, proved, newest, ran } of rows) {
    const cells = (version) => `| ${runtime} | ${version} | ${imports} | ${proved} |`;
    const before = written.map((line) => / \| ([\d.]+), or later \| /.exec(line)?.[1]).find((version) => version && written.includes(cells(`${version}, or later`)));
    const isOlder = before?.localeCompare(ran, "en", { numeric: true }) < 0;
    const version = newest ? `${isOlder ? before : ran}, or later` : [...(lines.get(cells(""))?.versions ?? []), ran].join(", ");
    lines.set(cells(""), { versions: [version], line: cells(version) });
  }
  return ["| runtime | version | how a program gets the package | what is special |", "| --- | --- | --- | --- |", ...[...lines.values()].map(({ line }) => line)];
}

test("the README says what was proved, and no more", () => {
  assert.deepEqual(rows.filter(({ ran }) => !ran).map(({ name, imports }) => `${name}, by ${imports}`), [], "these rows did not pass");
  const text = readFileSync(readme, "utf8");
  const [from, to] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  assert.ok(from >= BEGIN.length && to >= from, `the README has no ${BEGIN.trim()} … ${END}`);
  const written = text.slice(from, to);
  const proved = `\n${table(process.env.WRITE ? [] : written.split("\n")).join("\n")}\n\n`;
  if (process.env.WRITE) writeFileSync(readme, text.slice(0, from) + proved + text.slice(to));
  else assert.equal(written, proved, "the README is not what was proved: `WRITE=1 node --test tests/runtimes/runtimes.test.js` rewrites its table");
});
