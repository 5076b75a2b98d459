// What the page knows and does: the form's text, what the package says of it, and the one lookup that may be under way.
// What is valid, what is sent and what it costs is decided in the package; here it is only asked for and kept.
import { computed, signal } from "@preact/signals";
import {
  createClient,
  isEnrichmentError,
  type Charge,
  type CheckResult,
  type EnrichmentError,
  type EnrichmentRequest,
  type Lookup,
  type Outcome,
  type Store,
} from "phone-enrichment";
import { accessKey } from "./access.ts";

export type Field = keyof EnrichmentRequest;
export type Form = Record<Field, string>;

/** How the page's one lookup stands. `id` tells each result from the one before. */
export type Stage =
  | { name: "idle" }
  | { name: "looking"; lookup: Lookup; cancelling: boolean }
  | { name: "answered"; id: number; outcome: Outcome; weaker: Lookup[] }
  | { name: "failed"; id: number; error: EnrichmentError; sent: Sent | null }
  | { name: "broken"; id: number; error: unknown; sent: Sent | null };

/** What went out before a lookup failed: for whom, what it would cost, and what the wallet held before, if that is known. */
export interface Sent {
  lookup: Lookup;
  price: number;
  walletBefore: number | null;
}

type Sendable = Extract<CheckResult, { ok: true }>;

/** What a lookup costs if it finds a phone, for the words that stand there before anything is typed. The package says
 *  it for a request that can be sent, and the button shows that. */
export const USUAL_PRICE = 5;

/** Long enough to finish a word, short enough to feel attended to. */
const PAUSE_MS = 350;

export const form = signal<Form>({ linkedin_url: "", email: "", first_name: "", last_name: "", company_name: "", company_website: "" });
/** What the package says of the text, a moment behind the typing. */
export const verdict = signal<CheckResult | null>(null);
export const stage = signal<Stage>({ name: "idle" });
/** Credits left, as the service last said. */
export const wallet = signal<number | null>(null);
/** Whether a lookup since then may have been charged. */
export const walletDoubtful = signal(false);
/** Whether somebody has tried to look up what can't be: until then a form half full is no mistake. */
export const tried = signal(false);
/** An attempt has just ended in front of the form: whatever says why takes the focus, and takes this back. */
export const turnedBack = signal(false);
/** The person at the form accepts that somebody may be paid for a second time. */
export const accepted = signal(false);

/** What the lookups of this visit cost or may have cost, by person. Only in memory: the keys are personal data. */
const bought = signal<ReadonlyMap<string, Charge>>(new Map());

/** Whether the person in the form was paid for in this visit, or may have been. */
export const boughtBefore = computed<Charge | null>(() => {
  const judged = verdict.value;
  return judged?.ok ? (bought.value.get(judged.lookup.key) ?? null) : null;
});

/** The page asks whoever serves it, with the caller's own key where it wants one. */
export const SERVICE = {
  baseUrl: location.origin,
  headers: (): Record<string, string> => (accessKey.value === null ? {} : { Authorization: `Token ${accessKey.value}` }),
};

let requestsSent = 0;
const clientWith = (store?: Store) =>
  createClient({
    ...SERVICE,
    // A lookup that may cost something is sent when a person says so, never by a timer: a wait is told instead.
    maxRateLimitRetries: 0,
    onRequest: () => void requestsSent++,
    onCredits: setWallet,
    store,
  });
// One lookup leaves nothing behind; lists have a store, and from then on the form asks it too.
let client = clientWith();

export function useStore(store: Store): void {
  client = clientWith(store);
}

/** What lists were looked up with in this browser, also in an earlier visit: whoever they paid for is free here, too. */
export const STORE = "phone-enrichment";
const remembered = (async () => {
  const databases = await indexedDB.databases?.();
  if (!databases?.some(({ name }) => name === STORE)) return;
  const { indexedDBStore } = await import("phone-enrichment/stores/indexeddb");
  useStore(indexedDBStore({ name: STORE }));
  // A browser that keeps nothing has nothing to remember.
})().catch(() => {});

