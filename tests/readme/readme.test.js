// Runs every snippet of the README as it stands, through the installed package, against the sandbox: whatever goes to
// the vendor's address is sent there instead, which is all that differs from a reader's machine.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Miniflare } from "miniflare";
import { startSandbox } from "phone-enrichment/sandbox";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const installed = join(root, "tests/node_modules/phone-enrichment");
const VENDOR = "https://app.ecoreservice.com/backend/api/v1";
const run = promisify(execFile);

const readme = await readFile(join(root, "README.md"), "utf8");
const snippets = [...readme.matchAll(/^```(\w+)(?: (\w+))?\n(.*?)^```$/gms)].map(([, language, place, code]) => ({
  language,
  place,
  code,
  // The heading that it stands under names it.
  under: readme.slice(0, readme.indexOf(code)).match(/^#+ (.*)$/gm).at(-1).replace(/^#+ /, ""),
}));
const inPlace = (place) => snippets.filter((snippet) => snippet.place === place);

let sandbox;
let folder;

before(async () => {
  sandbox = await startSandbox({ credits: 1000 });
  folder = await mkdtemp(join(tmpdir(), "readme-"));
  await symlink(join(root, "tests/node_modules"), join(folder, "node_modules"));
  const reroute = `const own = fetch; globalThis.fetch = (...given) => {
    const { url, method, headers, body, signal } = new Request(...given);
    return own(url.replace(${JSON.stringify(VENDOR)}, ${JSON.stringify(sandbox.url)}), { method, headers, body, signal, redirect: given[1].redirect, duplex: "half" });
  };`;
  await writeFile(join(folder, "reroute.mjs"), reroute);
});

after(async () => {
  await sandbox?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What each server snippet prints, by the heading it stands under. */
const PRINTS = {
  "A first lookup": /^\+1 555-123-4567\n$/,
  "Check before you pay": /^https:.*linkedin.com\/in\/johndoe .+\n$|^linkedin_url: company_page: .+ Open .+\nemail: email_syntax: .+\n$/,
  Errors: /email_syntax/,
  "Never twice": /^confirmed none none\n5\n0\n$/,
  "Many people": /^0 success network\n1 invalid_request none\n2 success cache\n5\n$/,
  Lists: /^3 1 1 1 5\n4 Write it as jane@acme\.com\.\n\[ 0, 1 \] success\n$/,
  Stores: /^today network 5\nafter a restart cache 0\n$/,
  "The sandbox": /^network possible\n1\n$/,
};

test("every snippet says where it runs, and each place has one", () => {
  for (const { language, place, under } of snippets) {
    assert.ok(language === "sh" || ["server", "worker", "browser"].includes(place), `${under}: ${language} ${place}`);
  }
  assert.deepEqual([...new Set(inPlace("server").map(({ under }) => under))], Object.keys(PRINTS));
  assert.equal(inPlace("worker").length, 1);
  assert.equal(inPlace("browser").length, 1);
});

for (const [index, { under, code }] of inPlace("server").entries()) {
  test(`on a server, snippet ${index + 1}, under "${under}", does what it says`, async () => {
    const file = join(folder, `snippet-${index}.mjs`);
    await writeFile(file, code);
    const { stdout, stderr } = await run(process.execPath, ["--import", join(folder, "reroute.mjs"), file], {
      cwd: folder,
      env: { ...process.env, ENRICHMENT_TOKEN: sandbox.token },
      timeout: 30_000,
    });
    assert.match(stdout + stderr, PRINTS[under]);
  });
}

test("in a Worker, the snippet answers with the outcome", async () => {
  const file = (path) => readFile(join(installed, "dist", path), "utf8");
  const module = async (path, type = "ESModule") => ({ type, path: `package/${path}`, contents: await file(path) });
  const worker = new Miniflare({
    compatibilityDate: "2026-01-01",
    modules: [
      // Workers resolve no bare names: a bundler puts the path there.
      { type: "ESModule", path: "worker.js", contents: inPlace("worker")[0].code.replace('"phone-enrichment"', '"./package/workerd.js"') },
      await module("workerd.js"),
      await module("client.js"),
      { type: "CompiledWasm", path: "package/phone_enrichment.wasm", contents: await readFile(join(installed, "dist/phone_enrichment.wasm")) },
    ],
    bindings: { ENRICHMENT_TOKEN: sandbox.token },
    outboundService: async (request) =>
      fetch(request.url.replace(VENDOR, sandbox.url), { method: request.method, headers: request.headers, body: await request.text() }),
  });
  try {
    const reply = await worker.dispatchFetch("https://worker.example/?email=john.doe@acme.com");
    const outcome = await reply.json();
    assert.equal(outcome.status, "success", JSON.stringify(outcome));
    assert.equal(outcome.meta.credits, 5);
  } finally {
    await worker.dispose();
  }
});

test("in a browser, the snippet shows the outcome through one's own server", async () => {
  const server = createServer(async (request, response) => {
    try {
      if (request.url.startsWith("/api/")) {
        const body = await request.reduce?.((all, chunk) => all + chunk, "");
        const reply = await fetch(sandbox.url + request.url.slice(4), {
          method: request.method,
          headers: { "Content-Type": "application/json", Authorization: `Token ${sandbox.token}` },
          body,
        });
        response.writeHead(reply.status, { "Content-Type": "application/json" }).end(await reply.text());
      } else if (request.url.startsWith("/package/")) {
        response.writeHead(200, { "Content-Type": "text/javascript" }).end(await readFile(join(installed, "dist", request.url.slice(9))));
      } else {
        const imports = JSON.stringify({ imports: { "phone-enrichment": "/package/index.js" } });
        const page = `<!doctype html><script type="importmap">${imports}</script><body><script type="module">${inPlace("browser")[0].code}</script>`;
        response.writeHead(200, { "Content-Type": "text/html" }).end(page);
      }
    } catch {
      response.writeHead(502).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const executablePath = process.env.CHROMIUM ?? (await run("sh", ["-c", "command -v chromium"])).stdout.trim();
  const args = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  const browser = await chromium.launch({ executablePath, args: args.split(" ") });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => ["success", "not_found"].includes(document.body.textContent), { timeout: 15_000 });
    assert.equal(await page.textContent("body"), "success");
  } finally {
    await browser.close();
    server.close();
  }
});

test("the sandbox starts from a shell as the README says", async () => {
  const line = readme.match(/^npx phone-enrichment (sandbox .*)$/m)[1];
  const child = spawn(process.execPath, [join(installed, "bin/phone-enrichment.js"), ...line.replace("8080", "0").split(" "), "--json"]);
  try {
    const started = JSON.parse(await new Promise((resolved) => child.stdout.once("data", (data) => resolved(String(data).split("\n")[0]))));
    const wallet = await fetch(new URL("/__sandbox/wallet", started.url)).then((reply) => reply.json());
    assert.equal(wallet.credits, 50);
  } finally {
    child.kill("SIGINT");
  }
});

test("the command line does what the README says, line by line", async () => {
  const lines = [...readme.matchAll(/^npx phone-enrichment ((?:lookup|plan|enrich|erase) .*)$/gm)].map(([, line]) => line.split(" "));
  const place = await mkdtemp(join(tmpdir(), "readme-command-"));
  await writeFile(join(place, "leads.csv"), "email\njane.doe@acme.example.com\nnobody@example.com\n");
  const says = {};
  try {
    for (const words of lines) {
      const more = ["lookup", "enrich"].includes(words[0]) ? ["--base-url", sandbox.url] : [];
      const { stdout } = await run(process.execPath, [join(installed, "bin/phone-enrichment.js"), ...words, ...more], {
        cwd: place,
        env: { ...process.env, ENRICHMENT_TOKEN: sandbox.token },
        timeout: 30_000,
      });
      (says[words[0]] ??= []).push(stdout);
    }
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  assert.match(says.lookup[0], /confirmed, 5 credits/);
  assert.match(says.plan[0], /2 rows[^]*Costs 10 credits at most/);
  assert.match(says.enrich[0], /^1 found, 1 not found[^]*5 credits spent/);
  assert.match(says.enrich[1], /^1 found, 1 not found.* 2 were known\.\n0 credits spent/);
  assert.match(says.erase[0], /^\d records? erased/);
  const help = (await run(process.execPath, [join(installed, "bin/phone-enrichment.js"), "enrich", "--help"])).stdout;
  const codes = readme.slice(readme.indexOf("| exit code | |")).split("\n\n")[0];
  for (const [, code, meaning] of codes.matchAll(/^\| (\d+) \| (.*) \|$/gm)) assert.ok(help.includes(`  ${code.padEnd(5)}${meaning.replaceAll("`", "")}\n`), code);
});

test("every command that the README names is a door of this repository", async () => {
  const source = await readFile(join(root, "xtask/src/main.rs"), "utf8");
  const named = new Set([...readme.matchAll(/cargo xtask (\w+)/g)].map(([, verb]) => verb));
  const verbs = new Set([...source.matchAll(/name: "(\w+)"/g)].map(([, verb]) => verb));
  assert.deepEqual([...named].sort(), [...verbs].sort());
});

test("the table of errors lists every code there is, and no other", async () => {
  const types = await readFile(join(installed, "dist/types.d.ts"), "utf8");
  const codes = [...types.match(/type ErrorCode =([^;]*);/)[1].matchAll(/"(\w+)"/g)].map(([, code]) => code);
  const listed = [...readme.matchAll(/^\| `(\w+)` \| .* \| (?:none|possible|none, possible|possible; none.*) \|$/gm)].map(([, code]) => code);
  assert.deepEqual(listed.sort(), codes.sort());
});

test("the table of options lists every option there is, and no other", async () => {
  const types = await readFile(join(installed, "dist/types.d.ts"), "utf8");
  const named = (name) => [...types.match(new RegExp(`interface ${name} \\{(.*?)\\n\\}`, "s"))[1].matchAll(/^ {4}(\w+)\?:/gm)].map(([, option]) => option);
  const rows = readme.match(/\n## Options\n(.*?)\n## /s)?.[1] ?? readme.slice(readme.indexOf("## Options"));
  const listed = [...rows.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`(\w+)`/g)].map(([, option]) => option));
  assert.deepEqual(listed.sort(), [...new Set([...named("ClientOptions"), ...named("CallOptions")])].sort());
});
