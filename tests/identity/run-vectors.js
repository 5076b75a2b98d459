// Runs inside every runtime, and needs nothing but the language: it feeds `checkRequest` and returns what it said. Commands
// and answers are JSON texts, so that no runtime's way of passing values around changes what was sent or said.
import { requests } from "./requests.js";

/** What stands beside a name or a website so that the request is a whole one. */
const PERSON = { first_name: "Jane", last_name: "Doe", company_name: "Acme" };

/** The request that asks for nothing but one field's text. */
export function requestFor(field, text) {
  if (field === "linkedin_url" || field === "email") return { [field]: text };
  if (field === "company_website") return { first_name: PERSON.first_name, last_name: PERSON.last_name, company_website: text };
  return { ...PERSON, [field]: text };
}

/** What `checkRequest` said, or that it threw, which it never may. */
async function said(check, request) {
  try {
    return await check(request);
  } catch (error) {
    return { threw: String(error) };
  }
}

async function judgeRequest(check, { name, make }) {
  const { request, before, after } = make();
  before?.();
  // Judging begins at once, up to the first wait; what was put on the prototypes is gone before anybody else runs.
  const judged = said(check, request);
  try {
    return { name, result: await judged };
  } finally {
    after?.();
  }
}

/** Code points as ranges of first and last. */
function ranges(points) {
  const found = [];
  for (const point of points) {
    const last = found.at(-1);
    if (last && last[1] === point - 1) last[1] = point;
    else found.push([point, point]);
  }
  return found;
}

/**
 * Every character of these ranges, within a name and as a name: those of which the key is not the name itself. Those that the
 * runtime's Unicode does not know yet are listed apart.
 */
async function characters(check, blocks) {
  const changed = [];
  const unassigned = [];
  for (const [first, last] of blocks) {
    for (let point = first; point <= last; point++) {
      const character = String.fromCodePoint(point);
      if (/\p{Cn}/u.test(character)) {
        unassigned.push(point);
        continue;
      }
      const { lookup, issues } = await check({ first_name: `x${character}x`, last_name: character, company_name: "x" });
      const keys = lookup?.key ?? issues.map(({ code, field }) => `${field} ${code}`).join(", ");
      if (keys !== `name:x${character}x|${character}|x`) changed.push([point, keys]);
    }
  }
  return { changed, unassigned: ranges(unassigned) };
}

/** Judges a long text as often as asked, for the sake of the time that takes. */
async function measure(check, { field, before, unit, length, times, twin }) {
  const text = before + unit.repeat(Math.ceil(length / unit.length));
  // The broken twin takes as long as if the time grew with the square of the length.
  const rounds = twin ? (times * length) / 100_000 : times;
  for (let round = 0; round < rounds; round++) await check(requestFor(field, text));
}

const commands = {
  async vectors({ cases }, check) {
    const results = [];
    for (const { field, in: text } of cases) results.push(await said(check, requestFor(field, text)));
    return results;
  },
  async requests(_, check) {
    const results = [];
    for (const one of requests) results.push(await judgeRequest(check, one));
    return results;
  },
  characters: ({ blocks }, check) => characters(check, blocks),
  measure: (command, check) => measure(check, command),
};

/** JSON in ASCII and in one line, whatever a stream takes for the end of a line. */
export const toText = (value) => JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Does as told, `{ do, … }`, and gives what came of it. */
export async function answer(api, text) {
  const command = JSON.parse(text);
  return toText((await commands[command.do](command, api.checkRequest)) ?? null);
}
