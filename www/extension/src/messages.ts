// What the extension's pages ask the background for. Every message is parsed by one of these, and none has a place for a token,
// an address or an option: those are read from the settings, where only the options page writes them.
import * as v from "valibot";
import { browser } from "wxt/browser";
import type { Person } from "./people.ts";

const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
const Request = v.strictObject({
  linkedin_url: v.optional(text(2048)),
  email: v.optional(text(320)),
  first_name: v.optional(text(200)),
  last_name: v.optional(text(200)),
  company_name: v.optional(text(300)),
  company_website: v.optional(text(2048)),
});

export const Message = v.variant("kind", [
  /** What is known of whoever an address names: free. */
  v.strictObject({ kind: v.literal("look"), address: text(8192) }),
  /** Asks for a person; `lookup` is made at the click. */
  v.strictObject({ kind: v.literal("lookup"), lookup: v.pipe(v.string(), v.uuid()), profile: text(2048), request: Request }),
  /** What became of a lookup that may have been charged. */
  v.strictObject({ kind: v.literal("ask again"), lookup: v.pipe(v.string(), v.uuid()), key: text(2048) }),
  /** Asks once more instead of a lookup in doubt, although it may cost once more: somebody said so. */
  v.strictObject({ kind: v.literal("pay again"), lookup: v.pipe(v.string(), v.uuid()), instead: v.pipe(v.string(), v.uuid()), key: text(2048) }),
  v.strictObject({ kind: v.literal("people"), search: text(200) }),
  v.strictObject({ kind: v.literal("erase"), key: text(2048) }),
  v.strictObject({ kind: v.literal("erase all") }),
  /** Whether the Worker of the settings answers. */
  v.strictObject({ kind: v.literal("try") }),
]);
export type Message = v.InferOutput<typeof Message>;

/** The pages that may send each: money is spent beside a profile alone. */
export const PAGES: Record<Message["kind"], readonly string[]> = {
  look: ["sidepanel.html"],
  lookup: ["sidepanel.html"],
  "ask again": ["sidepanel.html"],
  "pay again": ["sidepanel.html"],
  people: ["sidepanel.html"],
  erase: ["sidepanel.html"],
  "erase all": ["sidepanel.html", "options.html"],
  try: ["options.html", "welcome.html"],
};

/** What the wallet holds, as far as it is known. */
export interface Wallet {
  credits: number | null;
  /** Credits spent here in the last 24 hours, and the limit. */
  today: number;
  limit: number | null;
}

/** What is known beside an address. */
export type View =
  /** No profile; `code` says what it is instead, as the package does. */
  | { kind: "page"; code: string }
  | { kind: "profile"; profile: string; key: string; who: string; price: number; wallet: Wallet; asked: Person[]; setUp: boolean; way: "worker" | "token" };

export type Tried = { ok: true; name: string; credits: number | null; limit: number | null } | { ok: false; code: "address" | "key" | "scope" | "origin" | "unreachable" | "other" };

/** What each message is answered with: a value, or why there is none. */
export interface Answers {
  look: View;
  lookup: Person | Refused;
  "ask again": Person | Refused;
  "pay again": Person | Refused;
  people: Person[];
  erase: { removed: number };
  "erase all": null;
  try: Tried;
}

/** Nothing was sent: why. */
export interface Refused {
  refused: "set_up" | "offline" | "budget" | "suppressed" | "doubt" | "invalid" | "store";
  /** What is wrong with the request, by field and code. */
  issues?: { field: string | null; code: string; message: string }[];
  until?: number;
}

/** Asks the background. What is thrown, of whatever kind, is a background that is gone. */
export async function ask<Kind extends Message["kind"]>(message: Extract<Message, { kind: Kind }>): Promise<Answers[Kind]> {
  const answer = await browser.runtime.sendMessage(message);
  if (answer === undefined || answer === null || !("answer" in answer)) throw new Error("the background has not answered");
  return answer.answer;
}
