// What the page keeps of lists: each list that was begun, how it is read, and what became of each person, so that a run
// goes on after a reload or a crash. Who was paid for is not decided here: the package keeps that in a store of its own.

import type { PlanOptions } from "phone-enrichment/lists";
import type { Sample } from "./samples.ts";

export interface Kept {
  name: string;
  source: Blob;
  /** Columns that were corrected, by their place. */
  columns: Record<string, Target>;
  /** How it is read, where a person knows better. */
  reading: Reading;
  /** The most to spend on one run, in credits; absent where there is no limit. */
  limit: number | null;
  concurrency: number;
  /** What the charts of its runs are drawn from. */
  samples: Sample[];
}

/** What a person says of a list that is otherwise found out; and whether people are looked up by all that they have. */
export type Reading = Pick<PlanOptions, "delimiter" | "header" | "encoding" | "ladder">;

/** What a list comes to, for whoever looks through the history. */
export interface Sums {
  rows: number;
  people: number;
  found: number;
  /** People who were not looked up yet. */
  left: number;
  /** Credits that were certainly spent on the list. */
  spent: number;
}

/** A list in the history, without what it is made of. */
export interface Entry extends Omit<Kept, "source"> {
  id: string;
  /** When it was begun, in milliseconds since 1970; `null` where nobody wrote that down yet. */
  started: number | null;
  /** When a tab last opened it, in milliseconds since 1970; `null` once it was put aside. */
  opened: number | null;
  sums: Sums | null;
}

export type Target = "linkedin_url" | "email" | "first_name" | "last_name" | "company_name" | "company_website" | "full_name" | null;

/** How one person's lookup ended. */
export interface Ending {
  status: "found" | "not_found" | "failed";
  charge: "none" | "confirmed" | "possible";
  /** Credits that this list certainly paid for the person, in all its runs. */
  credits: number;
  phone?: string;
  e164?: string | null;
  email?: string | null;
  /** Of a failure: why, in the package's words, and whether asking again is free of risk. */
  code?: string;
  message?: string;
  retryable?: boolean;
}

const NAME = "phone-enrichment-page";
/** By id: what the history shows, and in a store of its own what is as large as a file. */
const ENTRIES = "entries";
const SOURCES = "sources";
/** By the list's id and the person's place among the people of the list. */
const ENDINGS = "endings";
/** The first version had one list, and the endings of its people by their place alone. */
const ONLY = "list";

/** A name for a list, which no other will ever have. */
export const newId = () => crypto.getRandomValues(new Uint32Array(3)).join("-");

let opening: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  return (opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, 2);
    request.onupgradeneeded = ({ oldVersion }) => {
      const database = request.result;
      database.createObjectStore(ENTRIES, { keyPath: "id" });
      database.createObjectStore(SOURCES);
      if (oldVersion === 0) database.createObjectStore(ENDINGS);
      else carryOver(database, request.transaction!);
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = database.onclose = () => {
        opening = undefined;
        database.close();
      };
      resolve(database);
    };
  }).catch((error) => {
    opening = undefined;
    throw error;
  }));
}

/** Puts the one list of the first version among the others. */
function carryOver(database: IDBDatabase, transaction: IDBTransaction): void {
  const id = newId();
  const found: IDBRequest<Kept | undefined> = transaction.objectStore(ONLY).get(0);
  found.onsuccess = () => {
    if (found.result) {
      const { source, ...list } = found.result;
      transaction.objectStore(ENTRIES).put({ ...list, id, started: null, opened: Date.now(), sums: null, reading: {}, samples: [] } satisfies Entry);
      transaction.objectStore(SOURCES).put(source, id);
    }
    database.deleteObjectStore(ONLY);
  };
  const endings = transaction.objectStore(ENDINGS);
  // Numbers come before everything else that can be a key.
  const each = endings.openCursor(IDBKeyRange.upperBound(Number.POSITIVE_INFINITY));
  each.onsuccess = () => {
    const cursor = each.result;
    if (!cursor) return;
    endings.put(cursor.value, [id, cursor.key as number]);
    cursor.delete();
    cursor.continue();
  };
}

interface Stores {
  entries: IDBObjectStore;
  sources: IDBObjectStore;
  endings: IDBObjectStore;
}

/** Resolves once the transaction is complete, to what its requests gave. */
async function transact<T>(mode: IDBTransactionMode, work: (stores: Stores) => { readonly result: T }[]): Promise<T[]> {
  const transaction = (await open()).transaction([ENTRIES, SOURCES, ENDINGS], mode);
  return new Promise((resolve, reject) => {
    const requests = work({ entries: transaction.objectStore(ENTRIES), sources: transaction.objectStore(SOURCES), endings: transaction.objectStore(ENDINGS) });
    transaction.oncomplete = () => resolve(requests.map((request) => request.result));
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Keeps a list that begins now. */
export async function keep(id: string, { source, ...list }: Kept, sums: Sums): Promise<void> {
  const now = Date.now();
  await transact<unknown>("readwrite", ({ entries, sources }) => [
    entries.add({ ...list, id, started: now, opened: now, sums } satisfies Entry),
    sources.add(source, id),
  ]);
}

/** Keeps what is said of a list from now on, and how lookups ended, by the person's place; what was erased stays away. */
export async function change(id: string, changes: Partial<Omit<Entry, "id">>, ended: ReadonlyMap<number, Ending> = new Map()): Promise<void> {
  await transact<unknown>("readwrite", ({ entries, endings }) => {
    const found: IDBRequest<Entry | undefined> = entries.get(id);
    found.onsuccess = () => {
      if (!found.result) return;
      entries.put({ ...found.result, ...changes });
      for (const [place, ending] of ended) endings.put(ending, [id, place]);
    };
    return [found];
  });
}

/** Whether a list was ever kept here: to ask makes no database. */
async function isThere(): Promise<boolean> {
  return (await indexedDB.databases()).some(({ name }) => name === NAME);
}

/** All lists, whichever began last first. */
export async function entries(): Promise<Entry[]> {
  if (!(await isThere())) return [];
  const [all] = await transact<Entry[]>("readonly", ({ entries }) => [entries.getAll()]);
  return all!.sort((one, other) => (other.started ?? 0) - (one.started ?? 0));
}

/** A list as it is now; nothing if it was erased. */
export async function kept(id: string): Promise<Kept | undefined> {
  const [entry, source] = await transact<unknown>("readonly", ({ entries, sources }) => [entries.get(id), sources.get(id)]);
  if (!entry) return undefined;
  const { name, columns, reading, limit, concurrency, samples } = entry as Entry;
  return { name, columns, reading, limit, concurrency, samples, source: source as Blob };
}

/** Everybody's place in a list. An array comes after every number. */
const everybodyOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

export async function keptEndings(id: string): Promise<Map<number, Ending>> {
  const [places, all] = await transact<unknown[]>("readonly", ({ endings }) => [endings.getAllKeys(everybodyOf(id)), endings.getAll(everybodyOf(id))]);
  return new Map((places as [string, number][]).map(([, place], index) => [place, all![index] as Ending]));
}

/** Removes a list, and what became of its people. */
export async function remove(id: string): Promise<void> {
  await transact<unknown>("readwrite", ({ entries, sources, endings }) => [entries.delete(id), sources.delete(id), endings.delete(everybodyOf(id))]);
}

/** Removes everything, the database too. */
export async function erase(): Promise<void> {
  const database = opening && (await opening);
  opening = undefined;
  database?.close();
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
}
