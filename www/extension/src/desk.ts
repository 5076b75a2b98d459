// What the background does for the pages: tells what is known, asks the service for one person at a click, and keeps what comes
// of it. It can be ended at any moment, and then begins anew from what is written down.
import { checkRequest, createClient, isEnrichmentError, type Client, type EnrichmentError, type EnrichmentRequest, type Lookup, type Outcome } from "phone-enrichment";
import { indexedDBStore } from "phone-enrichment/stores/indexeddb";
import type { Answers, Message, Refused, Tried, View, Wallet } from "./messages.ts";
import { askedBeside, DAY_MS, eraseEverybody, erasePerson, people, personOf, setAside, spentToday, write, type Person } from "./people.ts";
import { readSettings, readToken, workerOrigin, type Settings } from "./settings.ts";

/** A browser may end a background that waits longer than half a minute for a reply. */
const TIMEOUT_MS = 20_000;
/** How long the Worker may take to say what the wallet holds, in milliseconds. */
const WALLET_MS = 5_000;
/** Credits: what the service takes for a phone. */
const PRICE = 5;

/** The lookups that are out, of this background's own. Whatever else is written down as out was left by an earlier one. */
const out = new Map<string, Promise<Person | Refused>>();
/** What the wallet held when it was last told. */
let credits: number | null = null;

const store = indexedDBStore({ name: "phone-enrichment" });

/** A client for one lookup: the Worker recognises it by the id of the click. */
function clientOf(settings: Settings, token: string, lookup: string, isPaidAgain: boolean): Client {
  const { retentionDays, suppressed, way, worker } = settings;
  const common = {
    store,
    timeoutMs: TIMEOUT_MS,
    maxRateLimitRetries: 0,
    retention: { foundDays: retentionDays, notFoundDays: Math.min(1, retentionDays) },
    suppress: suppressed,
  };
  if (way === "token") return createClient({ ...common, token, dangerouslyAllowBrowser: true });
  return createClient({ ...common, baseUrl: workerOrigin(worker.address)!, headers: { Authorization: `Token ${worker.key}`, "Idempotency-Key": lookup, ...(isPaidAgain && { "Enrichment-Force": "true" }) } });
}

/** Whether lookups have somewhere to go. */
const isSetUp = ({ way, worker }: Settings, token: string) => (way === "token" ? token !== "" : worker.key !== "" && workerOrigin(worker.address) !== undefined);

async function walletOf({ dailyBudget }: Settings): Promise<Wallet> {
  return { credits, today: await spentToday(Date.now()), limit: dailyBudget };
}

/** A person of whom nobody knows what became: what was out when an earlier background ended. */
const settled = (person: Person): Person => (person.state === "out" && !out.has(person.lookup) ? { ...person, state: "doubt", code: "ended" } : person);

async function look(address: string): Promise<View> {
  const checked = await checkRequest({ linkedin_url: address });
  if (!checked.ok) return { kind: "page", code: checked.issues[0]?.code ?? "no_profile" };
  const settings = await readSettings();
  const { key, request } = checked.lookup;
  const profile = request.linkedin_url!;
  const now = Date.now();
  const asked = (await askedBeside(profile)).filter(({ expires }) => expires === undefined || expires > now).map(settled);
  return {
    kind: "profile",
    profile,
    key,
    who: decodeURIComponent(profile.slice(profile.lastIndexOf("/") + 1)),
    price: checked.price,
    wallet: await walletOf(settings),
    asked,
    setUp: isSetUp(settings, await readToken(settings)),
    way: settings.way,
  };
}

/** What came of it, as it is kept. */
function ended(person: Person, result: Outcome | EnrichmentError): Person {
  if (result instanceof Error) {
    const { code, charge, retryAfterMs } = result;
    return { ...person, state: charge === "possible" ? "doubt" : "failed", code, ...(retryAfterMs !== undefined && { until: Date.now() + retryAfterMs }) };
  }
  const { meta } = result;
  const kept = { ...person, collected: Date.parse(meta.collected_at), expires: Date.parse(meta.expires_at), credits: meta.credits };
  return result.status === "success" ? { ...kept, state: "found", ...result.results } : { ...kept, state: "not_found" };
}

/** Credits that a person's lookup took, or may have. */
const costOf = ({ state, credits: taken = 0 }: Person) => (state === "out" || state === "doubt" ? PRICE : taken);

/** Why somebody is asked for who was asked for before. */
interface How {
  /** The Worker is asked what became of the same lookup. */
  isAgain?: boolean;
  /** The lookup in doubt that this one is paid for instead of. */
  instead?: string;
}

/** Sends one lookup, unless there is no room for it. What it may cost is written down before, and what came of it after. */
async function send(person: Person, settings: Settings, token: string, { isAgain = false, instead }: How): Promise<Person | Refused> {
  const isPaidAgain = instead !== undefined;
  const client = clientOf(settings, token, person.lookup, isPaidAgain);
  const refused = await setAside(person, PRICE, isAgain ? null : settings.dailyBudget, instead).catch(() => "store" as const);
  if (refused !== null) return { refused, ...(refused === "budget" && { until: Date.now() + DAY_MS }) };
  const result = await client.enrichPhone(person.request, { force: isAgain || isPaidAgain }).catch((error: unknown) => {
    if (isEnrichmentError(error)) return error;
    throw error;
  });
  if (result instanceof Error) {
    if (typeof result.remainingCredits === "number" && result.code === "insufficient_credits") credits = result.remainingCredits;
  } else credits = result.remaining_credits ?? credits;
  const end = ended(person, result);
  await write(end, costOf(end));
  return end;
}

