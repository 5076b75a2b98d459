// The rows of the table: each runtime, how a program imports the package there, and how to run that program. No bundler
// anywhere, but where the runtime has one of its own.
//
// A row's `run` takes a project (a folder with the package where npm puts it) and the service, and gives what the program
// said, to the letter. Its twins are the same row with one harm done that only this way of running would notice.
import { execFile } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";
import { address, runExtension, runPage, versionOf, WITHOUT_WASM } from "./browsers.js";
import { resolveExport } from "../package/support/installed.js";
import { startMiniflare, workerModules } from "../package/support/runtimes.js";

const programs = fileURLToPath(new URL("programs/", import.meta.url));
/** The packages of this folder, and those that all tests share. */
const ours = fileURLToPath(new URL("node_modules/", import.meta.url));
const theirs = fileURLToPath(new URL("../node_modules/", import.meta.url));
/** How long a program may take until it has said something. */
const LIMIT = 60_000;

/** Puts the programs beside the installed package, as their author would. */
function write(project) {
  cpSync(programs, project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module", dependencies: { "phone-enrichment": "*" } }));
}

/** Runs a program to its end: its exit code and the line that it printed have to agree. */
function runProgram(project, file, args, env = {}) {
  write(project);
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd: project, timeout: LIMIT, env: { PATH: process.env.PATH, HOME: project, ...env } }, (error, stdout, stderr) => {
      const said = stdout.trim();
      if (!said) reject(new Error(`the program said nothing: ${stderr || error}`));
      else if (said.startsWith("passed") !== (error === null)) reject(new Error(`the program said ${JSON.stringify(said)}, and ended with ${error?.code ?? 0}`));
      else resolve(said);
    });
  });
}

/** Changes the manifest. */
const manifest = (change) => (copy) => {
  const changed = JSON.parse(copy.read("package.json"));
  change(changed);
  copy.write("package.json", JSON.stringify(changed));
};

/** The harms. Each takes a copy of the package. */
const harms = {
  /** Half of the WebAssembly, wherever it is. */
  cutWasm(copy) {
    const wasm = copy.read("dist/phone_enrichment.wasm");
    copy.write("dist/phone_enrichment.wasm", wasm.subarray(0, wasm.length >> 1));
    const text = copy.read("dist/index.js").toString();
    const [, inlined] = /"([^"]{20000,})"/.exec(text);
    copy.write("dist/index.js", text.replace(inlined, () => inlined.slice(0, inlined.length >> 1)));
  },
  /** The same of what plans lists. */
  cutLists(copy) {
    const text = copy.read("dist/lists/index.js").toString();
    const [, inlined] = /"([^"]{20000,})"/.exec(text);
    copy.write("dist/lists/index.js", text.replace(inlined, () => inlined.slice(0, inlined.length >> 1)));
  },
  append: (code, file = "dist/index.js") => (copy) => copy.write(file, `${copy.read(file)}\n${code}`),
};

/** What is there is too new for the runtime; `code` is what the next one brought. */
const NODE = [
  { major: 18, newer: "an entry that uses what Node 20 brought", code: "[].toSorted();", says: /toSorted is not a function/ },
  { major: 20, newer: "an entry that uses what Node 22 brought", code: "Promise.withResolvers();", says: /withResolvers is not a function/ },
  { major: 22, newer: "an entry that uses what Node 24 brought", code: "RegExp.escape(``);", says: /RegExp\.escape is not a function/ },
  { major: 24, newer: "an entry that uses what Node 26 brought", code: "new Map().getOrInsert(1, 1);", says: /getOrInsert is not a function/ },
  { major: 26, newer: "an entry that requires", code: `require("node:fs");`, says: /ReferenceError/ },
];
export const nodeOf = (major) => join(ours, `node${major}/bin/node`);
const runNode = (major, program) => (project, { baseUrl, token }) => runProgram(project, nodeOf(major), ["--no-warnings", program, baseUrl, token]);