export function setWallet(remaining: number): void {
  wallet.value = remaining;
  walletDoubtful.value = false;
}

let pause: ReturnType<typeof setTimeout> | undefined;
let newestCheck = 0;

/** Takes what was typed, and has it judged once the typing pauses. */
export function type(field: Field, text: string): void {
  form.value = { ...form.value, [field]: text };
  accepted.value = false;
  clearTimeout(pause);
  pause = setTimeout(judge, PAUSE_MS);
}

/** Has the text judged now: the field was left, or the page was opened with text in it. */
export async function judge(): Promise<void> {
  try {
    await check();
  } catch (error) {
    // Told once: every result takes the focus, and somebody may be typing.
    if (stage.value.name === "idle") fail(error, null);
  }
}

async function check(): Promise<CheckResult> {
  clearTimeout(pause);
  const number = ++newestCheck;
  const judged = await client.check(form.value);
  // An answer about older text is nobody's business any more.
  if (number === newestCheck) verdict.value = judged;
  return judged;
}

// A plain variable, because the second click of a double click comes before anything is drawn.
let busy = false;
let cancelling: AbortController | null = null;
let results = 0;

/** Looks up whom the form names. Only a person's click or Enter comes here. */
export async function submit(): Promise<void> {
  if (busy) return;
  busy = true;
  try {
    const judged = await check();
    tried.value = !judged.ok;
    if (!judged.ok || (bought.value.get(judged.lookup.key) === "possible" && !accepted.value)) {
      turnedBack.value = true;
      return;
    }
    await look(judged);
  } catch (error) {
    fail(error, null);
  } finally {
    busy = false;
  }
}

async function look({ lookup, ladder, price }: Sendable): Promise<void> {
  // The package asks nobody again whose lookup may have been charged, unless it is told to.
  const force = accepted.value;
  accepted.value = false;
  await remembered;
  cancelling = new AbortController();
  requestsSent = 0;
  const walletBefore = walletDoubtful.value ? null : wallet.value;
  stage.value = { name: "looking", lookup, cancelling: false };
  try {
    // The canonical form, as the page showed it: what was shown is what is sent.
    const outcome = await client.enrichPhone(lookup.request, { signal: cancelling.signal, force });
    remember(lookup, outcome.meta.charge, true);
    stage.value = { name: "answered", id: ++results, outcome, weaker: ladder.slice(1) };
  } catch (error) {
    const sent = requestsSent > 0 ? { lookup, price, walletBefore } : null;
    // What is no error of the package's is a mistake of this page's, and then nobody knows.
    const charge = isEnrichmentError(error) ? error.charge : sent ? "possible" : "none";
    remember(lookup, charge, false);
    if (charge === "possible") walletDoubtful.value = true;
    if (isEnrichmentError(error) && typeof error.remainingCredits === "number") setWallet(error.remainingCredits);
    fail(error, sent);
  } finally {
    cancelling = null;
  }
}

/** What is known of a person now: an answer ends the doubt about the lookup before it. */
function remember({ key }: Lookup, charge: Charge, answered: boolean): void {
  if (bought.value.get(key) === "confirmed") return;
  const now = new Map(bought.value);
  if (charge !== "none") now.set(key, charge);
  else if (answered) now.delete(key);
  bought.value = now;
}

function fail(error: unknown, sent: Sent | null): void {
  const id = ++results;
  stage.value = isEnrichmentError(error) ? { name: "failed", id, error, sent } : { name: "broken", id, error, sent };
}

/** Stops waiting for the lookup under way. The service may finish it, and charge, all the same. */
export function cancel(): void {
  if (stage.value.name === "looking") stage.value = { ...stage.value, cancelling: true };
  cancelling?.abort();
}

/** Takes an ending away that was dealt with, and leads back to the button that looks up. */
export function dismiss(): void {
  stage.value = { name: "idle" };
  document.querySelector<HTMLElement>("form button[type=submit].primary")?.focus();
}
