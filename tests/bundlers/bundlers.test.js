// The packed package in a small project of each bundler: built by it, run where such programs run, and judged by what the
// program itself says and by the service's ledger. The README's table of bundlers is what passed here.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, dirname, extname, join, posix } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { generatedPerson, startSandbox } from "phone-enrichment/sandbox";
import { filesOf, manifestOf } from "../package/support/installed.js";
import { launchBrowser, startMiniflare } from "../package/support/runtimes.js";
import { TIDY, rows } from "./bundlers.js";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
/** Below the folder with the bundlers, so that a project finds what is installed there as in a workspace. */
const projects = join(here, "target");
const installed = join(here, "node_modules/phone-enrichment");
/** How long anything may take that a bundler or a program does. */
const LIMIT = 120_000;
/** How many runs there can be: each has a token and a person of its own, by which the service knows it. */
const RUNS = 200;
/** The policy that the README asks for, and scripts within the page, which are Parcel's. */
const POLICY = "default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; connect-src *";

const ENVIRONMENT = {
  ...process.env,
  // The programs of the npm packages, as `npx` finds them.
  PATH: [join(here, "node_modules/.bin"), join(here, "../node_modules/.bin"), process.env.PATH].join(delimiter),
  NO_COLOR: "1",
  DO_NOT_TRACK: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_TELEMETRY_DISABLED: "1",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};
delete ENVIRONMENT.NODE_TEST_CONTEXT;
// Both change what is printed.
delete ENVIRONMENT.FORCE_COLOR;
delete ENVIRONMENT.CI;

const tokenOf = (number) => `a-token-of-the-tests-${String(number).padStart(4, "0")}`;
let sandbox;
let browser;
let runs = 0;

before(async () => {
  rmSync(projects, { recursive: true, force: true });
  const tokens = Array.from({ length: RUNS }, (_, index) => tokenOf(index + 1));
  [sandbox, browser] = await Promise.all([startSandbox({ cors: true, credits: 5 * RUNS, tokens, people: RUNS }), launchBrowser()]);
});
after(() => Promise.all([sandbox?.close(), browser?.close()]));

const count = (text, part) => text.split(part).length - 1;