/** Lets one lookup of a person be out at a time; whoever asks meanwhile hears of the same. */
function sent(person: Person, settings: Settings, token: string, how: How = {}): Promise<Person | Refused> {
  const sending = send(person, settings, token, how).finally(() => out.delete(person.lookup));
  out.set(person.lookup, sending);
  return sending;
}

async function begin(lookup: string, profile: string, request: EnrichmentRequest): Promise<Person | Refused> {
  const settings = await readSettings();
  const token = await readToken(settings);
  if (!isSetUp(settings, token)) return { refused: "set_up" };
  const checked = await checkRequest(request);
  if (!checked.ok) return { refused: "invalid", issues: checked.issues };
  const { key } = checked.lookup;
  let known: Person | undefined;
  try {
    known = await personOf(key);
  } catch {
    return { refused: "store" };
  }
  if (known && out.has(known.lookup)) return out.get(known.lookup)!;
  // The same click again, after whatever happened in between, is no second lookup.
  if (known?.lookup === lookup) return settled(known);
  if (known && settled(known).state === "doubt") return { refused: "doubt" };
  if (!navigator.onLine) return { refused: "offline" };
  return sent(personFor(checked.lookup, profile, lookup), settings, token);
}

const personFor = ({ key, request }: Lookup, profile: string, lookup: string): Person => ({ key, profile, request, lookup, state: "out", asked: Date.now() });

/** A lookup in doubt goes on as `person`, unless it is none any more, or nothing can be sent. */
async function resumed(lookup: string, key: string, go: (known: Person, settings: Settings, token: string) => Promise<Person | Refused>): Promise<Person | Refused> {
  const settings = await readSettings();
  const token = await readToken(settings);
  if (!isSetUp(settings, token)) return { refused: "set_up" };
  const known = await personOf(key);
  if (!known || known.lookup !== lookup) return { refused: "invalid" };
  if (out.has(lookup)) return out.get(lookup)!;
  if (settled(known).state !== "doubt") return known;
  if (!navigator.onLine) return { refused: "offline" };
  return go(known, settings, token);
}

/**
 * Asks the Worker what became of a lookup that may have been charged: it knows it by its id, and gives its answer again
 * without paying again. Without a Worker there is nobody to ask.
 */
const again = (lookup: string, key: string) =>
  resumed(lookup, key, async (known, settings, token) => (settings.way === "worker" ? sent({ ...known, state: "out", inquired: true }, settings, token, { isAgain: true }) : { refused: "invalid" }));

/** Asks for the person once more, under an id and at a price of its own; what is in doubt stays so in the sum of the day. */
const payAgain = (lookup: string, instead: string, key: string) =>
  resumed(instead, key, async ({ inquired: _, code: __, ...known }, settings, token) => sent({ ...known, lookup, state: "out", asked: Date.now() }, settings, token, { instead }));

/** Whether a person has what is searched for: in the profile, the request, or what was found. */
const matches = (search: string) => {
  const wanted = search.trim().toLowerCase();
  return ({ profile, request, phone, email }: Person) => [profile, ...Object.values(request), phone, email].some((text) => text?.toLowerCase().includes(wanted));
};

async function erase(key: string): Promise<{ removed: number }> {
  const person = await personOf(key);
  if (!person) return { removed: 0 };
  // What is out is written when it ends; erased before, it would be back.
  await out.get(person.lookup)?.catch(() => {});
  const { removed } = await forgetter().forget(person.request);
  await erasePerson(key);
  return { removed: removed + 1 };
}

async function eraseAll(): Promise<null> {
  await Promise.allSettled(out.values());
  await forgetter().forgetAll();
  await eraseEverybody();
  return null;
}

/** A client that is only there to forget. */
const forgetter = () => createClient({ store, baseUrl: "https://nobody.invalid" });

/** Asks the Worker who we are to it. */
async function tryWorker(): Promise<Tried> {
  const { worker } = await readSettings();
  const origin = workerOrigin(worker.address);
  if (origin === undefined) return { ok: false, code: "address" };
  try {
    const reply = await fetch(`${origin}/v1/wallet`, { headers: { Authorization: `Token ${worker.key}` }, redirect: "error", credentials: "omit", signal: AbortSignal.timeout(WALLET_MS) });
    if (reply.status === 401) return { ok: false, code: "key" };
    if (reply.status === 403) return { ok: false, code: "origin" };
    const said = (await reply.json()) as { remaining_credits?: unknown; caller?: { name?: unknown; scopes?: unknown; today?: { limit?: unknown } } };
    if (!reply.ok || typeof said.caller?.name !== "string" || !Array.isArray(said.caller.scopes)) return { ok: false, code: "other" };
    if (!said.caller.scopes.includes("lookup")) return { ok: false, code: "scope" };
    const number = (value: unknown) => (typeof value === "number" ? value : null);
    credits = number(said.remaining_credits);
    return { ok: true, name: said.caller.name.slice(0, 100), credits, limit: number(said.caller.today?.limit) };
  } catch {
    return { ok: false, code: "unreachable" };
  }
}

/** What is done for each message. */
const DONE: { [Kind in Message["kind"]]: (message: Extract<Message, { kind: Kind }>) => Promise<Answers[Kind]> } = {
  look: ({ address }) => look(address),
  lookup: ({ lookup, profile, request }) => begin(lookup, profile, request as EnrichmentRequest),
  "ask again": ({ lookup, key }) => again(lookup, key),
  "pay again": ({ lookup, instead, key }) => payAgain(lookup, instead, key),
  people: async ({ search }) => (await people(Date.now())).filter(matches(search)).map(settled),
  erase: ({ key }) => erase(key),
  "erase all": () => eraseAll(),
  try: () => tryWorker(),
};

export const done = (message: Message): Promise<Answers[Message["kind"]]> => (DONE[message.kind] as (message: Message) => Promise<Answers[Message["kind"]]>)(message);
