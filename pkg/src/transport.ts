import type { Client as Core, Glue } from "#glue";

import { broken, type Failure } from "./error.js";
import type { Keeper } from "./keeper.js";
import type { Balance, ClientOptions, Lookup, Outcome } from "./types.js";

/** What the core's `tell` takes. */
const BEGIN = 0;
const NOT_SUPPRESSED = 1;
const SUPPRESSED = 2;
const UNSCREENED = 3;
const LOCKED = 4;
const OPENED = 5;
const UNREADABLE = 6;
const AUTHORIZED = 7;
const UNAUTHORIZED = 8;
const SAVED = 9;
const NOT_SAVED = 10;
const REPLIED = 11;
const LOST = 12;
const ELAPSED = 13;
const ABORTED = 14;
const NOT_SENT = 15;
const HEADERS = 16;
export const ADMIT = 17;
export const BALANCE = 18;
export const RUN = 19;
const INHERIT = 20;
const CONFIRM = 21;
export const CLOSE_BREAKER = 22;

/** Ends a value on its way to the core, and stands in no text there: another control character takes its place. */
const END = "\x1f";

/** Values as the core takes them: each with a letter for its type. */
export function wire(values: unknown[]): string {
  let text = "";
  for (const value of values)
    text += (typeof value === "string" ? "s" + value.replaceAll(END, "\x1e") : typeof value === "number" ? "n" + value : value === undefined ? "" : value === true ? "t" : "x") + END;
  return text;
}

/** Asks a core for what is about the whole client, or one of its runs. */
export const ask = (core: Core, what: number, ...values: unknown[]) => JSON.parse(core.tell(0, 0, what, wire(values)));

/** Milliseconds since 1970, for people and for logs. */
export const timeOf = (milliseconds: number) => new Date(milliseconds).toISOString();

/** What came of a request, as the core takes it. */
type Reply = [status: number, text: string, retryAfter: string | undefined, retryDate: number, free: string | undefined, ...members: unknown[]];

/** The redirect mode of this runtime. Workers know only "manual", which brings the redirect itself; the core refuses that too. */
let redirect: RequestRedirect | undefined;

function redirectMode(): RequestRedirect {
  try {
    new Request("https://localhost", { redirect: "error" });
    return "error";
  } catch {
    return "manual";
  }
}

/** Whether the runtime takes it as an address: nothing but that is what it could refuse of a request. */
function isAddress(url: string): boolean {
  try {
    return !!new Request(url);
  } catch {
    return false;
  }
}

/** A value, or what the caller's function gives for it. */
function given<T>(value: T | (() => T | PromiseLike<T>) | undefined): T | PromiseLike<T> | undefined {
  return typeof value === "function" ? (value as () => T | PromiseLike<T>)() : value;
}

/** More fields than a request or headers can have: one more than these, and no more are read. */
const MOST_FIELDS = 64;

/**
 * The own fields of an object as they are now, name and value in turn; nothing where it is no object or refuses to
 * be read. Inherited fields are never read, and `undefined` is absent.
 */
function fieldsOf(object: unknown): unknown[] | undefined {
  try {
    if (typeof object !== "object" || object === null || Array.isArray(object)) return undefined;
    const fields: unknown[] = [];
    for (const name of Reflect.ownKeys(object).slice(0, MOST_FIELDS + 1)) {
      const value = (object as Record<PropertyKey, unknown>)[name];
      if (value !== undefined) fields.push(String(name), value);
    }
    return fields;
  } catch {
    return undefined;
  }
}

/** Whether it has members with names. */
const isPlain = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);

/** What was parsed, as the core takes it: a sign that it was, and its members, name and value in turn, with those of the objects in it. */
export function membersOf(json: unknown): unknown[] {
  const members: unknown[] = json === undefined ? [] : [0];
  const list = (object: object, group: string) => {
    for (const [name, value] of Object.entries(object)) {
      if (!group && isPlain(value)) list(value, name + ".");
      else members.push(group + name, value);
    }
  };
  if (isPlain(json)) list(json, "");
  return members;
}

/** A request as the core takes it: a sign that it could be read, and its fields. */
export function requestOf(request: unknown): unknown[] {
  const fields = fieldsOf(request);
  return fields ? [0, ...fields] : [];
}

