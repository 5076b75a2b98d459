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
  | "wasm_unavailable";

/** A value, or a function that gives one, at once or later. */
export type Given<T> = T | (() => T | PromiseLike<T>);

/** A request that is about to go on the wire, as {@link ClientOptions.onRequest} hears of it. */
export interface Sent {
  lookupId: string;
  /** 1 for the first request of a call. */
  attempt: number;
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
  /** Allows a token in a browser, where whoever opens the page can read and spend it. */
  dangerouslyAllowBrowser?: boolean | undefined;
  /** Hears of every request before it is sent. What a hook throws is ignored. */
  onRequest?: ((sent: Sent) => void) | undefined;
  /** Hears of every outcome and every error. */
  onOutcome?: ((result: Outcome | EnrichmentError) => void) | undefined;
  /** Hears of the wallet, in credits, whenever the service says it. */
  onCredits?: ((remaining: number) => void) | undefined;
}

export interface CallOptions {
  /** Gives up on the call. Once the request is out the service may charge all the same. */
  signal?: AbortSignal | undefined;
  /** As in {@link ClientOptions.timeoutMs}, for this call. */
  timeoutMs?: number | undefined;
}

/** Every method is async and readies itself; no method but {@link Client.enrichPhone} sends anything. */
export interface Client {
  /**
   * Looks a person's phone up: 5 credits if found, otherwise free. One call is one request.
   *
   * @throws {EnrichmentError} with a `code`, and a `charge` that says what it may have cost.
   */
  enrichPhone(request: EnrichmentRequest, options?: CallOptions): Promise<Outcome>;
  /** Judges a request, offline and free: what would be sent and what it costs, or everything that is wrong. */
  check(request: unknown): Promise<CheckResult>;
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
  /** For `invalid_request`: everything that is wrong. */
  readonly issues?: Issue[];
  /** For `rate_limited`: how long the service asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** For `insufficient_credits`: credits that the call needed. */
  readonly required?: number;
  /** For `insufficient_credits`: credits left, where the service said it. */
  readonly remainingCredits?: number | null;
  /** Ours, to find the lookup in logs; empty where a call never became one. */
  readonly lookupId: string;
  /** The beginning of a reply that was no answer, for support. It may hold personal data and is not enumerable. */
  readonly responseText?: string;
}
