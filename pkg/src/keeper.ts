import type { Store } from "./types.js";

/** What every name begins with, so that a store can be shared with others. */
const PREFIX = "phone-enrichment:";

/** The most people that are remembered without a store of one's own; the oldest go first. */
const MOST_PEOPLE = 100_000;

/** A store for as long as the program runs, which nobody else sees. */
export class Memory extends Map<string, string> {
  /** Stands before the oldest: a new one would step over everybody who went before, each time. */
  #ages = this.keys();

  override set(key: string, value: string): this {
    this.delete(key);
    if (this.size >= MOST_PEOPLE) this.delete(this.#ages.next().value!);
    return super.set(key, value);
  }
}

/** Whoever holds a key of a store within this program, store by store. */
const held = new WeakMap<Store, Map<string, Promise<void>>>();

/** Waits until nobody else in this program holds the key; resolves to what gives it back. */
async function lockHere(store: Store, name: string): Promise<() => void> {
  let names = held.get(store);
  if (!names) held.set(store, (names = new Map()));
  const before = names.get(name);
  let release!: () => void;
  const mine = new Promise<void>((resolve) => (release = resolve));
  const last = before ? before.then(() => mine) : mine;
  names.set(name, last);
  await before;
  return () => {
    if (names.get(name) === last) names.delete(name);
    release();
  };
}

/** What is known about people, in the caller's store, under names that say nothing about them. */
export interface Keeper {
  /** The caller's. */
  store: Store;
  /** Takes the lock of a person and reads the record, `undefined` if there is none; rejected if it is none of ours. */
  open(key: string, locked: (release: () => void) => void): Promise<unknown>;
  /** What there is of a person, without a lock: it may be another thing a moment later. `from` reads in place of the store. */
  get(key: string, from?: Pick<Store, "get">): Promise<{ record: unknown } | undefined>;
  /** Keeps a record for all of them and reads it back; whether it is there. */
  save(keys: string[], record: string, lifetimeMs: number): Promise<boolean>;
  /** Removes the person's record. */
  erase(key: string): Promise<boolean>;
  /** Removes the person's record and those that are linked to it; how many there were. */
  forget(key: string): Promise<number>;
  /** Removes everything of ours. */
  forgetAll(): Promise<void>;
}

/** What a store holds: the names that the record is kept under, its own first, and the record. */
interface Kept {
  v: 1;
  names: [string, ...string[]];
  record: unknown;
}

/**
 * @param waits whether a promise may be waited for that another call made, which a Worker forbids
 */
export function keeper(store: Store, secret: string, waits: boolean): Keeper {
  const bytes = new TextEncoder();
  /** The names of whoever is open, which stay linked whatever is kept next: all of them are forgotten together. */
  const linked = new Map<string, string[]>();
  /** The name of whoever is open, by key: it is asked for more than once. */
  const named = new Map<string, string>();
  let hmac: CryptoKey | undefined;
  /** Errors that the store told of as events: Keyv swallows what went wrong, and a read is then as good as nothing there. */
  let errors = 0;
  (store as { on?: (event: "error", listener: () => void) => void }).on?.("error", () => errors++);

  async function nameOf(key: string): Promise<string> {
    const known = store instanceof Memory ? key : named.get(key);
    if (known) return known;
    hmac ??= await crypto.subtle.importKey("raw", bytes.encode(PREFIX + secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const name = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, bytes.encode(key)));
    return PREFIX + Array.from(name, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function read(name: string, from: Pick<Store, "get"> = store): Promise<Kept | undefined> {
    const before = errors;
    const text = await from.get(name);
    if (errors !== before) throw new Error("The store told of an error.");
    if (text === undefined || text === null) return undefined;
    const kept = JSON.parse(text as string);
    // What was kept for somebody else is as bad as nothing that can be read.
    if (kept.v !== 1 || kept.names[0] !== name) throw new TypeError("The store has something else under this name.");
    return kept;
  }

  async function lock(name: string): Promise<() => void> {
    if (store.lock) return store.lock(name);
    return waits ? lockHere(store, name) : () => {};
  }

  async function remove(name: string): Promise<boolean> {
    await store.delete(name);
    return store.readsOwnWrites === false || ((await store.get(name)) ?? undefined) === undefined;
  }

  return {
    store,
    async open(key, locked) {
      const name = await nameOf(key);
      const release = await lock(name);
      named.set(key, name);
      locked(() => {
        named.delete(key);
        linked.delete(name);
        release();
      });
      const kept = await read(name);
      if (kept) linked.set(name, kept.names);
      return kept?.record;
    },
    get: (key, from) => nameOf(key).then((name) => read(name, from)),
    async save(keys, record, lifetimeMs) {
      const names = await Promise.all(keys.map(nameOf));
      const saved = async (name: string) => {
        const others = new Set([...names, ...(linked.get(names[0]!) ?? [])]);
        others.delete(name);
        const text = `{"v":1,"names":${JSON.stringify([name, ...others])},"record":${record}}`;
        await store.set(name, text, lifetimeMs);
        return store.readsOwnWrites === false || (await store.get(name)) === text;
      };
      // The own name goes last: whoever dies in between leaves a claim, not an answer whose e-mail would cost again.
      const others = Promise.all(names.slice(1).map(saved));
      await others.catch(() => {});
      const own = await saved(names[0]!);
      return own && (await others).every(Boolean);
    },
    async erase(key) {
      return remove(await nameOf(key));
    },
    async forget(key) {
      const own = await nameOf(key);
      // Whoever is being looked up is forgotten when that is over.
      const release = await lock(own);
      try {
        const names = new Set([own]);
        for (const name of names) {
          const kept = await read(name).catch(() => ({ names: [] }));
          if (kept) for (const other of kept.names) names.add(other);
          else names.delete(name);
        }
        // What names the others goes last: where something fails, they can still be found.
        for (const name of [...names].reverse()) if (!(await remove(name))) throw new Error("The store still has it.");
        return names.size;
      } finally {
        release();
      }
    },
    async forgetAll() {
      const { keys, iterator } = store as { keys?: () => Iterable<string>; iterator?: () => AsyncIterable<[string]> };
      const names: string[] = [];
      if (keys) for await (const name of keys.call(store)) names.push(name);
      else if (iterator) for await (const [name] of iterator.call(store)) names.push(name);
      else throw new TypeError("The store has no keys(), so that nobody can tell what is in it.");
      for (const name of names) if (store instanceof Memory || name.startsWith(PREFIX)) await store.delete(name);
    },
  };
}
