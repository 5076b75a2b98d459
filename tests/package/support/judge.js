// Plays one case in one runtime against a service of its own, and holds the result against the service's own ledger.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { startSandbox } from "phone-enrichment/sandbox";
import { JANE } from "../outcomes.cases.js";

/** A port of this machine where nobody listens. */
async function closedPort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What of a result the table names. */
export function summary({ outcome, error }) {
  if (outcome) {
    const { status, results = {}, message, remaining_credits, meta } = outcome;
    return JSON.parse(JSON.stringify({ status, ...results, message, remaining_credits, charge: meta.charge, credits: meta.credits, attempts: meta.attempts }));
  }
  if (error?.foreign) return error;
  const { code, charge, retryable, status, retryAfterMs, required, remainingCredits, cause } = error;
  return JSON.parse(JSON.stringify({ code, charge, retryable, status, retryAfterMs, required, remainingCredits, cause }));
}

/** What the service says happened, whatever the client believes. */
export async function play(runtime, { sandbox: options, faults, server, request = JANE, token, path = "", expect: _, ...spec }) {
  if (server === "none") {
    const result = await runtime.run({ baseUrl: `http://127.0.0.1:${await closedPort()}/backend/api/v1`, token: "nobody-gets-this-token", request, options: spec.options });
    return { result, posts: [], ledger: [], elsewhere: [] };
  }
  const sandbox = await startSandbox({ cors: true, faults: faults ?? [], ...options });
  try {
    const result = await runtime.run({ baseUrl: sandbox.url + path, origin: sandbox.origin, token: token ?? sandbox.token, request, options: spec.options, timeoutMs: spec.timeoutMs, abort: spec.abort });
    await sandbox.idle();
    const requests = sandbox.requests().filter(({ method }) => method !== "OPTIONS");
    const right = `/backend/api/v1${path}/external/phone/enrichment/`;
    return { result, posts: requests.filter(({ method, path: at }) => method === "POST" && at === right), elsewhere: requests.filter(({ method, path: at }) => method !== "POST" || at !== right), ledger: sandbox.ledger(), double: sandbox.wallet().double_charges };
  } finally {
    await sandbox.close();
  }
}

/** The ledger is the judge: what was called free was free, what was called paid was paid once, and all else was in doubt. */
export function judge({ result, ledger }) {
  const said = result.outcome?.meta.charge ?? result.error.charge;
  const paid = ledger.reduce((sum, { credits }) => sum + credits, 0);
  if (said === "none") assert.equal(paid, 0, "the client said that nothing was charged");
  else if (said === "confirmed") assert.equal(paid, result.outcome.meta.credits, "the client said what was charged");
  else assert.equal(said, "possible");
  assert.ok(ledger.length <= 1, "one call was charged more than once");
}
