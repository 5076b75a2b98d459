// The Worker: the vendor's own contract, without the vendor's token.
import { Hono } from "hono";
import * as v from "valibot";
import { checkRequest, type EnrichmentRequest } from "phone-enrichment";
import { EXPOSED, invalid, NOT_FOUND, refusal, UNKNOWN_CALLER } from "./answer.ts";
import { ADMIN, proofOf, sameDigest, SCOPES, type Proof } from "./callers.ts";
import { walletOf, type Env, type Slice } from "./env.ts";
import { jsonOf, parsed, send, type Asked } from "./http.ts";
import { jobRoutes } from "./jobs.ts";
import { openapi } from "./openapi.ts";
import { isAllowed } from "./origins.ts";
import { consume } from "./slices.ts";
import { adminDigest } from "./wallet.ts";

export { Job } from "./job.ts";
export { Wallet } from "./wallet.ts";

/** Bytes. A request names one person. */
const MOST_LOOKUP = 16 * 1024;
/** Seconds that a brake holds. */
const BRAKE_SECONDS = 60;
const HEADERS = ["authorization", "content-type", "idempotency-key", "enrichment-force", "last-event-id"];

const app = new Hono<Asked>({ strict: true });

// What comes of it is for the caller alone, whatever it is. A foreign page gets nothing, and nothing is spent for it.
app.use(async (context, next) => {
  const origin = context.req.header("origin");
  const allowed = origin === undefined || isAllowed(origin, context.env.ALLOWED_ORIGINS ?? "") || origin === new URL(context.req.url).origin;
  if (!allowed) context.res = send(context, refusal(403, "This origin may not call; see ALLOWED_ORIGINS.", "wrong_origin"));
  else if (context.req.method === "OPTIONS") context.res = context.body(null, 204);
  else await next();
  const { headers } = context.res;
  headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  headers.append("vary", "Origin");
  if (origin !== undefined && allowed) {
    headers.set("access-control-allow-origin", origin);
    headers.set("access-control-expose-headers", EXPOSED.join(", "));
    if (context.req.method === "OPTIONS") {
      headers.set("access-control-allow-methods", "GET, POST, DELETE");
      headers.set("access-control-allow-headers", HEADERS.join(", "));
      headers.set("access-control-max-age", "600");
    }
  }
});

app.get("/healthz", (context) => context.json({ ok: true }));
app.get("/openapi.json", (context) => context.json(openapi));

/** What keys were seen to be right, so that the directory is not asked each time. The wallet still has the last word. */
const seen = new Map<string, { digest: string; until: number }>();
const SEEN_MS = 60_000;
const MOST_SEEN = 1000;

/** Whether it is a key, as far as can be told without the wallet. */
async function isKey({ id, digest }: Proof, env: Env): Promise<boolean> {
  if (id === ADMIN) {
    const known = await adminDigest(env);
    return known !== undefined && sameDigest(known, digest);
  }
  const entry = seen.get(id);
  if (entry && entry.until > Date.now() && sameDigest(entry.digest, digest)) return true;
  // Without the directory, the wallet alone judges.
  const known = await env.CALLERS.get(id).catch(() => undefined);
  if (known === undefined) return true;
  if (known === null || !sameDigest(known, digest)) return false;
  if (seen.size >= MOST_SEEN) seen.delete(seen.keys().next().value!);
  seen.set(id, { digest, until: Date.now() + SEEN_MS });
  return true;
}

for (const path of ["/external/*", "/v1/*"]) {
  app.use(path, async (context, next) => {
    const proof = await proofOf(context.req.header("authorization"));
    if (!proof || !(await isKey(proof, context.env))) {
      const { success } = await context.env.GUESSES.limit({ key: context.req.header("cf-connecting-ip") ?? "nobody" });
      return send(context, success ? UNKNOWN_CALLER : refusal(429, "Too many unknown keys from this address.", "too_many_guesses", { "retry-after": String(BRAKE_SECONDS) }));
    }
    const { success } = await context.env.CALLS.limit({ key: proof.id });
    if (!success) return send(context, refusal(429, "Too many calls with this key.", "too_many_calls", { "retry-after": String(BRAKE_SECONDS) }));
    context.set("proof", proof);
    return next();
  });
}

