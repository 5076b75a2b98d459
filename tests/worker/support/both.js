// A Worker and a sandbox behind it. Whatever the Worker sends, to whichever address, ends at the sandbox, so that its list
// of requests is complete; and whatever is said by either is gathered, so that a secret in it is found.
import assert from "node:assert/strict";
import { startSandbox } from "phone-enrichment/sandbox";
import { ADMIN_KEY, callsTo, startWorker } from "./worker.js";

export const PATH = "/external/phone/enrichment/";
/** What only the Worker and the vendor may know. */
export const VENDOR_TOKEN = "5ecret-Sauce-0f-the-Vendor-and-nobody-else";

/** Everything that says who somebody in the book is. */
const dataOf = (people) =>
  people.flatMap(({ phone, email, bonus_email, linkedin_slug }) => [phone, email, bonus_email, linkedin_slug]).filter((text) => text && text.length > 7);

/**
 * Starts both, for one test, and judges at its end what holds always: nothing but lookups was sent, and to nobody but the
 * vendor; nobody was charged twice, unless the test says so; and nobody heard a secret.
 *
 * @param vendor options of the sandbox
 * @param vars settings and secrets of the Worker
 * @param caller limits of the key that is made; `null` makes none
 */
export async function startBoth(t, { vendor = {}, vars = {}, twice = false, caller = {}, ...options } = {}) {
  const sandbox = await startSandbox({ credits: 10_000, token: VENDOR_TOKEN, ...vendor });
  t.after(() => sandbox.close());
  const said = [];
  const worker = await startWorker({
    vars: { VENDOR_URL: sandbox.url, VENDOR_TOKEN, ...vars },
    outboundService: { external: { address: `127.0.0.1:${sandbox.port}`, http: {} } },
    handleRuntimeStdio: (...streams) => streams.forEach((stream) => stream.on("data", (part) => said.push(String(part)))),
    ...options,
  });
  const keys = [ADMIN_KEY];
  const heard = [];
  const call = async (method, path, asked) => {
    const answer = await worker.call(method, path, asked);
    heard.push(`${answer.status} ${JSON.stringify(answer.headers)} ${answer.text}`);
    return answer;
  };
  const both = {
    ...worker,
    sandbox,
    call,
    lookup: (key, body, headers) => call("POST", PATH, { key, body, headers }),
    async keyFor(name, more) {
      const key = await worker.keyFor(name, more);
      keys.push(key);
      return key;
    },
    /** What the object says of its credits. */
    wallet: async () => (await call("GET", "/v1/wallet", { key: ADMIN_KEY })).json,
    audit: async () => (await call("GET", "/v1/audit?limit=1000", { key: ADMIN_KEY })).json.entries,
    doubts: async () => (await call("GET", "/v1/doubts?limit=1000", { key: ADMIN_KEY })).json.doubts,
    /** What workerd wrote. */
    output: () => said.join(""),
  };
  t.after(async () => {
    await worker.close();
    for (const { method, path, headers } of sandbox.requests()) {
      assert.deepEqual([method, path, headers.host], ["POST", new URL(sandbox.url).pathname + PATH, `127.0.0.1:${sandbox.port}`], "nobody but the vendor is ever called");
      assert.deepEqual(Object.keys(headers).sort(), ["authorization", "cf-worker", "content-length", "content-type", "host"], "nothing of the caller's is handed on");
    }
    if (!twice) assert.equal(sandbox.wallet().double_charges, 0);
    const output = both.output();
    for (const secret of [VENDOR_TOKEN, ...keys, ...dataOf(sandbox.people())]) assert.ok(!output.includes(secret), `workerd wrote ${secret}`);
    for (const secret of [VENDOR_TOKEN, ...keys]) for (const text of heard) assert.ok(!text.includes(secret), `an answer holds ${secret}: ${text}`);
  });
  if (caller) both.key = await both.keyFor("a caller", caller);
  return both;
}

/** What an answer says of what it cost. */
export const costOf = ({ headers }) => [headers["enrichment-charge"], Number(headers["enrichment-credits"]), headers["enrichment-source"]];

/** Waits until something is so; the test's own time limit is the end of it. */
export async function until(isSo) {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

export { ADMIN_KEY, callsTo };
