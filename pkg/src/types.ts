/**
 * Who is meant, in the vendor's own field names. One of these combinations is needed:
 * `linkedin_url`; `email`; `first_name` + `last_name` + `company_website`;
 * `first_name` + `last_name` + `company_name`. Where several are given the strongest alone is
 * sent, in this order. An empty string counts as absent; any other field is refused.
 */
export interface EnrichmentRequest {
  /** The address of a person's LinkedIn profile, in any of its spellings. */
  linkedin_url?: string | undefined;
  email?: string | undefined;
  first_name?: string | undefined;
  last_name?: string | undefined;
  company_name?: string | undefined;
  /** The company's domain, or an address on it. */
  company_website?: string | undefined;
}

/** The identifier that a lookup goes by, strongest first. */
export type LookupKind = "linkedin_url" | "email" | "name_website" | "name_company";

/** One person, named by one valid identifier. */
export interface Lookup {
  kind: LookupKind;
  /** In canonical form, as it goes on the wire. */
  request: EnrichmentRequest;
  /** The person's canonical key: two spellings of one person have the same. It is personal data. */
  key: string;
}

/** One thing that is wrong with a request. */
export interface Issue {
  /** The field, or `null` where it is the request as a whole. */
  field: keyof EnrichmentRequest | null;
  /** For programs, such as `company_page` or `email_syntax`. */
  code: string;
  /** For people; it never quotes the input. */
  message: string;
  /** What to do about it, where anything can be done. */
  fix: string | null;
  /** Where in the field's text it is, in UTF-16 code units. */
  position?: number;
  /** For `incomplete_name`: the fields that are missing. */
  missing?: (keyof EnrichmentRequest)[];
  /** For `invalid_list`: the line that the record begins in, from 1. */
  line?: number;
  /** For `unknown_field`: the name that was given, at most 40 characters of it. */
  name?: string;
}

/** What {@link Client.check} says of a request: free, and without a network. */
export type CheckResult =
  | {
      ok: true;
      /** What would be sent. */
      lookup: Lookup;
      /**
       * 32 hexadecimal digits that are the same for every spelling of the person, in every release with the same
       * keys: FNV-1a (128 bits) of `lookup.key` in UTF-8. For logs and lists; it is no secret, since whoever guesses
       * the key can compute it.
       */
      fingerprint: string;
      /** Every valid identifier, strongest first; it starts with `lookup`. */
      ladder: Lookup[];
      /** What the request also holds and what would not be sent, with the reason. */
      dropped: Issue[];
      /** Credits charged if the person is found. */
      price: number;
    }
  | { ok: false; issues: Issue[] };

/**
 * What is known about credits: `none` is certainly not charged, `confirmed` certainly charged,
 * `possible` means that nobody on this side can know.
 */
export type Charge = "none" | "confirmed" | "possible";

/** How an outcome came about. */
export interface Meta {
  charge: Charge;
  /** Credits that this call certainly cost: 0 or the price. */
  credits: number;
  lookup: Lookup;
  source: "network" | "cache";
  /** Requests put on the wire. */
  attempts: number;
  /** ISO 8601, UTC. */
  collected_at: string;
  /** When the answer must no longer be kept; ISO 8601, UTC. */
  expires_at: string;
}

/** The service found a phone, and charged for it. */
export interface Found {
  status: "success";
  results: {
    /** As the service wrote it. */
    phone: string;
    /** `+` and digits, only where dropping separators yields exactly that; never a guess. */
    e164: string | null;
    /** A free bonus. */
    email: string | null;
  };
  /** The wallet after the call, in credits, where the service said it. */
  remaining_credits: number | null;
  meta: Meta;
}

/** The service found no phone; that is free. */
export interface NotFound {
  status: "not_found";
  message: string;
  /** The wallet after the call, in credits, where the service said it. */
  remaining_credits: number | null;
  meta: Meta;
}

/** What the service answered. A not-found is a value, not an exception. */
export type Outcome = Found | NotFound;

/** Why there is no outcome. */
export type ErrorCode =
  | "invalid_request"
  | "invalid_token"
  | "insufficient_credits"
  | "bad_request"
  | "forbidden"
  | "not_found_endpoint"
  | "rate_limited"
  | "server_error"
  | "malformed_response"
  | "timeout"
  | "aborted"
  | "network"
  | "budget_exceeded"
  | "suppressed"
  | "outcome_unknown"
  | "token_in_browser"
  | "store_failed"
  | "invalid_options"
  | "wasm_unavailable"
  | "wasm_failed"
  | "invalid_list";

