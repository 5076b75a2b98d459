// What is released stays: the forms themselves are held in every runtime by identity.test.js, and the file that holds them here.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as api from "phone-enrichment";
import * as published from "phone-enrichment/vectors";
import { accepted, frozen, judgeFrozen, majorOf, renewed, sealOf, vectors, workingVersion } from "./frozen.js";
import { judgeVectors } from "./judge.js";
import { answer } from "./run-vectors.js";

/** How many cases each release froze, and their hash: the file may grow by a release, and lose nothing. */
const SEALS = {
  "0.1.0": "333 9ffa3ced41fdad5c8f593df9d7e6c984",
};

const version = workingVersion();
const copy = () => structuredClone(frozen());

describe("the frozen forms", () => {
  test("are those that were sealed, for the major version that is worked on", () => assert.deepEqual(judgeFrozen(frozen(), SEALS, version), []));

  test("are told apart from a file that lost a case, a release, or a letter", () => {
    const [fewer, none, other, more] = [copy(), copy(), copy(), copy()];
    fewer.releases[0].cases.splice(7, 1);
    none.releases = [];
    other.releases[0].cases[0].key += "x";
    more.releases.push({ since: "0.1.1", cases: [] });
    assert.deepEqual(judgeFrozen(fewer, SEALS, version), ["the cases of 0.1.0 are not those that were sealed"]);
    assert.deepEqual(judgeFrozen(none, SEALS, version), ["the cases of 0.1.0 are gone"]);
    assert.deepEqual(judgeFrozen(other, SEALS, version), ["the cases of 0.1.0 are not those that were sealed"]);
    assert.deepEqual(judgeFrozen(more, SEALS, version), ["the cases of 0.1.1 have no seal"]);
  });

  test("have to be renewed for another major version, and then begin anew", () => {
    const next = `${majorOf(version) + 1}.0.0`;
    assert.match(judgeFrozen(frozen(), SEALS, next)[0], /renew it/);
    const fresh = renewed(frozen(), accepted(), next);
    assert.deepEqual(fresh.releases.map(({ since }) => since), [next]);
    assert.deepEqual(judgeFrozen(fresh, { [next]: sealOf(fresh.releases[0]) }, next), []);
  });

  test("only grow within one, and keep what they have when a vector says otherwise", () => {
    const [first] = frozen().releases[0].cases;
    const added = { field: "email", in: "new@acme.com", wire: "new@acme.com", key: "email:new@acme.com" };
    const next = `${majorOf(version)}.999.0`;
    const grown = renewed(frozen(), [{ ...first, key: "in:other" }, added], next);
    assert.deepEqual(grown.releases, [...frozen().releases, { since: next, cases: [added] }]);
    // Until it is released, a version can still freeze more.
    const again = renewed(grown, [added, { ...added, in: "newer@acme.com" }], next);
    assert.deepEqual(again.releases.at(-1), { since: next, cases: [added, { ...added, in: "newer@acme.com" }] });
    assert.deepEqual(renewed(frozen(), [first], next), frozen());
  });

  test("of which one that the package gives another form is found out", async () => {
    const cases = frozen().releases.flatMap(({ cases }) => cases);
    const results = JSON.parse(await answer(api, JSON.stringify({ do: "vectors", cases })));
    assert.deepEqual(judgeVectors(cases, results), []);
    const chosen = cases.findIndex(({ field }) => field === "email");
    const tampered = cases.map((one, index) => (index === chosen ? { ...one, key: `${one.key}x` } : one));
    const found = judgeVectors(tampered, results);
    assert.equal(found.length, 1);
    assert.match(found[0], /has another key/);
  });
});

describe("phone-enrichment/vectors", () => {
  test("has the project's own vectors, each with its field and key", () => {
    const own = vectors().map((one) => (one.wire === undefined ? one : { ...one, key: one.key ?? one.wire }));
    assert.deepEqual(Object.keys(published).sort(), ["email", "linkedin", "name", "website"]);
    assert.deepEqual([...published.linkedin, ...published.email, ...published.website, ...published.name], own);
    assert.ok(own.length >= 400);
  });
});
