// What the page knows and does about a list. Who is on it, what it costs and who may be asked again is decided in the
// package; here it is only asked for, shown and kept.
import { batch, computed, effect, signal } from "@preact/signals";
import { createClient, isEnrichmentError, type EnrichmentError, type EnrichmentRequest, type Progress, type Run } from "phone-enrichment";
import { planList, type Plan, type PlannedRow, type PlanProgress } from "phone-enrichment/lists";
import { indexedDBStore } from "phone-enrichment/stores/indexeddb";
import { SERVICE, setWallet, STORE, useStore } from "../lookup.ts";
import { forgetKey } from "../access.ts";
import * as book from "./book.ts";
import type { Ending, Kept, Reading, Sums, Target } from "./book.ts";
import { add, restore, samples, tick } from "./samples.ts";
import { hold, mine, remember } from "./tabs.ts";

/** Where the list stands. `running` tells a run under way from one that can be taken up. */
export type ListStage = { name: "opening" | "none" } | { name: "reading"; progress: PlanProgress | null } | { name: "planned" } | { name: "begun" };

export interface Person {
  request: EnrichmentRequest;
  kind: "unique" | "known" | "unknown";
  ending: Ending | null;
}

export interface Row extends PlannedRow {
  /** The person's place among those who can be looked up. */
  person: number | null;
}

/** What the table tells apart. */
export type RowState = "found" | "not_found" | "doubt" | "failed" | "known" | "waiting" | "duplicate" | "invalid" | "suppressed" | "blank";

export const DEFAULT_CONCURRENCY = 5;
/** How long results wait to be kept and shown together, in milliseconds: longer where sorting anew takes its time. */
const beatMs = () => Math.max(200, rows.value.length / 50);

export const listStage = signal<ListStage>({ name: "opening" });
export const plan = signal<Plan | null>(null);
export const list = signal<Kept | null>(null);
export const rows = signal<Row[]>([]);
export const people = signal<Person[]>([]);
/** Grows with every change to what became of the people. */
export const version = signal(0);
export const running = signal<"no" | "yes" | "paused" | "stopping">("no");
/** A column was corrected, and the plan on the page is no longer true. */
export const replanning = signal(false);
/** By the columns as they are chosen there is no plan; the one that is kept is there for its columns alone. */
export const unplanned = signal(false);
export const progress = signal<Progress | null>(null);
/** What goes wrong here and not in the package: a list is open in another tab, or was erased there, or there is no room for it. */
export type PageTrouble = "elsewhere" | "erased" | "no_room" | "unreadable";
/** Why there is no plan, or why the last run ended early; both are told until the next attempt. */
export const trouble = signal<unknown>(null);
/** What the list is kept under, once the first run began: until then nothing of it is kept. */
let kept: string | null = null;
/** Gives the list back, for other tabs to open. */
let release = () => {};

const store = indexedDBStore({ name: STORE });
export const client = createClient({ ...SERVICE, store, onCredits: setWallet });
// The form asks the same store from now on: whoever the list paid for is free there, too.
useStore(store);

export function rowState(row: Row): RowState {
  // Whoever shows it is drawn anew when it may have changed.
  version.value;
  if (row.kind !== "unique" && row.kind !== "known" && row.kind !== "unknown") return row.kind;
  const person = people.value[row.person!]!;
  const { ending } = person;
  if (!ending) return person.kind === "unknown" ? "doubt" : person.kind === "known" ? "known" : "waiting";
  if (ending.status !== "failed") return ending.status;
  return ending.charge === "none" ? "failed" : "doubt";
}

/** The most that the list can cost, as its people are to be looked up. */
export const mostCredits = computed(() => (list.value?.reading.ladder ? plan.value?.most_credits_with_ladder : plan.value?.most_credits) ?? 0);

/** How many people are in each state, and what the list has cost. */
export const sums = computed(() => {
  version.value;
  const sum = { found: 0, notFound: 0, doubt: 0, failed: 0, left: 0, retry: 0, spent: 0 };
  for (const { ending, kind } of people.value) {
    sum.spent += ending?.credits ?? 0;
    if (!ending) {
      if (kind === "unknown") sum.doubt++;
      else sum.left++;
    } else if (ending.status === "found") sum.found++;
    else if (ending.status === "not_found") sum.notFound++;
    else if (ending.charge !== "none") sum.doubt++;
    else {
      sum.failed++;
      if (ending.retryable) sum.retry++;
    }
  }
  return sum;
});