/** A value, or a function that gives one, at once or later. */
export type Given<T> = T | (() => T | PromiseLike<T>);

/** A request that is about to go on the wire, as {@link ClientOptions.onRequest} hears of it. */
export interface Sent {
  lookupId: string;
  /** 1 for the first request of a call. */
  attempt: number;
}

/**
 * Where claims and answers are kept, under names that say nothing about the person. Anything shaped like a `Map` will
 * do, whether it answers at once or later: a `Map`, a Keyv, or one of `phone-enrichment/stores/…`.
 */
export interface Store {
  /** The text that was set, or `undefined` or `null`. */
  get(key: string): unknown;
  /** Keeps a text; whoever can may drop it after `ttlMs` milliseconds. Only what it resolved for counts as kept. */
  set(key: string, value: string, ttlMs?: number): unknown;
  delete(key: string): unknown;
  /** What `get` gives, for many keys at once and in their order. A plan of a list asks so; without it, for one key after another. */
  getMany?(keys: string[]): unknown;
  /**
   * Waits until nobody else holds this key, in any tab or process that shares the store, and resolves to what gives it
   * back; whoever dies gives it back too. Without it, a person is claimed once within one process only.
   */
  lock?(key: string): Promise<() => void>;
  /** Every key, for {@link Client.forgetAll}. */
  keys?(): Iterable<string> | AsyncIterable<string>;
  /** `false` where a value that was just set may not be read back yet, as in a cache at the edge. */
  readonly readsOwnWrites?: boolean;
}

/** The most to spend, in credits. */
export interface Limits {
  /** By one call, all its requests together. */
  perCall?: number | undefined;
  /** Within any 60 seconds. */
  perMinute?: number | undefined;
  /** Within any 24 hours. */
  perDay?: number | undefined;
  /** By the client, as long as it lives. */
  total?: number | undefined;
}

/** The wallet as a client knows it, in credits. */
export interface Balance {
  /** What the service last told. */
  remaining_credits: number | null;
  /** When it did; ISO 8601, UTC. */
  as_of: string | null;
  /** Certainly spent by this client. */
  spent: number;
  /** Set aside for requests that are out. */
  reserved: number;
  /** Of requests of which nobody knows whether they were charged. */
  possible: number;
}

/** Credits are gone that a client's own calls don't explain. */
export interface Anomaly {
  /** What the wallet should hold, in credits. */
  expected: number;
  /** What it holds, as the service says. */
  remaining_credits: number;
}

/** Something that went wrong beside a call that did not. */
export interface Warning {
  code: "store_failed";
  message: string;
  /** What was thrown, if anything was. */
  cause?: unknown;
}

export interface ClientOptions {
  /**
   * The vendor's token, sent as `Authorization: Token …`; a function is asked once per call.
   * In a browser it is refused (`token_in_browser`) unless `dangerouslyAllowBrowser` is set.
   */
  token?: Given<string> | undefined;
  /** Headers for one's own server. `Content-Type` is the client's, and with a token `Authorization` too. */
  headers?: Given<Record<string, string> | Headers> | undefined;
  /**
   * Where requests go; by default the vendor's service. `https`, `http` on this machine (or
   * anywhere, if there is no token), or a path such as `/api` in a page.
   */
  baseUrl?: string | undefined;
  /** Called as `fetch(request, { signal, redirect })`. By default the runtime's own, looked up at each call. */
  fetch?: ((request: Request, init: RequestInit) => Promise<Response>) | undefined;
  /**
   * How long one request may take, in milliseconds, to the last byte of its reply: 1 to 600,000,
   * by default 20,000. Waits that a rate limit asks for are not counted.
   */
  timeoutMs?: number | undefined;
  /** How often a request is sent again after a 429 that says when, 0 to 10, by default 2. Nothing else is ever sent again. */
  maxRateLimitRetries?: number | undefined;
  /**
   * Where claims and answers are kept, so that nobody is paid for twice; by default in memory, for this client alone and
   * the last 100,000 people. In a store that outlives the program, whom it died asking for is known to be unknown.
   */
  store?: Store | undefined;
  /** Makes the names in the store unguessable, for whoever can read it. Another secret finds nothing of what is there. */
  storeSecret?: string | undefined;
  /** For how long answers are kept, in days, 0 to 150; by default 30 for who was found and 1 for who was not. */
  retention?: { foundDays?: number | undefined; notFoundDays?: number | undefined } | undefined;
  /**
   * The most to spend, in credits, for this client as long as it lives. The price of each request is set aside before it
   * is sent; what has no room is refused with `budget_exceeded`. A minute and a day are any 60 seconds and 24 hours.
   */
  budget?: Limits | undefined;
  /**
   * People who are never asked for, as LinkedIn URLs, e-mails or keys that {@link Client.check} gave, read once at the
   * first call; or a function that is asked for every identifier of a request.
   */
  suppress?: Iterable<string> | ((lookup: Lookup) => boolean | PromiseLike<boolean>) | undefined;
  /**
   * Tries the next identifier of a request after a not-found, which is free, and leaves out those that are not valid.
   * By default only the strongest is sent.
   */
  ladder?: boolean | undefined;
  /**
   * What becomes of a request that its caller gave up on, or that took too long: by default (`detach`) it is left to
   * finish for up to a minute, so that a paid answer is kept; `cancel` breaks it off.
   */
  abort?: "detach" | "cancel" | undefined;
  /** Allows a token in a browser, where whoever opens the page can read and spend it. */
  dangerouslyAllowBrowser?: boolean | undefined;
  /** Hears of every request before it is sent. What a hook throws is ignored. */
  onRequest?: ((sent: Sent) => void) | undefined;
  /** Hears of every outcome and every error. */
  onOutcome?: ((result: Outcome | EnrichmentError) => void) | undefined;
  /** Hears of the wallet, in credits, whenever the service says it. */
  onCredits?: ((remaining: number) => void) | undefined;
  /** Hears when the wallet holds less than this client's own calls explain: somebody else spends, or was charged twice. */
  onAnomaly?: ((anomaly: Anomaly) => void) | undefined;
  /** Hears when what became of a request was told, but could not be kept. */
  onWarning?: ((warning: Warning) => void) | undefined;
}

