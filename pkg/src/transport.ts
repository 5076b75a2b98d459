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

/** Token and headers, each at the time of the call. */
async function credentials({ token, headers }: ClientOptions): Promise<[token: unknown, headers: unknown]> {
  const pairs = await given(headers);
  return [await given(token), typeof pairs?.entries === "function" ? Object.fromEntries(pairs as Headers) : pairs];
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
  const chunks: Uint8Array[] = [];
  let length = 0;
  let whole = true;
  try {
    if (body) {
      const reader = body.getReader();
      for (let part; whole && !(part = await reader.read()).done; ) {
        length += chunks[chunks.push(part.value) - 1]!.length;
        whole = length <= limit;
      }
      // What is too long must not keep coming.
      if (!whole) controller.abort();
    } else if (body === undefined) {
      // A runtime without streams.
      length = chunks[chunks.push(new Uint8Array(await reply.arrayBuffer())) - 1]!.length;
      whole = length <= limit;
    }
  } catch {
    whole = false;
  }
  // Chunk by chunk, since a character may lie across two; anything that is no UTF-8 becomes U+FFFD.
  const decoder = new TextDecoder();
  const text = chunks.map((chunk) => decoder.decode(chunk.subarray(0, limit), { stream: true })).join("") + decoder.decode();
  let json: unknown;
  try {
    if (whole) json = JSON.parse(text);
  } catch {
    // The core judges what is no JSON.
  }
  const retryAfter = headers?.get("retry-after") ?? undefined;
  return [status, retryAfter, Date.parse(retryAfter!), text, json];
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

    const end = () => {
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
    };
    /** Tells the core of an event, with what was thrown, if anything was; after the end nobody listens any more. */
    const tell = (event: (now: number) => void, thrown?: unknown) => {
      if (over) return;
      cause = thrown;
      try {
        event(Date.now());
        if (over) call.free();
      } catch (error) {
        end();
        reject(error);
      }
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
        try {
          options.onRequest?.({ lookupId, attempt });
        } catch {
          // A hook that throws must not cost anybody an answer.
        }
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