/** How long anything here works without a pause, in milliseconds: a page that takes longer than 50 to answer feels stuck. */
const TURN_MS = 4;
/** How many rows come at once: a few milliseconds of work. */
const PAGE = 200;
const NOTHING: never[] = [];

/** What lets typing and scrolling have their turn, if it is time; a timer of zero would wait for longer in a browser. */
function turns(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < TURN_MS) return undefined;
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        began = performance.now();
        resolve();
      };
      port2.postMessage(null);
    });
  };
}

let planning: AbortController | undefined;

/** Reads a list and plans it; nothing is sent. Whoever comes later wins. */
async function makePlan({ source, columns, reading }: Pick<Kept, "source" | "columns" | "reading">, isAnew = false): Promise<boolean> {
  planning?.abort();
  const mine = (planning = new AbortController());
  batch(() => {
    trouble.value = null;
    // What is corrected stays where it is, with the focus in it.
    if (isAnew) replanning.value = true;
    else listStage.value = { name: "reading", progress: null };
  });
  try {
    const made = await planList(source, {
      client,
      columns,
      ...reading,
      signal: mine.signal,
      onProgress: (progress) => {
        if (planning === mine && !isAnew) listStage.value = { name: "reading", progress };
      },
    });
    const rest = turns();
    const everybody: Person[] = [];
    const places: number[] = [];
    for await (const { request, kind, rows } of made.everybody()) {
      for (const row of rows) places[row] = everybody.length;
      everybody.push({ request, kind, ending: null });
      await rest();
      if (planning !== mine) return false;
    }
    const all: Row[] = [];
    for (let from = 0; from < made.rows; from += PAGE) {
      for (const row of made.page(from, PAGE)) {
        // Half a million lists of nothing would keep whoever clears away the garbage busy.
        if (row.issues.length === 0) row.issues = NOTHING;
        if (row.flags.length === 0) row.flags = NOTHING;
        all.push(Object.assign(row, { person: places[row.row] ?? null }));
      }
      await rest();
      if (planning !== mine) return false;
    }
    batch(() => {
      plan.value = made;
      people.value = everybody;
      rows.value = all;
      version.value++;
    });
    return true;
  } catch (error) {
    if (planning !== mine) return false;
    batch(() => {
      trouble.value = troubleOf(error);
      if (!isAnew) listStage.value = { name: "none" };
    });
    return false;
  } finally {
    if (planning === mine) {
      replanning.value = false;
      planning = undefined;
    }
  }
}

const NO_COLUMNS = "no_columns";

/** Plans a list whose columns nobody has corrected; whether it has any now, and whether they name anybody is `unplanned`. */
async function makeFirstPlan(chosen: Kept, isAnew: boolean): Promise<boolean> {
  const isPlanned = await makePlan(chosen, isAnew);
  const why = trouble.value;
  // No column is known by its name: the package tells the columns once it is told one of them, and a person chooses.
  const isThere = isPlanned || (isTrouble(why) && why.issues?.[0]?.code === NO_COLUMNS && (await makePlan({ ...chosen, columns: { 0: "email" } }, isAnew)));
  if (!isThere) return false;
  batch(() => {
    trouble.value = isPlanned ? null : why;
    unplanned.value = !isPlanned;
  });
  return true;
}

/** Plans a file, or what was pasted. */
export async function choose(source: Blob, name: string): Promise<void> {
  plan.value = null;
  unplanned.value = false;
  const chosen: Kept = { name, source, columns: {}, reading: {}, limit: null, concurrency: DEFAULT_CONCURRENCY, samples: [] };
  if (!(await makeFirstPlan(chosen, false))) return;
  batch(() => {
    list.value = chosen;
    listStage.value = { name: "planned" };
  });
}

