import type { Store } from "phone-enrichment";
import { browserStorageStore } from "phone-enrichment/stores/browser-storage";
import { cloudflareKVStore } from "phone-enrichment/stores/cloudflare-kv";
import { durableObjectStore } from "phone-enrichment/stores/durable-object";
import { fileStore } from "phone-enrichment/stores/file";
import { indexedDBStore } from "phone-enrichment/stores/indexeddb";
import { is, type Same } from "./same.js";

declare const text: string;

// As the platforms declare theirs, overloads included.
declare const area: {
  get<T = { [key: string]: unknown }>(keys?: string | string[] | Partial<T> | null): Promise<T>;
  get<T = { [key: string]: unknown }>(callback: (items: T) => void): void;
  set<T = { [key: string]: unknown }>(items: Partial<T>): Promise<void>;
  remove(keys: string | string[]): Promise<void>;
};
declare const namespace: {
  get(key: string, options?: { cacheTtl?: number }): Promise<string | null>;
  get(key: string, type: "arrayBuffer"): Promise<ArrayBuffer | null>;
  get(keys: string[], type?: "text"): Promise<Map<string, string | null>>;
  put(key: string, value: string | ArrayBuffer | ReadableStream, options?: { expiration?: number; expirationTtl?: number; metadata?: any | null }): Promise<void>;
  delete(key: string): Promise<void>;
  list(options?: { limit?: number; prefix?: string | null; cursor?: string | null }): Promise<
    { list_complete: false; keys: { name: string; expiration?: number }[]; cursor: string } | { list_complete: true; keys: { name: string; expiration?: number }[] }
  >;
};
declare const storage: {
  get<T = unknown>(key: string, options?: { noCache?: boolean }): Promise<T | undefined>;
  get<T = unknown>(keys: string[], options?: { noCache?: boolean }): Promise<Map<string, T>>;
  list<T = unknown>(options?: { start?: string; startAfter?: string; prefix?: string; limit?: number }): Promise<Map<string, T>>;
  put<T>(key: string, value: T, options?: { noCache?: boolean }): Promise<void>;
  put<T>(entries: Record<string, T>): Promise<void>;
  delete(key: string, options?: { noCache?: boolean }): Promise<boolean>;
  delete(keys: string[]): Promise<number>;
  sync(): Promise<void>;
};

// Each is a store, and so is a Map.
[indexedDBStore(), indexedDBStore({ name: text }), browserStorageStore(area), cloudflareKVStore(namespace), durableObjectStore(storage), fileStore(text), new Map<string, string>()] satisfies Store[];
// @ts-expect-error a store of files needs a place
fileStore();
// @ts-expect-error an unknown option
indexedDBStore({ database: text });
// @ts-expect-error a Map of numbers is none
new Map<string, number>() satisfies Store;
// @ts-expect-error storage without a way to know when it is written
durableObjectStore({ get: storage.get, put: storage.put, delete: storage.delete, list: storage.list });

// What each can do is known without looking.
fileStore(text).lock(text) satisfies Promise<() => void>;
durableObjectStore(storage).lock(text) satisfies Promise<() => void>;
for await (const key of indexedDBStore().keys()) key satisfies string;
is<Same<ReturnType<typeof cloudflareKVStore>["readsOwnWrites"], false>>();
// @ts-expect-error a page may have no locks
indexedDBStore().lock(text);
// @ts-expect-error KV has none
cloudflareKVStore(namespace).lock(text);

export {};
