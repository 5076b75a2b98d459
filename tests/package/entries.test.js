// The package as others will have it: what the tarball holds, and what each entry asks of its host. Every check is a
// function of a folder, so that a broken twin can be put in its place.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { parse } from "acorn";
import { startSandbox } from "phone-enrichment/sandbox";
import { consumer, copyOfPackage, filesOf, importFrom, installed, manifestOf } from "./support/installed.js";

const run = promisify(execFile);
const JANE = { email: "jane.doe@acme.example.com" };

const STORES = ["browser-storage", "cloudflare-kv", "durable-object", "file", "indexeddb"];

/** Reviewed: what is not in it does not ship, and what is in it is there for a reason. */
const CONTENTS = [
  "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "LICENSES-THIRD-PARTY", "README.md", "package.json", "sbom.cdx.json",
  ...["csv", "enrich", "erase", "list", "lookup", "phone-enrichment", "plan", "sandbox", "service", "usage"].map((name) => `bin/${name}.js`),
  ...["client.js", "edge-light.js", "error.d.ts", "index.d.ts", "index.js", "phone_enrichment.wasm", "phone_enrichment_lists.wasm", "slim.d.ts", "slim.js", "surface.d.ts", "types.d.ts", "vectors.d.ts", "vectors.js", "workerd.js"].map((name) => `dist/${name}`),
  ...["edge-light.js", "index.d.ts", "index.js", "plan.d.ts", "workerd.js"].map((name) => `dist/lists/${name}`),
  ...STORES.flatMap((name) => [`dist/stores/${name}.d.ts`, `dist/stores/${name}.js`]),
  ...["README.md", "answers.js", "clock.js", "control.js", "cors.js", "faults.js", "index.d.ts", "index.js", "ledger.js", "people.js", "request-body.js", "request-log.js", "server.js", "tokens.js", "vendor.js"].map((name) => `sandbox/${name}`),
].sort();

function checkContents(folder) {
  assert.deepEqual(filesOf(folder), CONTENTS);
}

function checkManifest(folder) {
  const manifest = manifestOf(folder);
  for (const name of ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "scripts"]) assert.equal(manifest[name], undefined, name);
  assert.equal(manifest.type, "module");
  assert.equal(manifest.license, "MIT OR Apache-2.0");
  assert.deepEqual(manifest.bin, { "phone-enrichment": "bin/phone-enrichment.js" });
}

/** Who imports the .wasm, in the words that its tools compile it for beforehand. */
const WASM_OF = { "workerd.js": "./phone_enrichment.wasm", "edge-light.js": "./phone_enrichment.wasm?module" };

/** All files that a runtime loads for an entry. */
function loadedBy(folder, entry) {
  const seen = new Map();
  const follow = (file) => {
    if (seen.has(file)) return;
    const text = readFileSync(join(folder, "dist", file), "utf8");
    seen.set(file, text);
    for (const [, specifier] of text.matchAll(/\b(?:from|import)\s*"([^"]+)"/g)) {
      assert.match(specifier, /^\.\/[\w.-]+(\?module)?$/, `${file} imports something from elsewhere`);
      if (specifier.endsWith(".js")) follow(specifier.slice(2));
      else assert.equal(specifier, WASM_OF[file], `${file} may not import the .wasm so`);
    }
  };
  follow(entry);
  return seen;
}

/** What some host does not have or refuses, by the names that it has anywhere: of a variable, of a property, in a text. */
const NAMES = {
  XMLHttpRequest: "XMLHttpRequest", importScripts: "importScripts", require: "require", eval: "eval", Function: "eval",
  getBuiltinModule: "a module of Node", process: "process", Buffer: "Buffer", atob: "atob", Module: "synchronous compilation", Instance: "synchronous compilation",
};
const MODULES_OF_NODE = /^(?:node:.*|(?:fs|path|url|buffer|crypto|os|module)(?:\/\w+)?)$/;

