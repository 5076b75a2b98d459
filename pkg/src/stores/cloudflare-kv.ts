import type { Store } from "../types.js";

/** What this needs of a `KVNamespace`. */
export interface CloudflareKV {
  get(key: string): Promise<string | null>;
  put(key: string, value: string, options?: { expirationTtl?: number }): Promise<void>;
  delete(key: string): Promise<void>;
  list(options: { prefix: string; cursor?: string }): Promise<{ keys: { name: string }[]; list_complete: boolean; cursor?: string }>;
}

/** Begins the names of all that is ours in a namespace that others may use too. */
const PREFIX = "phone-enrichment/";
/** Seconds. Cloudflare refuses less. */
const SHORTEST_TTL = 60;

/**
 * Keeps what the client knows in Workers KV: `cloudflareKVStore(env.MY_NAMESPACE)`.
 *
 * **KV is a cache, and no more.** It is eventually consistent: what one Worker wrote, another may not see for a minute or
 * longer, and the first may itself read an older value meanwhile. There is no lock either. So it spares most repeated
 * lookups, but it **can't keep two Workers from paying for the same person**: where that must not happen, use a Durable
 * Object and `phone-enrichment/stores/durable-object`.
 *
 * - `readsOwnWrites` is `false`, so that nobody mistakes a stale read for a lost claim.
 * - KV drops what has expired by itself, though never within the first minute.
 * - One write per second and key; more than that rejects, as does a key that is too long for KV.
 */
export function cloudflareKVStore(namespace: CloudflareKV): Store & Required<Pick<Store, "keys">> & { readonly readsOwnWrites: false } {
  return {
    readsOwnWrites: false,
    get: (key) => namespace.get(PREFIX + key),
    set: (key, value, ttlMs) =>
      namespace.put(PREFIX + key, value, ttlMs === undefined ? {} : { expirationTtl: Math.max(SHORTEST_TTL, Math.ceil(ttlMs / 1000)) }),
    delete: (key) => namespace.delete(PREFIX + key),
    async *keys() {
      for (let cursor: string | undefined; ; ) {
        const page = await namespace.list({ prefix: PREFIX, ...(cursor !== undefined && { cursor }) });
        for (const { name } of page.keys) yield name.slice(PREFIX.length);
        if (page.list_complete) return;
        cursor = page.cursor;
      }
    },
  };
}