const node = NODE.map(({ major, newer, code, says }) => ({
  name: `Node ${major}`,
  runtime: "Node",
  imports: "`import`",
  version: (said) => new RegExp(`^passed in Node (${major})\\.`).exec(said)?.[1],
  proved: "as it is, without a flag",
  run: runNode(major, "module.js"),
  twins: { "half of the WebAssembly": [harms.cutWasm, /wasm_unavailable/], "half of that of lists": [harms.cutLists, /wasm_unavailable/], [newer]: [harms.append(code), says] },
}));

// Node 18 can't require an ES module.
const required = node.slice(1).map(({ name, version }, index) => ({
  name,
  runtime: "Node",
  imports: "`require()`",
  version,
  proved: "the same ES module, from CommonJS: Node 20.19, 22.12 and newer can",
  run: runNode(NODE[index + 1].major, "required.cjs"),
  twins: { "an entry that awaits at its top": [harms.append("await 0;"), /ERR_REQUIRE_ASYNC_MODULE/] },
}));

// Neither fetches anything that is not installed.
export const deno = {
  file: join(theirs, "deno", process.platform === "win32" ? "deno.exe" : "deno"),
  args: ["run", "--no-prompt", "--no-lock", "--no-remote", "--cached-only", "--node-modules-dir=manual"],
  env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
};
export const bun = { file: join(theirs, "bun/bin/bun.exe"), args: ["run", "--no-install"], env: { DO_NOT_TRACK: "1" } };

const runDeno = (program) => (project, { baseUrl, token }) =>
  // No right but to read what is installed and to talk to the service.
  runProgram(project, deno.file, [...deno.args, `--allow-read=${project}`, `--allow-net=${new URL(baseUrl).host}`, program, baseUrl, token], deno.env);
const runBun = (program) => (project, { baseUrl, token }) => runProgram(project, bun.file, [...bun.args, program, baseUrl, token], bun.env);

/** Without a word of its own for them, Deno and Bun get what is safe everywhere, and not what imports the .wasm. */
const workersByDefault = manifest(({ exports }) => (exports["."].default = exports["."].workerd));

const others = [
  {
    name: "Deno",
    runtime: "Deno",
    imports: "`import`",
    version: (said) => /^passed in Deno (\d+)\./.exec(said)?.[1],
    proved: "with no right but to read its own files and to reach the service",
    run: runDeno("module.js"),
    twins: {
      "an entry that imports the .wasm": [workersByDefault, /phone_enrichment\.wasm/],
      "an entry that looks at the environment": [harms.append("Deno.env.get(`HOME`);"), /NotCapable/],
    },
  },
  {
    name: "Bun",
    runtime: "Bun",
    imports: "`import`",
    version: (said) => /^passed in Bun (\d+)\./.exec(said)?.[1],
    proved: "as it is",
    run: runBun("module.js"),
    twins: { "an entry that imports the .wasm": [workersByDefault, /wasm_unavailable/] },
  },
];

/** The `./slim` entry in a program that has the WebAssembly as bytes, or by its address. */
const slim = [
  { ...node[0], run: runNode(18, "slim.js"), proved: "the WebAssembly as the bytes of its file" },
  { ...others[0], run: runDeno("slim-by-address.js"), proved: "the WebAssembly by the address of its file" },
  { ...others[1], run: runBun("slim-by-address.js"), proved: "the WebAssembly by the address of its file" },
].map((row) => ({
  ...row,
  imports: "`import` of `./slim`",
  twins: {
    "half of the WebAssembly": [harms.cutWasm, /wasm_unavailable/],
    "a .wasm that is not exported": [manifest(({ exports }) => delete exports["./phone_enrichment.wasm"]), /phone_enrichment\.wasm|wasm_unavailable/],
  },
}));

const versionIn = (modules, name) => JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version.split(".")[0];

