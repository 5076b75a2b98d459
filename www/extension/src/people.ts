// Everybody who was asked for, in this browser alone: what came of it, and before that, that somebody was asked for. It is
// written before anything is sent, so that a background that was ended in between finds it.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { EnrichmentRequest } from "phone-enrichment";

/** How it stands with a person. */
export type State = "out" | "found" | "not_found" | "doubt" | "failed";

export interface Person {
  /** The canonical key of whoever was asked for. */
  key: string;
  /** The profile that the panel stood beside, canonical. */
  profile: string;
  request: EnrichmentRequest;
  /** Made at the click; the Worker knows the lookup by it. */
  lookup: string;
  state: State;
  /** Milliseconds since 1970. */
  asked: number;
  /** When the answer was collected, and when it must go. */
  collected?: number;
  expires?: number;
  phone?: string;
  e164?: string | null;
  email?: string | null;
  /** What the lookup cost, in credits. */
  credits?: number;
  /** Why there is no answer. */
  code?: string;
  /** Of a lookup in doubt: the Worker was asked what became of it. */
  inquired?: boolean;
  /** When there is room again, in milliseconds since 1970. */
  until?: number;
}

/** What was spent, without a word about whom: it outlives an erased person, since a budget must. */
interface Spending {
  lookup: string;
  at: number;
  credits: number;
}

interface Schema extends DBSchema {
  people: { key: string; value: Person; indexes: { asked: number; expires: number } };
  spending: { key: string; value: Spending; indexes: { at: number } };
}

const NAME = "phone-enrichment-people";
export const DAY_MS = 86_400_000;

let opening: Promise<IDBPDatabase<Schema>> | undefined;

function database(): Promise<IDBPDatabase<Schema>> {
  opening ??= openDB<Schema>(NAME, 1, {
    upgrade(db) {
      const people = db.createObjectStore("people", { keyPath: "key" });
      people.createIndex("asked", "asked");
      people.createIndex("expires", "expires");
      db.createObjectStore("spending", { keyPath: "lookup" }).createIndex("at", "at");
    },
    // Another page may want a newer version: whoever asks next opens it anew.
    blocking: () => void opening?.then((db) => db.close()).then(() => (opening = undefined)),
    terminated: () => void (opening = undefined),
  }).catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

const strict = { durability: "strict" } as const;

export const personOf = async (key: string): Promise<Person | undefined> => (await database()).get("people", key);

/** What was asked for beside a profile, by whichever identifier, the latest first. */
export async function askedBeside(profile: string): Promise<Person[]> {
  const all = await (await database()).getAllFromIndex("people", "asked");
  return all.filter((person) => person.profile === profile).reverse();
}

/** Writes both together: who was asked for, and what it cost or may cost. */
export async function write(person: Person, credits: number): Promise<void> {
  const transaction = (await database()).transaction(["people", "spending"], "readwrite", strict);
  void transaction.objectStore("people").put(person);
  const spending = transaction.objectStore("spending");
  if (credits) void spending.put({ lookup: person.lookup, at: person.asked, credits });
  else void spending.delete(person.lookup);
  await transaction.done;
}

/**
 * Writes who is about to be asked for, and what it may cost, or says why not: the limit of the day has no room, or another
 * lookup of the person is out or in doubt. One transaction, so that no two lookups are let in by the same room.
 *
 * @param instead the lookup in doubt whose place it takes
 */
export async function setAside(person: Person, credits: number, limit: number | null, instead = person.lookup): Promise<"budget" | "doubt" | null> {
  const transaction = (await database()).transaction(["people", "spending"], "readwrite", strict);
  const [persons, spending] = [transaction.objectStore("people"), transaction.objectStore("spending")];
  const [before, spent] = await Promise.all([persons.get(person.key), spending.getAll()]);
  const since = Date.now() - DAY_MS;
  // Asked for again under its id, a lookup has its room already.
  const others = spent.filter(({ lookup, at }) => lookup !== person.lookup && at > since).reduce((sum, one) => sum + one.credits, 0);
  const isOpen = before?.state === "out" || before?.state === "doubt";
  const refused = isOpen && before.lookup !== instead ? "doubt" : limit !== null && others + credits > limit ? "budget" : null;
  if (refused === null) {
    void persons.put(person);
    void spending.put({ lookup: person.lookup, at: person.asked, credits });
  }
  await transaction.done;
  return refused;
}

/** Credits spent, or possibly spent, in the last 24 hours. */
export async function spentToday(now: number): Promise<number> {
  const transaction = (await database()).transaction("spending", "readwrite");
  const { store } = transaction;
  let sum = 0;
  for await (const cursor of store) {
    if (cursor.value.at <= now - DAY_MS) void cursor.delete();
    else sum += cursor.value.credits;
  }
  await transaction.done;
  return sum;
}

/** Everybody, the latest first; those whose time is over are gone. */
export async function people(now: number): Promise<Person[]> {
  const transaction = (await database()).transaction("people", "readwrite");
  for await (const cursor of transaction.store.index("expires").iterate(IDBKeyRange.upperBound(now))) void cursor.delete();
  const all = await transaction.store.index("asked").getAll();
  await transaction.done;
  return all.reverse();
}

export const erasePerson = async (key: string): Promise<void> => (await database()).delete("people", key);

export async function eraseEverybody(): Promise<void> {
  await (await database()).clear("people");
}
