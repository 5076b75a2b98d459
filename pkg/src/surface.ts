import { start, type Client as Core, type Glue } from "#glue";

import { broken, EnrichmentError, isEnrichmentError, misuse, refusal } from "./error.js";
import { keeper, Memory, type Keeper } from "./keeper.js";
import { many } from "./many.js";
import { requireOptions } from "./options.js";
import { ADMIT, ask, BALANCE, CLOSE_BREAKER, inform, pilot, requestOf, RUN, timeOf, wire, type Instance, type Pilot, type Wallet } from "./transport.js";
import type { Balance, CallOptions, CheckResult, Client, ClientOptions, EnrichmentRequest, Lookup, ManyOptions, Outcome, Store } from "./types.js";

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
 * Whether whoever opens the program can read what it holds, whether paths are relative to something, and whether a call
 * may wait for what another one began. Workers of Deno and Bun have a browser's scope too; Cloudflare's has no location,
 * and cancels whatever waits for a promise of another request.
 */
function environment(): [browser: unknown, hasLocation: unknown, shares: boolean] {
  const { document, WorkerGlobalScope, location, navigator, Deno, Bun, EdgeRuntime } = globalThis as Record<string, any>;
  return [
    document || (WorkerGlobalScope && location && !Deno && !Bun),
    location?.href,
    !EdgeRuntime && navigator?.userAgent !== "Cloudflare-Workers",
  ];
}

/** The options of a client and of a call, each with the types that it may have. */
const LIMITS = { perCall: "number", perMinute: "number", perDay: "number", total: "number" };
const RETENTION = { foundDays: "number", notFoundDays: "number" };
const CALL_OPTIONS: Record<keyof CallOptions, string> = {
  signal: "AbortSignal",
  timeoutMs: "number",
  ladder: "boolean",
  abort: "string",
  force: "boolean",
  fresh: "boolean",
  retryUnknown: "boolean",
};
const MANY_OPTIONS: Record<keyof ManyOptions, string> = {
  ...CALL_OPTIONS,
  concurrency: "number",
  perSecond: "number",
  budget: "number",
  ordered: "boolean",
  onProgress: "function",
};
const CLIENT_OPTIONS: Record<keyof ClientOptions, string> = {
  token: "string or function",
  headers: "object or function",
  baseUrl: "string",
  fetch: "function",
  timeoutMs: "number",
  maxRateLimitRetries: "number",
  dangerouslyAllowBrowser: "boolean",
  store: "object",
  storeSecret: "string",
  retention: "object",
  budget: "object",
  suppress: "object or function",
  ladder: "boolean",
  abort: "string",
  onRequest: "function",
  onOutcome: "function",
  onCredits: "function",
  onAnomaly: "function",
  onWarning: "function",
};

/** The options as the core takes them: how many there are, and name and value in turn, a flag as a number, and a word for one too. */
function settingsOf(options: object): unknown[] {
  const settings = Object.entries(options).filter(([, value]) => value !== undefined);
  return [
    settings.length,
    ...settings.flatMap(([name, value]) => [name, name === "abort" ? ["cancel", "detach"].indexOf(value) : typeof value === "boolean" ? +value : value]),
  ];
}

/** A copy: what the caller changes later changes nothing here. What can't be read is told by the first call. */
function copyOf<T extends object>(options: T): T {
  try {
    return { ...options };
  } catch {
    return options;
  }
}

/** Random letters and digits, for a name that is no secret: no runtime's `crypto` is needed. */
const random = () => Math.random().toString(36).slice(2, 12);

/** The core of a client, and what carries out what it asks for. */
interface Parts {
  instance: Instance;
  core: Core;
  flier: Pilot;
  kept: Keeper;
  suppress: (lookup: Lookup) => unknown;
}

/** What calls without a client of their own remember, by what they have in common. */
const memories = new Map<string, Store>();

function memoryOf({ token, baseUrl, headers }: ClientOptions): Store | undefined {
  // Whoever is told apart by a function or by headers must not be given somebody else's answers.
  if (typeof token === "function" || headers) return undefined;
  const name = JSON.stringify([token, baseUrl]);
  if (!memories.has(name)) memories.set(name, new Memory());
  return memories.get(name);
}

function unforgotten(cause: unknown): never {
  throw refusal("store_failed", "The store failed, and may still have what was to be forgotten; see cause.", { cause });
}

