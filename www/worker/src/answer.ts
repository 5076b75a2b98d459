// What a caller gets: the vendor's own contract, and beside it headers that say what it cost.
import type { Charge, EnrichmentError, ErrorCode, Issue, Outcome } from "phone-enrichment";

/** An answer as it travels between objects: plain values. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** What a lookup cost, and where its answer came from. */
export interface Cost {
  charge: Charge;
  /** Certainly charged for this call. */
  credits: number;
  source: "network" | "cache" | "none";
}

export const CHARGE = "enrichment-charge";
export const CREDITS = "enrichment-credits";
export const SOURCE = "enrichment-source";
export const LOOKUP = "enrichment-lookup-id";
/** What a page may read of an answer besides its body. */
export const EXPOSED = [CHARGE, CREDITS, SOURCE, LOOKUP, "idempotency-replayed", "retry-after"];

export const FREE: Cost = { charge: "none", credits: 0, source: "none" };

const costHeaders = ({ charge, credits, source }: Cost, lookupId?: string): Record<string, string> => ({
  [CHARGE]: charge,
  [CREDITS]: String(credits),
  [SOURCE]: source,
  ...(lookupId && { [LOOKUP]: lookupId }),
});

/** A refusal of this Worker's own, before anything was sent; `detail` is where the vendor has its words for 401 and 404. */
export const refusal = (status: number, detail: string, code: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { ...costHeaders(FREE), ...headers },
  body: { detail, code },
});

export const UNKNOWN_CALLER = refusal(401, "Invalid token.", "invalid_token", { "www-authenticate": "Token" });
export const NOT_FOUND = refusal(404, "Not found.", "not_found");
/** The vendor's words for a request that names nobody. */
const NAMES_NOBODY = "Provide linkedin_url, email, or first_name + last_name + (company_name OR company_website).";

export const invalid = (issues: Issue[]): Answer => ({
  status: 400,
  headers: costHeaders(FREE),
  body: { error: NAMES_NOBODY, code: "invalid_request", issues },
});

/** Seconds, never fewer than it takes. */
const retryAfter = (milliseconds: number): Record<string, string> => ({ "retry-after": String(Math.max(1, Math.ceil(milliseconds / 1000))) });

/** An outcome in the vendor's form. `remaining` is what the wallet held when it was last seen, which for a kept answer is later than the answer. */
export function found(outcome: Outcome, cost: Cost, remaining: number | null): Answer {
  const credits = remaining === null ? {} : { remaining_credits: remaining };
  return {
    status: 200,
    headers: costHeaders(cost),
    body:
      outcome.status === "success"
        ? {
            success: true,
            status: "success",
            results: { phone: outcome.results.phone, ...(outcome.results.email !== null && { email: outcome.results.email }) },
            ...credits,
          }
        : { success: true, status: "not_found", message: outcome.message, ...credits },
  };
}

/**
 * How each failure is told: a status that means the same charge to a client which knows only the vendor's contract, and
 * words for people. A vendor that refuses this Worker's own token is no fault of the caller's, so it is not told as 401.
 */
const FAILURES: Record<ErrorCode, [status: number, says: string]> = {
  invalid_request: [400, NAMES_NOBODY],
  invalid_list: [400, "This is no list of people; nothing was sent."],
  invalid_token: [503, "The lookup service refuses this Worker's own token; nothing was charged. Whoever runs the Worker has to set VENDOR_TOKEN anew."],
  invalid_options: [503, "This Worker is not set up rightly; nothing was sent. Look at VENDOR_URL and VENDOR_TOKEN."],
  token_in_browser: [503, "This Worker is not set up rightly; nothing was sent."],
  wasm_unavailable: [503, "This Worker could not start; nothing was sent."],
  wasm_failed: [502, "This Worker broke down on the way; the lookup may have been charged."],
  insufficient_credits: [402, "Insufficient credits."],
  bad_request: [502, "The lookup service refused the request."],
  forbidden: [503, "The lookup service refuses this Worker; nothing was charged."],
  not_found_endpoint: [503, "There is no lookup service at VENDOR_URL; nothing was charged."],
  rate_limited: [429, "The lookup service takes no more lookups for now; nothing was charged."],
  server_error: [502, "The lookup service failed; the lookup may have been charged. It is not sent again by itself."],
  malformed_response: [502, "The lookup service answered something that can't be read; the lookup may have been charged."],
  timeout: [504, "The lookup service has not answered in time; the lookup may be charged. Should it answer later, asking again is free."],
  aborted: [504, "The lookup was given up; it may have been charged."],
  network: [502, "The connection to the lookup service was lost; the lookup may have been charged."],
  budget_exceeded: [429, "A limit on credits has no room for this lookup; nothing was sent."],
  suppressed: [403, "This person is not to be looked up; nothing was sent."],
  outcome_unknown: [409, "An earlier lookup of this person may have been charged, and nobody knows how it ended; nothing was sent. With the header Enrichment-Force: true it is sent again, and may cost again."],
  store_failed: [503, "The wallet can't be written; nothing was sent."],
};

/** What is told of a failure; also of those that the client never came to. */
export interface Told {
  code: ErrorCode;
  charge: Charge;
  issues?: Issue[] | undefined;
  retryAfterMs?: number | undefined;
  required?: number | undefined;
  balance?: number | null | undefined;
  lookupId?: string | undefined;
  /** Which limit has no room. */
  limit?: "wallet_per_day" | "key_per_day" | "key_per_minute" | "job" | undefined;
}

export const told = ({ code, charge, issues, retryAfterMs, required, remainingCredits, lookupId }: EnrichmentError): Told => ({
  code,
  charge,
  issues,
  retryAfterMs,
  required,
  balance: remainingCredits,
  lookupId,
});

export function failed({ code, charge, issues, retryAfterMs, required, balance, lookupId, limit }: Told): Answer {
  const [known, error] = FAILURES[code];
  // To a client which knows only the vendor's contract, any 5xx may have been charged, and it would not ask for that
  // person again. 403 is free by all accounts.
  const status = known >= 500 && charge === "none" ? 403 : known;
  return {
    status,
    headers: { ...costHeaders({ charge, credits: 0, source: "none" }, lookupId), ...(status === 429 && retryAfterMs !== undefined && retryAfter(retryAfterMs)) },
    body: {
      error,
      code,
      ...(issues && { issues }),
      ...(limit && { limit }),
      ...(code === "insufficient_credits" && { required, balance }),
    },
  };
}
