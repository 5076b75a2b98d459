import init, { Client as Core, check, type InitInput } from "#glue";

import { EnrichmentError, isEnrichmentError } from "./error.js";
import { perform } from "./transport.js";
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

/** A hook that throws must not cost anybody an answer. */
function tell<T>(hook: ((value: T) => void) | undefined, value: T): void {
  try {
    hook?.(value);
  } catch {}
}

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
  for (const [name, value] of Object.entries(options)) {
    const type = typeof value?.addEventListener === "function" ? "AbortSignal" : value === null ? "null" : typeof value;
    const problem = !Object.hasOwn(types, name)
      ? `Unknown option: ${name.slice(0, 40)}.`
      : value !== undefined && !types[name]!.split(" or ").includes(type)
        ? `${name} must be of type ${types[name]}.`
        : undefined;
    if (problem) throw refusal("invalid_options", `The options are not valid; nothing was sent. ${problem}`);
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
    await ready();
    return check(request);
  }

  function createClient(options: ClientOptions): Client {
    // A copy: what the caller changes later changes nothing here.
    const own = { ...options };
    let core: Core | undefined;
    return {
      check: checkRequest,
      async enrichPhone(request, callOptions = {}) {
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
          const call = core.call(lookupId, Math.random(), request, callOptions.timeoutMs);
          const result = await perform(call, lookupId, own, callOptions.signal);
          if ("code" in result) throw new EnrichmentError(result);
          tell(own.onOutcome, result);
          if (result.remaining_credits !== null) tell(own.onCredits, result.remaining_credits);
          return result;
        } catch (error) {
          if (isEnrichmentError(error)) tell(own.onOutcome, error);
          throw error;
        }
      },
    };
  }

  return {
    createClient,
    checkRequest,
    async enrichPhone(request, { signal, ...options }) {
      return createClient(options).enrichPhone(request, { signal });
    },
  };
}
