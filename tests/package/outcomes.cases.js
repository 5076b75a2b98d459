// What the service does, and what every runtime has to make of it.
//
//   name     a sentence
//   request  whom it is about; Jane, who is found, unless it says otherwise
//   sandbox  options of the sandbox; `faults` alone are so common that they stand by themselves
//   options, timeoutMs, abort, token, path   as in run-case.js; `path` is put behind the base URL
//   expect   everything that a caller can see of a result but its message, its times and the request itself
//   sent     requests that reach the service; 1 unless it says otherwise
//   charged  whether the service charged, by its own ledger
//   alike    what can't be the same in every runtime, with the reason; see outcomes.test.js

export const JANE = { email: "jane.doe@acme.example.com" };
const JOHN = { linkedin_url: "https://www.linkedin.com/in/johndoe" };
const NOBODY = { email: "nobody@example.com" };

const found = (results = {}, rest = {}) => ({
  status: "success",
  phone: "+1 212-555-0101",
  e164: "+12125550101",
  email: "jane.doe@acme.example.com",
  remaining_credits: 95,
  charge: "confirmed",
  credits: 5,
  attempts: 1,
  ...results,
  ...rest,
});
const notFound = (rest = {}) => ({ status: "not_found", message: "Phone not found", remaining_credits: 100, charge: "none", credits: 0, attempts: 1, ...rest });
const failed = (code, charge, rest = {}) => ({ code, charge, retryable: false, ...rest });
const malformed = failed("malformed_response", "possible", { status: 200 });

const answered = [
  { name: "a person who is found, with a bonus e-mail", request: JOHN, expect: found({ phone: "+1 555-123-4567", e164: "+15551234567", email: "john.doe@acme.com" }), charged: true },
  { name: "a person who is found by e-mail", expect: found(), charged: true },
  { name: "a person who is found by name and web site", request: { first_name: "Jane", last_name: "Doe", company_website: "acme.example.com" }, expect: found(), charged: true },
  { name: "a person who is found by name and company", request: { first_name: "Jane", last_name: "Doe", company_name: "Acme", company_website: "" }, sandbox: { people: { builtIn: false, own: [{ id: "jane", first_name: "Jane", last_name: "Doe", company_name: "Acme", phone: "030/23125-014" }] } }, expect: found({ phone: "030/23125-014", e164: null, email: null }), charged: true },
  { name: "a person whose name and profile are written in another script", request: { linkedin_url: "https://www.linkedin.com/in/王小明" }, expect: found({ phone: "+1 628-555-0133", e164: "+16285550133", email: "wang.xiaoming@shili.example.com" }), charged: true },
  { name: "a person whose number has a trunk zero in brackets", request: { email: "amelia.stone@harbour.example.org" }, expect: found({ phone: "+44 (0)20 7946 0102", e164: null, email: "amelia.stone@harbour.example.org" }), charged: true },
  ...[["missing", 150], ["null", 152], ["empty", 154]].map(([kind, number]) => ({
    name: `a person who is found, with the bonus e-mail ${kind}`,
    request: { linkedin_url: `linkedin.com/in/bonus-${kind}-1` },
    expect: found({ phone: `+1 503-555-0${number}`, e164: `+15035550${number}`, email: null }),
    charged: true,
  })),
  { name: "nobody", request: NOBODY, expect: notFound() },
  { name: "a person who is known, without a phone", request: { linkedin_url: "https://www.linkedin.com/in/no-phone-1" }, expect: notFound() },
  { name: "a live lookup with the last five credits", sandbox: { credits: 5 }, expect: found({ remaining_credits: 0 }), charged: true },
  { name: "a slow answer, within the deadline", faults: [{ fault: "delay", ms: 120 }], expect: found(), charged: true },
  { name: "an answer that drips, within the deadline", faults: [{ fault: "drip", ms: 1, bytes: 7 }], expect: found(), charged: true },
];

