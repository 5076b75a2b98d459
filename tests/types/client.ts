import { checkRequest, createClient, enrichPhone, EnrichmentError, isEnrichmentError } from "phone-enrichment";
import type {
  Anomaly,
  Balance,
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
  Limits,
  Lookup,
  LookupKind,
  ManyOptions,
  ManyResult,
  Meta,
  NotFound,
  Outcome,
  Progress,
  Run,
  Sent,
  Store,
  Warning,
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
is<Same<keyof ClientOptions, "token" | "headers" | "baseUrl" | "fetch" | "timeoutMs" | "maxRateLimitRetries" | "dangerouslyAllowBrowser" | "store" | "storeSecret" | "retention" | "budget" | "suppress" | "ladder" | "abort" | "onRequest" | "onOutcome" | "onCredits" | "onAnomaly" | "onWarning">>();
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
createClient({ token: text, store: new Map(), storeSecret: text, retention: { foundDays: 30, notFoundDays: undefined } });
createClient({ token: text, store: { get: async () => text, set: async () => true, delete: () => true, lock: async () => () => {}, keys: () => [text], readsOwnWrites: false } });
createClient({ token: text, budget: { perCall: 5, perMinute: 10, perDay: 20, total: undefined } });
createClient({ token: text, suppress: [text] });
createClient({ token: text, suppress: new Set([text]) });
createClient({ token: text, suppress: ({ kind, key }) => kind === "email" && key === text });
createClient({ token: text, suppress: async (lookup) => (is<Same<typeof lookup, Lookup>>(), true) });
createClient({ token: text, ladder: true, abort: "cancel" });
createClient({ token: text, onAnomaly: (anomaly) => is<Same<typeof anomaly, Anomaly>>(), onWarning: (warning) => is<Same<typeof warning, Warning>>() });
createClient({ token: text, store: undefined, storeSecret: undefined, retention: undefined, budget: undefined, suppress: undefined, ladder: undefined, abort: undefined, onAnomaly: undefined, onWarning: undefined });
// @ts-expect-error a store that can't remove
createClient({ token: text, store: { get: () => text, set: () => true } });
// @ts-expect-error a list is no store
createClient({ token: text, store: [text] });
// @ts-expect-error a limit that is none
createClient({ token: text, budget: { perWeek: 5 } });
// @ts-expect-error a list of requests is no suppression list
createClient({ token: text, suppress: [{ email: text }] });
// @ts-expect-error a third way
createClient({ token: text, abort: "ignore" });
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
is<Same<keyof CallOptions, "signal" | "timeoutMs" | "ladder" | "abort" | "force" | "fresh" | "retryUnknown">>();
client.enrichPhone({ email: text });
client.enrichPhone({ email: text }, {});
client.enrichPhone({ email: text }, { signal, timeoutMs: 5 });
client.enrichPhone({ email: text }, { ladder: true, abort: "detach", force: true, fresh: true, retryUnknown: true });
client.enrichPhone({ email: text }, { signal: undefined, timeoutMs: undefined, ladder: undefined, abort: undefined, force: undefined, fresh: undefined, retryUnknown: undefined });
enrichPhone({ email: text }, { token: text, signal, timeoutMs: 5, force: true, store: new Map() });
// @ts-expect-error a request is needed
client.enrichPhone();
// @ts-expect-error a token belongs to a client
client.enrichPhone({ email: text }, { token: text });
// @ts-expect-error a budget belongs to a client
client.enrichPhone({ email: text }, { budget: { total: 5 } });
// @ts-expect-error a text is no flag
client.enrichPhone({ email: text }, { force: "yes" });
// @ts-expect-error a controller is no signal
client.enrichPhone({ email: text }, { signal: new AbortController() });
// @ts-expect-error the plain function needs options
enrichPhone({ email: text });
is<Same<ReturnType<Client["enrichPhone"]>, Promise<Outcome>>>();
is<Same<ReturnType<typeof enrichPhone>, Promise<Outcome>>>();
is<Same<keyof Client, "enrichPhone" | "enrichMany" | "check" | "balance" | "closeBreaker" | "forget" | "forgetAll">>();

// The wallet, and what is kept.
is<Same<ReturnType<Client["balance"]>, Balance>>();
is<Same<Balance, { remaining_credits: number | null; as_of: string | null; spent: number; reserved: number; possible: number }>>();
is<Same<ReturnType<Client["closeBreaker"]>, void>>();
is<Same<Parameters<Client["forget"]>, [request: EnrichmentRequest]>>();
is<Same<ReturnType<Client["forget"]>, Promise<{ removed: number }>>>();
is<Same<ReturnType<Client["forgetAll"]>, Promise<void>>>();
is<Same<Anomaly, { expected: number; remaining_credits: number }>>();
is<Same<Warning, { code: "store_failed"; message: string; cause?: unknown }>>();
is<Same<keyof Limits, "perCall" | "perMinute" | "perDay" | "total">>();
is<Same<keyof Store, "get" | "getMany" | "set" | "delete" | "lock" | "keys" | "readsOwnWrites">>();

// Many: each row is an outcome or an error, and a source may be anything that lists requests.
is<Same<keyof ManyOptions, keyof CallOptions | "concurrency" | "perSecond" | "budget" | "ordered" | "onProgress">>();
is<Same<keyof Run, "progress" | "pause" | "resume" | "abort" | typeof Symbol.asyncIterator>>();
is<Same<keyof Progress, "done" | "found" | "notFound" | "failed" | "cached" | "spent" | "reserved" | "possible" | "total" | "eta">>();
declare const rows: AsyncIterable<EnrichmentRequest>;
is<Same<ReturnType<Client["enrichMany"]>, Run>>();
client.enrichMany([{ email: text }]);
client.enrichMany(new Set([{ email: text }]));
client.enrichMany(rows, { signal, concurrency: 5, perSecond: 0.5, budget: 500, ordered: false, onProgress: (progress) => is<Same<typeof progress, Progress>>(), ladder: true, force: true });
client.enrichMany(rows, { concurrency: undefined, perSecond: undefined, budget: undefined, ordered: undefined, onProgress: undefined });
// @ts-expect-error one request is no list
client.enrichMany({ email: text });
// @ts-expect-error a budget of a client is another
client.enrichMany(rows, { budget: { total: 5 } });
for await (const row of client.enrichMany(rows)) {
  is<Same<typeof row, ManyResult>>();
  is<Same<typeof row.index, number>>();
  is<Same<typeof row.request, EnrichmentRequest>>();
  // @ts-expect-error not before it is known that there is no error
  row.outcome.status;
  if (row.outcome) is<Same<typeof row.outcome, Outcome>>();
  else is<Same<typeof row.error, EnrichmentErrorType>>();
}

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

// A run: an option more than a call has, rows that are one of two, and a progress to read.
is<Same<Exclude<keyof ManyOptions, keyof CallOptions>, "concurrency" | "perSecond" | "budget" | "ordered" | "onProgress">>();
const run = client.enrichMany([{ email: text }], { concurrency: 5, perSecond: 0.5, budget: 50, ordered: false, signal, timeoutMs: 5, ladder: true, force: true, fresh: true, retryUnknown: true, abort: "cancel" });
is<Same<typeof run, Run>>();
client.enrichMany(new Set([{ email: text }]));
client.enrichMany((function* () { yield { email: text }; })(), {});
client.enrichMany((async function* () { yield { email: text }; })(), { concurrency: undefined, perSecond: undefined, budget: undefined, ordered: undefined, onProgress: undefined });
client.enrichMany(new ReadableStream<EnrichmentRequest>() as unknown as AsyncIterable<EnrichmentRequest>);
client.enrichMany([], { onProgress: (progress) => is<Same<typeof progress, Progress>>() });
// @ts-expect-error one request is no list
client.enrichMany({ email: text });
// @ts-expect-error a list of texts
client.enrichMany([text]);
// @ts-expect-error a budget of a run is credits
client.enrichMany([], { budget: { total: 5 } });
// @ts-expect-error an unknown option
client.enrichMany([], { parallel: 5 });
for await (const result of run) {
  is<Same<typeof result, ManyResult>>();
  is<Same<typeof result.index, number>>();
  is<Same<typeof result.request, EnrichmentRequest>>();
  const { outcome, error } = result;
  // @ts-expect-error not before it is known that there is none
  error.code;
  if (outcome) is<Same<typeof outcome, Outcome>>();
  else is<Same<typeof error, EnrichmentErrorType>>();
  if (result.error) is<Same<typeof result.outcome, undefined>>();
}
is<Same<keyof Progress, "done" | "found" | "notFound" | "failed" | "cached" | "spent" | "reserved" | "possible" | "total" | "eta">>();
is<Same<typeof run.progress.eta, number | null>>();
is<Same<typeof run.progress.total, number | null>>();
// @ts-expect-error a progress is read
run.progress = run.progress;
is<Same<ReturnType<Run["pause"] | Run["resume"] | Run["abort"]>, void>>();
run.abort("any reason");

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
    case "wasm_failed":
    case "suppressed":
    case "budget_exceeded":
    case "store_failed":
      return true;
    case "insufficient_credits":
    case "bad_request":
    case "forbidden":
    case "not_found_endpoint":
    case "rate_limited":
    case "invalid_list":
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
