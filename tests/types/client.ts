import { checkRequest, createClient, enrichPhone, EnrichmentError, isEnrichmentError } from "phone-enrichment";
import type {
  CallOptions,
  Charge,
  CheckResult,
  Client,
  ClientOptions,
  EnrichmentError as EnrichmentErrorType,
  EnrichmentRequest,
  ErrorCode,
  Found,
  Given,
  Issue,
  Lookup,
  LookupKind,
  Meta,
  NotFound,
  Outcome,
  Sent,
} from "phone-enrichment";
import { is, isNot, never, type Same } from "./same.js";

declare const text: string;
declare const maybe: string | undefined;
declare const signal: AbortSignal;

// Requests: the six fields and no other, each a text or absent.
is<Same<keyof EnrichmentRequest, "linkedin_url" | "email" | "first_name" | "last_name" | "company_name" | "company_website">>();
({}) satisfies EnrichmentRequest;
({ linkedin_url: text }) satisfies EnrichmentRequest;
({ email: text }) satisfies EnrichmentRequest;
({ first_name: text, last_name: text, company_name: text }) satisfies EnrichmentRequest;
({ first_name: text, last_name: text, company_website: text }) satisfies EnrichmentRequest;
// Forms give undefined, also under exactOptionalPropertyTypes.
({ email: undefined, linkedin_url: maybe }) satisfies EnrichmentRequest;
// @ts-expect-error an unknown field
({ linkedinUrl: text }) satisfies EnrichmentRequest;
// @ts-expect-error null is not absent
({ email: null }) satisfies EnrichmentRequest;
// @ts-expect-error a number is no text
({ email: 5 }) satisfies EnrichmentRequest;
// @ts-expect-error a list is no text
({ email: [text] }) satisfies EnrichmentRequest;

// Options of a client.
is<Same<keyof ClientOptions, "token" | "headers" | "baseUrl" | "fetch" | "timeoutMs" | "maxRateLimitRetries" | "dangerouslyAllowBrowser" | "onRequest" | "onOutcome" | "onCredits">>();
createClient({ token: text });
createClient({ token: () => text });
createClient({ token: async () => text });
createClient({ baseUrl: "/api" });
createClient({ baseUrl: "/api", headers: { "x-key": text } });
createClient({ baseUrl: "/api", headers: new Headers() });
createClient({ baseUrl: "/api", headers: () => new Headers() });
createClient({ baseUrl: "/api", headers: async () => ({ "x-key": text }) });
createClient({ token: undefined, headers: undefined, baseUrl: undefined, fetch: undefined, timeoutMs: undefined, maxRateLimitRetries: undefined, dangerouslyAllowBrowser: undefined, onRequest: undefined, onOutcome: undefined, onCredits: undefined });
createClient({ token: text, fetch, timeoutMs: 5, maxRateLimitRetries: 0, dangerouslyAllowBrowser: true });
createClient({ token: text, fetch: async (request, init) => (is<Same<typeof request, Request>>(), is<Same<typeof init, RequestInit>>(), new Response()) });
createClient({ token: text, onRequest: (sent) => is<Same<typeof sent, Sent>>(), onOutcome: (result) => is<Same<typeof result, Outcome | EnrichmentErrorType>>(), onCredits: (credits) => is<Same<typeof credits, number>>() });
createClient({ token: text, onOutcome: (result) => ("code" in result ? result.charge : result.meta.charge) satisfies Charge });
// @ts-expect-error options are needed
createClient();
// @ts-expect-error an unknown option
createClient({ token: text, timeout: 5 });
// @ts-expect-error a number is no token
createClient({ token: 5 });
// @ts-expect-error null is no token
createClient({ token: null });
// @ts-expect-error a token that may be missing is no token
createClient({ token: () => maybe });
// @ts-expect-error a URL object
createClient({ baseUrl: new URL("https://example.com") });
// @ts-expect-error a number as a header
createClient({ baseUrl: "/api", headers: { "x-key": 5 } });
// @ts-expect-error a text as the deadline
createClient({ token: text, timeoutMs: "5" });
// @ts-expect-error a text as the opt-in
createClient({ token: text, dangerouslyAllowBrowser: "yes" });
// @ts-expect-error a fetch that gives no reply
createClient({ token: text, fetch: async () => text });
// @ts-expect-error a hook that wants something else
createClient({ token: text, onCredits: (credits: string) => credits });

// Options of a call.
declare const client: Client;
is<Same<keyof CallOptions, "signal" | "timeoutMs">>();
client.enrichPhone({ email: text });
client.enrichPhone({ email: text }, {});
client.enrichPhone({ email: text }, { signal, timeoutMs: 5 });
client.enrichPhone({ email: text }, { signal: undefined, timeoutMs: undefined });
enrichPhone({ email: text }, { token: text, signal, timeoutMs: 5 });
// @ts-expect-error a request is needed
client.enrichPhone();
// @ts-expect-error a token belongs to a client
client.enrichPhone({ email: text }, { token: text });
// @ts-expect-error a controller is no signal
client.enrichPhone({ email: text }, { signal: new AbortController() });
// @ts-expect-error the plain function needs options
enrichPhone({ email: text });
is<Same<ReturnType<Client["enrichPhone"]>, Promise<Outcome>>>();
is<Same<ReturnType<typeof enrichPhone>, Promise<Outcome>>>();
is<Same<keyof Client, "enrichPhone" | "check">>();

