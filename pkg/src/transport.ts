import type { Client as Core } from "#glue";

import type { Failure } from "./error.js";
import type { Keeper } from "./keeper.js";
import type { ClientOptions, Lookup, Outcome } from "./types.js";

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

/** What came of a request, as the core takes it. */
type Reply = [status: number, retryAfter: string | undefined, retryDate: number, text: string, json: unknown];

/** What is sent, as the core gives it. */
type Sent = [url: string, method: string, headers: Headers, body: string];

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
export function fieldsOf(object: unknown): unknown[] | undefined {
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

/** A hook that throws, now or later, must not cost anybody an answer. */
export function inform<T>(hook: ((value: T) => unknown) | undefined, value: T): void {
  (async () => hook?.(value))().catch(() => {});
}

/** Token and headers, each at the time of the call; the headers as {@link fieldsOf} lists fields. */
async function credentials({ token, headers = {} }: ClientOptions): Promise<[token: unknown, headers: unknown]> {
  const pairs = await given(headers);
  const known = await given(token);
  // What lists pairs, as Headers does, lists them; a plain list of something else would be quoted in the error.
  const listed = !Array.isArray(pairs) && typeof pairs?.entries === "function" ? [...pairs.entries()].flat() : fieldsOf(pairs === undefined ? {} : pairs);
  return [
    // A function that gives nothing must not become a request without a token.
    known === undefined && token !== undefined ? null : known,
    listed && listed.length > 2 * MOST_FIELDS ? undefined : listed,
  ];
}

const decoder = new TextDecoder();

/** Sends the request and reads at most `limit` bytes of the reply. What was read before an error counts, as not whole. */
async function exchange(
  [url, method, headers, body]: Sent,
  limit: number,
  controller: AbortController,
  { fetch: own }: ClientOptions,
): Promise<Reply> {
  // Without a mode or credentials, which Workers refuse.
  const how: RequestInit = { signal: controller.signal, redirect: (redirect ??= redirectMode()) };
  // As plain calls: a global fetch refuses any other `this`. Of a request it would make another one.
  const sent = { method, headers, body };
  const reply = await (own ? own(new Request(url, sent), how) : fetch(url, { ...sent, ...how }));
  const { status, body: stream } = reply;
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
    if (typeof stream?.getReader === "function") {
      const reader = stream.getReader();
      for (let part; whole && !(part = await reader.read()).done; ) take(part.value);
      // What is too long must not keep coming.
      if (!whole) controller.abort();
    } else if (stream !== null) {
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
  try {
    retryAfter = reply.headers.get("retry-after");
  } catch {
    // Without headers there is none.
  }
  const header = typeof retryAfter === "string" ? retryAfter : undefined;
  return [status, header, header ? Date.parse(header) : NaN, text, json];
}

/** A flight, as far as it is outside of the core. */
interface Flight {
  key: string;
  /** Requests put on the wire. */
  attempts: number;
  /** Gives the person's lock back. */
  release?: () => void;
  controller?: AbortController | undefined;
  /** What was thrown that its callers are to hear of. */
  cause?: unknown;
}

/** What carries out what the core asks for. It decides nothing. */
export interface Pilot {
  /**
   * Carries a call through that the core was given.
   *
   * @returns the outcome or the failure; rejected only if the core itself breaks.
   */
  perform(call: number, signal: AbortSignal | undefined): Promise<Outcome | Failure>;
}

export function pilot(core: Core, options: ClientOptions, kept: Keeper, isSuppressed: (lookup: Lookup) => unknown): Pilot {
  const calls = new Map<number, { resolve: (result: Outcome | Failure) => void; reject: (error: unknown) => void; end: () => void }>();
  const flights = new Map<number, Flight>();
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  /** What the caller's own functions make happen while the core is at work on something else. */
  const waiting: [id: number, happened: number, thrown: unknown, values: unknown[]][] = [];
  let busy = false;
  let cause: unknown;

  /** Lets the core handle what happened, with what was thrown, if anything was. */
  const tell = (id: number, happened: number, thrown?: unknown, ...values: unknown[]) => {
    waiting.push([id, happened, thrown, values]);
    if (busy) return;
    busy = true;
    try {
      for (let next; (next = waiting.shift()); ) {
        cause = next[2];
        core.tell(host, Date.now(), next[0], next[1], next[3]);
      }
    } catch (error) {
      // The core is broken: nobody may wait for it.
      waiting.length = 0;
      for (const { reject, end } of calls.values()) {
        end();
        reject(error);
      }
      calls.clear();
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    }
    busy = false;
  };
  /** Waits for what the store makes of a record, and keeps in mind what it threw. */
  const saved = (id: number, ok: Promise<boolean>) =>
    ok.then(
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
  const settle = (id: number, result: Outcome | Failure) => {
    still(id);
    const call = calls.get(id);
    calls.delete(id);
    call?.end();
    call?.resolve(result);
  };

  /** What the core asks for, by its number. */
  const effects: ((id: number, number: number, text: string, value: any) => void)[] = [
    function screen(id, _, __, lookups: Lookup[]) {
      (async () => {
        for (const lookup of lookups) if (await isSuppressed(lookup)) return SUPPRESSED;
        return NOT_SUPPRESSED;
      })().then(
        (verdict) => tell(id, verdict),
        (thrown) => tell(id, UNSCREENED, thrown),
      );
    },
    function open(id, _, key) {
      const flight: Flight = { key, attempts: 0 };
      flights.set(id, flight);
      kept.open(key, (release) => {
        flight.release = release;
        if (flights.has(id)) tell(id, LOCKED);
        else release();
      }).then(
        (record) => tell(id, OPENED, undefined, record),
        (thrown) => tell(id, UNREADABLE, thrown),
      );
    },
    function authorize(id) {
      credentials(options).then(
        (values) => tell(id, AUTHORIZED, undefined, ...values),
        (thrown) => tell(id, UNAUTHORIZED, thrown),
      );
    },
    function save(id, lifetimeMs, record, also?: string) {
      const { key } = flights.get(id)!;
      saved(id, kept.save(also === undefined ? [key] : [key, also], record, lifetimeMs));
    },
    function erase(id) {
      const flight = flights.get(id)!;
      flight.cause ??= cause;
      saved(id, kept.erase(flight.key));
    },
    function send(id, limit, lookupId, request: Sent) {
      const flight = flights.get(id)!;
      inform(options.onRequest, { lookupId, attempt: ++flight.attempts });
      exchange(request, limit, (flight.controller = new AbortController()), options).finally(() => (flight.controller = undefined)).then(
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
      release?.();
    },
    function sleep(id, milliseconds) {
      clearTimeout(timers.get(id));
      const timer = setTimeout(wake, milliseconds, id);
      // Where nobody waits for a request any more, its connection may keep a program from ending, and nothing else.
      if (flights.get(id)?.controller) (timer as { unref?: () => void }).unref?.();
      timers.set(id, timer);
    },
    function warn() {
      inform(options.onWarning, { code: "store_failed", message: "What became of a request could not be kept: the person's next lookup may cost again, or be refused as unknown.", cause });
    },
    function anomaly(_, expected, __, remaining_credits: number) {
      inform(options.onAnomaly, { expected, remaining_credits });
    },
    function finish(id, _, __, outcome: Outcome) {
      settle(id, outcome);
    },
    function fail(id, _, __, listed: unknown[]) {
      const failure: Record<string, unknown> = { cause };
      while (listed.length > 0) failure[listed.shift() as string] = listed.shift();
      settle(id, failure as unknown as Failure);
    },
  ];
  const host = {
    act(effect: number, id: number, number: number, text: string, value: unknown) {
      effects[effect]!(id, number, text, value);
    },
  };

  return {
    perform(call, signal) {
      return new Promise((resolve, reject) => {
        const aborted = () => tell(call, ABORTED, signal!.reason);
        calls.set(call, { resolve, reject, end: () => signal?.removeEventListener("abort", aborted) });
        signal?.addEventListener("abort", aborted);
        if (signal?.aborted) aborted();
        else tell(call, BEGIN);
      });
    },
  };
}
