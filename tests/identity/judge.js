// What a runtime said, held against what it had to say. Every judge lists what is wrong, in words, and finds nothing at best.
import { requestFor } from "./run-vectors.js";

const show = (value) => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};

/** What counts as absent: white space, and what stands in a text without being seen. */
const BLANK = /^[\s\u0085\u200b\u200e\u200f\u2060\ufeff]*$/u;
const HALF_NAME = ["first_name", "last_name", "company_name", "company_website"];

/** The key of a request that has one field's key in it, and else what requestFor puts beside it. */
function keyFor(field, key) {
  if (field === "company_website") return `name:jane|doe|@${key}`;
  const name = { first_name: "jane", last_name: "doe", company_name: "acme", [field]: key };
  return HALF_NAME.includes(field) ? `name:${name.first_name}|${name.last_name}|${name.company_name}` : key;
}

const KINDS = { linkedin_url: "linkedin_url", email: "email", company_website: "name_website" };

function complaint({ field, in: text, wire, key, refuse, position }, result) {
  if (refuse === undefined) {
    const { lookup } = result;
    if (result.ok !== true) return "is refused";
    if (lookup.kind !== (KINDS[field] ?? "name_company")) return "is taken for another kind of identifier";
    if (lookup.request[field] !== wire) return "has another wire form";
    if (Object.keys(lookup.request).sort().join() !== Object.keys(requestFor(field, "")).sort().join()) return "sends other fields";
    // A website is its own key.
    return lookup.key === keyFor(field, key ?? wire) ? undefined : "has another key";
  }
  if (result.ok !== false) return "is accepted";
  const [issue, ...more] = result.issues;
  if (more.length > 0) return "is refused for more than one reason";
  if (BLANK.test(text)) {
    // A field of which nothing can be seen is absent: the request is refused for what it lacks.
    if (issue.field !== null) return "is blank, and still judged";
    return issue.code === (HALF_NAME.includes(field) ? "incomplete_name" : "no_identifier") ? undefined : "is blank, and refused for something else";
  }
  if (issue.code !== refuse) return `is refused as ${issue.code}`;
  if (issue.field !== field) return `is refused for its ${issue.field}`;
  if (typeof issue.message !== "string" || typeof issue.fix !== "string") return "is refused without a message or a fix";
  if (issue.position !== undefined && !(Number.isInteger(issue.position) && issue.position >= 0 && issue.position < text.length)) return "is refused at a place that it does not have";
  return position === undefined || issue.position === position ? undefined : `is refused at ${issue.position}`;
}

export function judgeVectors(cases, results) {
  if (cases.length !== results.length) return [`${cases.length} were asked, ${results.length} were judged`];
  return cases.flatMap((one, index) => {
    const found = results[index].threw ? `throws ${results[index].threw}` : complaint(one, results[index]);
    return found ? [`${one.why ?? one.field} ${found}: ${show(one)} gives ${show(results[index])}`] : [];
  });
}

export function judgeRequests(requests, results) {
  if (requests.length !== results.length) return [`${requests.length} were asked, ${results.length} were judged`];
  return requests.flatMap(({ name, issues, kind, dropped }, index) => {
    const { name: judged, result } = results[index];
    const holds = (expected, found) =>
      expected.length === found?.length && expected.every((issue, place) => Object.entries(issue).every(([key, value]) => show(found[place][key]) === show(value))) && found.every(({ message }) => typeof message === "string");
    const right = judged === name && (issues ? result.ok === false && holds(issues, result.issues) : result.ok === true && result.lookup.kind === kind && holds(dropped, result.dropped));
    return right ? [] : [`${name}: ${show(result)} instead of ${show(issues ?? kind)}`];
  });
}

/** Where two runtimes said something else, to the last word. */
export function differences(ours, theirs) {
  if (ours.length !== theirs.length) return [`${ours.length} and ${theirs.length} answers`];
  return ours.flatMap((one, index) => (JSON.stringify(sorted(one)) === JSON.stringify(sorted(theirs[index])) ? [] : [`number ${index}: ${show(one)} and ${show(theirs[index])}`]));
}

/** The order of an object's properties is no difference. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

/**
 * The capitals that came with Unicode 16 and 17. A runtime that does not know them yet leaves them as they are, and it can
 * have its tables from more than one version: WebKit's own know them, and the library that its `toLowerCase` asks does not.
 */
const LATE_CAPITALS = [[0x1c89, 0x1c89], [0xa7cb, 0xa7cc], [0xa7ce, 0xa7ce], [0xa7d2, 0xa7d2], [0xa7d4, 0xa7d4], [0xa7da, 0xa7da], [0xa7dc, 0xa7dc], [0x10d50, 0x10d65], [0x16ea0, 0x16eb8]];
const within = (ranges, point) => ranges.some(([first, last]) => point >= first && point <= last);

/** The characters that both runtimes know and that do not give the same key in both. */
export function disagreements(ours, theirs) {
  const [here, there] = [new Map(ours.changed), new Map(theirs.changed)];
  return [...new Set([...here.keys(), ...there.keys()])]
    .filter((point) => here.get(point) !== there.get(point) && !within(ours.unassigned, point) && !within(theirs.unassigned, point))
    .filter((point) => !(within(LATE_CAPITALS, point) && (!here.has(point) || !there.has(point))))
    .map((point) => `U+${point.toString(16).toUpperCase()}: ${show(here.get(point) ?? "itself")} and ${show(there.get(point) ?? "itself")}`);
}

/** How many of the late capitals a runtime leaves as they are. */
export function capitalsLeft({ changed, unassigned }) {
  const lowered = new Set(changed.map(([point]) => point));
  let left = 0;
  for (const [first, last] of LATE_CAPITALS) for (let point = first; point <= last; point++) left += !lowered.has(point) || within(unassigned, point) ? 1 : 0;
  return left;
}
