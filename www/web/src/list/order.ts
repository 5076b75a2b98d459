// Which rows are in sight, and in which order: found out in short turns, so that a hundred thousand of them hold up nothing.
import { signal, untracked, useSignalEffect, type ReadonlySignal } from "@preact/signals";
import { people, rows, rowState, version, type Row, type RowState } from "./run.ts";
import { listWords, rowIssueText } from "./words.ts";

export type Sort = "line" | "name" | "state" | "phone";

/** What was asked for. */
export interface Wish {
  state: RowState | "";
  text: string;
  sort: Sort;
  down: boolean;
}

/** What is drawn: rows, which of them, in their order, and as whose wish. */
export const shown = signal<{ rows: Row[]; order: Uint32Array; wish: Wish | null }>({ rows: [], order: new Uint32Array(), wish: null });
/** What is drawn is being found out anew. */
export const isArranging = signal(false);
/** Those that a filter lets through, where there is one. */
export const inSight = signal<Uint32Array | null>(null);

/** What a person reads as, and what is compared of it; made once, as sorting asks often. */
const names = new WeakMap<object, { name: string; key: string }>();

function named(row: Row): { name: string; key: string } {
  if (row.person === null) {
    // In words, which change with the language.
    const name = row.issues[0] ? rowIssueText(row.issues[0]) : "";
    return { name, key: keyOf(name) };
  }
  const { request } = people.value[row.person]!;
  let made = names.get(request);
  if (!made) {
    const name = Object.values(request).join(" · ");
    names.set(request, (made = { name, key: keyOf(name) }));
  }
  return made;
}

/** Letters without case and accents, which compare faster than a language's own order. */
function keyOf(text: string): string {
  return (/^[\0-\x7f]*$/.test(text) ? text : text.normalize("NFKD").replace(/\p{M}+/gu, "")).toLowerCase();
}

export const nameOf = (row: Row): string => named(row).name;

export function phoneOf(row: Row): string {
  version.value;
  return (row.person !== null && people.value[row.person]!.ending?.phone) || "";
}

export function emailOf(row: Row): string {
  version.value;
  return (row.person !== null && people.value[row.person]!.ending?.email) || "";
}

const KEYS: Record<Exclude<Sort, "line">, (row: Row) => string> = { name: (row) => named(row).key, state: (row) => listWords.value.states[rowState(row)], phone: phoneOf };

/** How many rows are looked at before the clock is. */
const STEP = 128;
/** How many are sorted at a time before they are merged. */
const RUN = 1024;

/** The rows that are wished for, in steps. */
function* arranged(all: Row[], { state, text, sort, down }: Wish): Generator<void, Uint32Array> {
  const wanted = keyOf(text.trim());
  const found = new Uint32Array(all.length);
  let count = 0;
  for (let index = 0; index < all.length; index++) {
    if (index % STEP === 0) yield;
    const row = all[index]!;
    if (state && rowState(row) !== state) continue;
    if (wanted && !named(row).key.includes(wanted) && !keyOf(`${phoneOf(row)} ${emailOf(row)} ${row.line}`).includes(wanted)) continue;
    found[count++] = index;
  }
  const some = found.subarray(0, count);
  if (sort === "line") return down ? some.reverse() : some;

  const keys: string[] = new Array(all.length);
  for (let at = 0; at < count; at++) {
    if (at % STEP === 0) yield;
    keys[some[at]!] = KEYS[sort](all[some[at]!]!);
  }
  const way = down ? -1 : 1;
  return yield* sorted(some, (a, b) => {
    const one = keys[a]!;
    const other = keys[b]!;
    if (one === other) return a - b;
    // Nothing comes last either way: nobody looks for it.
    if (one === "" || other === "") return one === "" ? 1 : -1;
    return one < other ? -way : way;
  });
}

/** Sorts by merging, which can be left and taken up anywhere. */
function* sorted(order: Uint32Array, compare: (a: number, b: number) => number): Generator<void, Uint32Array> {
  for (let from = 0; from < order.length; from += RUN) {
    order.subarray(from, from + RUN).sort(compare);
    yield;
  }
  let from = order;
  let to: Uint32Array = new Uint32Array(order.length);
  for (let width = RUN; width < order.length; width *= 2) {
    for (let low = 0; low < order.length; low += 2 * width) {
      const middle = Math.min(low + width, order.length);
      const high = Math.min(middle + width, order.length);
      for (let at = low, left = low, right = middle; at < high; at++) {
        if (at % RUN === 0) yield;
        to[at] = left < middle && (right >= high || compare(from[left]!, from[right]!) <= 0) ? from[left++]! : from[right++]!;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

/** How long a turn lasts, in milliseconds: a picture's share of a second. */
const TURN_MS = 6;

/** Works in turns until it is done or nobody wants it any more; what fits into the first is done at once. */
async function inTurns<T>(work: Generator<void, T>, isWanted: () => boolean, done: (value: T) => void): Promise<void> {
  while (isWanted()) {
    const until = performance.now() + TURN_MS;
    do {
      const step = untracked(() => work.next());
      if (step.done) return done(step.value);
    } while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** Keeps what is drawn as it is wished for, while the table is there. */
export function useOrder(wish: ReadonlySignal<Wish>): void {
  useSignalEffect(() => {
    const all = rows.value;
    const wanted = wish.value;
    // What is searched for and sorted by is partly in words.
    listWords.value;
    const isFiltered = wanted.state !== "" || wanted.text.trim() !== "";
    let isWanted = true;
    let isBusy = false;
    let isStale = false;
    const begin = () => {
      isBusy = isArranging.value = true;
      isStale = false;
      void inTurns(
        arranged(all, wanted),
        () => isWanted,
        (order) => {
          isBusy = isArranging.value = false;
          shown.value = { rows: all, order, wish: wanted };
          inSight.value = isFiltered ? order : null;
          if (isStale) begin();
        },
      );
    };
    begin();
    // What comes in meanwhile waits for its turn, or there would be no end to it.
    let told = version.peek();
    const unsubscribe =
      isFiltered || wanted.sort === "state" || wanted.sort === "phone"
        ? version.subscribe((now) => {
            if (now === told) return;
            told = now;
            if (isBusy) isStale = true;
            else begin();
          })
        : undefined;
    return () => {
      isWanted = false;
      isArranging.value = false;
      inSight.value = null;
      unsubscribe?.();
    };
  });
}