/** What a module asks of its host that not every host has; judged by what its syntax means, whatever it looks like. */
function asksFor(text) {
  const found = new Set();
  const isText = (node) => (node?.type === "Literal" && typeof node.value === "string") || node?.type === "TemplateLiteral";
  const names = (name) => Object.hasOwn(NAMES, name) && found.add(NAMES[name]);
  const says = (text) => {
    names(text);
    if (MODULES_OF_NODE.test(text)) found.add("a module of Node");
  };
  const walk = (node, inFunction) => {
    if (Array.isArray(node)) return node.forEach((one) => walk(one, inFunction));
    if (typeof node?.type !== "string") return;
    const { type } = node;
    if ((type === "AwaitExpression" || (type === "ForOfStatement" && node.await)) && !inFunction) found.add("a top-level await");
    if (type === "ImportExpression") found.add("a dynamic import");
    if (type === "MetaProperty" && node.meta.name === "import") found.add("import.meta");
    if (type === "Identifier") names(node.name);
    if (type === "Literal") says(String(node.value));
    if (type === "TemplateElement") says(node.value.cooked);
    // A function's constructor makes functions of texts, and so does a timer.
    if (type === "MemberExpression" && (node.property.name ?? node.property.value) === "constructor") found.add("eval");
    if (type === "CallExpression" && /^set(?:Timeout|Interval)$/.test(node.callee.name ?? node.callee.property?.name) && isText(node.arguments[0])) found.add("eval");
    const deeper = inFunction || /Function/.test(type);
    for (const [key, value] of Object.entries(node)) if (key !== "type" && typeof value === "object") walk(value, deeper);
  };
  walk(parse(text, { ecmaVersion: "latest", sourceType: "module" }), false);
  return found;
}

/** A store is a file that stands alone; only that of files may ask Node for anything. */
function checkStores(folder) {
  for (const name of STORES) {
    const text = readFileSync(join(folder, `dist/stores/${name}.js`), "utf8");
    const imports = [...text.matchAll(/\b(?:from|import)\s*"([^"]+)"/g)].map(([, specifier]) => specifier);
    const strangers = imports.filter((specifier) => name !== "file" || !specifier.startsWith("node:"));
    assert.deepEqual(strangers, [], `${name} imports something`);
    const found = [...asksFor(text)].filter((what) => name !== "file" || !["a module of Node", "process"].includes(what));
    assert.ok(found.length === 0, `${name} has ${found.join(", ")}`);
  }
}

function checkEntries(folder) {
  for (const entry of ["index.js", "slim.js", "workerd.js", "edge-light.js"]) {
    for (const [file, text] of loadedBy(folder, entry)) {
      const found = [...asksFor(text)];
      assert.ok(found.length === 0, `${file} has ${found.join(", ")}`);
    }
  }
}

/** Starts the default entry and notes what it gives to WebAssembly. */
async function inlinedWasm(folder) {
  const program = `
    let seen;
    const real = WebAssembly.instantiate;
    WebAssembly.instantiate = (source, imports) => { if (ArrayBuffer.isView(source)) seen = source; return real(source, imports); };
    const { checkRequest } = await import(${JSON.stringify(pathToFileURL(join(folder, "dist/index.js")).href)});
    await checkRequest({});
    process.stdout.write(Buffer.from(seen));
  `;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { encoding: "buffer", maxBuffer: 1e8 });
  return stdout;
}

async function checkWasm(folder) {
  const file = readFileSync(join(folder, "dist/phone_enrichment.wasm"));
  assert.ok(file.equals(await inlinedWasm(folder)), "the WebAssembly in the default entry is not that of the file");
  await WebAssembly.compile(file);
  const { createClient } = await importFrom(join(folder, "dist/index.js"), `?${Math.random()}`);
  await assert.rejects(createClient({ token: "t" }).enrichPhone({}), { code: "invalid_request" });
}

