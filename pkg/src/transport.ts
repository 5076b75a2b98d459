import type { Call } from "#glue";

import type { Failure } from "./error.js";
import type { ClientOptions, Outcome } from "./types.js";

/** What the core's `tell` takes. */
const BEGIN = 0;
const UNAUTHORIZED = 1;
const LOST = 2;
const ELAPSED = 3;
const ABORTED = 4;

/** What came of a request: the arguments of the core's `replied`. */
type Reply = [status: number, retryAfter: string | undefined, retryDate: number, text: string, json: unknown];

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
    const names = Reflect.ownKeys(object).slice(0, MOST_FIELDS + 1);
    return names.flatMap((name) => {
      const value = (object as Record<PropertyKey, unknown>)[name];
      return value === undefined ? [] : [String(name), value];
    });
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

/** Sends the request and reads at most `limit` bytes of the reply. What was read before an error counts, as not whole. */
async function exchange(
  request: Request,
  limit: number,
  controller: AbortController,
  { fetch: send = fetch }: ClientOptions,
): Promise<Reply> {
  // As a plain call: a global fetch refuses any other `this`. Without a mode or credentials, which Workers refuse.
  const reply = await send(request, { signal: controller.signal, redirect: (redirect ??= redirectMode()) });
  const { status, headers, body } = reply;
  // A caller's own fetch may give anything, and a status beyond 16 bits would become another one.
  if (typeof status !== "number" || !(status >= 0 && status < 65_536)) throw new TypeError("fetch gave no response");
  // A character may lie across two chunks; anything that is no UTF-8 becomes U+FFFD.
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  let json: unknown;
  try {
    const take = (bytes: Uint8Array) => {
      length += bytes.length;
      text += decoder.decode(bytes.subarray(0, limit), { stream: true });
      return length <= limit;
    };
    let whole = true;
    if (typeof body?.getReader === "function") {
      const reader = body.getReader();
      for (let part; whole && !(part = await reader.read()).done; ) whole = take(part.value);
      // What is too long must not keep coming.
      if (!whole) controller.abort();
    } else if (body !== null) {
      // A fetch without such streams: the whole body at once.
      whole = take(new Uint8Array(await reply.arrayBuffer()));
    }
    text += decoder.decode();
    if (whole) json = JSON.parse(text);
  } catch {
    // Cut off, or no JSON: the core judges what there is.
  }
  let retryAfter: unknown;
  try {
    retryAfter = headers.get("retry-after");
  } catch {
    // Without headers there is none.
  }
  const header = typeof retryAfter === "string" ? retryAfter : undefined;
  return [status, header, Date.parse(header!), text, json];
}

/**
 * Carries one call through: does what the core asks for and tells it what happened. It decides nothing.
 *
 * @returns the outcome or the failure; rejected only if the core itself breaks.
 */
export function perform(
  call: Call,
  lookupId: string,
  options: ClientOptions,
  signal: AbortSignal | undefined,
): Promise<Outcome | Failure> {
  return new Promise((resolve, reject) => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let controller: AbortController;
    let cause: unknown;
    /** What the caller's own functions make happen while the core is at work on something else. */
    const waiting: [event: (now: number) => void, thrown: unknown][] = [];
    let busy = false;

    const end = () => {
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
    };
    /** Tells the core of an event, with what was thrown, if anything was; after the end nobody listens any more. */
    const tell = (event: (now: number) => void, thrown?: unknown) => {
      waiting.push([event, thrown]);
      if (busy) return;
      busy = true;
      try {
        for (let next; !over && (next = waiting.shift()); ) {
          cause = next[1];
          next[0](Date.now());
          if (over) call.free();
        }
      } catch (error) {
        end();
        reject(error);
      }
      busy = false;
    };
    const aborted = () => tell((now) => call.tell(host, now, ABORTED), signal!.reason);

    const host = {
      authorize() {
        credentials(options).then(
          ([token, headers]) => tell((now) => call.authorized(host, now, token, headers)),
          (thrown) => tell((now) => call.tell(host, now, UNAUTHORIZED), thrown),
        );
      },
      send(request: Request, limit: number, attempt: number) {
        inform(options.onRequest, { lookupId, attempt });
        controller = new AbortController();
        exchange(request, limit, controller, options).then(
          (reply) => tell((now) => call.replied(host, now, ...reply)),
          (thrown) => tell((now) => call.tell(host, now, LOST), thrown),
        );
      },
      cancel() {
        // Without a reason: what fetch is then rejected with is an error of its own realm.
        controller.abort();
      },
      sleep(milliseconds: number) {
        clearTimeout(timer);
        timer = setTimeout(() => tell((now) => call.tell(host, now, ELAPSED)), milliseconds);
      },
      finish(result: Outcome | Failure) {
        end();
        resolve(cause === undefined ? result : ({ ...result, cause } as Failure));
      },
    };

    signal?.addEventListener("abort", aborted);
    if (signal?.aborted) aborted();
    else tell((now) => call.tell(host, now, BEGIN));
  });
}
