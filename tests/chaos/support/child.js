// Asks for its share of a plan, to be killed at any time: child.js <JSON of `{ baseUrl, token, folder, log, store, plan, … }`>.
// Started again with the same log, it goes on with the lookups whose end it could not tell.
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient, isEnrichmentError } from "phone-enrichment";
import { fileStore } from "phone-enrichment/stores/file";
import { livesOf } from "./judge.js";
import { planOf, spellingsOf, TIMEOUT } from "./plan.js";

const { baseUrl, token, folder, logs, name, store, plan, share, everybody } = JSON.parse(process.argv[2]);
const log = join(logs, name);
const linesOf = (path) => (existsSync(path) ? livesOf(readFileSync(path, "utf8")).flat() : []);
// What comes next must not be taken for the rest of half a line.
const note = (entry) => appendFileSync(log, `\n${JSON.stringify(entry)}`);

/** A store that says of a text that it is kept, and keeps it half a second later. */
function hasty() {
  const { get, set, ...rest } = fileStore(folder);
  const said = new Map();
  return {
    ...rest,
    get: async (key) => said.get(key) ?? get(key),
    async set(key, text, ttlMs) {
      said.set(key, text);
      setTimeout(set, 500, key, text, ttlMs);
    },
  };
}

const STORES = {
  shared: () => fileStore(folder),
  "of its own": () => new Map(),
  "that promises too soon": hasty,
};

let warnings = 0;
const client = createClient({
  baseUrl,
  token,
  timeoutMs: TIMEOUT,
  store: STORES[store](),
  onWarning: () => warnings++,
  onRequest: ({ lookupId, attempt }) => note({ sent: lookupId, attempt }),
});

/** The bonus e-mail of somebody, if any process has been told it, so that it is kept. */
const bonusMailOf = (number) => readdirSync(logs).flatMap((file) => linesOf(join(logs, file))).find((entry) => entry.number === number && entry.bonusMail)?.bonusMail;

async function ask({ index, number, request, byBonusMail, givenUpAfter, abort }) {
  const bonusMail = byBonusMail ? bonusMailOf(number) : undefined;
  const asked = bonusMail === undefined ? request : { email: bonusMail };
  const { fingerprint } = await client.check(asked);
  const giveUp = new AbortController();
  const before = warnings;
  note({ ask: index, number, abort, fingerprint, byBonusMail: asked !== request });
  const timer = givenUpAfter === null ? undefined : setTimeout(() => giveUp.abort(), givenUpAfter);
  let end;
  try {
    const { status, results, meta } = await client.enrichPhone(asked, { signal: giveUp.signal, abort });
    end = { code: status, charge: meta.charge, credits: meta.credits, source: meta.source, attempts: meta.attempts };
    end.warned = warnings > before;
    // What a warning came with may cost again: nobody asks by that.
    if (results?.email && !end.warned && "linkedin_url" in asked) end.bonusMail = results.email;
  } catch (error) {
    end = isEnrichmentError(error) ? { code: error.code, charge: error.charge, lookupId: error.lookupId } : { code: String(error?.stack ?? error), charge: "none" };
  }
  note({ end: index, number, fingerprint, ...end });
  clearTimeout(timer);
}

const told = new Set(linesOf(log).filter((entry) => "end" in entry).map(({ end }) => end));
const lookups = everybody
  ? Array.from({ length: plan.people }, (_, index) => index + 1).flatMap((number) => {
      const [first, ...others] = spellingsOf(number);
      const mail = bonusMailOf(number);
      return [first, others.at(-1), ...(mail ? [{ email: mail }] : [])].map((request) => ({ number, request }));
    })
  : planOf(plan).filter(({ index }) => index % share.of === share.at);
const left = lookups.map((lookup, index) => ({ index, givenUpAfter: null, abort: "detach", ...lookup })).filter(({ index }) => !told.has(index));

note({ life: process.pid });
// When nothing is out any more, what was left to finish included.
process.once("beforeExit", () => note({ over: client.balance() }));
await Promise.all(
  Array.from({ length: 6 }, async () => {
    for (let next; (next = left.shift()); ) await ask(next);
  }),
);
