// What the page knows and does about a list. Who is on it, what it costs and who may be asked again is decided in the
// package; here it is only asked for, shown and kept.
import { batch, computed, effect, signal } from "@preact/signals";
import { createClient, isEnrichmentError, type EnrichmentError, type EnrichmentRequest, type Progress, type Run } from "phone-enrichment";
import { planList, type Plan, type PlannedRow, type PlanProgress } from "phone-enrichment/lists";
import { indexedDBStore } from "phone-enrichment/stores/indexeddb";
import { setWallet, STORE, useStore } from "../lookup.ts";
import * as book from "./book.ts";
import type { Ending, Kept, Target } from "./book.ts";
import { add, restore, samples, tick } from "./samples.ts";

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
/** How often samples are kept, in milliseconds: they are only for the charts. */
const KEEP_SAMPLES_MS = 2000;
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
/** Why there is no plan, or why the last run ended early; both are told until the next attempt. */
export const trouble = signal<unknown>(null);
/** Whether the first run began: until then nothing of the list is kept. */
const begun = signal(false);

const store = indexedDBStore({ name: STORE });
const client = createClient({ baseUrl: "/api", store, onCredits: setWallet });
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

let planning: AbortController | undefined;

/** Reads a list and plans it; nothing is sent. Whoever comes later wins. */
async function makePlan(source: Blob, columns: Record<string, Target>, isAnew = false): Promise<boolean> {
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
      signal: mine.signal,
      onProgress: (progress) => {
        if (planning === mine && !isAnew) listStage.value = { name: "reading", progress };
      },
    });
    const everybody: Person[] = [];
    const places: number[] = [];
    for await (const { request, kind, rows } of made.everybody()) {
      for (const row of rows) places[row] = everybody.length;
      everybody.push({ request, kind, ending: null });
    }
    const all: Row[] = [];
    for (let from = 0; from < made.rows; from += 1000) {
      for (const row of made.page(from, 1000)) all.push({ ...row, person: places[row.row] ?? null });
      // Typing and scrolling come first.
      if (from % 20_000 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    if (planning !== mine) return false;
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
      trouble.value = error;
      if (!isAnew) listStage.value = { name: "none" };
    });
    return false;
  } finally {
    if (planning === mine) {
      replanning.value = false;
      // How far it is is told again when its cells are read.
      planning = undefined;
    }
  }
}

/** Plans a file, or what was pasted. */
export async function choose(source: Blob, name: string): Promise<void> {
  plan.value = null;
  unplanned.value = false;
  const chosen: Kept = { name, source, columns: {}, limit: null, concurrency: DEFAULT_CONCURRENCY };
  const isPlanned = await makePlan(source, {});
  const why = trouble.value;
  if (!isPlanned) {
    // No column is known by its name: the package tells the columns once it is told one of them, and a person chooses.
    if (!isTrouble(why) || why.issues?.[0]?.code !== NO_COLUMNS || !(await makePlan(source, { 0: "email" }))) return;
  }
  batch(() => {
    trouble.value = isPlanned ? null : why;
    unplanned.value = !isPlanned;
    list.value = chosen;
    listStage.value = { name: "planned" };
  });
}

const NO_COLUMNS = "no_columns";

/** Reads a column as something else, and plans anew. */
export async function correct(place: number, field: Target): Promise<void> {
  const now = list.value!;
  const columns = { ...now.columns, [place]: field };
  list.value = { ...now, columns };
  const mine = await makePlan(now.source, columns, true);
  // Whoever came later has the word.
  if (list.value?.columns === columns) unplanned.value = !mine;
}

/** Back to no list. What a run has begun with stays kept until another one begins, or it is erased. */
export function discard(): void {
  planning?.abort();
  planning = undefined;
  batch(() => {
    begun.value = unplanned.value = false;
    restore([]);
    plan.value = list.value = trouble.value = progress.value = null;
    rows.value = people.value = [];
    listStage.value = { name: "none" };
  });
}

