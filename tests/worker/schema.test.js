// Tables live longer than the code: each step is taken once, whole or not at all, and an older Worker keeps its hands off
// what a later one made.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { costOf, startBoth } from "./support/both.js";
import { insideOf } from "./support/inside.js";
import { startWorker } from "./support/worker.js";

const sources = fileURLToPath(new URL("../../www/worker/src", import.meta.url));
const { transformSync } = createRequire(join(sources, "../package.json"))("esbuild");
const schema = transformSync(readFileSync(join(sources, "schema.ts"), "utf8"), { loader: "ts" }).code.replace(/^export \{[^}]*\};?/m, "").replace(/^export /gm, "");

/** A Worker whose wallet is nothing but its tables, brought up to date by the steps that it is given. */
const tables = `
  import { DurableObject } from "cloudflare:workers";
  ${schema}
  export class Job extends DurableObject {}
  export class Wallet extends DurableObject {
    migrate(steps, own = WALLET_TABLES.length) {
      try {
        return migrate(this.ctx.storage, [...WALLET_TABLES.slice(0, own), ...steps]);
      } catch (error) {
        return error.message;
      }
    }
    rows(sql) { return this.ctx.storage.sql.exec(sql).toArray(); }
  }
  export default {
    async fetch(request, env) {
      const method = new URL(request.url).pathname.split("/")[2];
      return Response.json((await env.WALLET.get(env.WALLET.idFromName("wallet"))[method](...(await request.json()))) ?? null);
    },
  };
`;

const JANE = { email: "jane.doe@acme.example.com" };
const MARCUS = { email: "marcus.bell@acme.example.com" };

describe("tables", { timeout: 60_000 }, () => {
  function folderFor(t) {
    const folder = mkdtempSync(join(tmpdir(), "phone-tables-"));
    t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
    return folder;
  }
  async function tablesIn(t, folder) {
    const worker = await startWorker({ folder, also: tables });
    t.after(() => worker.close());
    return { ask: (method, ...values) => insideOf(worker.url, method, ...values), close: worker.close };
  }

  test("of the first version are opened by this Worker, with all that is in them", async (t) => {
    const folder = folderFor(t);
    const first = await tablesIn(t, folder);
    assert.equal(await first.ask("migrate", [], 1), null);
    for (const sql of [
      `INSERT INTO ledger (at, caller, job, person, credits, state) VALUES (${Date.now()}, '0123456789', NULL, 'ab', 5, 'held')`,
      "INSERT INTO callers VALUES ('0123456789', 'an old one', 'no digest', 'lookup', NULL, 7, 1, NULL)",
      `INSERT INTO days VALUES (${Math.floor(Date.now() / 86_400_000)}, '', 5)`,
    ]) await first.ask("rows", sql);
    await first.close();
    const { lookup, key, wallet, doubts, call } = await startBoth(t, { folder });
    assert.equal((await lookup(key, JANE)).status, 200);
    assert.equal((await lookup(key, MARCUS)).status, 200);
    assert.deepEqual([(await doubts()).length, (await wallet()).today.unknown, (await wallet()).today.spent], [1, 5, 10]);
    assert.deepEqual((await call("GET", "/v1/keys", { key: "an-administrator-key-for-the-tests-alone" })).json.keys[0].per_day, 7);
  });

  test("take each later step once, in order, and keep what was in them", async (t) => {
    const folder = folderFor(t);
    await t.test("made by this Worker", async (t) => {
      const { lookup, key } = await startBoth(t, { folder });
      assert.equal((await lookup(key, JANE)).status, 200);
    });
    const { ask } = await tablesIn(t, folder);
    const steps = ["ALTER TABLE ledger ADD COLUMN note TEXT; UPDATE ledger SET note = 'old'", "CREATE TABLE later (n INTEGER); INSERT INTO later VALUES (1)"];
    for (const some of [steps.slice(0, 1), steps, steps]) assert.equal(await ask("migrate", some), null);
    assert.deepEqual(await ask("rows", "SELECT credits, state, note FROM ledger"), [{ credits: 5, state: "spent", note: "old" }]);
    assert.deepEqual(await ask("rows", "SELECT COUNT(*) AS n FROM later"), [{ n: 1 }]);
    assert.equal((await ask("rows", "SELECT * FROM version")).length, 1);
  });

  test("are as they were where a step fails half-way, and the steps before it count", async (t) => {
    const { ask } = await tablesIn(t, folderFor(t));
    const good = "CREATE TABLE one (n INTEGER)";
    assert.match(await ask("migrate", [good, "CREATE TABLE two (n INTEGER); INSERT INTO nowhere VALUES (1)"]), /nowhere/);
    const names = (await ask("rows", "SELECT name FROM sqlite_master")).map(({ name }) => name);
    assert.deepEqual([names.includes("one"), names.includes("two")], [true, false]);
    assert.equal(await ask("migrate", [good, "CREATE TABLE two (n INTEGER)"]), null);
  });

  test("of a later version are not touched: the Worker says so in its log, and nothing is sent", async (t) => {
    const folder = folderFor(t);
    let key;
    await t.test("made by this Worker", async (t) => ({ key } = await startBoth(t, { folder })));
    await t.test("and then by a later one", async (t) => {
      const { ask } = await tablesIn(t, folder);
      assert.equal(await ask("migrate", ["CREATE TABLE later (n INTEGER)"]), null);
    });
    const { lookup, sandbox, output } = await startBoth(t, { folder, caller: null });
    const answer = await lookup(key, JANE);
    assert.deepEqual([answer.status, costOf(answer), sandbox.requests().length], [500, ["possible", 0, "none"], 0]);
    assert.match(output(), /later version \(2\) than this Worker knows \(1\)/);
  });
});