app.post("/external/phone/enrichment/", async (context) => {
  const read = await jsonOf(context.req.raw, MOST_LOOKUP);
  if ("status" in read) return send(context, read);
  const checked = await checkRequest(read.json);
  if (!checked.ok) return send(context, invalid(checked.issues));
  const repeat = context.req.header("idempotency-key");
  if (repeat !== undefined && !/^[\x21-\x7e]{1,255}$/.test(repeat)) return send(context, refusal(400, "An Idempotency-Key has 1 to 255 visible characters.", "idempotency_key_malformed"));
  const force = context.req.header("enrichment-force");
  if (force !== undefined && force !== "true") return send(context, refusal(400, 'The only value of Enrichment-Force is "true".', "force_malformed"));
  return send(context, await walletOf(context.env).lookup(context.get("proof"), read.json as EnrichmentRequest, { key: checked.lookup.key, repeat, force: force === "true" }));
});

app.get("/v1/wallet", async (context) => send(context, await walletOf(context.env).balance(context.get("proof"))));
app.post("/v1/wallet/reopen", async (context) => send(context, await walletOf(context.env).reopen(context.get("proof"))));

const wholeNumber = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most));
/** `after` and `limit` of a list that is read page by page. */
const Page = v.object({
  after: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)), "0"),
  limit: v.optional(v.pipe(v.string(), v.regex(/^\d{1,4}$/), v.transform(Number), v.minValue(1), v.maxValue(1000)), "100"),
});
const Decision = v.strictObject({ charged: v.boolean() });
const NewKey = v.strictObject({
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100)),
  scopes: v.pipe(v.array(v.picklist(SCOPES)), v.minLength(1)),
  per_minute: v.optional(v.nullable(wholeNumber(1_000_000)), null),
  per_day: v.optional(v.nullable(wholeNumber(100_000_000)), null),
});

app.get("/v1/audit", async (context) => {
  const page = parsed(Page, context.req.query());
  return send(context, "status" in page ? page : await walletOf(context.env).audit(context.get("proof"), page.value.after, page.value.limit));
});

app.get("/v1/doubts", async (context) => {
  const page = parsed(Page, context.req.query());
  return send(context, "status" in page ? page : await walletOf(context.env).doubts(context.get("proof"), page.value.after, page.value.limit));
});

app.post("/v1/doubts/:id{[0-9]{1,15}}", async (context) => {
  const read = await jsonOf(context.req.raw, MOST_LOOKUP);
  if ("status" in read) return send(context, read);
  const decision = parsed(Decision, read.json);
  if ("status" in decision) return send(context, decision);
  return send(context, await walletOf(context.env).decide(context.get("proof"), Number(context.req.param("id")), decision.value.charged));
});

app.delete("/v1/people", async (context) => {
  const read = await jsonOf(context.req.raw, MOST_LOOKUP);
  if ("status" in read) return send(context, read);
  const checked = await checkRequest(read.json);
  if (!checked.ok) return send(context, invalid(checked.issues));
  return send(context, await walletOf(context.env).erase(context.get("proof"), read.json as EnrichmentRequest, context.req.query("suppress") === "true"));
});

app.get("/v1/keys", async (context) => send(context, await walletOf(context.env).keys(context.get("proof"))));
app.post("/v1/keys", async (context) => {
  const read = await jsonOf(context.req.raw, MOST_LOOKUP);
  if ("status" in read) return send(context, read);
  const key = parsed(NewKey, read.json);
  return send(context, "status" in key ? key : await walletOf(context.env).makeKey(context.get("proof"), key.value));
});
app.delete("/v1/keys/:id{[0-9a-z]{10}}", async (context) => send(context, await walletOf(context.env).revokeKey(context.get("proof"), context.req.param("id"))));

app.route("/v1/jobs", jobRoutes);

/** The methods that each path has, as the routes above name it. */
const methodsAt = (path: string) =>
  app.routes
    .filter((route) => route.method !== "ALL" && new RegExp(`^${route.path.replaceAll(/:\w+(?:\{((?:[^{}]|\{[^{}]*\})+)\})?/g, (_, pattern?: string) => pattern ?? "[^/]+")}$`).test(path))
    .map(({ method }) => method);

app.notFound((context) => {
  const methods = methodsAt(context.req.path);
  return send(context, methods.length ? refusal(405, `Method "${context.req.method}" not allowed.`, "method_not_allowed", { allow: methods.join(", ") }) : NOT_FOUND);
});

// Nothing of what was thrown goes out or into a log: it may hold anybody's data.
app.onError((error, context) => {
  console.error("unexpected:", error.name);
  return send(context, refusal(500, "This Worker failed; a lookup that was on its way may have been charged.", "unexpected", { "enrichment-charge": "possible" }));
});

export default {
  fetch: app.fetch,
  queue: consume,
} satisfies ExportedHandler<Env, Slice>;