/** Reads the list in another way, and plans anew. What was said of its columns is forgotten where they may be others. */
export async function reread(change: Reading): Promise<void> {
  const now = list.value!;
  const chosen = { ...now, reading: { ...now.reading, ...change }, columns: "ladder" in change ? now.columns : {} };
  list.value = chosen;
  const isThere = "ladder" in change ? await makePlan(chosen, true) : await makeFirstPlan(chosen, true);
  // Whoever came later has the word.
  if (list.value === chosen && !isThere) unplanned.value = true;
}

/** Reads a column as something else, and plans anew. */
export async function correct(place: number, field: Target): Promise<void> {
  const now = list.value!;
  const chosen = { ...now, columns: { ...now.columns, [place]: field } };
  list.value = chosen;
  const isPlanned = await makePlan(chosen, true);
  // Whoever came later has the word.
  if (list.value === chosen) unplanned.value = !isPlanned;
}

/** Gives the list up to other tabs; it stays in the history. */
function letGo(): void {
  const [id, giveBack] = [kept, release];
  kept = null;
  release = () => {};
  unwritten = new Map();
  isBehind.value = false;
  remember(null);
  if (id !== null) void book.change(id, { opened: null }).catch(() => {}).finally(giveBack);
}

/** Back to no list. */
export function discard(): void {
  planning?.abort();
  planning = undefined;
  // It may be about to bring back what is known.
  run?.abort();
  letGo();
  batch(() => {
    unplanned.value = false;
    restore([]);
    plan.value = list.value = trouble.value = progress.value = null;
    rows.value = people.value = [];
    listStage.value = { name: "none" };
  });
}

/** Opens a list of the history: planned anew from the file that is kept, with what became of everybody. */
export async function openKept(id: string): Promise<PageTrouble | null> {
  const giveBack = await hold(id);
  if (!giveBack) return "elsewhere";
  [kept, release] = [id, giveBack];
  remember(id);
  try {
    // As the last tab that had it left it.
    const found = await book.kept(id);
    if (!found) {
      letGo();
      return "erased";
    }
    list.value = found;
    const isPlanned = await makePlan(found);
    const endings = isPlanned && (await book.keptEndings(id));
    // Whoever gave it up meanwhile has the word.
    if (kept !== id) return null;
    if (!endings) {
      letGo();
      return null;
    }
    for (const [place, ending] of endings) {
      const person = people.value[place];
      if (person) person.ending = ending;
    }
    // Answers that were paid for and not written down with the list, as when a tab is killed: the package has them. The
    // limit is below anybody's price, so that nothing is sent, whatever became of them since.
    await go(({ kind, ending }) => kind === "known" && !ending, plan.value!.price - 1);
    if (kept !== id) return null;
    if (isTrouble(trouble.value) && trouble.value.code === "budget_exceeded") trouble.value = null;
    batch(() => {
      version.value++;
      listStage.value = { name: "begun" };
    });
    restore(found.samples);
    // Where the page was killed in the middle, the end is what was kept of the people.
    if (samples.value.length > 0) addSample(0, samples.value.at(-1)!.limit);
    void book.change(id, { opened: Date.now(), sums: sumsNow() }).catch(() => {});
    return null;
  } catch (error) {
    if (kept === id) letGo();
    throw error;
  }
}

/** Takes up the list that was open, as the tab was left or killed. */
export async function reopen(): Promise<void> {
  try {
    const own = mine();
    const open = (await book.entries()).filter(({ opened }) => opened !== null).sort((one, other) => +(other.id === own) - +(one.id === own) || other.opened! - one.opened!);
    // Another tab may have opened the last one.
    for (const { id } of open) if ((await openKept(id)) === null) return;
    listStage.value = { name: "none" };
  } catch (error) {
    batch(() => {
      trouble.value = error;
      listStage.value = { name: "none" };
    });
  }
}

/** What the history says of the list from now on. */
function sumsNow(): Sums {
  const { found, left, spent } = sums.value;
  return { rows: plan.value!.rows, people: plan.value!.people, found, left, spent };
}

/** How lookups ended that is not written down yet, and the writing that is under way. */
let unwritten = new Map<number, Ending>();
let writing = Promise.resolve();
/** Something could not be written down so far. */
const isBehind = signal(false);
/** How long after that it is tried again, in milliseconds. */
const AGAIN_MS = 2000;