// Outcomes: a status tells found from not found, and only found has results.
const outcome = await client.enrichPhone({ email: text });
// @ts-expect-error not before the status is known
outcome.results;
// @ts-expect-error not before the status is known
outcome.message;
if (outcome.status === "success") {
  is<Same<typeof outcome, Found>>();
  is<Same<typeof outcome.results.phone, string>>();
  is<Same<typeof outcome.results.e164, string | null>>();
  is<Same<typeof outcome.results.email, string | null>>();
  // @ts-expect-error a found has no message
  outcome.message;
} else if (outcome.status === "not_found") {
  is<Same<typeof outcome, NotFound>>();
  is<Same<typeof outcome.message, string>>();
  // @ts-expect-error a not-found has no results
  outcome.results;
} else {
  never(outcome);
}
is<Same<typeof outcome.remaining_credits, number | null>>();
is<Same<typeof outcome.meta, Meta>>();
is<Same<Meta["charge"], Charge>>();
is<Same<Charge, "none" | "confirmed" | "possible">>();
is<Same<Meta["source"], "network" | "cache">>();
is<Same<Meta["credits"], number>>();
is<Same<Meta["attempts"], number>>();
is<Same<Meta["collected_at"], string>>();
is<Same<Meta["expires_at"], string>>();
is<Same<Meta["lookup"], Lookup>>();
is<Same<LookupKind, "linkedin_url" | "email" | "name_website" | "name_company">>();
is<Same<Lookup["kind"], LookupKind>>();
is<Same<Lookup["key"], string>>();
is<Same<Sent, { lookupId: string; attempt: number }>>();
// @ts-expect-error the vendor's spelling
outcome.status === "notfound";

// check takes anything, and tells the two cases apart.
is<Same<Parameters<Client["check"]>, [request: unknown]>>();
const checked: CheckResult = await checkRequest(5);
is<Same<Awaited<ReturnType<Client["check"]>>, CheckResult>>();
if (checked.ok) {
  is<Same<typeof checked.lookup, Lookup>>();
  is<Same<typeof checked.ladder, Lookup[]>>();
  is<Same<typeof checked.dropped, Issue[]>>();
  is<Same<typeof checked.price, number>>();
  is<Same<typeof checked.fingerprint, string>>();
  // @ts-expect-error a good request has no issues
  checked.issues;
} else {
  is<Same<typeof checked.issues, Issue[]>>();
  // @ts-expect-error a bad request has no lookup
  checked.lookup;
}

// Issues.
declare const issue: Issue;
is<Same<typeof issue.field, keyof EnrichmentRequest | null>>();
is<Same<typeof issue.code, string>>();
is<Same<typeof issue.message, string>>();
is<Same<typeof issue.fix, string | null>>();
is<Same<typeof issue.position, number | undefined>>();
is<Same<typeof issue.missing, (keyof EnrichmentRequest)[] | undefined>>();
is<Same<typeof issue.name, string | undefined>>();

// Errors.
try {
  await client.enrichPhone({ email: text });
} catch (error) {
  // @ts-expect-error a caught value is unknown
  error.code;
  if (isEnrichmentError(error)) {
    is<Same<typeof error.name, "EnrichmentError">>();
    is<Same<typeof error.code, ErrorCode>>();
    is<Same<typeof error.charge, Charge>>();
    is<Same<typeof error.retryable, boolean>>();
    is<Same<typeof error.lookupId, string>>();
    is<Same<typeof error.message, string>>();
    is<Same<typeof error.cause, unknown>>();
    is<Same<typeof error.status, number | undefined>>();
    is<Same<typeof error.issues, Issue[] | undefined>>();
    is<Same<typeof error.retryAfterMs, number | undefined>>();
    is<Same<typeof error.required, number | undefined>>();
    is<Same<typeof error.remainingCredits, number | null | undefined>>();
    is<Same<typeof error.responseText, string | undefined>>();
    const plain: Error = error;
    const same: EnrichmentError = error;
    // @ts-expect-error an error is not changed
    error.code = "timeout";
    // @ts-expect-error no such code
    error.code === "time_out";
    // @ts-expect-error no such charge
    error.charge === "maybe";
    plain satisfies Error;
    same satisfies EnrichmentErrorType;
  }
  if (error instanceof EnrichmentError) is<Same<typeof error.code, ErrorCode>>();
}

/** Every code is handled, and nothing but the codes: what to do with each is the caller's to decide, so all must be known. */
export function isOurs(code: ErrorCode): boolean {
  switch (code) {
    case "invalid_request":
    case "invalid_options":
    case "invalid_token":
    case "token_in_browser":
    case "wasm_unavailable":
    case "suppressed":
    case "budget_exceeded":
    case "store_failed":
      return true;
    case "insufficient_credits":
    case "bad_request":
    case "forbidden":
    case "not_found_endpoint":
    case "rate_limited":
    case "server_error":
    case "malformed_response":
    case "timeout":
    case "aborted":
    case "network":
    case "outcome_unknown":
      return false;
    default:
      return never(code);
  }
}

// Givens.
({ token: text }).token satisfies Given<string>;
(() => text) satisfies Given<string>;
(async () => text) satisfies Given<string>;
// @ts-expect-error a promise by itself is asked for too early
Promise.resolve(text) satisfies Given<string>;

// These very tests can fail.
isNot<Same<string, number>>();
isNot<Same<any, string>>();
isNot<Same<string | undefined, string>>();
isNot<Same<Outcome, any>>();
isNot<Same<ErrorCode, string>>();
isNot<Same<typeof createClient, any>>();
