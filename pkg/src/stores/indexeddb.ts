import type { Store } from "../types.js";
import { webLock } from "./web-lock.js";

/** What is kept of one key. */
interface Entry {
  text: string;
  /** When it must go, in milliseconds since 1970; absent where it may stay. */
  expires?: number;
}

const VALUES = "values";
const EXPIRES = "expires";

/**
 * How long the browser may take to open the database or to end a transaction, in milliseconds. Browsers have been seen to
 * forget about both, and whoever waits for that waits until the page is loaded anew.
 */
const LONGEST_MS = 10_000;

/** The same for the removal of everything that has expired, which may be a million entries. */
const LONGEST_PURGE_MS = 300_000;

/** What the browser makes of it, or an error if it makes nothing of it in time. */
function within<T>(limitMs: number, begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  return new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => reject(new DOMException("The database does not answer.", "TimeoutError")), limitMs);
    begin(resolve, reject);
  }).finally(() => clearTimeout(timer));
}

/**
 * Keeps what the client knows in IndexedDB: in a page, a web worker or an extension, service worker included.
 *
 * - What `set` resolved for is on disk, as far as the browser knows how: it asks for `durability: "strict"`, which
 *   Firefox ignores before version 126.
 * - Shared by all tabs and workers of one origin (and one partition, where a page is framed by another site).
 * - `lock` excludes all of those, and a closed tab gives back what it held. It needs a secure context (https, or this
 *   machine): without one there is no lock, and each tab claims for itself.
 * - A browser that does not answer within ten seconds is an error, never a wait without an end; the next call opens the
 *   database anew.
 * - A browser may throw the whole database away when space is short, and Safari does after seven days without a visit,
 *   unless `navigator.storage.persist()` was granted. A full disk rejects.
 * - What has expired is never given out, and is deleted when the database is next opened and by `keys`.
 *
 * @param options `name`: of the database; by default `phone-enrichment`. Nothing else may keep anything in it.
 */
export function indexedDBStore({ name = "phone-enrichment" }: { name?: string } = {}): Store & Required<Pick<Store, "getMany" | "keys">> {
  let opening: Promise<IDBDatabase> | undefined;

  /** The database, opened again after whatever closed it. */
  function open(): Promise<IDBDatabase> {
    if (opening) return opening;
    let isOver = false;
    const mine = within<IDBDatabase>(LONGEST_MS, (resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(VALUES).createIndex(EXPIRES, EXPIRES);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        // Somebody deletes it, or the browser closed it, as Safari does in the background: the next call opens it anew.
        database.onversionchange = database.onclose = () => {
          forget();
          database.close();
        };
        // Nobody waits for it any more, and it must not be in anybody's way.
        if (isOver) database.close();
        resolve(database);
      };
    });
    const forget = () => {
      isOver = true;
      if (opening === mine) opening = undefined;
    };
    mine.then(purge, forget).catch(() => {});
    return (opening = mine);
  }

  /** Resolves once the transaction is complete, and rejects whatever else becomes of it. */
  async function transact<T>(mode: IDBTransactionMode, work: (values: IDBObjectStore) => { readonly result: T }, limitMs = LONGEST_MS): Promise<T> {
    let transaction: IDBTransaction;
    try {
      transaction = (await open()).transaction(VALUES, mode, { durability: "strict" });
    } catch (error) {
      // It was closed without a word.
      if ((error as DOMException).name !== "InvalidStateError") throw error;
      opening = undefined;
      transaction = (await open()).transaction(VALUES, mode, { durability: "strict" });
    }
    const mine = opening;
    const done = within<T>(limitMs, (resolve, reject) => {
      transaction.onabort = () => reject(transaction.error ?? new DOMException("The database was closed.", "AbortError"));
      const request = work(transaction.objectStore(VALUES));
      transaction.oncomplete = () => resolve(request.result);
    });
    done.catch((error: DOMException) => {
      if (error.name !== "TimeoutError") return;
      // What does not answer once won't the next time: the next call opens the database anew.
      if (opening === mine) opening = undefined;
      transaction.db.close();
    });
    return done;
  }

  /** Deletes what has expired. */
  const purge = () =>
    transact("readwrite", (values) => {
      const request = values.index(EXPIRES).openCursor(IDBKeyRange.upperBound(Date.now()));
      request.onsuccess = () => {
        request.result?.delete();
        request.result?.continue();
      };
      return request;
    }, LONGEST_PURGE_MS);

  /** In one transaction, which costs more than what is read in it. */
  async function getMany(keys: string[]): Promise<(string | undefined)[]> {
    const entries = await transact("readonly", (values) => {
      const requests: IDBRequest<Entry | undefined>[] = keys.map((key) => values.get(key));
      return {
        get result() {
          return requests.map(({ result }) => result);
        },
      };
    });
    const now = Date.now();
    return entries.map((entry) => (entry && !(entry.expires! <= now) ? entry.text : undefined));
  }

  const lock = webLock(`phone-enrichment:${name}`);
  return {
    ...(lock && { lock }),
    getMany,
    get: async (key) => (await getMany([key]))[0],
    async set(key, text, ttlMs) {
      const entry: Entry = { text, ...(ttlMs !== undefined && { expires: Date.now() + ttlMs }) };
      await transact("readwrite", (values) => values.put(entry, key));
    },
    async delete(key) {
      await transact("readwrite", (values) => values.delete(key));
    },
    async *keys() {
      await purge();
      for (let after: string | undefined; ; ) {
        const range = after === undefined ? undefined : IDBKeyRange.lowerBound(after, true);
        const page = (await transact("readonly", (values) => values.getAllKeys(range, 1000))) as string[];
        yield* page;
        if (page.length < 1000) return;
        after = page.at(-1);
      }
    },
  };
}
