import init, { Client as Core, check, type InitInput } from "#glue";

import { EnrichmentError } from "./error.js";
import { perform } from "./transport.js";
import type { CallOptions, CheckResult, Client, ClientOptions, EnrichmentRequest, Outcome } from "./types.js";

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

/** The package's functions, with the wasm from `source`, which is asked at the first use. */
export function surface(source: () => WasmSource): Surface {
  let starting: Promise<unknown> | undefined;

  const ready = () =>
    (starting ??= (async () => init({ module_or_path: source() as InitInput }))().catch((cause: unknown) => {
      // The next call tries again: a network may be back, a policy may have changed.
      starting = undefined;
      throw new EnrichmentError({
        code: "wasm_unavailable",
        charge: "none",
        retryable: false,
        message:
          "WebAssembly could not start; see cause. Under a content security policy, script-src needs 'wasm-unsafe-eval'.",
        lookupId: "",
        cause,
      });
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
      async enrichPhone(request, callOptions) {
        await ready();
        core ??= new Core(own, ...environment());
        const result = await perform(core.call(request, callOptions), own, callOptions?.signal);
        if ("code" in result) {
          const error = new EnrichmentError(result);
          tell(own.onOutcome, error);
          throw error;
        }
        tell(own.onOutcome, result);
        if (result.remaining_credits !== null) tell(own.onCredits, result.remaining_credits);
        return result;
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
