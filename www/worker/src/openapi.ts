// What the Worker understands, as an OpenAPI 3.1 document; tests hold the routes and their answers against it.
import { CHARGE, CREDITS, LOOKUP, SOURCE } from "./answer.ts";
import { SCOPES } from "./callers.ts";

type Schema = Record<string, unknown>;

const text: Schema = { type: "string" };
const credits: Schema = { type: "integer", description: "Credits." };
const count: Schema = { type: "integer", minimum: 0 };
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
const time: Schema = { type: "string", format: "date-time" };
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
/** An object with these members, all of them there unless named in `optional`. */
const object = (properties: Record<string, Schema>, ...optional: string[]): Schema => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const list = (items: Schema): Schema => ({ type: "array", items });
const json = (schema: Schema) => ({ "application/json": { schema } });
const answer = (description: string, schema: Schema, more: Schema = {}) => ({ description, content: json(schema), ...more });

const COST_HEADERS = {
  [CHARGE]: { description: "Whether credits were taken: `none`, `confirmed`, or `possible` where nobody can know.", required: true, schema: { enum: ["none", "confirmed", "possible"] } },
  [CREDITS]: { description: "Credits that this call certainly cost.", required: true, schema: { type: "integer" } },
  [SOURCE]: { description: "Where the answer came from; `none` where there is no answer.", required: true, schema: { enum: ["network", "cache", "none"] } },
  [LOOKUP]: { description: "Finds a failure in the vendor's logs.", schema: text },
  "idempotency-replayed": { description: "`true` where this is the first answer to the same key again.", schema: text },
};
const cost = { headers: COST_HEADERS };
const retry = { "retry-after": { description: "Seconds.", schema: { type: "string" } } };

/** What any route may answer. */
const REFUSALS = {
  "400": answer("The request can't be read.", ref("Refusal")),
  "401": answer("No key, an unknown one, or one that was revoked.", ref("Refusal")),
  "403": answer("The key has not the scope, or the page's origin is not on the list.", ref("Refusal")),
  "429": answer("Too many calls, or too many wrong keys.", ref("Refusal"), { headers: retry }),
  "500": answer("This Worker failed.", ref("Refusal")),
};
const MISSING = { "404": answer("There is no such thing, or it is somebody else's.", ref("Refusal")) };
const CONFLICT = { "409": answer("It is not in a state for that.", ref("Refusal")) };
const BODY = { "413": answer("The body is too large.", ref("Refusal")), "415": answer("The body is of another type.", ref("Refusal")) };

const body = (schema: Schema, description?: string) => ({ required: true, ...(description && { description }), content: json(schema) });
const path = (name: string, description: string, schema: Schema = text) => ({ name, in: "path", required: true, description, schema });
const query = (name: string, description: string, schema: Schema = text) => ({ name, in: "query", description, schema });
const header = (name: string, description: string, schema: Schema = text) => ({ name, in: "header", description, schema });
const scoped = (scope: string) => [{ key: [scope] }];
const PAGE = [query("after", "The id of the last entry that was read.", { type: "string", pattern: "^\\d{1,15}$" }), query("limit", "How many, 1 to 1000; by default 100.", { type: "string", pattern: "^\\d{1,4}$" })];
const REPEAT = header("Idempotency-Key", "The same key again gives the first answer again, for 24 hours; with another request it is refused.", { type: "string", pattern: "^[\\x21-\\x7e]{1,255}$" });
const JOB = path("id", "The job's.");

/** A command to a job. */
const command = (summary: string, request?: Schema, isRequired = false) => ({
  summary,
  security: scoped("jobs"),
  parameters: [JOB],
  ...(request && { requestBody: { ...body(request), required: isRequired } }),
  responses: { "200": answer("The job after it. The same command again changes nothing.", ref("Job")), ...REFUSALS, ...MISSING, ...CONFLICT, ...BODY },
});