describe("the tarball", { timeout: 30_000 }, () => {
  test("holds what was reviewed, and nothing else", () => checkContents(installed));
  test("has no dependency, no script and the right licence", () => checkManifest(installed));
  test("has entries that ask nothing of their host", () => checkEntries(installed));
  test("has stores that stand alone", () => checkStores(installed));
  test("holds the same WebAssembly twice, as a file and in the default entry", () => checkWasm(installed));

  test("keeps everything else to itself", async () => {
    for (const inner of ["dist/client.js", "dist/index.js", "bin/phone-enrichment.js", "sandbox/server.js"]) await assert.rejects(import(`phone-enrichment/${inner}`), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
  });

  test("exports the same names from every entry but the slim one, and no more than reviewed", async () => {
    const api = await import("phone-enrichment");
    assert.deepEqual(Object.keys(api).sort(), ["EnrichmentError", "checkRequest", "createClient", "enrichPhone", "isEnrichmentError"]);
    assert.deepEqual(Object.keys(await import("phone-enrichment/slim")).sort(), ["EnrichmentError", "isEnrichmentError", "withWasm"]);
    const names = (file) => /export\s*\{([^}]*)\}/.exec(readFileSync(join(installed, file), "utf8"))[1].split(",").map((pair) => pair.split(" as ").at(-1).trim()).sort();
    for (const entry of ["workerd", "edge-light"]) assert.deepEqual(names(`dist/${entry}.js`), names("dist/index.js"));
  });

  test("is loaded by require() where Node can, having no top-level await", async () => {
    const program = `const { enrichPhone } = require("phone-enrichment"); enrichPhone({}, { token: "t" }).catch((error) => console.log(error.code));`;
    const { stdout } = await run(process.execPath, ["--no-warnings", "--eval", program], { cwd: consumer });
    assert.equal(stdout.trim(), "invalid_request");
  });

  test("does nothing when it is imported", async () => {
    const program = `
      for (const name of ["fetch", "WebAssembly", "setTimeout", "document", "location"]) Object.defineProperty(globalThis, name, { get() { console.log(name); return undefined; }, configurable: true });
      await import("phone-enrichment");
      console.log("imported");
      process.exit(0);
    `;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { cwd: consumer });
    assert.equal(stdout.trim(), "imported");
  });
});

describe("the slim entry", { timeout: 30_000 }, () => {
  const bytes = readFileSync(join(installed, "dist/phone_enrichment.wasm"));
  const asResponse = (init) => new Response(bytes, { headers: { "content-type": "application/wasm" }, ...init });
  const sources = {
    "a Module": () => WebAssembly.compile(bytes).then((module) => [() => module]),
    "bytes": () => [() => bytes],
    "an ArrayBuffer": () => [() => new Uint8Array(bytes).buffer],
    "a Response": () => [() => asResponse()],
    "a Promise of a Module": () => [() => WebAssembly.compile(bytes)],
    "a Promise of bytes": () => [async () => bytes],
    "a Promise of a Response": () => [async () => asResponse()],
  };
  for (const [name, make] of Object.entries(sources)) {
    test(`starts from ${name}, once, and at the first use`, async (t) => {
      const { withWasm } = await importFrom(join(copyOfPackage(t).folder, "dist/slim.js"));
      const [source] = await make();
      let asked = 0;
      const surface = withWasm(() => (asked++, source()));
      const client = surface.createClient({ token: "t", fetch: async () => new Response('{"status":"not_found"}') });
      assert.equal(asked, 0);
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => client.enrichPhone(JANE)));
      assert.deepEqual(outcomes.map(({ status }) => status), Array(5).fill("not_found"));
      assert.equal((await surface.checkRequest(JANE)).ok, true);
      await assert.rejects(surface.enrichPhone({}, { token: "t" }), { code: "invalid_request" });
      assert.equal(asked, 1);
    });
  }

  test("starts from a URL", async (t) => {
    const server = createServer((_, response) => response.writeHead(200, { "content-type": "application/wasm" }).end(bytes)).listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => (server.closeAllConnections(), server.close()));
    const { withWasm } = await importFrom(join(copyOfPackage(t).folder, "dist/slim.js"));
    assert.equal((await withWasm(() => new URL(`http://127.0.0.1:${server.address().port}/x.wasm`)).checkRequest(JANE)).ok, true);
  });

  const broken = {
    "a source that throws": () => { throw new Error("no file"); },
    "a source that rejects with a text": () => Promise.reject("no network"),
    "a source that rejects with undefined": () => Promise.reject(undefined),
    "nothing": () => undefined,
    "null": () => null,
    "a text that is no address": () => "wasm",
    "no WebAssembly": () => new Uint8Array([1, 2, 3]),
    "a cut file": () => bytes.subarray(0, 1000),
    "a page of HTML": () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    "a 404": () => new Response("", { status: 404 }),
    // It wants a function "y" of a module "x".
    "the module of something else": async () => WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 120, 1, 121, 0, 0)),
  };
  for (const [name, source] of Object.entries(broken)) {
    test(`with ${name} says wasm_unavailable, free, and tries again with the next call`, async (t) => {
      const { withWasm, isEnrichmentError } = await importFrom(join(copyOfPackage(t).folder, "dist/slim.js"));
      let left = 2;
      let asked = 0;
      const { createClient, checkRequest } = withWasm(() => (asked++, left-- > 0 ? source() : bytes));
      const client = createClient({ token: "t", fetch: async () => new Response('{"status":"not_found"}') });
      for (const call of [() => client.enrichPhone(JANE), () => checkRequest(JANE)]) {
        const error = await call().then(() => assert.fail("it started"), (thrown) => thrown);
        assert.ok(isEnrichmentError(error), String(error?.stack ?? error));
        assert.deepEqual([error.code, error.charge, error.lookupId], ["wasm_unavailable", "none", ""]);
      }
      assert.equal((await client.enrichPhone(JANE)).status, "not_found");
      assert.equal(asked, 3);
    });
  }

  test("that can't start tells all who wait for it, and the hook too", async (t) => {
    const { withWasm } = await importFrom(join(copyOfPackage(t).folder, "dist/slim.js"));
    const heard = [];
    const client = withWasm(() => Promise.reject(new Error("no network"))).createClient({ token: "t", onOutcome: ({ code }) => heard.push(code) });
    const calls = await Promise.allSettled([client.enrichPhone(JANE), client.enrichPhone(JANE), client.enrichPhone(JANE)]);
    assert.deepEqual(calls.map(({ reason }) => [reason.code, reason.cause.message]), Array(3).fill(["wasm_unavailable", "no network"]));
    assert.deepEqual(heard, Array(3).fill("wasm_unavailable"));
  });

  test("shares the errors of the default entry", async () => {
    const [all, slim] = await Promise.all([import("phone-enrichment"), import("phone-enrichment/slim")]);
    assert.equal(all.EnrichmentError, slim.EnrichmentError);
  });
});

