// The vectors, and requests of the worst kind, through the package that npm installed from the tarball: in every runtime each
// is judged as it says, and all runtimes say the same to the last word.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { frozen, vectors as allOf } from "./frozen.js";
import { capitalsLeft, differences, disagreements, judgeRequests, judgeVectors } from "./judge.js";
import { requests } from "./requests.js";
import { starters } from "./runtimes.js";

const vectors = allOf();
/** What is released and may not change. */
const kept = frozen().releases.flatMap(({ since, cases }) => cases.map((one) => ({ ...one, why: `frozen since ${since},` })));

// Where letters have cases or forms, or are punctuation, marks or worse. The large blocks of ideographs and syllables between
// these have none of that, and would take most of the time.
const BLOCKS = [[0, 0x33ff], [0xa000, 0xabff], [0xd7a4, 0xd7ff], [0xe000, 0xe00f], [0xf900, 0x11fff], [0x16000, 0x16fff], [0x1b000, 0x1ffff], [0x2f800, 0x2fa1f], [0xe0000, 0xe01ff]];

/** Characters by which a runtime's version of Unicode is told: each is known from that version on. */
const UNICODE = [["17", 0x16ea0], ["16", 0xa7da], ["15", 0x11f04], ["14", 0x2c2f]];
const unicodeOf = ({ unassigned }) => UNICODE.find(([, point]) => !unassigned.some(([first, last]) => point >= first && point <= last))?.[0] ?? "13 or older";

const started = await Promise.all(Object.entries(starters).map(([name, start]) => start().catch((error) => ({ name, error }))));
after(() => Promise.all(started.map((runtime) => runtime.close?.())));

const asked = new Map();
/** What a runtime says to a command; it is asked once. */
function said(runtime, command) {
  if (runtime.error) throw runtime.error;
  const about = `${runtime.name} ${JSON.stringify(command)}`;
  if (!asked.has(about)) asked.set(about, runtime.ask(command));
  return asked.get(about);
}

const allVectors = { do: "vectors", cases: vectors.map(({ field, in: text }) => ({ field, in: text })) };
const allKept = { do: "vectors", cases: kept.map(({ field, in: text }) => ({ field, in: text })) };
const allRequests = { do: "requests" };
const allCharacters = { do: "characters", blocks: BLOCKS };
const none = (found) => assert.equal(found.length, 0, `${found.length}:\n${found.slice(0, 20).join("\n")}`);

const MOST_GROWTH = 5;

/**
 * How much longer a megabyte takes than as much in ten pieces: as long if the time is linear in the length, ten times as long
 * if it is quadratic. A busy machine adds to the one or the other, so what exceeds the limit is looked at again.
 */
async function growth(runtime, text, tries = 4) {
  // A clock of the host: in workerd time stands still while code runs.
  const time = async (length, times) => {
    const begin = performance.now();
    await runtime.ask({ do: "measure", ...text, length, times });
    return performance.now() - begin;
  };
  const [pieces, whole] = [await time(100_000, 10), await time(1_000_000, 1)];
  // Less than that is the way there and back.
  const grown = whole / Math.max(pieces, 5);
  return grown < MOST_GROWTH || tries <= 1 ? grown : Math.min(grown, await growth(runtime, text, tries - 1));
}

const LONG = [
  ["linkedin_url", "", "a."], ["linkedin_url", "linkedin.com/in/", "%41"], ["linkedin_url", "linkedin.com/in/jane/", "../"], ["linkedin_url", "linkedin.com/in/", "e\u0301"], ["linkedin_url", "linkedin.com/in/jane?", "\\"],
  ["email", "jane@", "a."], ["email", "", "@"],
  ["company_website", "https://", "\u00fc."], ["company_website", "acme.com/", ":@"],
  ["first_name", "", "a "], ["last_name", "", "e\u0301"], ["company_name", "a", " \ud800"],
].map(([field, before, unit]) => ({ field, before, unit }));
// The one that all others are held against goes first, so that nobody's time is spent waiting for it.
if (!started[0].error) for (const command of [allVectors, allRequests, allCharacters]) await said(started[0], command).catch(() => {});

describe("through the installed package", { concurrency: 2 }, () => {
  for (const runtime of started) {
    const { name, version, error } = runtime;
    describe(`${name} ${version ?? "did not start"}`, { concurrency: 1, timeout: 120_000 }, () => {
      if (error) {
        test("it starts", () => assert.fail(error));
        return;
      }

      test(`judges all ${vectors.length} vectors as they say`, async () => none(judgeVectors(vectors, await said(runtime, allVectors))));

      test(`gives all ${kept.length} frozen spellings the form that they had when they were released`, async () => none(judgeVectors(kept, await said(runtime, allKept))));

      test("a vector that was tampered with is found out, and no other", async () => {
        const chosen = vectors.findIndex(({ key }) => key === "in:johndoe");
        const cases = allVectors.cases.map((one, index) => (index === chosen ? { ...one, in: `${one.in}x` } : one));
        const results = await runtime.ask({ ...allVectors, cases });
        const found = judgeVectors(vectors, results);
        assert.equal(found.length, 1);
        assert.match(found[0], /another wire form.*johndoex/);
        assert.equal(differences(results, await said(started[0], allVectors)).length, 1);
      });

      test(`judges all ${requests.length} requests, hostile ones among them, and never traps`, async () => none(judgeRequests(requests, await said(runtime, allRequests))));

      test("a request that is not what was expected is found out", async () => {
        const last = requests.length - 1;
        const expected = requests.map((one, index) => (index === last ? { ...one, kind: "linkedin_url" } : one));
        assert.equal(judgeRequests(expected, await said(runtime, allRequests)).length, 1);
      });

      if (runtime !== started[0]) {
        test(`says the same as ${started[0].name} to the last word`, async () => {
          for (const command of [allVectors, allRequests]) none(differences(await said(runtime, command), await said(started[0], command)));
        });

        test("gives every character that both know the same key", async (t) => {
          const [here, there] = [await said(runtime, allCharacters), await said(started[0], allCharacters)];
          none(disagreements(here, there));
          const twin = { ...here, changed: here.changed.filter(([point]) => point !== 0xc9) };
          assert.equal(disagreements(twin, there).length, 1, "a capital that stayed one is found out");
          t.diagnostic(`${name} has Unicode ${unicodeOf(here)}, ${started[0].name} ${unicodeOf(there)}; it leaves ${capitalsLeft(here)} of the capitals of Unicode 16 and 17 as they are, ${started[0].name} ${capitalsLeft(there)}`);
        });
      }

      test("takes time in proportion to the length, up to a megabyte", async () => {
        for (const text of LONG) {
          const grown = await growth(runtime, text);
          assert.ok(grown < MOST_GROWTH, `${JSON.stringify(text)} takes ${grown.toFixed(1)} times as long in one piece as in ten`);
        }
        let twin = 0;
        for (let tries = 0; tries < 4 && twin < MOST_GROWTH; tries++) twin = await growth(runtime, { ...LONG[0], twin: true }, 1);
        assert.ok(twin > MOST_GROWTH, `what is quadratic takes but ${twin.toFixed(1)} times as long: nothing would be found out`);
      });
    });
  }
});
