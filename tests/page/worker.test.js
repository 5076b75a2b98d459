// The page and the Worker at one address, as `wrangler deploy --assets` has them: the real Worker in workerd, in front of a
// sandbox. Everybody has a key of their own, and the page asks for it.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { charge, examine, fill, resultTitle, sendButton, startAll, visit } from "./harness.js";

const folder = fileURLToPath(new URL("../../www/worker/", import.meta.url));
const quiet = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", WRANGLER_HIDE_BANNER: "true", CLOUDFLARE_CF_FETCH_ENABLED: "false" };

let all;
let sandbox;
let worker;
before(async () => {
  all = await startAll();
  ({ sandbox } = all);
  worker = await startWorker();
});
after(async () => {
  await worker?.close();
  await all?.close();
});
beforeEach(() => sandbox.reset());

/** `npm run dev -- --assets …` of the Worker's folder. */
async function startWorker() {
  const child = spawn(process.execPath, ["dev.mjs", "--until-closed", "--assets", all.built.folder], {
    cwd: folder,
    env: { ...quiet, PORT: "0", SERVICE_URL: sandbox.url, SERVICE_TOKEN: sandbox.token },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let named;
  for await (const line of createInterface({ input: child.stdout })) {
    named = /^The Worker is at (\S+), and a key for it is (\S+)$/.exec(line);
    if (named) break;
  }
  assert.ok(named, "the Worker does not run");
  return {
    origin: named[1],
    key: named[2],
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

const withPage = (use, options = {}) => visit(all.browser, worker.origin, options, use);

const keyField = (page) => page.locator(".access input[type=password]");
const kept = (page) => page.evaluate(() => [sessionStorage.getItem("phone-enrichment-key"), localStorage.getItem("phone-enrichment-key")]);

async function give(page, key, onThisDevice = false) {
  await keyField(page).fill(key);
  if (onThisDevice) await page.getByLabel("Keep it on this device").check();
  await page.getByRole("button", { name: "Use this key" }).click();
}

const wrongKey = () => `${worker.key.slice(0, -1)}${worker.key.endsWith("A") ? "B" : "A"}`;

test("the page can be deployed with the Worker in one command, as far as can be told without an account", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["node_modules/wrangler/bin/wrangler.js", "deploy", "--dry-run", "--assets", all.built.folder], { cwd: folder, env: quiet });
  assert.match(stdout, /Read \d+ files from the assets directory/);
  assert.match(stdout, /env\.WALLET \(Wallet\)/);
  assert.doesNotMatch(stdout, /warning/i);
});

test("the page lies beside the Worker's own routes, with the headers that its policy can't say", async () => {
  const page = await fetch(worker.origin);
  assert.match(page.headers.get("content-type"), /text\/html/);
  assert.equal(page.headers.get("content-security-policy"), "frame-ancestors 'none'");
  assert.equal(page.headers.get("referrer-policy"), "no-referrer");
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  const script = await fetch(new URL(/src="(\/assets\/[^"]+\.js)"/.exec(await page.text())[1], worker.origin));
  assert.equal(script.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.deepEqual(await (await fetch(`${worker.origin}/healthz`)).json(), { ok: true });
  assert.equal((await fetch(`${worker.origin}/v1/wallet`)).status, 401);
  assert.equal((await (await fetch(`${worker.origin}/nothing-here`)).json()).code, "not_found");
  assert.equal((await fetch(`${worker.origin}/_headers`)).status, 404);
});

test("the first visit asks for a key, refuses what is none, and with the right one a lookup is charged once", () =>
  withPage(async (page, { lookups }) => {
    await fill(page, { "E-mail": "jane.doe@acme.example.com" });
    await sendButton(page).click();
    assert.equal(await resultTitle(page), "This service wants your access key");
    assert.equal(await charge(page), "Not charged");
    await examine(page, "40-key-wanted");

    await give(page, sandbox.token);
    await page.getByText("This is no access key").waitFor();
    assert.equal(await keyField(page).inputValue(), "", "a secret of somebody else's does not stay in the field");
    assert.deepEqual(await kept(page), [null, null]);
    await examine(page, "41-key-refused");

    await give(page, wrongKey());
    await page.locator("button[type=submit].primary:focus").waitFor();
    await sendButton(page).click();
    assert.equal(await resultTitle(page), "The service does not accept this access key");
    assert.equal(sandbox.requests().length, 0, "nothing came through so far");

    await give(page, ` ${worker.key}\n`);
    await page.locator("button[type=submit].primary:focus").waitFor();
    await page.keyboard.press("Enter");
    assert.equal(await resultTitle(page), "Phone found");
    assert.equal(await charge(page), "Charged 5 credits");
    assert.equal(sandbox.ledger().length, 1);
    await examine(page, "42-key-kept");
    const sent = await Promise.all(lookups().map((request) => request.headerValue("authorization")));
    assert.deepEqual(sent, [null, `Token ${wrongKey()}`, `Token ${worker.key}`]);
    assert.deepEqual(await kept(page), [worker.key, null]);
    for (const { token } of sandbox.requests()) assert.equal(token, "live");

    // It is known in this tab, and in no other.
    await page.reload();
    await page.getByRole("button", { name: "Forget the access key" }).waitFor();
    const other = await page.context().newPage();
    await other.goto(worker.origin);
    await other.getByLabel("E-mail", { exact: true }).waitFor();
    assert.equal(await other.getByRole("button", { name: "Forget the access key" }).count(), 0);
  }));

test("a key that is to be kept on the device is there in a new tab, can be changed, and is forgotten in all of them", () =>
  withPage(async (page) => {
    await fill(page, { "E-mail": "nobody@example.com" });
    await sendButton(page).click();
    await give(page, wrongKey(), true);
    assert.deepEqual(await kept(page), [null, wrongKey()]);
    const other = await page.context().newPage();
    await other.goto(worker.origin);
    await other.getByRole("button", { name: "Change the access key" }).click();
    await examine(other, "43-key-change");
    await give(other, worker.key, true);
    await keyField(other).waitFor({ state: "detached" });
    // The first tab has it, too.
    await page.bringToFront();
    await page.locator("button[type=submit].primary").click();
    assert.equal(await resultTitle(page), "No phone found");
    await page.getByRole("button", { name: "Forget the access key" }).click();
    await other.bringToFront();
    await other.getByRole("button", { name: "Forget the access key" }).waitFor({ state: "detached" });
    assert.deepEqual(await kept(other), [null, null]);
  }));

test("the key is asked for in the page's language", async () => {
  for (const [locale, title] of [["de-DE", "Dieser Dienst verlangt Ihren Zugangsschlüssel"], ["fr-FR", "Ce service demande votre clé d’accès"]]) {
    await withPage(
      async (page) => {
        await page.locator("#email").fill("nobody@example.com");
        await page.keyboard.press("Enter");
        assert.equal(await resultTitle(page), title);
        await examine(page, `45-key-wanted-${locale}`);
        await page.locator(".access button").click();
        await page.locator(".access .wrong").waitFor();
        assert.doesNotMatch(await page.locator(".access").innerText(), /\b(the|key|this|is)\b/);
        await examine(page, `46-key-refused-${locale}`);
      },
      { locale },
    );
  }
});

test("a list that stops for want of a key goes on with it, and nobody is charged twice", () =>
  withPage(async (page) => {
    await page.getByRole("link", { name: "A list" }).click();
    const people = sandbox.people().filter(({ phone, email }) => phone && email && !email.startsWith("jane.")).slice(0, 6);
    const text = ["Email", ...people.map(({ email }) => email), "nobody@example.com"].join("\n");
    await page.getByLabel("Drop a CSV file here, or choose one").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await page.locator("#plan-title").waitFor();
    const start = page.locator("form.start button[type=submit]");
    const ended = (title) => page.locator(`#run-title:text-is("${title}")`).waitFor({ timeout: 30_000 });
    await start.click();
    await ended("Stopped");
    await page.getByRole("alert").getByText("This service wants your access key").waitFor();
    await examine(page, "44-key-wanted-list");
    assert.deepEqual(sandbox.requests(), []);
    await give(page, worker.key);
    await page.getByRole("alert").getByText("This service wants your access key").waitFor({ state: "detached" });
    await start.click();
    await ended("Done");
    assert.equal(await page.locator("#spent").innerText(), `${people.length * 5} credits`);
    assert.equal(sandbox.ledger().length, people.length);
    assert.equal(sandbox.wallet().double_charges, 0);

    // Whoever erases everything leaves no key, either.
    await page.getByRole("button", { name: "Erase everything" }).click();
    await page.getByRole("button", { name: "Yes, erase everything" }).click();
    await page.getByRole("button", { name: "Forget the access key" }).waitFor({ state: "detached" });
    assert.deepEqual(await kept(page), [null, null]);
  }));

test("behind a server that adds the key itself nobody is asked for one, not even where the server's own is refused", () =>
  visit(all.browser, all.served.origin, {}, async (page) => {
    await fill(page, { "E-mail": "jane.doe@acme.example.com" });
    await sendButton(page).click();
    assert.equal(await resultTitle(page), "Phone found");
    sandbox.setFaults([{ fault: "status", status: 401, body: { detail: "Invalid token." } }]);
    await fill(page, { "E-mail": "jane.roe@example.com" });
    await sendButton(page).click();
    assert.equal(await resultTitle(page), "This page may not look people up");
    assert.equal(await keyField(page).count(), 0);
  }));