function write(id: string): Promise<void> {
  return (writing = writing.then(async () => {
    if (unwritten.size === 0 || kept !== id) return;
    const endings = unwritten;
    unwritten = new Map();
    try {
      await book.change(id, { sums: sumsNow(), samples: samples.value }, endings);
      if (isBehind.value) trouble.value = null;
      isBehind.value = false;
    } catch (error) {
      if (kept !== id) return;
      unwritten = new Map([...endings, ...unwritten]);
      batch(() => {
        isBehind.value = true;
        trouble.value = troubleOf(error);
      });
      // Nothing more is paid for that can't be written down.
      stop();
      setTimeout(() => void write(id), AGAIN_MS);
    }
  }));
}

/** What a disk fails with. */
const OF_DISK: Record<string, PageTrouble> = { QuotaExceededError: "no_room", NotReadableError: "unreadable", NotFoundError: "unreadable" };

/** A full disk, and a file that is no longer what was chosen, have words of their own. */
export const troubleOf = (error: unknown): unknown => (error instanceof DOMException && OF_DISK[error.name]) || error;

/** Begins with the list: it is kept first, so that nothing is paid for that would be lost. */
export async function start(limit: number | null, concurrency: number): Promise<void> {
  if (running.value !== "no" || replanning.value || unplanned.value) return;
  running.value = "yes";
  const chosen = { ...list.value!, limit, concurrency };
  const id = kept ?? book.newId();
  try {
    if (kept === null) {
      // Nobody else knows its name yet.
      release = (await hold(id)) ?? release;
      // What is kept of a file is no more than where it lies: once it was changed there, it could not be read again.
      chosen.source = new Blob([await chosen.source.arrayBuffer()]);
      await book.keep(id, chosen, sumsNow());
      kept = id;
      remember(id);
    } else await book.change(id, { limit, concurrency });
    // A browser may throw away what it was not asked to keep. It may say no, and then the run goes on all the same.
    void navigator.storage?.persist?.().catch(() => {});
  } catch (error) {
    if (kept === null) release();
    batch(() => {
      running.value = "no";
      trouble.value = troubleOf(error);
    });
    return;
  }
  batch(() => {
    list.value = chosen;
    listStage.value = { name: "begun" };
  });
  // Whoever is in doubt goes along: the package parks them, or knows the answer that came after all.
  await go((person) => !person.ending || inDoubt(person), limit);
}

const inDoubt = ({ ending }: Person) => ending?.status === "failed" && ending.charge !== "none";

/** Looks whether answers came after all for those who are in doubt: the package has them then, and sends for nobody else of them. */
export async function lookAgain(): Promise<void> {
  if (running.value !== "no") return;
  running.value = "yes";
  await go((person) => inDoubt(person) || (!person.ending && person.kind === "unknown"), null, samples.value.at(-1)?.limit ?? null);
}

/** Asks again those whom the package says can be asked for free. */
export async function retry(): Promise<void> {
  if (running.value !== "no") return;
  running.value = "yes";
  // No more than what the button said.
  await go(({ ending }) => ending?.status === "failed" && ending.charge === "none" && !!ending.retryable, sums.value.retry * plan.value!.price);
}

let run: Run | undefined;

/** What ends a run before a row has begun: the row is as it was. */
const NOT_BEGUN = ["aborted", "budget_exceeded", "insufficient_credits", "invalid_token", "invalid_options", "token_in_browser"];

function addSample(reserved: number, limit: number | null): void {
  const { found, notFound, doubt, failed, spent } = sums.value;
  add({ found, notFound, doubt, failed, spent, possible: doubt * plan.value!.price, reserved, limit });
}

/** Credits of the list that are gone, or may be. */
const gone = () => sums.value.spent + sums.value.doubt * plan.value!.price;

/** What is wrong with the way to the service, whoever is asked for: nobody else has to be asked to know. */
const OF_EVERYBODY = ["forbidden", "not_found_endpoint"];

