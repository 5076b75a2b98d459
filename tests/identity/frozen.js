// The canonical forms that are released, and what keeps them: vectors/frozen.json has, for every release that froze some, the
// accepted spellings with wire and key. Two spellings of one person are paid for twice if their key changes, so none may
// change, nor be dropped from the file, before the next major version.
//
// `node identity/freeze.js` renews the file, from the folder tests: it adds the accepted vectors that are not frozen yet as
// those of the version that is about to be released, and begins anew once the major version of pkg/package.json is another.
// It prints the seals; they go into frozen.test.js by hand, so that no case is lost without somebody taking its seal away.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const FIELDS = { linkedin: "linkedin_url", email: "email", website: "company_website", name: undefined };

export const majorOf = (version) => Number(version.split(".")[0]);
export const frozen = () => read("../vectors/frozen.json");
/** The version that is being worked on. */
export const workingVersion = () => read("../../pkg/package.json").version;

/** Every vector, each with its field. */
export const vectors = () => Object.entries(FIELDS).flatMap(([name, field]) => read(`../vectors/${name}.json`).map((one) => ({ field, ...one })));

/** Every accepted vector, as it is frozen: a website is its own key. */
export const accepted = () => vectors().filter(({ wire }) => wire !== undefined).map(({ field, in: text, wire, key }) => ({ field, in: text, wire, key: key ?? wire }));

/** What stands for all cases of a release, to the last character. */
export const sealOf = ({ cases }) => `${cases.length} ${createHash("sha256").update(JSON.stringify(cases)).digest("hex").slice(0, 32)}`;

/** What is wrong with the file, given the seals and the version that is worked on. */
export function judgeFrozen({ major, releases }, seals, version) {
  if (major !== majorOf(version)) return [`frozen.json is of major version ${major}, the package of ${majorOf(version)}: renew it`];
  const found = Object.entries(seals).flatMap(([since, seal]) => {
    const release = releases.find((release) => release.since === since);
    if (!release) return [`the cases of ${since} are gone`];
    return sealOf(release) === seal ? [] : [`the cases of ${since} are not those that were sealed`];
  });
  return [...found, ...releases.filter(({ since }) => !(since in seals)).map(({ since }) => `the cases of ${since} have no seal`)];
}

/** The file, renewed. A case that is frozen already stays as it is. */
export function renewed({ about, major, releases }, cases, version) {
  if (major !== majorOf(version)) return { about, major: majorOf(version), releases: [{ since: version, cases }] };
  const known = new Set(releases.flatMap(({ cases }) => cases.map(({ field, in: text }) => `${field} ${text}`)));
  const fresh = cases.filter(({ field, in: text }) => !known.has(`${field} ${text}`));
  if (fresh.length === 0) return { about, major, releases };
  const before = releases.filter(({ since }) => since !== version);
  const same = releases.find(({ since }) => since === version)?.cases ?? [];
  return { about, major, releases: [...before, { since: version, cases: [...same, ...fresh] }] };
}