/** A hook that throws, now or later, must not cost anybody an answer. */
export function inform<T>(hook: ((value: T) => unknown) | undefined, value: T): void {
  (async () => hook?.(value))().catch(() => {});
}

/** Token and headers, each at the time of the call; the headers as {@link fieldsOf} lists fields, after a sign that they could be read. */
async function credentials({ token, headers = {} }: ClientOptions): Promise<unknown[]> {
  const pairs = await given(headers);
  const known = await given(token);
  // What lists pairs, as Headers does, lists them; a plain list of something else would be quoted in the error.
  const listed = !Array.isArray(pairs) && typeof pairs?.entries === "function" ? [...pairs.entries()].flat() : fieldsOf(pairs === undefined ? {} : pairs);
  return [
    // A function that gives nothing must not become a request without a token.
    known === undefined && token !== undefined ? null : known,
    ...(listed && listed.length <= 2 * MOST_FIELDS ? [0, ...listed] : []),
  ];
}

const decoder = new TextDecoder();

/** Sends the request and reads at most `limit` bytes of the reply. What was read before an error counts, as not whole. */
async function exchange(url: string, sent: RequestInit, limit: number, controller: AbortController, { fetch: own }: ClientOptions): Promise<Reply> {
  // Without a mode or credentials, which Workers refuse.
  const how: RequestInit = { signal: controller.signal, redirect: (redirect ??= redirectMode()) };
  // As plain calls: a global fetch refuses any other `this`. Of a request it would make another one.
  const reply = await (own ? own(new Request(url, sent), how) : fetch(url, { ...sent, ...how }));
  const { status, body } = reply;
  // A caller's own fetch may give anything, and a status beyond 16 bits would become another one.
  if (typeof status !== "number" || !(status >= 0 && status < 65_536)) throw new TypeError("fetch gave no response");
  const parts: Uint8Array[] = [];
  let length = 0;
  let whole = true;
  let json: unknown;
  const take = (bytes: Uint8Array) => {
    parts.push(bytes.subarray(0, limit));
    whole = (length += bytes.length) <= limit;
  };
  try {
    if (typeof body?.getReader === "function") {
      const reader = body.getReader();
      for (let part; whole && !(part = await reader.read()).done; ) take(part.value);
      // What is too long must not keep coming.
      if (!whole) controller.abort();
    } else if (body !== null) {
      // A fetch without such streams: the whole body at once.
      take(new Uint8Array(await reply.arrayBuffer()));
    }
  } catch {
    whole = false;
  }
  // Anything that is no UTF-8 becomes U+FFFD. At once, as a character may lie across two parts; there is nearly always one.
  const text = decoder.decode(parts.length === 1 ? parts[0] : await new Blob(parts as BlobPart[]).arrayBuffer());
  try {
    if (whole) json = JSON.parse(text);
  } catch {
    // No JSON: the core judges what there is.
  }
  let retryAfter: unknown;
  let charge: unknown;
  try {
    retryAfter = reply.headers.get("retry-after");
    charge = reply.headers.get("enrichment-charge");
  } catch {
    // Without headers there is none.
  }
  const header = typeof retryAfter === "string" ? retryAfter : undefined;
  return [status, text, header, header ? Date.parse(header) : NaN, charge === "none" ? charge : undefined, ...membersOf(json)];
}

/** A flight, as far as it is outside of the core. */
interface Flight {
  key: string;
  /** Requests put on the wire. */
  attempts: number;
  /** What its first call is found by in logs, once something was sent for it. */
  lookupId?: string;
  /** The core does not know yet what became of the last request. */
  out?: boolean;
  /** What is on its way to the store, or was. */
  saving?: Promise<unknown>;
  /** Gives the person's lock back. */
  release?: () => void;
  controller?: AbortController | undefined;
  /** What was thrown that its callers are to hear of. */
  cause?: unknown;
}

/** One start of the WebAssembly, for all clients, until it traps: what Rust left half done is never used again. */
export interface Instance extends Glue {
  isBroken: boolean;
  /** Everybody who waits for something in it, to be told why it ends. */
  ends: Set<(cause: unknown) => void>;
  /** Does something in it; whatever is thrown is a trap, and thrown on as `wasm_failed`. */
  run<T>(work: () => T): T;
}

