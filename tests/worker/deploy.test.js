// What is uploaded, and the commands of the folder, as somebody types them.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { ADMIN_KEY, built, callsTo } from "./support/worker.js";
import { startBoth } from "./support/both.js";

const folder = join(built, "..");
const run = promisify(execFile);
const quiet = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", WRANGLER_HIDE_BANNER: "true", CLOUDFLARE_CF_FETCH_ENABLED: "false" };
/** Bytes, after gzip, of all that is uploaded. */
const MOST_UPLOADED = 120_000;

describe("the Worker's folder", { timeout: 120_000 }, () => {
  test("can be deployed, as far as can be told without an account", async () => {
    const { stdout } = await run(process.execPath, ["node_modules/wrangler/bin/wrangler.js", "deploy", "--dry-run"], { cwd: folder, env: quiet });
    for (const binding of ["env.WALLET (Wallet)", "env.JOB (Job)", "env.CALLERS", "env.SLICES (phone-enrichment-slices)", "env.GUESSES", "env.CALLS"]) assert.ok(stdout.includes(binding), `no ${binding} in ${stdout}`);
    assert.doesNotMatch(stdout, /warning/i);
  });

  test("uploads no more than the budget, and no secret", () => {
    const files = readdirSync(built).filter((name) => /\.(js|wasm)$/.test(name)).map((name) => readFileSync(join(built, name)));
    const bytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
    assert.ok(bytes > 50_000 && bytes <= MOST_UPLOADED, `${bytes} B after gzip`);
    const settings = readFileSync(join(folder, "wrangler.jsonc"), "utf8");
    for (const secret of ["VENDOR_TOKEN", "ADMIN_KEY"]) assert.doesNotMatch(settings, new RegExp(`"${secret}"`));
  });

  test("keys.mjs makes a key, lists it, revokes it, and says what is wrong in one line", async (t) => {
    const both = await startBoth(t);
    const keys = (args, env = {}) => run(process.execPath, ["keys.mjs", ...args], { cwd: folder, env: { ...process.env, WORKER_URL: both.url, ADMIN_KEY, ...env } });
    const { stdout } = await keys(["make", "--name", "a team", "--scopes", "lookup,jobs", "--per-day", "10"]);
    const [, key, id] = /^(pe_([0-9a-z]{10})_\S{43})$/m.exec(stdout);
    assert.equal((await both.lookup(key, { email: "nobody@example.com" })).status, 200);
    const listed = (await keys(["list"])).stdout;
    assert.match(listed, /a team.*10.*lookup jobs/);
    assert.ok(!listed.includes(key));
    await keys(["revoke", id]);
    assert.equal((await both.lookup(key, { email: "nobody@example.com" })).status, 401);
    for (const [args, env, says] of [
      [["make", "--name", "a team"], {}, /^409: There is a key of this name\.\n$/],
      [["make"], {}, /^A key needs a --name\.\n$/],
      [["make", "--name", "x", "--per-day", "-1"], {}, /--per-day/],
      [["make", "--name", "x", "--scopes", "everything"], {}, /^400: .*scopes/],
      [["revoke", id], {}, /^404: Not found\.\n$/],
      [["list"], { ADMIN_KEY: "somebody-else's-key-that-is-long-enough" }, /^401: Invalid token\.\n$/],
      [["list"], { WORKER_URL: "http://127.0.0.1:65533" }, /can't be reached: ECONNREFUSED\n$/],
      [["list"], { ADMIN_KEY: "" }, /Set WORKER_URL .* ADMIN_KEY/],
      [[], {}, /^Usage: /],
    ])
      await assert.rejects(keys(args, env), ({ code, stderr, stdout }) => code === 1 && stdout === "" && says.test(stderr), args.join(" "));
  });

  test("npm run dev gives a Worker before a sandbox, and ends with whoever started it", async () => {
    const child = spawn(process.execPath, ["dev.mjs", "--until-closed"], { cwd: folder, env: { ...quiet, PORT: "0" }, stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "exit");
    let url;
    let curl;
    for await (const line of createInterface({ input: child.stdout })) {
      url ??= /^The Worker is at (\S+),/.exec(line)?.[1];
      if ((curl = /^curl .*/.exec(line)?.[0])) break;
    }
    const { stdout } = await run("sh", ["-c", curl.replace("curl ", "curl -sS --noproxy '*' ")]);
    assert.deepEqual(JSON.parse(stdout).results.phone, "+1 555-123-4567");
    assert.deepEqual((await callsTo(url).call("GET", "/healthz")).json, { ok: true });
    child.stdin.end();
    assert.deepEqual(await ended, [0, null]);
    await assert.rejects(fetch(`${url}/healthz`));
  });
});
