import init, { Client as Core, check, type InitInput } from "#glue";

import { EnrichmentError, isEnrichmentError } from "./error.js";
import { fieldsOf, inform, perform } from "./transport.js";
import type { CallOptions, CheckResult, Client, ClientOptions, EnrichmentRequest, ErrorCode, Outcome } from "./types.js";

/** The functions of the package, over one instance of the core. */
export interface Surface {
  /** A client. Wrong options are told by its first call, as `invalid_options`. */
  createClient(options: ClientOptions): Client;
  /** One lookup with a client of its own. */
  enrichPhone(request: EnrichmentRequest, options: ClientOptions & CallOptions): Promise<Outcome>;
  /** Judges a request, offline and free. */
  checkRequest(request: unknown): Promise<CheckResult>;
}

/** The WebAssembly of the core, in any form that a runtime can take it in. */
export type WasmSource = WebAssembly.Module | BufferSource | Response | URL | Promise<WebAssembly.Module | BufferSource | Response>;

/**
 * Whether whoever opens the program can read what it holds, and whether paths are relative to something.
 * Workers of Deno and Bun have a browser's scope too; Cloudflare's has no location.
 */
function environment(): [browser: boolean, hasLocation: boolean] {
  const { document, WorkerGlobalScope, location, Deno, Bun } = globalThis as Record<string, any>;
  return [!!document || !!(WorkerGlobalScope && location && !Deno && !Bun), !!location?.href];
}

/** The options of a client and of a call, each with the types that it may have. */
const CLIENT_OPTIONS: Record<keyof ClientOptions, string> = {
  token: "string or function",
  headers: "object or function",
  baseUrl: "string",
  fetch: "function",
  timeoutMs: "number",
  maxRateLimitRetries: "number",
  dangerouslyAllowBrowser: "boolean",
  onRequest: "function",
  onOutcome: "function",
  onCredits: "function",
};
const CALL_OPTIONS: Record<keyof CallOptions, string> = { signal: "AbortSignal", timeoutMs: "number" };

/** Refuses an option that is none, or is of a type that it can't have, by its name and for free. */
function requireOptions(options: object, types: Record<string, string>): void {
  const refuse = (problem: string, cause?: unknown) =>
    refusal("invalid_options", `The options are not valid; nothing was sent. ${problem}`, cause);
  let entries: [string, any][];
  try {
    entries = Object.entries(options);
  } catch (cause) {
    throw refuse("They are not a readable object.", cause);
  }
  for (const [name, value] of entries) {
    if (!Object.hasOwn(types, name)) throw refuse(`Unknown option: ${name.slice(0, 40)}.`);
    const listens = typeof value?.addEventListener === "function" && typeof value.removeEventListener === "function";
    const type = listens ? "AbortSignal" : value === null ? "null" : typeof value;
    if (value !== undefined && !types[name]!.split(" or ").includes(type)) throw refuse(`${name} must be of type ${types[name]}.`);
  }
}

/** Random letters and digits, for a name that is no secret: no runtime's `crypto` is needed. */
const random = () => Math.random().toString(36).slice(2, 12);

/** An error of a call that never became a lookup. */
function refusal(code: ErrorCode, message: string, cause?: unknown): EnrichmentError {
  return new EnrichmentError({ code, charge: "none", retryable: false, message, lookupId: "", cause });
}

/** The package's functions, with the wasm from `source`, which is asked at the first use. */
export function surface(source: () => WasmSource): Surface {
  let starting: Promise<unknown> | undefined;

  const ready = () =>
    (starting ??= (async () => init({ module_or_path: source() as InitInput }))().catch((cause: unknown) => {
      // The next call tries again: a network may be back, a policy may have changed.
      starting = undefined;
      throw refusal(
        "wasm_unavailable",
        "WebAssembly could not start; see cause. Under a content security policy, script-src needs 'wasm-unsafe-eval'.",
        cause,
      );
    }));

  async function checkRequest(request: unknown): Promise<CheckResult> {
    // As it is now: what becomes of the caller's object while the core starts changes nothing.
    const fields = fieldsOf(request);
    await ready();
    return check(fields);
  }

  function createClient(options: ClientOptions): Client {
    // A copy: what the caller changes later changes nothing here.
    let own: ClientOptions = options;
    try {
      own = { ...options };
    } catch {
      // The first call tells.
    }
    let core: Core | undefined;
    return {
      check: checkRequest,
      async enrichPhone(request, options) {
        const callOptions = options ?? {};
        const fields = fieldsOf(request);
        try {
          requireOptions(own, CLIENT_OPTIONS);
          requireOptions(callOptions, CALL_OPTIONS);
          await ready();
          core ??= new Core(
            own.baseUrl,
            own.timeoutMs,
            own.maxRateLimitRetries,
            own.token !== undefined,
            own.headers !== undefined,
            own.dangerouslyAllowBrowser ?? false,
            ...environment(),
          );
          const lookupId = `lk_${random()}${random()}`;
          const call = core.call(lookupId, Math.random(), fields, callOptions.timeoutMs);
          const result = await perform(call, lookupId, own, callOptions.signal);
          if ("code" in result) throw new EnrichmentError(result);
          inform(own.onOutcome, result);
          if (result.remaining_credits !== null) inform(own.onCredits, result.remaining_credits);
          return result;
        } catch (error) {
          if (isEnrichmentError(error)) {
            inform(own.onOutcome, error);
            if (typeof error.remainingCredits === "number") inform(own.onCredits, error.remainingCredits);
          }
          throw error;
        }
      },
    };
  }

  return {
    createClient,
    checkRequest,
    async enrichPhone(request, options) {
      const { signal, ...own } = options ?? {};
      return createClient(own).enrichPhone(request, { signal });
    },
  };
}