async function runWorkerd(project, { baseUrl, token }) {
  write(project);
  const folder = join(project, "node_modules/phone-enrichment");
  const lists = `./package/${relative(folder, resolveExport(folder, "./lists", ["workerd", "import"]))}`;
  const program = (entry) => readFileSync(join(project, "worker.js"), "utf8").replace(`"phone-enrichment"`, JSON.stringify(entry)).replace(`"phone-enrichment/lists"`, JSON.stringify(lists));
  const modules = workerModules(folder, program);
  const miniflare = startMiniflare([...modules, { type: "ESModule", path: "lookups.js", contents: readFileSync(join(project, "lookups.js"), "utf8") }], { bindings: { BASE_URL: baseUrl, TOKEN: token } });
  try {
    return await (await miniflare.dispatchFetch("http://worker/")).text();
  } finally {
    await miniflare.dispose();
  }
}

/**
 * As Vercel builds an edge function, and Next what runs on the edge: what is imported as `.wasm?module` is compiled beforehand
 * and handed in as a global. Nothing else can be: there, bytes are not compiled.
 */
async function runEdge(project, { baseUrl, token }) {
  write(project);
  const compiled = {};
  const wasmModules = {
    name: "wasm modules",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path.replace("?module", "")), namespace: "module" }));
      onLoad({ filter: /.*/, namespace: "module" }, async ({ path }) => {
        const name = basename(path, ".wasm");
        compiled[name] = await WebAssembly.compile(readFileSync(path));
        return { contents: `export default globalThis.${name};` };
      });
    },
  };
  const { outputFiles } = await build({ entryPoints: [join(project, "edge.js")], bundle: true, write: false, format: "cjs", platform: "browser", target: "es2022", conditions: ["edge-light"], plugins: [wasmModules], logLevel: "silent" });
  const runtime = new EdgeRuntime({
    initialCode: `${outputFiles[0].text}\naddEventListener("fetch", (event) => event.respondWith(module.exports.default(event.request)));`,
    extend: (context) => Object.assign(context, { module: {}, ...compiled }),
    codeGeneration: { strings: false, wasm: false },
  });
  const reply = await runtime.dispatchFetch(`https://edge.example/?${new URLSearchParams({ service: baseUrl, token })}`);
  return reply.text();
}

const edges = [
  {
    name: "workerd",
    runtime: "Cloudflare Workers (workerd)",
    imports: "`import`, through the `workerd` condition",
    version: (said) => said === "passed in Cloudflare-Workers" && versionIn(theirs, "workerd"),
    proved: "the `.wasm` imported as a module, where bytes are never compiled",
    run: runWorkerd,
    twins: {
      "a package without the key for Workers": [manifest(({ exports }) => delete exports["."].workerd), /wasm_unavailable/],
      "lists without the key for Workers": [manifest(({ exports }) => delete exports["./lists"].workerd), /wasm_unavailable/],
    },
  },
  {
    name: "Vercel's edge",
    runtime: "Vercel edge (edge-runtime)",
    imports: "`import`, through the `edge-light` condition",
    version: (said) => said === "passed in edge-runtime" && versionIn(ours, "edge-runtime"),
    proved: "the `.wasm?module` compiled by the build, as Vercel's and Next's do, where bytes are never compiled",
    run: runEdge,
    twins: {
      "a package without the key for the edge": [manifest(({ exports }) => delete exports["."]["edge-light"]), /wasm_unavailable/],
      "lists without the key for the edge": [manifest(({ exports }) => delete exports["./lists"]["edge-light"]), /wasm_unavailable/],
      "an edge that gets the entry of Workers": [manifest(({ exports }) => (exports["."]["edge-light"] = exports["."].workerd)), /No loader is configured for "\.wasm"/],
      "half of the WebAssembly": [harms.cutWasm, /WebAssembly\.compile\(\)/],
    },
  },
];