const refused = [
  { name: "400 with one sentence", faults: [{ fault: "status", status: 400, body: { error: "Provide linkedin_url, email, or first_name + last_name + (company_name OR company_website)." } }], expect: failed("bad_request", "none", { status: 400 }) },
  { name: "400 with a map of fields", faults: [{ fault: "status", status: 400, body: { email: ["Enter a valid email address."] } }], expect: failed("bad_request", "none", { status: 400 }) },
  { name: "401 for an unknown token", token: "unknown-token-of-nobody", expect: failed("invalid_token", "none", { status: 401 }), tokenKind: "unknown" },
  { name: "401 for an expired token", token: "sandbox-expired-token", expect: failed("invalid_token", "none", { status: 401 }), tokenKind: "expired" },
  { name: "401 for a revoked token", token: "sandbox-revoked-token", expect: failed("invalid_token", "none", { status: 401 }), tokenKind: "revoked" },
  { name: "402 without figures", sandbox: { credits: 4 }, expect: failed("insufficient_credits", "none", { status: 402, required: 5, remainingCredits: null }) },
  { name: "402 with figures", sandbox: { credits: 4, detail402: true }, expect: failed("insufficient_credits", "none", { status: 402, required: 5, remainingCredits: 4 }) },
  { name: "403", faults: [{ fault: "status", status: 403, body: { detail: "You do not have permission to perform this action." } }], expect: failed("forbidden", "none", { status: 403 }) },
  { name: "404, because the base URL is wrong", path: "/v2", expect: failed("not_found_endpoint", "none", { status: 404 }) },
  { name: "405", faults: [{ fault: "status", status: 405, body: { detail: "Method not allowed." } }], expect: failed("bad_request", "none", { status: 405 }) },
  { name: "409, which nobody documented", faults: [{ fault: "status", status: 409, body: {} }], expect: failed("bad_request", "possible", { status: 409 }) },
  { name: "418 without a word", faults: [{ fault: "status", status: 418, body: "" }], expect: failed("bad_request", "possible", { status: 418 }) },
  { name: "500", faults: [{ fault: "500" }], expect: failed("server_error", "possible", { status: 500 }) },
  { name: "500 after the work", faults: [{ fault: "charge_then_500" }], expect: failed("server_error", "possible", { status: 500 }), charged: true },
  { name: "502 with a page of HTML", faults: [{ fault: "502" }], expect: failed("server_error", "possible", { status: 502 }) },
  { name: "504 after the work", faults: [{ fault: "charge_then_500", status: 504 }], expect: failed("server_error", "possible", { status: 504 }), charged: true },
  { name: "500 with the body of a found person", faults: [{ fault: "status", status: 500, body: { success: true, status: "success", results: { phone: "+15551234567" } } }], expect: failed("server_error", "possible", { status: 500 }) },
];

