// The package that npm installed from the tarball, in a program of one's own, in every runtime there is: the program looks
// people up over HTTP and says itself whether all went well, and the service says what it was asked for and what it charged.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startSandbox } from "phone-enrichment/sandbox";
import { copyOfPackage } from "../package/support/installed.js";
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
    const ran = version(said);
    assert.ok(ran, `another runtime was meant: ${said}`);
    return ran;
  } finally {
    await sandbox.close();
  }
}

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