/** No import map reaches a worker or an extension: there, a name is the path of the file that it means. */
function writeByPath(project, file) {
  write(project);
  const text = readFileSync(join(project, file), "utf8");
  writeFileSync(join(project, file), text.replace(`"phone-enrichment"`, JSON.stringify(address(project, "."))).replace(`"phone-enrichment/lists"`, JSON.stringify(address(project, "./lists"))));
}

/** What a browser calls itself to pages; of WebKit no number there is true. */
const BROWSERS = { Chromium: / HeadlessChrome\/\d/, Firefox: / Firefox\/\d/, WebKit: / Version\/\S+ Safari/ };
const withoutWasm = [() => ({ scripts: WITHOUT_WASM }), /wasm_unavailable/];
const atOnce = [harms.cutWasm, /wasm_unavailable/];
const ofLists = [harms.cutLists, /wasm_unavailable/];

const pages = Object.entries(BROWSERS).flatMap(([name, pattern]) => {
  const row = { name, runtime: name, version: (said) => pattern.test(said) && versionOf(name), newest: true };
  return [
    {
      ...row,
      imports: "`<script type=module>` and an import map",
      proved: "the files as they are, under `script-src 'self' 'wasm-unsafe-eval'`",
      run: (project, { scripts, ...service }) => (write(project), runPage(name, project, "page", service, scripts)),
      twins: { "half of the WebAssembly": atOnce, "half of that of lists": ofLists, "a policy that allows no WebAssembly": withoutWasm },
    },
    {
      ...row,
      imports: "`./slim`, with the `Response` of a `fetch`",
      proved: "the same, with the `.wasm` as a file of its own",
      run: (project, { scripts, ...service }) => (write(project), runPage(name, project, "slim-page", service, scripts)),
      twins: { "half of the WebAssembly": atOnce, "half of that of lists": ofLists, "a policy that allows no WebAssembly": withoutWasm },
    },
    {
      ...row,
      imports: "a module web worker, by path",
      proved: "the same, without a document",
      run: (project, { scripts, ...service }) => (writeByPath(project, "web-worker.js"), runPage(name, project, "worker-page", service, scripts)),
      twins: { "a policy that allows no WebAssembly": withoutWasm, "an entry that needs a document": [harms.append("document.title;"), /document/] },
    },
    // Firefox has none yet.
    ...(name === "Firefox" ? [] : [{
      ...row,
      imports: "a module service worker, by path",
      proved: "the same, where nothing may wait at the top",
      run: (project, { scripts, ...service }) => (writeByPath(project, "service-worker.js"), runPage(name, project, "service-page", service, scripts)),
      twins: {
        "a policy that allows no WebAssembly": withoutWasm,
        // WebKit lets it wait, against the standard.
        ...(name === "Chromium" ? { "an entry that awaits at its top": [harms.append("await 0;"), /ServiceWorker cannot be started/] } : { "an entry that needs a document": [harms.append("document.title;"), /failed: /] }),
      },
    }]),
  ];
});

const extensions = ["Chromium", "Firefox"].map((name) => ({
  name: `an extension in ${name}`,
  runtime: name,
  imports: `the ${name === "Chromium" ? "service worker" : "background"} of an MV3 extension, by path`,
  version: (said) => BROWSERS[name].test(said) && versionOf(name),
  newest: true,
  proved: "the same policy in the manifest",
  run: (project, { scripts, ...service }) => (writeByPath(project, "background.js"), runExtension(name, project, service, scripts)),
  twins: { "half of the WebAssembly": atOnce, "half of that of lists": ofLists, "a policy that allows no WebAssembly": withoutWasm },
}));

const all = [...node, ...required, ...others, ...slim, ...edges, ...pages, ...extensions];
/** All that one runtime does, after one another. */
export const rows = [...new Set(all.map(({ runtime }) => runtime))].flatMap((runtime) => all.filter((row) => row.runtime === runtime));
