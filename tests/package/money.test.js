// Nobody is paid for twice, and nobody pays without knowing, in Node, Chromium and workerd alike; the service's ledger judges.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { startSandbox } from "phone-enrichment/sandbox";
import { groups, SECRETS, table, TOKEN } from "./money.stories.js";
import { copyOfPackage } from "./support/installed.js";
import { everyTextOf } from "./support/probe.js";
import { everyRuntime, startNode } from "./support/runtimes.js";

const { runtimes } = everyRuntime();

/** Plays a story against a service of its own. */
async function play(runtime, group, name) {
  const { sandbox: options, faults = [] } = groups[group][name];
  const sandbox = await startSandbox({ cors: true, token: TOKEN, faults, ...options });
  try {
    // In Node the errors themselves can be looked into, all but the beginning of a reply.
    const telling = [];
    const tells = (text) => SECRETS.some((secret) => text.includes(secret));
    const onError = ({ message, stack, cause, ...fields }) => telling.push(...everyTextOf({ message, stack, cause, ...fields }).filter(tells));
    const told = await runtime.tell({ group, name, baseUrl: sandbox.url, origin: sandbox.origin, token: TOKEN, ...(runtime.name === "Node" && { onError }) });
    told.shown.push(...telling);
    await sandbox.idle();
    const posts = sandbox.requests().filter(({ method }) => method === "POST");
    return { ...told, posts: posts.length, ledger: sandbox.ledger(), double: sandbox.wallet().double_charges };
  } finally {
    await sandbox.close();
  }
}

function judge(story, { seen, shown, charges, posts, ledger, double }) {
  assert.deepEqual(seen, story.is ?? story.expect);
  if (!("posts" in story) || story.posts !== undefined) assert.equal(posts, story.posts ?? 1, "requests that reached the service");
  if (!("charges" in story) || story.charges !== undefined) assert.equal(ledger.length, story.charges ?? story.posts ?? 1, "charges in the service's ledger");
  // The ledger is the judge: what the calls said was paid was paid, and all that was paid without their saying so was in doubt.
  const said = (charge) => charges.filter((one) => one === charge).length;
  assert.ok(ledger.length >= said("confirmed"), "a charge was told of twice, or there was none");
  assert.ok(ledger.length <= said("confirmed") + said("possible") || story.twice, "something was charged without a word");
  if (!story.twice) assert.equal(double, 0, "somebody was paid for twice");
  for (const text of shown) for (const secret of SECRETS) assert.ok(!text?.includes(secret), `an error shows ${secret}: ${text}`);
}

for (const [group, stories] of Object.entries(groups)) {
  describe(group, { concurrency: 6, timeout: 60_000 }, () => {
    for (const [name, story] of Object.entries(stories)) {
      test(name, async () => {
        const able = runtimes.filter((runtime) => story.only === undefined || story.only[0].includes(runtime.name));
        await Promise.all(
          able.map(async (runtime) => {
            const turn = await play(runtime, group, name);
            try {
              judge(story, turn);
            } catch (error) {
              error.message = `${runtime.name}: ${error.message}\n${JSON.stringify(turn.seen)}`;
              throw error;
            }
          }),
        );
      });
    }
  });
}

describe("the table in the README", () => {
  test("has a row for each event, and says what happened", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const [, section] = /\n## What is charged\n(.*?)\n## /s.exec(readme);
    const rows = [...section.matchAll(/^\| .* \|$/gm)].map(([row]) => row).slice(2);
    assert.deepEqual(rows, table.map(({ event, row }) => `| ${[event, ...row].join(" | ")} |`));
  });
});

describe("a broken twin of the package", { concurrency: 2, timeout: 60_000 }, () => {
  /** Plays a story in Node on a copy that was tampered with, and expects the judge to go red. */
  const goesRed = (twin, group, name, pattern, tamper) =>
    test(`${twin} is noticed`, async (t) => {
      const copy = copyOfPackage(t);
      tamper(copy);
      const runtime = await startNode(copy.folder);
      await assert.rejects(async () => judge(groups[group][name], await play(runtime, group, name)), pattern);
    });
  /** Puts something around the options of every client of the copy. */
  const withOptions = (change) => (copy) => {
    copy.write("dist/real-index.js", copy.read("dist/index.js"));
    copy.write("dist/index.js", `
      import { createClient as real } from "./real-index.js";
      export * from "./real-index.js";
      export const createClient = (options) => real((${change})(options));
    `);
  };
  /** Puts something around every call of the copy. */
  const withCalls = (change) => (copy) => {
    copy.write("dist/real-index.js", copy.read("dist/index.js"));
    copy.write("dist/index.js", `
      import { createClient as real } from "./real-index.js";
      export * from "./real-index.js";
      export const createClient = (options) => {
        const client = real(options);
        return { ...client, enrichPhone: (request, options) => (${change})(client, request, options) };
      };
    `);
  };

  goesRed("that forgets its answers", "calls for one person", "a person is the same by every spelling, and by the e-mail that came along", /cache/, withOptions("(options) => ({ ...options, retention: { foundDays: 0 } })"));
  goesRed("that shares nothing", "calls for one person", "a burst of 500 calls for one person is one request, and one of them pays", /deep-equal/, (copy) => {
    withCalls("(_, request, more) => real(options).enrichPhone(request, more)")(copy);
  });
  goesRed("that has no budget", "a budget", "a budget counts what may have been charged", /budget_exceeded/, withOptions("({ budget, ...options }) => options"));
  goesRed("that overrides open claims", "what is charged", "5xx", /outcome_unknown/, withCalls("(client, request, options) => client.enrichPhone(request, { ...options, force: true })"));
  goesRed("that suppresses nobody", "suppression", "a profile suppresses a person by any identifier of the request, and nobody else", /suppressed/, withOptions("({ suppress, ...options }) => options"));
  goesRed("that writes no claim", "a store", "whoever comes after a program that died is told that nobody knows, and may force", /outcome_unknown/, withOptions("({ store, ...options }) => options"));

  test("is noticed by the ledger alone, too", () => {
    const turn = { seen: 0, shown: [], posts: 1, ledger: [{}], double: 0 };
    const story = { expect: 0 };
    judge(story, { ...turn, charges: ["confirmed"] });
    assert.throws(() => judge(story, { ...turn, charges: ["none"] }), /without a word/);
    assert.throws(() => judge(story, { ...turn, charges: ["confirmed", "confirmed"] }), /told of twice/);
    assert.throws(() => judge(story, { ...turn, charges: ["confirmed"], double: 1 }), /paid for twice/);
    assert.throws(() => judge(story, { ...turn, charges: ["confirmed"], posts: 2 }), /reached the service/);
    assert.throws(() => judge(story, { ...turn, charges: ["confirmed"], shown: ["jane.doe@acme.example.com"] }), /an error shows jane.doe/);
  });
});
