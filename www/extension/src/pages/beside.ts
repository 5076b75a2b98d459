// What the panel knows: the tab beside it, what is known of whoever it shows, and the one thing that is being done.
import { computed, effect, signal } from "@preact/signals";
import { browser } from "wxt/browser";
import { ask, type Refused, type View } from "../messages.ts";
import type { Person } from "../people.ts";
import { onSettings, readSettings } from "../settings.ts";
import { speak } from "../words.ts";

/** The site's own addresses: of other tabs the browser tells none. */
const SITE = /^https:\/\/([a-z0-9-]+\.)*linkedin\.com\//i;
const ORIGINS = { origins: ["https://*.linkedin.com/*"] };
/** How often to look for the end of a lookup that somebody else waits for. */
const OUT_MS = 500;

export type Beside = View | { kind: "waiting" } | { kind: "away" } | { kind: "grant" } | { kind: "broken" };

/** What is beside the panel. */
export const beside = signal<Beside>({ kind: "waiting" });
/** Why the last click sent nothing, and for whom it was. */
export const refused = signal<(Refused & { profile: string }) | null>(null);
/** Whom a click just now was for, until the background has written it down. */
export const clicked = signal<string | null>(null);
/** What came of a click in this panel: it says what it cost, unlike what was known before. */
export const fresh = signal<string | null>(null);
/** The answer to the last click: it is shown even where it may not be kept. */
const answer = signal<Person | null>(null);
/** What was asked for last, to ask for it again. */
export const tried = signal<Record<string, string> | undefined>(undefined);
/** What was typed into the forms, which are not there while something is looked up. */
export const typed = signal<Record<string, string>>({});
export const history = signal<Person[] | null>(null);
export const search = signal("");

/** The person whom the panel is about: of everybody who was asked for beside the profile, whoever was found, or else the last. */
export const person = computed<Person | undefined>(() => {
  const { value } = beside;
  if (value.kind !== "profile") return undefined;
  const told = answer.value?.profile === value.profile && answer.value.state === "found" ? answer.value : undefined;
  return value.asked.find(({ state }) => state === "found") ?? told ?? value.asked[0];
});

/** Look-ups of the tab are numbered: what comes late is not shown. */
let latest = 0;
/** The profile that was shown last. */
let profile: string | undefined;

/** Looks at the tab again: which page it shows, and what is known of it. */
export async function look(): Promise<void> {
  const mine = ++latest;
  const found = await lookAround().catch((): Beside => ({ kind: "broken" }));
  if (mine !== latest) return;
  // Whoever looks elsewhere and comes back finds what was typed; beside somebody else it begins anew.
  if (found.kind === "profile" && found.profile !== profile) {
    profile = found.profile;
    refused.value = null;
    fresh.value = null;
    answer.value = null;
    tried.value = undefined;
    typed.value = {};
  }
  beside.value = found;
}

async function lookAround(): Promise<Beside> {
  const [tab] = await browser.tabs.query({ active: true, windowId: await own });
  const url = tab?.pendingUrl && SITE.test(tab.pendingUrl) ? tab.pendingUrl : tab?.url;
  if (url && SITE.test(url)) return ask<"look">({ kind: "look", address: url });
  return (await browser.permissions.contains(ORIGINS)) ? { kind: "away" } : { kind: "grant" };
}

/** The window that the panel belongs to, which never changes. */
const own = browser.windows.getCurrent().then(({ id }) => id!);

/** Begins to follow the tab. What the browser tells of a tab only says that it is time to look again. */
export function follow(): void {
  const again = () => void look();
  // What sent nothing may have been mended.
  const anew = () => {
    refused.value = null;
    again();
  };
  browser.tabs.onActivated.addListener(async ({ windowId }) => windowId === (await own) && again());
  browser.tabs.onUpdated.addListener(async (_, changed, { windowId, active }) => active && (changed.url || changed.status === "complete") && windowId === (await own) && again());
  browser.tabs.onAttached.addListener(again);
  browser.permissions.onAdded.addListener(again);
  browser.permissions.onRemoved.addListener(again);
  addEventListener("online", anew);
  addEventListener("focus", again);
  onSettings(async () => {
    speak((await readSettings()).language);
    anew();
  });
  // A lookup that another panel began, or this one before it was closed: nobody tells when it ends.
  effect(() => {
    if (person.value?.state === "out" && clicked.value === null) setTimeout(again, OUT_MS);
  });
  again();
}

export const grant = () => void browser.permissions.request(ORIGINS).then(look);

/** Whether a person did it: a script that clicks for one spends nothing. */
const byHand = (event: Event) => event.isTrusted;

/** Spends, if somebody clicked: looks the person up by the profile, or by another identifier of the same one. */
export async function lookup(event: Event, request?: Record<string, string>): Promise<void> {
  const { value } = beside;
  if (!byHand(event) || value.kind !== "profile" || clicked.value) return;
  const { profile } = value;
  tried.value = request;
  const id = crypto.randomUUID();
  await working(profile, () => ask<"lookup">({ kind: "lookup", lookup: id, profile, request: request ?? { linkedin_url: profile } }));
}

/** Asks what became of a lookup in doubt, if somebody clicked. */
export async function again(event: Event, { lookup: id, key, profile }: Person): Promise<void> {
  if (!byHand(event) || clicked.value) return;
  await working(profile, () => ask<"ask again">({ kind: "ask again", lookup: id, key }));
}

/** Asks once more instead of a lookup in doubt, if somebody accepted that, and clicked. */
export async function payAgain(event: Event, { lookup: instead, key, profile }: Person): Promise<void> {
  if (!byHand(event) || clicked.value) return;
  const id = crypto.randomUUID();
  await working(profile, () => ask<"pay again">({ kind: "pay again", lookup: id, instead, key }));
}

async function working(profile: string, work: () => Promise<Person | Refused>): Promise<void> {
  clicked.value = profile;
  refused.value = null;
  try {
    const result = await work();
    if ("refused" in result) refused.value = { ...result, profile };
    else {
      fresh.value = result.lookup;
      answer.value = result;
    }
  } catch {
    // Whatever became of it is written down, and shown when the panel looks.
  }
  // Only then: what was known before the click has a button that would be clicked again.
  await look();
  clicked.value = null;
  if (history.value) await readHistory();
}

export async function readHistory(): Promise<void> {
  const wanted = search.value;
  const found = await ask<"people">({ kind: "people", search: wanted }).catch(() => []);
  if (search.value === wanted) history.value = found;
}

export async function erase(key: string): Promise<void> {
  await ask<"erase">({ kind: "erase", key });
  answer.value = null;
  await Promise.all([readHistory(), look()]);
}

export async function eraseAll(): Promise<void> {
  await ask<"erase all">({ kind: "erase all" });
  answer.value = null;
  await Promise.all([readHistory(), look()]);
}
