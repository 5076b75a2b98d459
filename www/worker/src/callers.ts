// Who calls: keys, their digests, and what each may do.

/** What a key may be for. `admin` makes and revokes keys and decides what is in doubt. */
export const SCOPES = ["lookup", "jobs", "erase", "audit", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** How a caller proves who it is: the name in its key, and the key's SHA-256, in hexadecimal. */
export interface Proof {
  id: string;
  digest: string;
}

/** A caller as the wallet knows it. */
export interface Caller {
  id: string;
  /** Given by whoever made the key. */
  name: string;
  scopes: Scope[];
  /** Credits in any 60 seconds; `null`: no limit of its own. */
  perMinute: number | null;
  /** Credits in a day (UTC); `null`: no limit of its own. */
  perDay: number | null;
}

/** The id of whoever holds the `ADMIN_KEY`. */
export const ADMIN = "admin";
/** What the `ADMIN_KEY` may do: everything but spend. */
export const ADMIN_SCOPES: Scope[] = ["erase", "audit", "admin"];

const KEY = /^pe_([0-9a-z]{10})_[0-9A-Za-z_-]{43}$/;

/** A key as it goes into an `Authorization` header: 32 random bytes behind a name that says which one it is. */
export function newKey(): { id: string; key: string } {
  const letters = "0123456789abcdefghijklmnopqrstuvwxyz";
  const id = Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => letters[byte % 36]).join("");
  const secret = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
  return { id, key: `pe_${id}_${secret.replaceAll("+", "-").replaceAll("/", "_").replace("=", "")}` };
}

export const hex = (bytes: ArrayBuffer) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

export const digestOf = async (text: string) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

/** Whether two digests are the same, in a time that says nothing about where they differ. */
export function sameDigest(one: string, other: string): boolean {
  const bytes = new TextEncoder();
  const [first, second] = [bytes.encode(one), bytes.encode(other)];
  return first.length === second.length && crypto.subtle.timingSafeEqual(first, second);
}

/** What an `Authorization` header proves, if it may be one of ours: `Token …` as the vendor has it, or `Bearer …`. */
export async function proofOf(header: string | undefined): Promise<Proof | undefined> {
  const key = /^(?:Token|Bearer) ([\x21-\x7e]{32,200})$/i.exec(header ?? "")?.[1];
  if (!key) return undefined;
  return { id: KEY.exec(key)?.[1] ?? ADMIN, digest: await digestOf(key) };
}