export interface CallOptions {
  /** Gives up on the call. Once the request is out the service may charge all the same. */
  signal?: AbortSignal | undefined;
  /** As in {@link ClientOptions.timeoutMs}, for this call. */
  timeoutMs?: number | undefined;
  /** As in {@link ClientOptions.ladder}, for this call. */
  ladder?: boolean | undefined;
  /** As in {@link ClientOptions.abort}, for this call. */
  abort?: "detach" | "cancel" | undefined;
  /** Asks although an earlier request for this person may have been charged (`outcome_unknown`): it may cost again. */
  force?: boolean | undefined;
  /** Asks although there is an answer: it may cost again. What is there is not lost if this fails. */
  fresh?: boolean | undefined;
  /**
   * Sends a request again that may have been charged (5xx, a lost connection, an unreadable reply), as often as
   * `maxRateLimitRetries` allows: each may cost again.
   */
  retryUnknown?: boolean | undefined;
}

/** Options of a run; those of a call hold for each of its rows. Once it began, they can no longer be changed. */
export interface ManyOptions extends CallOptions {
  /** Gives up on the run, as {@link Run.abort} does. */
  signal?: AbortSignal | undefined;
  /** How many rows may be out, or have a result that is not read yet: 1 to 256, by default 5. */
  concurrency?: number | undefined;
  /** At most so many rows begin in a second, evenly spaced, such as 10 or 0.5; whoever is known already does not count. */
  perSecond?: number | undefined;
  /**
   * The most that this run may spend, in credits, within what the client may. While credits are only set aside, for rows
   * that are out, the next one waits for what becomes of them.
   */
  budget?: number | undefined;
  /** Whether results come in the order of the requests, which is the default, or as soon as they are there. */
  ordered?: boolean | undefined;
  /** Hears how far the run is, at the end of each row. What it throws is ignored. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** How one row of a run ended. */
export type ManyResult =
  | {
      /** The place of the row in the source, from 0. */
      index: number;
      /** As the source gave it. */
      request: EnrichmentRequest;
      outcome: Outcome;
      error?: undefined;
    }
  | { index: number; request: EnrichmentRequest; outcome?: undefined; error: EnrichmentError };

/** How far a run is. */
export interface Progress {
  /** Rows that ended: `found`, `notFound` and `failed` together, whether they were read or not. */
  done: number;
  found: number;
  notFound: number;
  failed: number;
  /** Those of `found` and `notFound` that were known before, or to another row. */
  cached: number;
  /** Credits certainly spent by this run. */
  spent: number;
  /** Credits set aside for its requests that are out. */
  reserved: number;
  /** Credits of its requests of which nobody knows whether they were charged. */
  possible: number;
  /** How many rows there are, where they came as an array; otherwise `null`. */
  total: number | null;
  /** How long the rest takes at the pace of the last 100 rows, in milliseconds; `null` where nobody can tell. */
  eta: number | null;
}

/**
 * A run over many requests. It begins with the first read, and can be read once. It sends no further ahead than
 * `concurrency` rows, however slowly it is read.
 *
 * A row that fails is a result like any other. The run itself ends early, with the error that it then throws, where
 * going on is pointless: after `invalid_token`, `invalid_options`, `token_in_browser`, `insufficient_credits`, and
 * `budget_exceeded` where there won't be room within a minute; when it is aborted; and when the source throws. It sends
 * nothing more then and takes nothing more from the source; every row that was taken is still read before it throws.
 *
 * Whoever stops reading (`break`, `return`) gives up on the rows that are out, as `abort` does, and closes the source.
 */
export interface Run extends AsyncIterable<ManyResult> {
  /** How far the run is now. */
  readonly progress: Progress;
  /** No row begins any more, until `resume`. Those that are out go on. */
  pause(): void;
  resume(): void;
  /**
   * Gives up on the run. Rows that are out end as `aborted`, each with what it may have cost; by default their requests
   * are left to finish and what is paid for is kept, so that the same list can be run again. Reading goes on to the last
   * of them, and then throws `aborted`.
   */
  abort(reason?: unknown): void;
}

/** Every method is async and readies itself; only {@link Client.enrichPhone} and {@link Client.enrichMany} send anything. */
export interface Client {
  /**
   * Looks a person's phone up: 5 credits if found, otherwise free. One call is one request.
   *
   * @throws {EnrichmentError} with a `code`, and a `charge` that says what it may have cost.
   */
  enrichPhone(request: EnrichmentRequest, options?: CallOptions): Promise<Outcome>;
  /**
   * Looks up many people, a few at a time, each as {@link Client.enrichPhone} does. With a store that lasts, the same
   * list can be run again after anything: whoever is known is free, and whose request was out is `outcome_unknown`.
   *
   * After a `rate_limited` row no other begins for as long as the service asked, or for a second.
   *
   * @example
   * for await (const { request, outcome, error } of client.enrichMany(people, { budget: 500 })) …
   */
  enrichMany(requests: Iterable<EnrichmentRequest> | AsyncIterable<EnrichmentRequest>, options?: ManyOptions): Run;
  /** Judges a request, offline and free: what would be sent and what it costs, or everything that is wrong. */
  check(request: unknown): Promise<CheckResult>;
  /**
   * What a plan of a list asks who is known, and who may not be asked for, if anybody.
   *
   * @internal
   */
  begin(): Promise<{ kept: { store: Store; get(key: string, from?: Pick<Store, "get">): Promise<{ record: unknown } | undefined> }; suppress: ((lookup: Lookup) => unknown) | undefined }>;
  /** The wallet, as far as this client knows it. */
  balance(): Balance;
  /**
   * Sends again after `insufficient_credits`: until then, or until a reply tells a balance that suffices, calls fail
   * without a request.
   */
  closeBreaker(): void;
  /**
   * Removes what is kept of a person, under every identifier of the request and the e-mail that came with an answer.
   *
   * @returns how many records there were
   */
  forget(request: EnrichmentRequest): Promise<{ removed: number }>;
  /** Removes everything that any client has in the store; it must have `keys()`. */
  forgetAll(): Promise<void>;
}

/** Why there is no outcome, what is known about credits, and how to go on. */
export interface EnrichmentError extends Error {
  readonly name: "EnrichmentError";
  readonly code: ErrorCode;
  readonly charge: Charge;
  /** Whether the same call can be made again without any risk of paying twice, and may then succeed. */
  readonly retryable: boolean;
  /** The HTTP status, where there was a reply. */
  readonly status?: number;
  /** For `invalid_request` and `invalid_list`: everything that is wrong. */
  readonly issues?: Issue[];
  /** In milliseconds: for `rate_limited`, how long the service asked to wait; for `budget_exceeded`, when there is room again. */
  readonly retryAfterMs?: number;
  /** For `insufficient_credits` and `budget_exceeded`: credits that the call needed. */
  readonly required?: number;
  /** Credits left: for `insufficient_credits`, where the service said it; for `budget_exceeded`, within the limit. */
  readonly remainingCredits?: number | null;
  /** Ours, to find the lookup in logs; empty where a call never became one. */
  readonly lookupId: string;
  /** The beginning of a reply that was no answer, for support. It may hold personal data and is not enumerable. */
  readonly responseText?: string;
}