/** Takes up the list that was kept, as the tab was left or killed. */
export async function reopen(): Promise<void> {
  try {
    const found = await book.kept();
    if (!found) {
      listStage.value = { name: "none" };
      return;
    }
    begun.value = true;
    list.value = found;
    if (!(await makePlan(found.source, found.columns))) return;
    for (const [place, ending] of await book.keptEndings()) {
      const person = people.value[place];
      if (person) person.ending = ending;
    }
    batch(() => {
      version.value++;
      listStage.value = { name: "begun" };
    });
    restore(await book.keptSamples());
    // Where the page was killed in the middle, the end is what was kept of the people.
    if (samples.value.length > 0) addSample(0, samples.value.at(-1)!.limit);
  } catch (error) {
    batch(() => {
      trouble.value = error;
      listStage.value = { name: "none" };
    });
  }
}

/** Begins with the list: it is kept first, so that nothing is paid for that would be lost. */
export async function start(limit: number | null, concurrency: number): Promise<void> {
  if (running.value !== "no" || replanning.value || unplanned.value) return;
  running.value = "yes";
  const chosen = { ...list.value!, limit, concurrency };
  try {
    // What is kept of a file is no more than where it lies: once it was changed there, it could not be read again.
    if (!begun.value) chosen.source = new Blob([await chosen.source.arrayBuffer()]);
    await (begun.value ? book.keepAnew(chosen) : book.keep(chosen));
    // A browser may throw away what it was not asked to keep. It may say no, and then the run goes on all the same.
    void navigator.storage?.persist?.().catch(() => {});
  } catch (error) {
    batch(() => {
      running.value = "no";
      trouble.value = error;
    });
    return;
  }
  batch(() => {
    begun.value = true;
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

/** Looks people up; `until` is what the charts show as the limit of all that the list has cost. */
async function go(who: (person: Person) => boolean, limit: number | null, until = limit === null ? null : gone() + limit): Promise<void> {
  const { concurrency } = list.value!;
  const chosen = people.value.flatMap((person, place) => (who(person) ? [place] : []));
  let fresh = new Map<number, Ending>();
  let wrote = Promise.resolve();
  let samplesKept = 0;
  const beat = (isLast = false) => {
    if (run) progress.value = run.progress;
    if (fresh.size > 0) {
      const endings = fresh;
      fresh = new Map();
      version.value++;
      wrote = wrote.then(() => book.keepEndings(endings)).catch((error) => void (trouble.value ??= error));
    }
    tick(!isLast && running.value !== "paused");
    addSample(isLast ? 0 : (run?.progress.reserved ?? 0), until);
    if (!isLast && performance.now() - samplesKept < KEEP_SAMPLES_MS) return;
    samplesKept = performance.now();
    wrote = wrote.then(() => book.keepSamples(samples.value)).catch((error) => void (trouble.value ??= error));
  };
  trouble.value = null;
  // An array, so that the package can tell how long it takes.
  run = client.enrichMany(
    chosen.map((place) => people.value[place]!.request),
    { concurrency, ordered: false, ...(limit !== null && { budget: limit }) },
  );
  beat();
  const timer = setInterval(() => beat(), beatMs());
  try {
    for await (const { index, outcome, error } of run) {
      if (error && error.charge === "none" && NOT_BEGUN.includes(error.code)) continue;
      const place = chosen[index]!;
      const person = people.value[place]!;
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
      fresh.set(place, person.ending);
    }
  } catch (error) {
    // Whoever pressed stop knows.
    if (!isTrouble(error) || error.code !== "aborted") trouble.value = error;
  } finally {
    clearInterval(timer);
    beat(true);
    run = undefined;
    await wrote;
    running.value = "no";
  }
}

// Leaving gives up the answers that are out, not what they cost; whichever part of the page is in sight.
effect(() => {
  if (running.value === "no") return;
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

/** Removes the list, its results, and every answer that this page has kept. */
export async function eraseAll(): Promise<void> {
  if (running.value !== "no") return;
  try {
    await client.forgetAll();
    await book.erase();
    // Empty by now; the database itself is the last that tells that there was a list.
    indexedDB.deleteDatabase(STORE);
    discard();
  } catch (error) {
    trouble.value = error;
  }
}

export const isTrouble = (error: unknown): error is EnrichmentError => isEnrichmentError(error);
