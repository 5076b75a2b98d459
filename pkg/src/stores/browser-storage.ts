import type { Store } from "../types.js";
import { webLock } from "./web-lock.js";

/** What this needs of `browser.storage.local` or `chrome.storage.local`. */
export interface BrowserStorageArea {
  get(keys: string | string[] | null): Promise<Record<string, any>>;
  set(items: Record<string, unknown>): Promise<void>;
  remove(keys: string): Promise<void>;
}

/** Begins the names of all that is ours in an area that the whole extension shares. */
const PREFIX = "phone-enrichment/";

/**
 * Keeps what the client knows in an extension's storage: `browserStorageStore(browser.storage.local)`, or
 * `chrome.storage.local` with Manifest V3. The extension needs the permission `storage`.
 *
 * - Shared by the service worker, the panels and the pages of one extension, and still there after the browser was
 *   killed. Browsers do not say that they flush it to disk, so the last seconds before a power cut may be lost: where that
 *   matters, use `phone-enrichment/stores/indexeddb`, which works in all the same places.
 * - `lock` excludes all of those, and a stopped service worker gives back what it held. Not so in a content script, whose
 *   locks are those of the page's site: let the background do the lookups.
 * - 10 MB in Chromium unless the extension has `unlimitedStorage`; a full area rejects.
 * - Entries of others in the area are never read, listed or changed.
 * - What has expired is never given out, and is deleted when it is read and by `keys`.
 *
 * Not for `storage.sync`, which others may write elsewhere at the same time, nor for `storage.session`, which is memory.
 */
export function browserStorageStore(area: BrowserStorageArea): Store & Required<Pick<Store, "getMany" | "keys">> {
  const lock = webLock("phone-enrichment/storage");
  const writing = webLock("phone-enrichment/storage-write");

  /** Nobody else writes the key meanwhile; where nothing can promise that, it is written all the same. */
  async function alone(key: string, work: () => Promise<void>): Promise<void> {
    const release = await writing?.(key);
    try {
      await work();
    } finally {
      release?.();
    }
  }

  const isOver = (entry: { expires?: number }) => entry.expires! <= Date.now();

  /** Deletes a key that has expired, unless it was just set anew. */
  const drop = (key: string) =>
    alone(key, async () => {
      const entry = (await area.get(PREFIX + key))[PREFIX + key];
      if (writing && entry && isOver(entry)) await area.remove(PREFIX + key);
    });

  async function getMany(keys: string[]): Promise<(string | undefined)[]> {
    const entries = await area.get(keys.map((key) => PREFIX + key));
    return Promise.all(
      keys.map(async (key) => {
        const entry = entries[PREFIX + key];
        if (entry && isOver(entry)) return void (await drop(key));
        return entry?.text;
      }),
    );
  }

  return {
    ...(lock && { lock }),
    getMany,
    get: async (key) => (await getMany([key]))[0],
    set: (key, text, ttlMs) => alone(key, () => area.set({ [PREFIX + key]: { text, ...(ttlMs !== undefined && { expires: Date.now() + ttlMs }) } })),
    delete: (key) => alone(key, () => area.remove(PREFIX + key)),
    async *keys() {
      for (const [name, entry] of Object.entries(await area.get(null))) {
        if (!name.startsWith(PREFIX)) continue;
        const key = name.slice(PREFIX.length);
        if (isOver(entry)) await drop(key);
        else yield key;
      }
    },
  };
}
