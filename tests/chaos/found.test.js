// What chaos found, each as a case of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "phone-enrichment";
import { generatedPerson, startSandbox } from "phone-enrichment/sandbox";

test("a process that is killed between the two names of an answer leaves none whose e-mail costs again", async (t) => {
  const sandbox = await startSandbox({ people: 1 });
  t.after(() => sandbox.close());
  const { linkedin_url, email } = generatedPerson(1);
  const clientOf = (store) => createClient({ baseUrl: sandbox.url, token: sandbox.token, store });

  /** What is on disk after each write. */
  const moments = [];
  class Disk extends Map {
    set(key, value) {
      super.set(key, value);
      moments.push([...this]);
      return this;
    }
  }
  await clientOf(new Disk()).enrichPhone({ linkedin_url });
  assert.equal(moments.length, 3, "the claim, and the answer under two names");

  for (const moment of moments) {
    const next = clientOf(new Map(moment));
    const isKnown = await next.enrichPhone({ linkedin_url }).then(({ meta }) => meta.source === "cache", ({ code }) => assert.equal(code, "outcome_unknown"));
    if (isKnown) assert.equal((await next.enrichPhone({ email })).meta.source, "cache");
  }
  assert.equal(sandbox.wallet().double_charges, 0);
});