const limited = [
  { name: "429 without Retry-After", faults: [{ fault: "429" }], expect: failed("rate_limited", "none", { status: 429, retryable: true }) },
  { name: "429 of a test token whose day is over", token: "test-token-used-up", sandbox: { tokens: [{ token: "test-token-used-up", kind: "test", dailyCap: 0 }] }, expect: failed("rate_limited", "none", { status: 429, retryable: true }), tokenKind: "test" },
  { name: "429 that asks for a second, then found", faults: [{ fault: "429", retryAfter: 1, times: 1 }], expect: found({}, { attempts: 2 }), sent: 2, waitsMs: 1000, charged: true },
  { name: "429 with a date two seconds ahead, then found", faults: [{ fault: "429", retryAfterDate: 2, times: 1 }], expect: found({}, { attempts: 2 }), sent: 2, waitsMs: 900, charged: true },
  { name: "429 with a date that has passed, then found", faults: [{ fault: "429", retryAfterDate: -60, times: 1 }], expect: found({}, { attempts: 2 }), sent: 2, charged: true },
  { name: "429 twice, then nobody", request: NOBODY, faults: [{ fault: "429", retryAfter: 0, times: 2 }], expect: notFound({ attempts: 3 }), sent: 3 },
  { name: "429 without end", faults: [{ fault: "429", retryAfter: 0 }], expect: failed("rate_limited", "none", { status: 429, retryable: true, retryAfterMs: 0 }), sent: 3 },
  { name: "429 for a client that never tries again", options: { maxRateLimitRetries: 0 }, faults: [{ fault: "429", retryAfter: 0 }], expect: failed("rate_limited", "none", { status: 429, retryable: true, retryAfterMs: 0 }) },
  { name: "429 that asks for more than a minute", faults: [{ fault: "429", retryAfter: 61 }], expect: failed("rate_limited", "none", { status: 429, retryable: true, retryAfterMs: 61_000 }) },
  { name: "429 that asks for centuries", faults: [{ fault: "429", retryAfter: "99999999999999999999999" }], expect: failed("rate_limited", "none", { status: 429, retryable: true, retryAfterMs: 18446744073709552000 }) },
  ...["soon", "-1", "1.5", "0x10", "1;2", "Someday, 99 Nov 2026"].map((text) => ({ name: `429 with a Retry-After that is none: ${text}`, faults: [{ fault: "429", retryAfter: text }], expect: failed("rate_limited", "none", { status: 429, retryable: true }) })),
  { name: "500 after a 429: nothing else is sent again", faults: [{ fault: "429", retryAfter: 0, times: 1 }, { fault: "charge_then_500" }], expect: failed("server_error", "possible", { status: 500 }), sent: 2, charged: true },
  { name: "a call that is aborted while it waits after a 429", faults: [{ fault: "429", retryAfter: 30 }], abort: "waiting", expect: failed("aborted", "none", { retryable: true, cause: "the caller's reason" }) },
];

const variants = {
  phone_number: malformed,
  phone_null: malformed,
  phone_empty: malformed,
  phone_object: malformed,
  phone_array: malformed,
  email_number: found({ email: null }),
  results_array: malformed,
  results_null: malformed,
  results_text: malformed,
  results_missing: malformed,
  success_missing: found(),
  success_false: malformed,
  success_text: malformed,
  status_missing: malformed,
  status_unknown: malformed,
  status_number: malformed,
  credits_text: found({ remaining_credits: null }),
  credits_missing: found({ remaining_credits: null }),
  credits_null: found({ remaining_credits: null }),
  credits_negative: found({ remaining_credits: -5 }),
  credits_fraction: found({ remaining_credits: null }),
  credits_integral_float: found(),
  body_array: malformed,
  body_text: malformed,
  body_null: malformed,
};