/** The longest text in a file: the WebAssembly in the default entry. */
const longestText = (code) => (code.match(/"[^"\n]*"|`[^`]*`|'[^'\n]*'/g) ?? []).reduce((longest, text) => (text.length > longest.length ? text : longest), "");
/** A piece of it, which no minifier has a reason to write in another way: in double quotes nothing of it needs an escape. */
function pieceOf(entry) {
  const text = longestText(readFileSync(join(installed, entry), "latin1"));
  // Code repeats itself: this piece must not.
  for (let from = 20_000; ; from += 80) if (count(text, text.slice(from, from + 80)) === 1) return text.slice(from, from + 80);
}
const INLINED = pieceOf("dist/index.js");
const INLINED_LISTS = pieceOf("dist/lists/index.js");
const WASM = readFileSync(join(installed, "dist/phone_enrichment.wasm"));
const WASM_LISTS = readFileSync(join(installed, "dist/phone_enrichment_lists.wasm"));
/** A word of ours that no minifier may change. */
const MARK = "invalid_options";

/** What breaks a copy of the package. */
const HARM = {
  /** The WebAssembly is nothing, or spoilt, wherever it is. What compiles gets as far as to the run. */
  wasm(folder) {
    writeFileSync(join(folder, "dist/phone_enrichment.wasm"), WASM.subarray(0, 8));
    const path = join(folder, "dist/index.js");
    const code = readFileSync(path, "latin1");
    assert.equal(count(code, INLINED), 1);
    writeFileSync(path, code.replace(INLINED, INLINED.slice(3)), "latin1");
  },
  /** Where there was an entry for a host, the default one is left. */
  exports(folder) {
    const manifest = manifestOf(folder);
    const { types, default: entry } = manifest.exports["."];
    manifest.exports["."] = { types, default: entry };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  },
};

/** Puts a project on the disk; `harm` does harm to a copy of the package that is the project's own. */
function layOut(name, files, harm) {
  const folder = join(projects, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  if (harm) {
    const copy = join(folder, "node_modules/phone-enrichment");
    cpSync(installed, copy, { recursive: true });
    harm(copy);
  }
  return folder;
}

/** Where an npm package lies: beside the bundlers, or with what all tests share. */
const packageOf = (name) => [here, join(here, "..")].map((folder) => join(folder, "node_modules", name)).find((folder) => existsSync(folder));

/** Builds, and gives everything that was printed. */
async function build(folder, [name, ...words]) {
  const { stdout, stderr } = await run(name, words, { cwd: folder, env: ENVIRONMENT, timeout: LIMIT });
  return stdout + stderr;
}

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/** Serves what was built; a page is made up where the bundler makes none. */
async function serve(folder) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = posix.normalize(pathname === "/" ? "/index.html" : decodeURIComponent(pathname));
    let body = null;
    try {
      body = readFileSync(join(folder, path));
    } catch {
      if (pathname === "/") body = `<!doctype html><meta charset="utf-8"><body></body><script type="module" src="/main.js"></script>`;
    }
    response.writeHead(body === null ? 404 : 200, { "content-type": TYPES[extname(path)] ?? "text/plain", "content-security-policy": POLICY });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What a page says once it has done its work; everything that it loads is added to `loaded`. */
async function visit(address, settings, loaded = []) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.on("requestfinished", (request) => loaded.push(request));
    const thrown = new Promise((resolve) => page.on("pageerror", (error) => resolve(`failed: the page threw ${error}`)));
    const asked = { ...settings, options: { ...settings.options, dangerouslyAllowBrowser: true } };
    await page.goto(`${address}#${encodeURIComponent(JSON.stringify(asked))}`);
    const said = page.waitForFunction(() => /^(passed|failed)/.exec(document.body.innerText)?.input, null, { timeout: 15_000 }).then((said) => said.jsonValue());
    const first = await Promise.race([said, thrown]);
    for (const [index, request] of loaded.entries()) loaded[index] = { path: request.url(), content: (await (await request.response()).body()).toString("latin1") };
    return first;
  } finally {
    await context.close();
  }
}

/** Starts a command that serves a project, and reads where from what it prints. */
async function start(folder, [name, ...words]) {
  const child = spawn(name, words, { cwd: folder, env: ENVIRONMENT, stdio: ["ignore", "pipe", "pipe"] });
  const gone = once(child, "exit");
  let printed = "";
  const origin = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        printed += text;
        const address = /http:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(printed);
        if (address) resolve(address[0]);
      });
    }
    gone.then(([code]) => reject(new Error(`${name} ended with ${code}: ${printed}`)));
  });
  return {
    origin,
    printed: () => printed,
    async close() {
      child.kill();
      await gone;
    },
  };
}

/** Runs what was built, and gives what the program says in each of its places to be. */
async function open(folder, row) {
  const output = join(folder, row.output ?? "");
  const served = row.serve ? await start(folder, row.serve) : await serve(output);
  const ways = {
    page: (path, settings) => visit(served.origin + path, settings),
    route: async (path, settings) => (await fetch(`${served.origin}${path}?settings=${encodeURIComponent(JSON.stringify(settings))}`)).text(),
    workerd: async (file, settings) => {
      const modules = built(output).filter(({ path }) => /\.(js|wasm)$/.test(path)).map(({ path, content }) => ({ path, type: isCode({ path }) ? "ESModule" : "CompiledWasm", contents: Buffer.from(content, "latin1") }));
      const miniflare = startMiniflare(modules.sort((one) => (one.path === file ? -1 : 1)));
      try {
        return await (await miniflare.dispatchFetch(`http://worker/?settings=${encodeURIComponent(JSON.stringify(settings))}`)).text();
      } finally {
        await miniflare.dispose();
      }
    },
    node: async (file, settings) => {
      // What failed says so itself, and with its exit code; what passed ends with 0.
      const { stdout } = await run(process.execPath, [join(output, file), JSON.stringify(settings)], { cwd: folder, env: ENVIRONMENT, timeout: LIMIT }).catch((error) => (error.stdout.startsWith("failed") ? error : Promise.reject(error)));
      return stdout.trim();
    },
  };
  return {
    say: row.runs.map((one) => (settings) => Object.entries(one).map(([way, where]) => ways[way](where, settings))[0]),
    printed: () => served.printed?.() ?? "",
    visit: (path, ...rest) => visit(served.origin + path, ...rest),
    close: () => served.close(),
  };
}