/** Looks people up; `until` is what the charts show as the limit of all that the list has cost. */
async function go(who: (person: Person) => boolean, limit: number | null, until = limit === null ? null : gone() + limit): Promise<void> {
  const { concurrency, reading } = list.value!;
  const id = kept!;
  // The list may be given up while this goes on.
  const everybody = people.value;
  const chosen = everybody.flatMap((person, place) => (who(person) ? [place] : []));
  trouble.value = null;
  // An array, so that the package can tell how long it takes.
  const mine = (run = client.enrichMany(
    chosen.map((place) => everybody[place]!.request),
    { concurrency, ordered: false, ladder: reading.ladder, ...(limit !== null && { budget: limit }) },
  ));
  let seen = 0;
  let ended = 0;
  let isRefused = false;
  const beat = (isLast = false) => {
    progress.value = mine.progress;
    if (isRefused && mine.progress.reserved === 0) mine.abort();
    const isNews = seen !== ended;
    seen = ended;
    if (isNews) version.value++;
    // Whoever is only brought back is no run.
    if (running.value !== "no" && kept === id) {
      tick(!isLast && running.value !== "paused");
      addSample(isLast ? 0 : mine.progress.reserved, until);
    }
    if (isNews) void write(id);
  };
  beat();
  const timer = setInterval(() => beat(), beatMs());
  try {
    for await (const { index, outcome, error } of mine) {
      if (error && error.charge === "none" && NOT_BEGUN.includes(error.code)) continue;
      if (error && OF_EVERYBODY.includes(error.code)) {
        isRefused = true;
        trouble.value ??= error;
        running.value = "stopping";
        // Those who are out are waited for: to give them up would leave them in doubt.
        mine.pause();
        continue;
      }
      const place = chosen[index]!;
      const person = everybody[place]!;
      const credits = person.ending?.credits ?? 0;
      if (outcome) {
        const found = outcome.status === "success";
        person.ending = {
          status: found ? "found" : "not_found",
          charge: outcome.meta.charge,
          credits: credits + outcome.meta.credits,
          ...(outcome.status === "success" && outcome.results),
        };
      } else person.ending = { status: "failed", charge: error.charge, credits, code: error.code, message: error.message, retryable: error.retryable };
      if (kept === id) unwritten.set(place, person.ending);
      ended++;
    }
  } catch (error) {
    // Whoever pressed stop knows.
    if (!isTrouble(error) || error.code !== "aborted") trouble.value = error;
  } finally {
    clearInterval(timer);
    beat(true);
    await writing;
    // A list may have been given up while it was being opened, and another one begun.
    if (run === mine) {
      run = undefined;
      running.value = "no";
    }
  }
}

// Leaving gives up the answers that are out, not what they cost; whichever part of the page is in sight.
effect(() => {
  if (running.value === "no" && !isBehind.value) return;
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  addEventListener("beforeunload", warn);
  return () => removeEventListener("beforeunload", warn);
});

export function pause(): void {
  run?.pause();
  if (running.value === "yes") running.value = "paused";
}

export function resume(): void {
  run?.resume();
  if (running.value === "paused") running.value = "yes";
}

/** Sends nothing more. What is out is waited for by the package, so that what is paid for is kept. */
export function stop(): void {
  if (running.value === "no") return;
  running.value = "stopping";
  run?.abort();
}

/** Removes every list, its results, and every answer that this page has kept; nothing while another tab works on one. */
export async function eraseAll(): Promise<void> {
  if (running.value !== "no") return;
  const held: (() => void)[] = [];
  trouble.value = null;
  try {
    // What can't be read any more can be erased all the same.
    for (const { id } of await book.entries().catch(() => [])) {
      if (id === kept) continue;
      const giveBack = await hold(id);
      if (!giveBack) {
        trouble.value = "elsewhere" satisfies PageTrouble;
        return;
      }
      held.push(giveBack);
    }
    // A run may have begun here while other tabs were asked.
    if (running.value !== "no") return;
    await client.forgetAll();
    await book.erase();
    forgetKey();
    // Empty by now; the database itself is the last that tells that there was a list.
    indexedDB.deleteDatabase(STORE);
    kept = null;
    held.push(release);
    release = () => {};
    discard();
  } catch (error) {
    trouble.value = error;
  } finally {
    for (const giveBack of held) giveBack();
  }
}

export const isTrouble = (error: unknown): error is EnrichmentError => isEnrichmentError(error);
