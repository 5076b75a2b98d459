// What a list came to, and when: a few hundred samples of its runs, however long they take, for the charts.
import { signal } from "@preact/signals";

/** People and credits at one moment. */
export interface Sample {
  /** Seconds of work until then, in all runs: pauses, and the time between runs, would say nothing. */
  at: number;
  found: number;
  notFound: number;
  doubt: number;
  failed: number;
  /** Credits that were certainly charged. */
  spent: number;
  /** Credits of those who may have been charged. */
  possible: number;
  /** Credits set aside for those who are out. */
  reserved: number;
  /** Where the run would stop; `null` without a limit. */
  limit: number | null;
}

/** No chart is wide enough to show more. */
const MOST = 500;

export const samples = signal<Sample[]>([]);

/** How far two samples are apart at least, in seconds; it doubles whenever there are too many. */
let apart = 0;
/** When the clock was looked at last, while it runs. */
let looked: number | null = null;
let worked = 0;

/** Begins anew, or with what was kept. */
export function restore(kept: Sample[]): void {
  samples.value = kept;
  worked = kept.at(-1)?.at ?? 0;
  // What was thinned stays so: half of it was left by the last time.
  apart = kept.length > MOST / 2 ? worked / kept.length : 0;
  looked = null;
}

/** The clock runs while somebody is looked up. */
export function tick(isWorking: boolean): void {
  const now = performance.now();
  if (looked !== null) worked += (now - looked) / 1000;
  looked = isWorking ? now : null;
}

/** Adds how it is now. The latest is always there, so that the last one is the end. */
export function add(sums: Omit<Sample, "at">): void {
  const before = samples.value;
  const sample = { at: worked, ...sums };
  const last = before.at(-1);
  const isClose = before.length > 1 && worked - before.at(-2)!.at < apart;
  // Whoever goes on begins with the same numbers, but for the limit.
  let after = [...(isClose || last?.at === worked ? before.slice(0, -1) : before), sample];
  if (after.length > MOST) {
    after = after.filter((_, index) => index % 2 === 0 || index === after.length - 1);
    apart = apart * 2 || worked / after.length;
  }
  samples.value = after;
}