export const openapi = {
  openapi: "3.1.0",
  info: {
    title: "Phone enrichment",
    version: "1",
    description: "Finds phone numbers through the vendor's API, whose token this Worker keeps. Nobody is paid for twice, and every answer says what it cost.",
    license: { name: "MIT OR Apache-2.0", identifier: "MIT OR Apache-2.0" },
  },
  servers: [{ url: "/" }],
  security: [{ key: [] }],
  paths: {
    "/external/phone/enrichment/": {
      post: {
        operationId: "lookup",
        summary: "One lookup, in the vendor's own form.",
        description: "5 credits when a phone is found, nothing when not, and nothing when the answer is known already.",
        security: scoped("lookup"),
        parameters: [REPEAT, header("Enrichment-Force", "`true` asks although an earlier lookup may have been charged: it may cost again.", { const: "true" })],
        requestBody: body(ref("EnrichmentRequest")),
        responses: {
          "200": answer("What the vendor says, now or before.", { oneOf: [ref("Found"), ref("NotFound")] }, cost),
          "400": answer("The request names nobody, or has a problem; nothing was sent.", { anyOf: [ref("Invalid"), ref("Refusal")] }, cost),
          "401": answer("No key, an unknown one, or one that was revoked.", ref("Refusal"), cost),
          "402": answer("The wallet holds less than the price.", ref("Insufficient"), cost),
          "403": answer("The person is suppressed, the key has not the scope, the origin is not on the list, or the vendor refuses this Worker. Free in any case.", { anyOf: [ref("Failure"), ref("Refusal")] }, cost),
          "409": answer("An earlier lookup of the person may have been charged; nothing was sent.", ref("Failure"), cost),
          "413": answer("The body is too large.", ref("Refusal"), cost),
          "415": answer("The body is no JSON.", ref("Refusal"), cost),
          "422": answer("The Idempotency-Key was used for another request.", ref("Refusal"), cost),
          "429": answer("A limit on credits has no room, or the vendor takes no more. Free.", { anyOf: [ref("Failure"), ref("Refusal")] }, { headers: { ...COST_HEADERS, ...retry } }),
          "500": answer("This Worker failed.", ref("Refusal")),
          "502": answer("The vendor failed; it may have charged.", ref("Failure"), cost),
          "504": answer("The vendor has not answered in time; it may charge. A later answer is kept.", ref("Failure"), cost),
        },
      },
    },
    "/v1/wallet": { get: { summary: "What is left, what was spent today, and the limits.", responses: { "200": answer("The wallet.", ref("Wallet")), ...REFUSALS } } },
    "/v1/wallet/reopen": {
      post: { summary: "Lets lookups through again after the vendor said that the wallet is empty.", security: scoped("admin"), responses: { "200": answer("They are let through.", object({ is_open: { const: true } })), ...REFUSALS } },
    },
    "/v1/doubts": {
      get: {
        summary: "Lookups of which nobody knows whether they were charged.",
        security: scoped("admin"),
        parameters: PAGE,
        responses: { "200": answer("The oldest first.", object({ doubts: list(object({ id: count, at: time, caller: text, job: orNull(text), credits })) })), ...REFUSALS },
      },
    },
    "/v1/doubts/{id}": {
      post: {
        summary: "A person decides what became of one.",
        security: scoped("admin"),
        parameters: [path("id", "The doubt's.", { type: "string", pattern: "^\\d{1,15}$" })],
        requestBody: body(object({ charged: { type: "boolean" } })),
        responses: { "200": answer("It is settled.", object({ id: count, charged: { type: "boolean" } })), ...REFUSALS, ...MISSING, ...BODY },
      },
    },
    "/v1/people": {
      delete: {
        summary: "Erases a person, by any identifier.",
        description: "What is kept under it, under those that are known to be the same person's, and in jobs. With `suppress` the person is never looked up again.",
        security: scoped("erase"),
        parameters: [query("suppress", "`true`: never look this person up again.", { enum: ["true", "false"] })],
        requestBody: body(ref("EnrichmentRequest")),
        responses: { "200": answer("How much was there.", object({ removed: count, suppressed: { type: "boolean" } })), ...REFUSALS, "400": answer("The request names nobody.", { anyOf: [ref("Invalid"), ref("Refusal")] }), ...BODY },
      },
    },
    "/v1/audit": {
      get: {
        summary: "Who did what, without a word about whom.",
        security: scoped("audit"),
        parameters: PAGE,
        responses: {
          "200": answer(
            "The oldest first.",
            object({ entries: list(object({ id: count, at: time, caller: text, action: text, subject: orNull(text), charge: orNull(text), credits: orNull(credits), detail: orNull(text) })) }),
          ),
          ...REFUSALS,
        },
      },
    },
    "/v1/keys": {
      get: { summary: "The callers' keys, without the keys.", security: scoped("admin"), responses: { "200": answer("All that were ever made.", object({ keys: list(ref("Key")) })), ...REFUSALS } },
      post: {
        summary: "Makes a key.",
        security: scoped("admin"),
        requestBody: body(object({ name: text, scopes: list({ enum: SCOPES }), per_minute: orNull(count), per_day: orNull(count) }, "per_minute", "per_day")),
        responses: {
          "201": answer("The key, told this once.", object({ id: text, name: text, scopes: list(text), per_minute: orNull(count), per_day: orNull(count), key: text })),
          ...REFUSALS,
          ...CONFLICT,
          ...BODY,
          "503": answer("The directory of keys can't be written.", ref("Refusal")),
        },
      },
    },
    "/v1/keys/{id}": {
      delete: { summary: "Revokes a key, from this moment on.", security: scoped("admin"), parameters: [path("id", "The key's.")], responses: { "200": answer("It is nobody's.", object({ id: text, revoked: { const: true } })), ...REFUSALS, ...MISSING } },
    },
    "/v1/jobs": {
      get: { summary: "The caller's jobs, the latest first.", security: scoped("jobs"), responses: { "200": answer("At most 100.", object({ jobs: list(ref("Job")) })), ...REFUSALS } },
      post: {
        summary: "Plans a list. Nothing is sent before it is started.",
        security: scoped("jobs"),
        parameters: [query("name", "For people."), query("ladder", "`true`: after a not-found, which is free, the next identifier of the row is tried.", { enum: ["true", "false"] }), REPEAT],
        requestBody: {
          required: true,
          description: "At most 32 MiB and 100,000 rows.",
          content: {
            "text/csv": { schema: text },
            "application/json": { schema: { anyOf: [list({ type: "object" }), object({ people: list({ type: "object" }) })] } },
            "application/x-ndjson": { schema: text },
          },
        },
        responses: { "201": answer("The job, with its plan.", ref("Job")), "200": answer("The job that was made with the same Idempotency-Key.", ref("Job")), ...REFUSALS, ...CONFLICT, ...BODY, "422": answer("The list can't be read, or the Idempotency-Key was used for another.", ref("Refusal")) },
      },
    },
    "/v1/jobs/{id}": {
      get: { summary: "How far a job is.", security: scoped("jobs"), parameters: [JOB], responses: { "200": answer("The job.", ref("Job")), ...REFUSALS, ...MISSING } },
      delete: { summary: "Removes a job and its rows.", security: scoped("jobs"), parameters: [JOB], responses: { "200": answer("It is gone.", object({ id: text, removed: { const: true } })), ...REFUSALS, ...MISSING, ...CONFLICT } },
    },
    "/v1/jobs/{id}/start": { post: command("Starts it, within a budget.", object({ budget: { ...credits, minimum: 1 } }), true) },
    "/v1/jobs/{id}/pause": { post: command("Lets no further row begin.") },
    "/v1/jobs/{id}/resume": { post: command("Goes on, with another budget if one is given.", object({ budget: { ...credits, minimum: 1 } }, "budget")) },
    "/v1/jobs/{id}/cancel": { post: command("Ends it; what was found stays.") },
    "/v1/jobs/{id}/force": { post: command("Asks again for rows that may have been charged: each may cost again.", object({ rows: list({ type: "integer", minimum: 1 }) }), true) },
    "/v1/jobs/{id}/results": {
      get: {
        summary: "Every row with what came of it, in the order of the list.",
        security: scoped("jobs"),
        parameters: [JOB, query("format", "`csv` or `ndjson`, which is the default.", { enum: ["csv", "ndjson"] })],
        responses: { "200": { description: "The rows.", content: { "application/x-ndjson": { schema: text }, "text/csv": { schema: text } } }, ...REFUSALS, ...MISSING },
      },
    },
    "/v1/jobs/{id}/events": {
      get: { summary: "How far a job is, as it goes: server-sent events.", security: scoped("jobs"), parameters: [JOB], responses: { "200": { description: "An event for each change, until the job ends.", content: { "text/event-stream": { schema: text } } }, ...REFUSALS, ...MISSING } },
    },
    "/healthz": { get: { summary: "Whether the Worker is there.", security: [], responses: { "200": answer("It is.", object({ ok: { const: true } })) } } },
    "/openapi.json": { get: { summary: "This document.", security: [], responses: { "200": answer("It.", { type: "object" }) } } },
  },
  components: {
    securitySchemes: { key: { type: "apiKey", in: "header", name: "Authorization", description: "`Token` and a key that `keys.mjs` made, as the vendor has it." } },
    schemas: {
      EnrichmentRequest: {
        type: "object",
        description: "One of `linkedin_url`; `email`; `first_name` + `last_name` + `company_website`; `first_name` + `last_name` + `company_name`.",
        properties: Object.fromEntries(["linkedin_url", "email", "first_name", "last_name", "company_name", "company_website"].map((name) => [name, text])),
        additionalProperties: false,
      },
      Found: object(
        { success: { const: true }, status: { const: "success" }, results: object({ phone: text, email: text }, "email"), remaining_credits: credits },
        "remaining_credits",
      ),
      NotFound: object({ success: { const: true }, status: { const: "not_found" }, message: text, remaining_credits: credits }, "remaining_credits"),
      Issue: object({ field: orNull(text), code: text, message: text, fix: orNull(text) }),
      Invalid: object({ error: text, code: { const: "invalid_request" }, issues: list(ref("Issue")) }),
      Insufficient: object({ error: text, code: { const: "insufficient_credits" }, required: credits, balance: orNull(credits) }, "balance"),
      Failure: object({ error: text, code: text, limit: { enum: ["wallet_per_day", "key_per_day", "key_per_minute", "job"] } }, "limit"),
      Refusal: { anyOf: [object({ detail: text, code: text }), { type: "object", description: "By field, what was expected.", additionalProperties: list(text) }] },
      Spent: object({ spent: credits, held: credits, unknown: credits, limit: orNull(credits) }),
      Wallet: object({
        remaining_credits: orNull(credits),
        as_of: orNull(time),
        is_open: { type: "boolean" },
        price: credits,
        today: ref("Spent"),
        caller: object({ id: text, name: text, scopes: list(text), per_minute: orNull(credits), today: ref("Spent") }),
      }),
      Key: object({ id: text, name: text, scopes: list(text), per_minute: orNull(count), per_day: orNull(count), made_at: time, revoked_at: orNull(time) }),
      Job: object({ id: text, name: orNull(text), state: { enum: ["planned", "running", "paused", "cancelled", "done"] }, plan: { type: "object" }, progress: { type: "object" } }, "progress"),
    },
  },
};
