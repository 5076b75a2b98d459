// Runs one case and tells what came of it, in plain values. This very file runs in Node, in Chromium and in workerd: it
// imports nothing, and gets the package from whoever calls it.

/** An error as a program sees it. */
export function plainError(error, { isEnrichmentError, EnrichmentError }) {
  if (!isEnrichmentError(error)) return { foreign: String(error) };
  const { name, message, code, charge, retryable, lookupId, status, issues, retryAfterMs, required, remainingCredits, responseText } = error;
  return {
    name,
    isInstance: error instanceof EnrichmentError && error instanceof Error,
    fields: Object.keys(error).sort(),
    message,
    code,
    charge,
    retryable,
    lookupId: lookupId.replace(/^lk_[0-9a-z]+$/, "lk"),
    status,
    issues,
    retryAfterMs,
    required,
    remainingCredits,
    responseText,
    // What a runtime says of a lost connection is its own; what the caller gave as a reason is not.
    cause: "cause" in error ? (typeof error.cause === "string" ? error.cause : "something thrown") : undefined,
  };
}

function plainOutcome({ meta: { collected_at, expires_at, ...meta }, ...outcome }) {
  const days = (Date.parse(expires_at) - Date.parse(collected_at)) / 86_400_000;
  const isRecent = Math.abs(Date.now() - Date.parse(collected_at)) < 60_000 && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(collected_at);
  return { ...outcome, meta: { ...meta, isRecent, keptForDays: days } };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves once the sandbox has a POST, answered with `status` if one is given. */
async function seen(origin, status) {
  for (;;) {
    const requests = await (await fetch(`${origin}/__sandbox/requests`)).json();
    const posts = requests.filter(({ method }) => method === "POST");
    if (posts.some((request) => status === undefined || request.status === status)) return;
    await pause(20);
  }
}

/**
 * @param api what the package exports
 * @param spec { baseUrl, origin, token, request, options, timeoutMs, abort }, all of it JSON.
 *   `abort`: "before" the call, "sent" once the service has the request, "waiting" once it is told to wait.
 */
export async function runCase(api, { baseUrl, origin, token, request, options = {}, timeoutMs, abort }) {
  const heard = [];
  const controller = new AbortController();
  const browser = typeof document === "object" ? { dangerouslyAllowBrowser: true } : {};
  const client = api.createClient({
    baseUrl,
    token,
    ...browser,
    ...options,
    onRequest: ({ attempt, lookupId }) => heard.push(["request", attempt, lookupId]),
    onOutcome: (result) => heard.push(["outcome", result.status ?? "", result.code ?? ""]),
    onCredits: (credits) => heard.push(["credits", credits]),
  });
  if (abort === "before") controller.abort("the caller's reason");
  const call = client.enrichPhone(request, { signal: controller.signal, ...(timeoutMs && { timeoutMs }) }).then(
    (outcome) => ({ outcome: plainOutcome(outcome) }),
    (error) => ({ error: plainError(error, api), lookupId: error?.lookupId }),
  );
  if (abort === "sent" || abort === "waiting") {
    await seen(origin, abort === "waiting" ? 429 : undefined);
    // The reply that says to wait has to arrive first.
    if (abort === "waiting") await pause(400);
    controller.abort("the caller's reason");
  }
  const { lookupId, ...result } = await call;
  const ids = new Set(heard.filter(([what]) => what === "request").map(([, , id]) => id));
  const sameId = ids.size <= 1 && (lookupId === undefined || ids.size === 0 || ids.has(lookupId));
  const hooks = heard.map(([what, ...rest]) => [what, ...(what === "request" ? rest.slice(0, 1) : rest)]);
  // As JSON, so that what crosses from another runtime and what did not are alike.
  return JSON.parse(JSON.stringify({ ...result, hooks, sameId }));
}