const CUT = "how much of a body arrives before its connection breaks is up to the runtime";
const odd = [
  { name: "200 with a page of HTML", faults: [{ fault: "html_200" }], expect: malformed, charged: true },
  { name: "200 with a page of HTML from something before the service", faults: [{ fault: "html_200", charge: false }], expect: malformed },
  { name: "200 without a body", faults: [{ fault: "empty_200" }], expect: malformed, charged: true },
  { name: "200 without a body, for nobody", request: NOBODY, faults: [{ fault: "empty_200" }], expect: malformed },
  { name: "a body that is cut in half", faults: [{ fault: "cut_body" }], expect: malformed, charged: true, alike: { responseText: CUT } },
  { name: "a body of which nothing arrives", faults: [{ fault: "cut_body", keep: 0 }], expect: malformed, charged: true },
  { name: "a body that is cut before its last byte", faults: [{ fault: "cut_body", keep: 1000 }], expect: malformed, charged: true, alike: { responseText: CUT } },
  { name: "a refusal whose body is cut is the refusal all the same", token: "unknown-token-of-nobody", faults: [{ fault: "cut_body" }], expect: failed("invalid_token", "none", { status: 401 }), tokenKind: "unknown", alike: { responseText: CUT } },
  { name: "a body of a megabyte", faults: [{ fault: "huge" }], expect: malformed, charged: true },
  { name: "a body of a megabyte that doesn't say so", faults: [{ fault: "huge", chunked: true }], expect: malformed, charged: true },
  { name: "a body of 64 KiB", faults: [{ fault: "huge", bytes: 65_536 }], expect: found(), charged: true },
  { name: "a body of 64 KiB and a byte", faults: [{ fault: "huge", bytes: 65_537 }], expect: malformed, charged: true },
  { name: "a body that ends in the middle of its JSON", faults: [{ fault: "huge", bytes: 5000, cut: true }], expect: malformed, charged: true },
  { name: "a right body behind a byte order mark", faults: [{ fault: "bom" }], expect: found(), charged: true },
  { name: "a right body as text/plain", faults: [{ fault: "wrong_content_type" }], expect: found(), charged: true },
  { name: "a right body as a type that nobody has heard of", faults: [{ fault: "wrong_content_type", contentType: "x/y; charset=shift_jis" }], expect: found(), charged: true },
  { name: "a right body without a type", faults: [{ fault: "wrong_content_type", contentType: null }], expect: found(), charged: true },
  { name: "a body that says everything twice", faults: [{ fault: "duplicate_keys" }], expect: found(), charged: true },
  { name: "success without a phone", faults: [{ fault: "missing_phone" }], expect: malformed, charged: true },
  { name: "204", faults: [{ fault: "status", status: 204, body: "" }], expect: failed("malformed_response", "possible", { status: 204 }) },
  { name: "202 with the body of a found person", faults: [{ fault: "status", status: 202, body: { success: true, status: "success", results: { phone: "+1 212-555-0101", email: "jane.doe@acme.example.com" }, remaining_credits: 95 } }], expect: found(), ledgerKnowsBetter: true },
  ...Object.entries(variants).map(([variant, expect]) => ({ name: `a body with wrong types: ${variant}`, faults: [{ fault: "wrong_types", variant }], expect, charged: true })),
];

const lost = failed("network", "possible", { cause: "something thrown" });
const REDIRECT = "only workerd shows a redirect itself (it knows no redirect: \"error\"); elsewhere fetch is rejected";
const wire = [
  { name: "a connection that is dropped before the work", faults: [{ fault: "drop" }], expect: lost },
  { name: "a connection that is reset before the work", faults: [{ fault: "drop", reset: true }], expect: lost },
  { name: "a connection that is dropped after the work", faults: [{ fault: "charge_then_drop" }], expect: lost, charged: true },
  { name: "a connection that is reset after the work", faults: [{ fault: "charge_then_drop", reset: true }], expect: lost, charged: true },
  { name: "a port where nobody listens", server: "none", expect: lost, sent: 0 },
  ...[301, 302, 303, 307, 308].map((status) => ({ name: `a redirect with ${status}`, faults: [{ fault: "redirect", status }], expect: lost, alike: { status: REDIRECT, cause: REDIRECT } })),
  { name: "no answer within the deadline", timeoutMs: 1000, faults: [{ fault: "delay", ms: 1400 }], expect: failed("timeout", "possible"), charged: true },
  { name: "no answer within the client's own deadline", options: { timeoutMs: 1000 }, faults: [{ fault: "delay", ms: 1400, before: "answer" }], expect: failed("timeout", "possible"), charged: true },
  { name: "a body that drips past the deadline", timeoutMs: 1000, faults: [{ fault: "drip", ms: 20 }], expect: failed("timeout", "possible"), charged: true },
  { name: "a call that is aborted before it begins", abort: "before", expect: failed("aborted", "none", { retryable: true, cause: "the caller's reason" }), sent: 0 },
  { name: "a call that is aborted while the service works", faults: [{ fault: "delay", ms: 600 }], abort: "sent", expect: failed("aborted", "possible", { cause: "the caller's reason" }), charged: true },
  { name: "a call that is aborted while nobody is looked for", request: NOBODY, faults: [{ fault: "delay", ms: 600 }], abort: "sent", expect: failed("aborted", "possible", { cause: "the caller's reason" }) },
];

/** Groups, so that a report reads well. */
export const groups = { "what is answered": answered, "what is refused": refused, "rate limits": limited, "bodies that are none": odd, "the wire": wire };