/** The package's functions, with the wasm from `source`, which is asked at the first use. */
export function surface(source: () => WasmSource): Surface {
  let starting: Promise<Instance> | undefined;
  /** What a start was made from, for the next one: a source may be good for one alone. */
  let module: WebAssembly.Module | undefined;

  /** An instance for all clients. When it breaks, whoever waits for something in it is told, and the next call makes another. */
  const begun = (glue: Glue): Instance => {
    let why: unknown;
    const instance: Instance = {
      ...glue,
      isBroken: false,
      ends: new Set(),
      run(work) {
        try {
          if (!instance.isBroken) return work();
        } catch (cause) {
          if (!instance.isBroken) {
            instance.isBroken = true;
            starting = undefined;
            why = cause;
            for (const fall of instance.ends) fall(cause);
          }
        }
        throw new EnrichmentError(broken(why));
      },
    };
    return instance;
  };

  const ready = () =>
    (starting ??= (async () => {
      let given = module ?? (await source());
      if (given instanceof URL) given = await fetch(given);
      // For bytes it is not even asked what a Response is: Node loads its whole fetch for that, and a check needs none of it.
      if (!ArrayBuffer.isView(given) && given instanceof Response) {
        if (!given.ok) throw new TypeError(`${given.url} can't be fetched: ${given.status}`);
        given = await given.arrayBuffer();
      }
      const glue = await start(given);
      ({ module } = glue);
      return begun(glue);
    })().catch((cause: unknown) => {
      // The next call tries again: a network may be back, a policy may have changed.
      starting = undefined;
      throw refusal(
        "wasm_unavailable",
        "WebAssembly could not start; see cause. Under a content security policy, script-src needs 'wasm-unsafe-eval'.",
        { cause },
      );
    }));

  async function checkRequest(request: unknown): Promise<CheckResult> {
    // As it is now: what becomes of the caller's object while the core starts changes nothing.
    const fields = requestOf(request);
    return checked(await ready(), fields);
  }

  const checked = ({ run, check }: Instance, fields: unknown[]): CheckResult => run(() => JSON.parse(check(wire(fields))));

  /** The canonical key of somebody on a suppression list: a key as `check` gives it, a LinkedIn URL or an e-mail. */
  function keyOf(instance: Instance, person: unknown, index: number): string {
    const text = String(person);
    if (/^(in|email|name):/.test(text)) return text;
    for (const field of ["linkedin_url", "email"]) {
      const { lookup } = checked(instance, [0, field, text]) as { lookup?: Lookup };
      if (lookup) return lookup.key;
    }
    throw misuse(`suppress: number ${index} is no LinkedIn URL, e-mail or key.`);
  }

  function createClient(options: ClientOptions): Client {
    const own = copyOf(options);
    let parts: Parts | undefined;
    const wallet: Wallet = { balance: { remaining_credits: null, as_of: null, spent: 0, reserved: 0, possible: 0 }, gone: new Map() };

    /** Asks the core; nothing comes of it where there is none any more. */
    function tryAsk({ instance, core }: Parts, what: number, run?: number) {
      try {
        return instance.run(() => ask(core, what, run));
      } catch {}
    }

    /** The wallet, as far as the client or the run knows it, with its time in milliseconds. */
    const balanceOf = (parts: Parts, run?: number): Balance | undefined => tryAsk(parts, BALANCE, run);

    /** The core and what carries out what it asks for, made when they are first needed. */
    async function begin(): Promise<Parts> {
      if (parts && !parts.instance.isBroken) return parts;
      requireOptions(own, CLIENT_OPTIONS);
      const { budget = {}, retention = {}, suppress, storeSecret = "" } = own;
      const store: Store = own.store ?? new Memory();
      requireOptions(budget, LIMITS);
      requireOptions(retention, RETENTION);
      if (!["get", "set", "delete"].every((name) => typeof (store as any)[name] === "function"))
        throw misuse("store must have get, set and delete.");
      const instance = await ready();
      if (parts && !parts.instance.isBroken) return parts;
      let isSuppressed: (lookup: Lookup) => unknown = suppress as typeof isSuppressed;
      if (suppress && typeof suppress !== "function") {
        let people: string[];
        try {
          own.suppress = people = [...suppress];
        } catch (cause) {
          // What can be read only once must not be taken for an empty list the next time.
          own.suppress = null as never;
          throw misuse("suppress can't be listed; see cause.", cause);
        }
        const keys = new Set(people.map((person, index) => keyOf(instance, person, index)));
        isSuppressed = ({ key }) => keys.has(key);
      }
      const [browser, hasLocation, shares] = environment();
      // What has a lock may be waited for: it is a Durable Object's.
      const waits = shares || !!store.lock;
      const facts = [browser, hasLocation, waits, own.token !== undefined, own.headers, own.dangerouslyAllowBrowser];
      // What a client without a store remembers outlives its core.
      const kept = parts?.kept ?? keeper(store, storeSecret, waits);
      return (parts = instance.run(() => {
        const core = new instance.Client(
          facts.reduce<number>((bits, fact, index) => bits | (fact ? 1 << index : 0), 0),
          wire([own.baseUrl, ...settingsOf({ ...own, ...budget, ...retention })]),
        );
        return { instance, core, kept, suppress: isSuppressed, flier: pilot(instance, core, own, kept, isSuppressed, wallet) };
      }));
    }

    /** One lookup, of which no hook hears how it ends. */
    async function look({ instance, core, flier }: Parts, fields: unknown[], options: object, signal?: AbortSignal, run?: number): Promise<Outcome> {
      const lookupId = `lk_${random()}${random()}`;
      const call = instance.run(() => ask(core, ADMIT, run, lookupId, Math.floor(Math.random() * 1e9), +!!own.suppress, ...settingsOf(options), ...fields));
      const result = await flier.perform(call, lookupId, signal);
      if ("code" in result) throw new EnrichmentError(result);
      return result;
    }

    /** Lets the hooks hear how a call ended. */
    async function tell(ending: Promise<Outcome>): Promise<Outcome> {
      try {
        const result = await ending;
        inform(own.onOutcome, result);
        if (result.remaining_credits !== null) inform(own.onCredits, result.remaining_credits);
        return result;
      } catch (error) {
        if (isEnrichmentError(error)) {
          inform(own.onOutcome, error);
          if (error.code === "insufficient_credits" && typeof error.remainingCredits === "number" && error.status) inform(own.onCredits, error.remainingCredits);
        }
        throw error;
      }
    }

    async function enrichPhone(request: EnrichmentRequest, options: CallOptions): Promise<Outcome> {
      const fields = requestOf(request);
      requireOptions(options, CALL_OPTIONS);
      return look(await begin(), fields, options, options.signal);
    }

    return {
      enrichPhone: (request, options) => tell(enrichPhone(request, options ?? {})),
      enrichMany(requests, options) {
        const chosen = copyOf(options ?? {});
        const start = async () => {
          requireOptions(chosen, MANY_OPTIONS);
          const parts = await begin();
          const run = parts.instance.run(() => ask(parts.core, RUN, chosen.budget));
          let last = balanceOf(parts, run)!;
          // Once the core is gone, what was set aside may have been charged.
          const balance = () => (last = balanceOf(parts, run) ?? { ...last, reserved: 0, possible: last.possible + last.reserved });
          return {
            look: (fields: unknown[], signal: AbortSignal) => look(parts, fields, chosen, signal, run).finally(balance),
            balance,
          };
        };
        return many(requests, chosen, start, tell);
      },
      check: checkRequest,
      begin,
      balance() {
        const balance = (parts && balanceOf(parts)) ?? { ...wallet.balance };
        if (balance.as_of) balance.as_of = timeOf(balance.as_of as unknown as number);
        return balance;
      },
      closeBreaker() {
        if (parts) tryAsk(parts, CLOSE_BREAKER);
      },
      async forget(request) {
        const checked = await checkRequest(request);
        if (!checked.ok) throw refusal("invalid_request", "The request is not valid.", { issues: checked.issues });
        const { kept } = await begin();
        let removed = 0;
        for (const { key } of checked.ladder) removed += await kept.forget(key).catch(unforgotten);
        return { removed };
      },
      async forgetAll() {
        const { kept } = await begin();
        await kept.forgetAll().catch(unforgotten);
      },
    };
  }

  return {
    createClient,
    checkRequest,
    async enrichPhone(request, options) {
      const { signal, force, fresh, retryUnknown, ...own } = options ?? {};
      return createClient({ store: memoryOf(own), ...own }).enrichPhone(request, { signal, force, fresh, retryUnknown });
    },
  };
}