/** What a client must not forget when its core is gone. */
export interface Wallet {
  balance: Balance;
  /** How many credits were spent or possibly spent by the end of a minute, for as long as a budget looks back. */
  gone: Map<number, number>;
}

const MINUTE_MS = 60_000;
/** A day and the minute that it began in. */
const MOST_MINUTES = 1441;

/** What carries out what the core asks for. It decides nothing. */
export interface Pilot {
  /** Carries a call through that the core was given; gives the outcome or the failure. */
  perform(call: number, lookupId: string, signal: AbortSignal | undefined): Promise<Outcome | Failure>;
}

export function pilot(instance: Instance, core: Core, options: ClientOptions, kept: Keeper, isSuppressed: (lookup: Lookup) => unknown, wallet: Wallet): Pilot {
  const calls = new Map<number, { lookupId: string; resolve: (result: Outcome | Failure) => void; end: () => void }>();
  const flights = new Map<number, Flight>();
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  /** What the caller's own functions make happen while the core is at work on something else. */
  const waiting: [id: number, happened: number, thrown: unknown, values: unknown[]][] = [];
  let busy = false;
  /** The runtime takes the address: all of a client's begin alike. */
  let proven = false;
  let cause: unknown;
  let price = 0;

  /** Keeps in mind what is gone. */
  const note = ({ spent, possible }: Balance) => {
    const { gone } = wallet;
    gone.set(Math.floor(Date.now() / MINUTE_MS), spent + possible);
    if (gone.size > MOST_MINUTES) gone.delete(gone.keys().next().value!);
  };
  /** Lets the core handle what happened, with what was thrown, if anything was. */
  const tell = (id: number, happened: number, thrown?: unknown, ...values: unknown[]) => {
    if (instance.isBroken) return;
    waiting.push([id, happened, thrown, values]);
    if (busy) return;
    busy = true;
    try {
      instance.run(() => {
        for (let next; !instance.isBroken && (next = waiting.shift()); ) {
          const [id, happened, thrown, values] = next;
          cause = thrown;
          const effects = JSON.parse(core.tell(Date.now(), id, happened, wire(values)));
          const flight = flights.get(id);
          if (flight && (happened === REPLIED || happened === LOST)) flight.out = false;
          // A function of the caller's can bring the instance down too.
          for (const [effect, id, ...given] of effects) if (!instance.isBroken) carryOut[effect]!(id, ...given);
        }
      });
    } catch {
      // Everybody was told by then.
    }
    busy = false;
  };
  /** The instance is gone. Nobody may wait for it, and what is out may have been charged. */
  const fall = (cause: unknown) => {
    const sent = new Set<string | undefined>();
    for (const { out, lookupId, controller, saving, release } of flights.values()) {
      sent.add(lookupId);
      if (out) wallet.balance.possible += price;
      controller?.abort();
      // What is on its way to the store must be there before somebody else looks.
      inform(() => Promise.resolve(saving).then(release, release), 0);
    }
    wallet.balance.reserved = 0;
    note(wallet.balance);
    for (const timer of timers.values()) clearTimeout(timer);
    for (const { lookupId, resolve, end } of calls.values()) {
      end();
      resolve(broken(cause, sent.has(lookupId), lookupId));
    }
    flights.clear();
  };
  /** Waits for what the store makes of a record, and keeps in mind what it threw. */
  const saved = (id: number, ok: Promise<boolean>) =>
    (flights.get(id)!.saving = ok).then(
      (ok) => tell(id, ok ? SAVED : NOT_SAVED, flights.get(id)?.cause),
      (thrown) => {
        const flight = flights.get(id);
        if (flight) flight.cause ??= thrown;
        tell(id, NOT_SAVED, thrown);
      },
    );
  const wake = (id: number) => {
    timers.delete(id);
    tell(id, ELAPSED);
  };
  const still = (id: number) => {
    clearTimeout(timers.get(id));
    timers.delete(id);
  };
  /** Whoever has nothing going on is not held by the instance. */
  const rest = () => calls.size + flights.size || instance.ends.delete(fall);
  /** What the core asks for, by its number. */
  const carryOut: ((id: number, ...given: any[]) => void)[] = [
    function screen(id, lookups: Lookup[]) {
      (async () => {
        for (const lookup of lookups) if (await isSuppressed(lookup)) return SUPPRESSED;
        return NOT_SUPPRESSED;
      })().then(
        (verdict) => tell(id, verdict),
        (thrown) => tell(id, UNSCREENED, thrown),
      );
    },
    function open(id, key: string) {
      const flight: Flight = { key, attempts: 0 };
      flights.set(id, flight);
      kept.open(key, (release) => {
        flight.release = release;
        if (flights.has(id)) tell(id, LOCKED);
        else release();
      }).then(
        (record) => tell(id, OPENED, undefined, ...membersOf(record)),
        (thrown) => tell(id, UNREADABLE, thrown),
      );
    },
    function authorize(id) {
      credentials(options).then(
        (values) => tell(id, AUTHORIZED, undefined, ...values),
        (thrown) => tell(id, UNAUTHORIZED, thrown),
      );
    },
    function save(id, lifetimeMs: number, record: string, also: string | null) {
      const { key } = flights.get(id)!;
      saved(id, kept.save(also === null ? [key] : [key, also], record, lifetimeMs));
    },
    function erase(id) {
      const flight = flights.get(id)!;
      flight.cause ??= cause;
      saved(id, kept.erase(flight.key));
    },
    function send(id, limit: number, lookupId: string, url: string, body: string) {
      const flight = flights.get(id)!;
      if (!(proven ||= isAddress(url))) return tell(id, NOT_SENT);
      flight.lookupId = lookupId;
      flight.out = true;
      inform(options.onRequest, { lookupId, attempt: ++flight.attempts });
      const sent = { method: "POST", headers: core.tell(0, id, HEADERS, ""), body };
      exchange(url, sent, limit, (flight.controller = new AbortController()), options).finally(() => (flight.controller = undefined)).then(
        (reply) => tell(id, REPLIED, undefined, ...reply),
        (thrown) => tell(id, LOST, thrown),
      );
    },
    function cancel(id) {
      // Without a reason: what fetch is then rejected with is an error of its own realm.
      flights.get(id)!.controller?.abort();
    },
    function close(id) {
      still(id);
      const release = flights.get(id)?.release;
      flights.delete(id);
      rest();
      inform(release, undefined);
    },
    function sleep(id, milliseconds: number) {
      clearTimeout(timers.get(id));
      const timer = setTimeout(wake, milliseconds, id);
      // Where nobody waits for a request any more, its connection may keep a program from ending, and nothing else.
      if (flights.get(id)?.controller) (timer as { unref?: () => void }).unref?.();
      timers.set(id, timer);
    },
    function warn() {
      inform(options.onWarning, { code: "store_failed", message: "What became of a request could not be kept: the person's next lookup may cost again, or be refused as unknown.", cause });
    },
    function anomaly(_, expected: number, remaining_credits: number) {
      inform(options.onAnomaly, { expected, remaining_credits });
    },
    function finish(id, result: Outcome | Failure) {
      still(id);
      const call = calls.get(id);
      calls.delete(id);
      rest();
      call?.end();
      if ("code" in result) result.cause = cause;
      else {
        const { meta } = result as { meta: Record<string, any> };
        for (const name of ["collected_at", "expires_at"]) meta[name] = timeOf(meta[name]);
      }
      call?.resolve(result);
    },
    function gone(_, balance: Balance) {
      note((wallet.balance = balance));
    },
  ];

  // What the cores before this one spent, each credit at its time.
  let before = 0;
  for (const [minute, credits] of [[0, 0], ...wallet.gone] as [number, number][]) {
    core.tell(Math.min((minute + 1) * MINUTE_MS, Date.now()), 0, ELAPSED, "");
    price = ask(core, INHERIT, credits - before);
    before = credits;
  }
  ask(core, CONFIRM, wallet.balance.spent);

  return {
    perform(call, lookupId, signal) {
      return new Promise((resolve) => {
        const aborted = () => tell(call, ABORTED, signal!.reason);
        calls.set(call, { lookupId, resolve, end: () => inform(() => signal?.removeEventListener("abort", aborted), 0) });
        instance.ends.add(fall);
        signal?.addEventListener("abort", aborted);
        if (signal?.aborted) aborted();
        else tell(call, BEGIN);
      });
    },
  };
}
