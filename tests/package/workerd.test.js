// What only a Worker has: many requests in one isolate, each with promises of its own, and WebAssembly as a module.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startSandbox } from "phone-enrichment/sandbox";
import { installed } from "./support/installed.js";
import { startMiniflare, workerModules } from "./support/runtimes.js";

const NOBODY = { email: "nobody@example.com" };

async function workerFor(t, script, { subpath, ...options } = {}) {
  const sandbox = await startSandbox({ credits: 10_000 });
  t.after(() => sandbox.close());
  const miniflare = startMiniflare(workerModules(installed, script, subpath), { bindings: { URL: sandbox.url, TOKEN: sandbox.token }, ...options });
  t.after(() => miniflare.dispose());
  await miniflare.ready;
  const ask = async (request, init) => (await miniflare.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(request), ...init })).json();
  return { sandbox, ask };
}

/** A client for the whole isolate, made by its first request. */
const shared = (entry) => `
  import { createClient, isEnrichmentError } from "${entry}";
  let client;
  export default {
    async fetch(request, env) {
      client ??= createClient({ baseUrl: env.URL, token: env.TOKEN, timeoutMs: 5000 });
      try {
        const { status } = await client.enrichPhone(await request.json(), { signal: request.signal });
        return Response.json({ status });
      } catch (error) {
        return Response.json({ code: isEnrichmentError(error) ? error.code : String(error) });
      }
    },
  };
`;

describe("in workerd", { concurrency: 3, timeout: 30_000 }, () => {
  for (const compatibilityDate of ["2026-04-01", "2023-07-01"]) {
    test(`many requests at once share one client from the first on, as of ${compatibilityDate}`, async (t) => {
      const { sandbox, ask } = await workerFor(t, shared, { compatibilityDate });
      const ends = await Promise.all(Array.from({ length: 60 }, (_, index) => ask(index % 3 === 0 ? {} : { email: `nobody.${index}@example.com` })));
      assert.deepEqual(ends.map(({ status, code }) => status ?? code), Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? "invalid_request" : "not_found")));
      assert.equal(sandbox.requests().length, 40);
    });
  }

  test("many requests at once for one person are one request to the service, though none may wait for another's promise", async (t) => {
    const { sandbox, ask } = await workerFor(t, shared);
    sandbox.setFaults([{ fault: "delay", ms: 200 }]);
    const ends = await Promise.all(Array.from({ length: 30 }, () => ask(NOBODY)));
    assert.deepEqual(ends.map(({ status, code }) => status ?? code), Array(30).fill("not_found"));
    assert.equal(sandbox.requests().length, 1);
  });

  test("a request that its client left does no harm to the next ones", async (t) => {
    const { sandbox, ask } = await workerFor(t, shared);
    sandbox.setFaults([{ fault: "delay", ms: 300, times: 10 }]);
    const left = Array.from({ length: 10 }, () => ask(NOBODY, { signal: AbortSignal.timeout(100) }).catch(() => "left"));
    const stayed = Array.from({ length: 10 }, () => ask(NOBODY));
    await Promise.all(left);
    for (const { status } of await Promise.all(stayed)) assert.equal(status, "not_found");
    assert.equal((await ask(NOBODY)).status, "not_found");
  });

  test("the slim entry takes the .wasm as the module that it is", async (t) => {
    const { ask } = await workerFor(t, (entry) => `
      import { withWasm } from "${entry}";
      import wasm from "./package/dist/phone_enrichment.wasm";
      const { createClient } = withWasm(() => wasm);
      export default { fetch: async (request, env) => Response.json(await createClient({ baseUrl: env.URL, token: env.TOKEN }).enrichPhone(await request.json())) };
    `, { subpath: "./slim" });
    assert.equal((await ask(NOBODY)).status, "not_found");
  });

  test("bytes are refused by the runtime, which is told as wasm_unavailable", async (t) => {
    const { ask } = await workerFor(t, (entry) => `
      import { withWasm } from "${entry}";
      const { checkRequest } = withWasm(() => Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
      export default { fetch: async () => checkRequest({}).then(() => Response.json({}), ({ code, charge, cause }) => Response.json({ code, charge, why: String(cause) })) };
    `, { subpath: "./slim" });
    const { code, charge, why } = await ask({});
    assert.deepEqual([code, charge], ["wasm_unavailable", "none"]);
    assert.match(why, /disallowed/);
  });

  test("a token is no secret in a browser: in a Worker it is, and needs no opt-in", async (t) => {
    const { ask } = await workerFor(t, shared);
    assert.equal((await ask({ email: "jane.doe@acme.example.com" })).status, "success");
  });
});