describe("the sandbox of the tarball", { timeout: 30_000 }, () => {
  test("starts from its subpath, and the client of the tarball is content with it", async (t) => {
    const { enrichPhone } = await import("phone-enrichment");
    const sandbox = await startSandbox();
    t.after(() => sandbox.close());
    assert.equal((await enrichPhone(JANE, { baseUrl: sandbox.url, token: sandbox.token })).status, "success");
    assert.equal(sandbox.wallet().spent, 5);
  });

  test("starts as a command, by npx", async (t) => {
    const { enrichPhone } = await import("phone-enrichment");
    const child = spawn("npx", ["--no-install", "phone-enrichment", "sandbox", "--json", "--token", "a-token-of-its-own", "--credits", "7"], { cwd: consumer, stdio: ["ignore", "pipe", "pipe"], detached: true, env: { ...process.env, npm_config_update_notifier: "false" } });
    // npx, a shell and Node: they end together.
    const end = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {}
    };
    t.after(() => end("SIGKILL"));
    const ended = once(child, "close");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { url, token, port, control } = JSON.parse((await lines.next()).value);
    assert.equal(token, "a-token-of-its-own");
    assert.equal(control, `http://127.0.0.1:${port}/__sandbox/`);
    assert.equal((await enrichPhone(JANE, { baseUrl: url, token })).remaining_credits, 2);
    // Somebody else: Jane is kept.
    await assert.rejects(enrichPhone({ email: "john.doe@acme.com" }, { baseUrl: url, token }), { code: "insufficient_credits" });
    end("SIGTERM");
    assert.deepEqual(JSON.parse((await lines.next()).value), { spent: 5, charges: 1, double_charges: 0, credits: 2 });
    await ended;
  });
});

