// What the page keeps of a list: the list itself, how it is read, and what became of each person, so that a run goes on
// after a reload or a crash. Who was paid for is not decided here: the package keeps that in a store of its own.

import type { Sample } from "./samples.ts";

export interface Kept {
  name: string;
  source: Blob;
  /** Columns that were corrected, by their place. */
  columns: Record<string, Target>;
  /** The most to spend on one run, in credits; absent where there is no limit. */
  limit: number | null;
  concurrency: number;
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
const LIST = "list";
const ENDINGS = "endings";
/** There is one list at a time. */
const KEY = 0;
/** Beside it lie the samples of its runs. */
const SAMPLES = 1;

let opening: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  return (opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(LIST);
      request.result.createObjectStore(ENDINGS);
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

/** Resolves once the transaction is complete, to what its requests gave. */
async function transact<T>(mode: IDBTransactionMode, work: (list: IDBObjectStore, endings: IDBObjectStore) => { readonly result: T }[]): Promise<T[]> {
  const transaction = (await open()).transaction([LIST, ENDINGS], mode);
  return new Promise((resolve, reject) => {
    const requests = work(transaction.objectStore(LIST), transaction.objectStore(ENDINGS));
    transaction.oncomplete = () => resolve(requests.map((request) => request.result));
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Keeps a list in the place of the one before. */
export async function keep(list: Kept): Promise<void> {
  await transact<unknown>("readwrite", (lists, endings) => [endings.clear(), lists.delete(SAMPLES), lists.put(list, KEY)]);
}

/** Keeps what is said of the list from now on; what became of the people stays. */
export async function keepAnew(list: Kept): Promise<void> {
  await transact<unknown>("readwrite", (lists) => [lists.put(list, KEY)]);
}

/** Whether a list was ever kept here: to ask makes no database. */
async function isThere(): Promise<boolean> {
  return (await indexedDB.databases()).some(({ name }) => name === NAME);
}

export async function kept(): Promise<Kept | undefined> {
  if (!(await isThere())) return undefined;
  return (await transact<Kept | undefined>("readonly", (lists) => [lists.get(KEY)]))[0];
}

/** Keeps how lookups ended, by the person's place among the people of the list. */
export async function keepEndings(endings: Map<number, Ending>): Promise<void> {
  await transact<unknown>("readwrite", (_, store) => [...endings].map(([place, ending]) => store.put(ending, place)));
}

export async function keptEndings(): Promise<Map<number, Ending>> {
  const [places, endings] = await transact<unknown[]>("readonly", (_, store) => [store.getAllKeys(), store.getAll()]);
  return new Map((places as number[]).map((place, index) => [place, endings![index] as Ending]));
}

/** Keeps what the charts are drawn from. */
export async function keepSamples(samples: Sample[]): Promise<void> {
  await transact<unknown>("readwrite", (lists) => [lists.put(samples, SAMPLES)]);
}

export async function keptSamples(): Promise<Sample[]> {
  return (await transact<Sample[] | undefined>("readonly", (lists) => [lists.get(SAMPLES)]))[0] ?? [];
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
