import type { Store } from "../types.js";

/** What this needs of a Durable Object's `ctx.storage`, with either backend. */
export interface DurableObjectStorageArea {
  get(key: string): Promise<any>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<boolean>;
  list(options: { prefix: string; startAfter?: string; limit: number }): Promise<Map<string, any>>;
  sync(): Promise<void>;
}

/** Begins the names of all that is ours in a storage that the object uses for other things too. */
const PREFIX = "phone-enrichment/";
/** Entries that are listed at once: a Worker has little memory, and they come with their values. */
const PAGE = 100;

/** What all stores over the same storage share: an object may make one for each request. */
interface Shared {
  /** The end of the queue for each key that is locked. */
  queues: Map<string, Promise<void>>;
  /** How often anything was set. */
  writes: number;
}
const sharedBy = new WeakMap<DurableObjectStorageArea, Shared>();

/**
 * Keeps what the client knows in a Durable Object: `durableObjectStore(ctx.storage)`, within the object.
 *
 * - What `set` resolved for is on disk: it waits for `storage.sync()`. (`put` alone resolves when the value is in a
 *   buffer; the object's output gate holds replies and requests back until that is written, but tells nobody.)
 * - One object is one place: all Workers that ask the same object share what it knows, and no two pay for one person.
 *   Route every lookup of a person to the same object, for example with `idFromName` of the account.
 * - `lock` holds within the object, which is all there is; a restart of the object gives everything back.
 * - A value may have 128 KiB with the key-value backend, 2 MB with SQLite; more rejects.
 * - What has expired is never given out, and is deleted when it is read and by `keys`; no alarm is used.
 */
export function durableObjectStore(storage: DurableObjectStorageArea): Store & Required<Pick<Store, "keys" | "lock">> {
  const shared = sharedBy.get(storage) ?? { queues: new Map(), writes: 0 };
  sharedBy.set(storage, shared);
  const { queues } = shared;
  const isOver = (entry: { expires?: number }) => entry.expires! <= Date.now();

  return {
    async get(key) {
      const { writes } = shared;
      const entry = await storage.get(PREFIX + key);
      if (entry && !isOver(entry)) return entry.text;
      // Unless it may just have been set anew. Nothing comes between this line and the deletion: there is one thread.
      if (entry && shared.writes === writes) await storage.delete(PREFIX + key);
      return undefined;
    },
    async set(key, text, ttlMs) {
      shared.writes++;
      await storage.put(PREFIX + key, { text, ...(ttlMs !== undefined && { expires: Date.now() + ttlMs }) });
      await storage.sync();
    },
    async delete(key) {
      await storage.delete(PREFIX + key);
      await storage.sync();
    },
    async lock(key) {
      const before = queues.get(key);
      let release!: () => void;
      const mine = new Promise<void>((resolve) => (release = resolve));
      queues.set(key, mine);
      await before;
      return () => {
        if (queues.get(key) === mine) queues.delete(key);
        release();
      };
    },
    async *keys() {
      for (let startAfter: string | undefined; ; ) {
        const { writes } = shared;
        const page = await storage.list({ prefix: PREFIX, limit: PAGE, ...(startAfter !== undefined && { startAfter }) });
        const over = [...page].filter(([, entry]) => isOver(entry)).map(([name]) => name);
        if (shared.writes === writes) await Promise.all(over.map((name) => storage.delete(name)));
        for (const name of page.keys()) {
          if (!over.includes(name)) yield name.slice(PREFIX.length);
        }
        if (page.size < PAGE) return;
        startAfter = [...page.keys()].at(-1);
      }
    },
  };
}