describe("a broken twin of the package", { timeout: 30_000 }, () => {
  const goesRed = (name, check, tamper, pattern = /./) =>
    test(`${name} is noticed`, async (t) => {
      const copy = copyOfPackage(t);
      await check(copy.folder);
      tamper(copy);
      await assert.rejects(async () => check(copy.folder), pattern);
    });
  const changed = (change) => (copy) => {
    const manifest = JSON.parse(copy.read("package.json"));
    change(manifest);
    copy.write("package.json", JSON.stringify(manifest));
  };

  goesRed("with one file more", checkContents, (copy) => copy.write("dist/secrets.env", "TOKEN=x"), /secrets/);
  goesRed("with one file less", checkContents, (copy) => copy.remove("LICENSE-MIT"), /LICENSE-MIT/);
  goesRed("with a dependency", checkManifest, changed((manifest) => (manifest.dependencies = { "left-pad": "1" })), /dependencies/);
  goesRed("with a script that runs when it is installed", checkManifest, changed((manifest) => (manifest.scripts = { postinstall: "x" })), /scripts/);
  for (const [what, codes] of Object.entries({
    "import.meta": ["var u=new URL('x.wasm',import.meta.url);", "var u=import/**/.meta;"],
    "a dynamic import": ["var u=()=>import('./x.js');", "var u=()=>import/**/(`./x.js`);"],
    "a top-level await": ["await 0;", "for await(var u of[]);", "{if(0)await 0}"],
    "XMLHttpRequest": ["var u=()=>new XMLHttpRequest;", "var u=globalThis['XMLHttpRequest'];", "var{XMLHttpRequest:u}=globalThis;"],
    "a module of Node": ["var u=globalThis.process?.getBuiltinModule?.('node:fs');", "var u=globalThis?.load?.(`fs`);"],
    "eval": ["var u=()=>(0,eval)('1');", "var u=()=>new Function('return 1');", "var u=()=>(()=>{}).constructor('return 1');", "var u=()=>setTimeout('1');", "var{eval:u}=globalThis;"],
    "synchronous compilation": ["var u=(bytes)=>new WebAssembly.Module(bytes);", "var u=(bytes)=>{let{Module:M}=WebAssembly;new M(bytes)};"],
    "process": ["var u=globalThis.process;"],
  })) for (const code of codes) goesRed(`whose entry has ${what} as ${code}`, checkEntries, (copy) => copy.write("dist/client.js", copy.read("dist/client.js") + code), new RegExp(`has (?:.*, )?${what.replace(".", "\\.")}`));

  test("is none where a text only speaks of such things", () => {
    assert.deepEqual(asksFor("export const a='import.meta and import(x) and eval(1) and new XMLHttpRequest, await';/* eval(1) */async function f(){await 0;for await(let x of[]);}"), new Set());
  });
  goesRed("whose entry for the edge asks for no module", checkEntries, (copy) => copy.replace("dist/edge-light.js", "?module", ""), /edge-light\.js may not import/);
  goesRed("whose store imports the client", checkStores, (copy) => copy.write("dist/stores/indexeddb.js", `import "../client.js";${copy.read("dist/stores/indexeddb.js")}`), /indexeddb imports/);
  goesRed("whose store asks Node for something", checkStores, (copy) => copy.write("dist/stores/cloudflare-kv.js", `var u=globalThis.process?.getBuiltinModule?.('node:fs');${copy.read("dist/stores/cloudflare-kv.js")}`), /cloudflare-kv has .*a module of Node/);
  goesRed("whose .wasm has one byte turned", checkWasm, (copy) => {
    const wasm = copy.read("dist/phone_enrichment.wasm");
    wasm[wasm.length >> 1] ^= 1;
    copy.write("dist/phone_enrichment.wasm", wasm);
  }, /not that of the file/);
  goesRed("whose inlined WebAssembly has one character turned", checkWasm, (copy) => {
    const text = copy.read("dist/index.js").toString();
    const [, long] = /"([^"]{20000,})"/.exec(text);
    const at = text.indexOf(long) + (long.length >> 1);
    copy.write("dist/index.js", text.slice(0, at) + (text[at] === "a" ? "b" : "a") + text.slice(at + 1));
  });
});