/** Has a program do its lookups, and holds what it says against what the service saw. */
async function lookUp(ask) {
  const number = ++runs;
  const person = generatedPerson(number);
  const token = tokenOf(number);
  const nobody = `nobody-${number}@example.com`;
  const said = await ask({ options: { baseUrl: sandbox.url, token }, found: person.linkedin_url, phone: person.phone, nobody, refused: `refused-${number}@` });
  assert.equal(said, "passed");
  await sandbox.idle();
  const requests = sandbox.requests().filter(({ headers }) => headers.authorization?.endsWith(token.slice(-4)));
  const asked = requests.map(({ method, status, charged, body }) => [method, status, charged, Object.values(body).join()]);
  assert.deepEqual(asked, [["POST", 200, true, person.linkedin_url], ["POST", 200, false, nobody]], "the service saw these requests");
  const charges = sandbox.ledger().filter(({ request_id }) => requests.some(({ id }) => id === request_id));
  assert.deepEqual(charges.map(({ person_id, credits }) => [person_id, credits]), [[person.id, 5]], "the service charged this");
}

/** What was built, but for caches, and source maps, which hold the sources as they are. */
const built = (folder) => filesOf(folder).filter((path) => !/\.map$|^cache\//.test(path)).map((path) => ({ path, content: readFileSync(join(folder, path), "latin1") }));
const isCode = ({ path }) => /\.[cm]?js$/.test(path);

/** No line of a build's output is a warning. */
function assertQuiet(printed, says) {
  assert.deepEqual(printed.split("\n").filter((line) => /warn|⚠|\(!\)|deprecat|critical dependency/i.test(line) && !says?.test(line)), [], "the build warns");
}

/** What was built has the WebAssembly as often as it has to, and nothing of ours that asks where it is or loads more. */
function assertClean(files, row) {
  const { asFile = false } = row;
  const whole = files.map(({ content }) => content).join("\n");
  for (const [of, wasm, inlined, { asFile = false, texts = asFile ? 0 : 1 }] of [["lookups", WASM, INLINED, row], ["lists", WASM_LISTS, INLINED_LISTS, row.lists ?? row]]) {
    assert.equal(files.filter(({ content }) => content.includes(wasm.toString("latin1"))).length, asFile ? 1 : 0, `files that hold the .wasm of ${of} as it is`);
    assert.equal(count(whole, inlined), texts, `texts that hold the WebAssembly of ${of}`);
    assert.equal(count(whole, wasm.toString("base64").slice(400, 480)), 0, `the .wasm of ${of} in base64`);
  }
  const ours = files.filter((file) => isCode(file) && file.content.includes(MARK));
  assert.ok(ours.length > 0, "no file has our code");
  for (const { path, content } of ours) {
    assert.ok(!content.includes(root), `${path} holds a path of the machine that built it`);
    // Where the program itself says where the .wasm is, that is the program's.
    assert.doesNotMatch(content, asFile ? /\bimport\s*\(/ : /\bimport\.meta\b|\bimport\s*\(/, path);
  }
}

/** The WebAssembly is in none of these. */
function assertLeftOut(files) {
  const isThere = files.find(({ content }) => [INLINED, INLINED_LISTS, ...[WASM, WASM_LISTS].map((wasm) => wasm.toString("latin1"))].some((part) => content.includes(part)));
  assert.equal(isThere?.path, undefined, "the WebAssembly is still there");
}

/** Builds and runs a row, and judges all of it: what is wrong with each of its runs, or with the whole. */
async function judge(row, name, harm) {
  const folder = layOut(name, row.files(), harm);
  const printed = row.build ? await build(folder, row.build) : "";
  const opened = await open(folder, row);
  const wrong = [];
  try {
    for (const say of opened.say) await lookUp(say).catch((error) => wrong.push(error));
    if (row.tidyPage) {
      const loaded = [];
      assert.equal(await opened.visit(row.tidyPage, {}, loaded), "passed");
      assert.ok(loaded.length > 0);
      assertLeftOut(loaded);
    }
  } finally {
    await opened.close();
  }
  if (wrong.length > 0) return wrong;
  assertQuiet(printed + opened.printed(), row.says);
  if (row.output) {
    const files = built(join(folder, row.output));
    assertClean(files, row);
    // What tells that a program is tidy has to tell that this one is not.
    assert.throws(() => assertLeftOut(files), /is still there/);
  }
  return wrong;
}

/** Builds and runs a program that has no use for the WebAssembly, and judges what is left of the package. */
async function judgeTidiness(row, name) {
  const folder = layOut(name, row.files(TIDY));
  assertQuiet(await build(folder, row.build));
  const opened = await open(folder, row);
  try {
    for (const say of opened.say) assert.equal(await say({}), "passed");
  } finally {
    await opened.close();
  }
  const files = built(join(folder, row.output));
  assertLeftOut(files);
  const bytes = files.filter(isCode).reduce((sum, { content }) => sum + content.length, 0);
  assert.ok(bytes > 0 && bytes <= row.tidy, `${bytes} bytes of code; at most ${row.tidy}`);
}

/** How many tests of each row have yet to pass. */
const left = new Map(rows.map((row) => [row, 0]));

describe("the packed package", { concurrency: 2 }, () => {
  for (const row of rows) {
    const name = `${row.bundler} ${row.what}`.toLowerCase().replace(/\W+/g, "-");
    const judged = (sentence, work) => {
      left.set(row, left.get(row) + 1);
      test(sentence, async () => {
        await work();
        left.set(row, left.get(row) - 1);
      });
    };
    describe(`${row.bundler}, ${row.what}`, { concurrency: 1 }, () => {
      judged("looks people up where it runs, and the build is quiet and clean", async () => {
        const [wrong] = await judge(row, name);
        if (wrong) throw wrong;
      });

      judged("fails by the same judge, wherever it runs, when the package is broken", async () => {
        const wrong = await judge(row, `${name}-broken`, HARM[row.harm ?? "wasm"]);
        assert.equal(wrong.length, row.runs.length);
        for (const error of wrong) assert.match(error.message, /failed: wasm_unavailable/);
      });

      if (row.tidy) judged("leaves out what a program does not use", () => judgeTidiness(row, `${name}-tidy`));
    });
  }
});

/** The table between the README's markers: a line for each bundler, of all its rows that passed. */
function table() {
  const lines = [...new Set(rows.map(({ bundler }) => bundler))].map((bundler) => {
    const own = rows.filter((row) => row.bundler === bundler && left.get(row) === 0);
    if (own.length === 0) return "";
    const [, version] = /^(0\.\d+|\d+)/.exec(manifestOf(packageOf(own[0].package)).version);
    const configure = [...new Set(own.map((row) => row.configure).filter(Boolean))];
    return `| ${bundler} ${version} | ${own.map(({ what }) => what).join(", ")} | ${configure.join("; ") || "nothing"} |\n`;
  });
  return `| bundler | built and run | to configure |\n| --- | --- | --- |\n${lines.join("")}`;
}

test("the README's table of bundlers is what passed here", () => {
  const path = join(root, "README.md");
  const [before, after] = ["<!-- bundlers -->\n", "<!-- /bundlers -->\n"];
  const readme = readFileSync(path, "utf8");
  const [from, to] = [readme.indexOf(before) + before.length, readme.indexOf(after)];
  assert.ok(from >= before.length && to >= from, "the README has the markers");
  if (process.env.WRITE === "1") writeFileSync(path, readme.slice(0, from) + table() + readme.slice(to));
  else assert.equal(readme.slice(from, to), table(), "the README says something else: `WRITE=1 cargo xtask test` writes the table anew");
});
