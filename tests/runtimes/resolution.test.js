// Which file each tool finds behind each name of the package: by the conditions that it asks with, and, of the tools that are
// here, by asking them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import { copyOfPackage, installed, manifestOf, resolveExport } from "../package/support/installed.js";
import { bun, deno, nodeOf } from "./rows.js";

const run = promisify(execFile);

const STORES = ["browser-storage", "cloudflare-kv", "durable-object", "file", "indexeddb"].map((name) => `stores/${name}`);
/** What code finds, and what a compiler finds: everywhere the same, but for what carries WebAssembly. */
const FILES = {
  "./slim": "dist/slim.js",
  ...Object.fromEntries(STORES.map((name) => [`./${name}`, `dist/${name}.js`])),
  "./sandbox": "sandbox/index.js",
  "./vectors": "dist/vectors.js",
  "./phone_enrichment.wasm": "dist/phone_enrichment.wasm",
  "./package.json": "package.json",
};
const TYPES = Object.fromEntries(Object.entries(FILES).map(([subpath, file]) => [subpath, file.replace(/\.js$/, ".d.ts")]));

const [INLINED, WORKERS, EDGE] = ["index", "workerd", "edge-light"].map((name) => ({ ".": `dist/${name}.js`, "./lists": `dist/lists/${name}.js`, ...FILES }));
const DECLARED = { ".": "dist/index.d.ts", "./lists": "dist/lists/index.d.ts", ...TYPES };

// Each tool, the conditions that it asks with besides `default`, and what it has to find.
const TOOLS = [
  ["Node, import", ["node", "import", "module-sync", "node-addons"], INLINED],
  ["Node, require", ["node", "require", "module-sync", "node-addons"], INLINED],
  ["Deno", ["deno", "node", "import", "module-sync"], INLINED],
  ["Bun, import", ["bun", "node", "import", "module"], INLINED],
  ["Bun, require", ["bun", "node", "require"], INLINED],
  ["Bun's bundler for browsers", ["browser", "import", "module"], INLINED],
  // A browser's entry must not win inside a Worker.
  ["Wrangler", ["workerd", "worker", "browser", "import"], WORKERS],
  ["Cloudflare's plugin for Vite", ["workerd", "worker", "module", "browser", "production", "import"], WORKERS],
  ["Vite, for pages", ["module", "browser", "production", "import"], INLINED],
  ["Vite, for pages in development", ["module", "browser", "development", "import"], INLINED],
  ["Vite, for servers", ["module", "node", "production", "import"], INLINED],
  ["webpack and Rspack, for pages", ["webpack", "production", "browser", "module", "import"], INLINED],
  ["webpack and Rspack, for web workers", ["webpack", "production", "browser", "worker", "module", "import"], INLINED],
  ["webpack and Rspack, for Node", ["webpack", "production", "node", "module", "import"], INLINED],
  ["webpack and Rspack, by require", ["webpack", "production", "browser", "module", "require"], INLINED],
  ["Rollup", ["module", "import", "production"], INLINED],
  ["Rollup, for browsers", ["module", "import", "production", "browser"], INLINED],
  ["esbuild, for browsers", ["module", "browser", "import"], INLINED],
  ["esbuild, for Node", ["module", "node", "import"], INLINED],
  ["esbuild, neutral", ["import"], INLINED],
  ["Parcel, for browsers", ["browser", "module", "import", "production"], INLINED],
  ["Parcel, for Node", ["node", "module", "import", "production"], INLINED],
  ["Next, for pages", ["browser", "module", "import", "production"], INLINED],
  ["Next, on the server", ["node", "module", "import", "production"], INLINED],
  ["Next, server components", ["react-server", "node", "module", "import", "production"], INLINED],
  ["Next, on the edge", ["edge-light", "worker", "browser", "module", "import", "production"], EDGE],
  ["Next, server components on the edge", ["react-server", "edge-light", "worker", "browser", "module", "import"], EDGE],
  ["Jest with jsdom", ["browser", "require"], INLINED],
  ["Metro", ["react-native", "import"], INLINED],
  ["a tool that knows no conditions", [], INLINED],
  ["TypeScript, bundler", ["types", "import"], DECLARED],
  ["TypeScript, nodenext, import", ["types", "node", "import"], DECLARED],
  ["TypeScript, nodenext, require", ["types", "node", "require"], DECLARED],
  ["TypeScript, as Wrangler asks", ["types", "workerd", "worker", "browser", "import"], DECLARED],
  ["TypeScript, in Deno", ["types", "deno", "node", "import"], DECLARED],
];

/** One line for each name that the package does not give this tool as it should. */
function mistakes(folder, [tool, conditions, files]) {
  const found = (subpath) => {
    try {
      return resolveExport(folder, subpath, conditions).slice(join(folder, "/").length);
    } catch (error) {
      return error.message;
    }
  };
  return Object.entries(files).flatMap(([subpath, file]) => (found(subpath) === file && existsSync(join(folder, file)) ? [] : [`${tool} finds ${found(subpath)} for ${subpath}, not ${file}`]));
}

function checkExports(folder) {
  assert.deepEqual(TOOLS.flatMap((tool) => mistakes(folder, tool)), []);
  const { exports } = manifestOf(folder);
  assert.deepEqual(Object.keys(exports).sort(), Object.keys(INLINED).sort(), "a subpath that nobody reviewed");
  for (const target of Object.values(exports)) {
    if (typeof target === "string") continue;
    const keys = Object.keys(target);
    assert.deepEqual([keys[0], keys.at(-1)], ["types", "default"], "types come first, and what is safe everywhere last");
  }
}

const specifier = (subpath) => `phone-enrichment${subpath.slice(1)}`;

/** What a runtime itself finds behind specifiers, by a program that prints it. */
const asked = (file, args, { resolve = "import.meta.resolve", name = "ask.js", env } = {}) =>
  async (project, specifiers) => {
    writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module", dependencies: { "phone-enrichment": "*" } }));
    writeFileSync(join(project, name), `console.log(JSON.stringify(${JSON.stringify(specifiers)}.map((name) => ${resolve}(name))));`);
    const { stdout } = await run(file, [...args, name], { cwd: project, env: { PATH: process.env.PATH, HOME: project, ...env } });
    return JSON.parse(stdout);
  };

/** What esbuild finds, and with it whatever is built on it. */
const bundled = (options) =>
  async (project, specifiers) => {
    let found;
    const ask = { name: "ask", setup: ({ onStart, resolve }) => onStart(async () => void (found = await Promise.all(specifiers.map((name) => resolve(name, { kind: "import-statement", resolveDir: project }))))) };
    await build({ stdin: { contents: "" }, write: false, bundle: true, plugins: [ask], ...options });
    return found.map(({ path }) => path);
  };

// The tools that are here, and what each has to find.
const REAL = {
  "Node 18": [asked(nodeOf(18), [], { name: "ask.cjs", resolve: "require.resolve" }), INLINED],
  "Node 20": [asked(nodeOf(20), []), INLINED],
  "Node 24": [asked(nodeOf(24), []), INLINED],
  "Node, by require": [asked(nodeOf(22), [], { name: "ask.cjs", resolve: "require.resolve" }), INLINED],
  "Node, under the conditions of a Worker": [asked(nodeOf(22), ["-C", "workerd", "-C", "worker", "-C", "browser"]), WORKERS],
  "Node, under those of the edge": [asked(nodeOf(22), ["-C", "edge-light"]), EDGE],
  Deno: [asked(deno.file, [...deno.args, "--allow-read=."], { env: deno.env }), INLINED],
  Bun: [asked(bun.file, bun.args, { env: bun.env }), INLINED],
  "Bun, by require": [asked(bun.file, bun.args, { env: bun.env, name: "ask.cjs", resolve: "require.resolve" }), INLINED],
  "esbuild, for browsers": [bundled({ platform: "browser" }), INLINED],
  "esbuild, for Node": [bundled({ platform: "node" }), INLINED],
  "esbuild, neutral": [bundled({ platform: "neutral" }), INLINED],
  "esbuild, as Wrangler calls it": [bundled({ platform: "browser", conditions: ["workerd", "worker", "browser"] }), WORKERS],
  "esbuild, for the edge": [bundled({ platform: "browser", conditions: ["edge-light"] }), EDGE],
};

async function checkReal(project, [ask, files]) {
  const found = await ask(project, Object.keys(files).map(specifier));
  assert.deepEqual(found.map((path) => path.split("/phone-enrichment/").at(-1)), Object.values(files));
}

describe("every tool finds the file that is meant for it", { timeout: 60_000 }, () => {
  for (const tool of TOOLS) test(`${tool[0]}, by its conditions`, () => assert.deepEqual(mistakes(installed, tool), []));
  for (const [name, real] of Object.entries(REAL)) test(`${name} itself`, (t) => checkReal(copyOfPackage(t).project, real));
  test("and no name is there that nobody reviewed", () => checkExports(installed));

  const changed = (change) => (copy) => {
    const manifest = manifestOf(copy.folder);
    change(manifest.exports);
    copy.write("package.json", JSON.stringify(manifest));
  };
  const TWINS = {
    "without the key for Workers": [changed((exports) => delete exports["."].workerd), /Wrangler finds dist\/index\.js/, "esbuild, as Wrangler calls it"],
    "without the key for the edge": [changed((exports) => delete exports["."]["edge-light"]), /Next, on the edge finds dist\/index\.js/, "esbuild, for the edge"],
    "with a browser's key before the Workers'": [changed((exports) => (exports["."] = { types: exports["."].types, browser: "./dist/index.js", ...exports["."] })), /Wrangler finds dist\/index\.js/, "esbuild, as Wrangler calls it"],
    "with its types last": [changed((exports) => (exports["."] = { default: exports["."].default, ...exports["."] })), /TypeScript, bundler finds dist\/index\.js/, "Node, under the conditions of a Worker"],
    "whose Workers' file is everybody's": [changed((exports) => (exports["."].default = exports["."].workerd)), /Vite, for pages finds dist\/workerd\.js/, "Bun"],
    "without the sandbox": [changed((exports) => delete exports["./sandbox"]), /exports no \.\/sandbox/, "Node, by require"],
    "that exports a file that is not there": [(copy) => copy.remove("dist/slim.js"), /finds dist\/slim\.js/, "esbuild, for browsers"],
    "that exports more than was reviewed": [changed((exports) => (exports["./client"] = { types: "./dist/slim.d.ts", default: "./dist/client.js" })), /nobody reviewed/],
  };
  for (const [name, [harm, pattern, real]] of Object.entries(TWINS)) {
    test(`a broken twin ${name} is noticed`, async (t) => {
      const copy = copyOfPackage(t);
      harm(copy);
      assert.throws(() => checkExports(copy.folder), pattern);
      if (real) await assert.rejects(async () => checkReal(copy.project, REAL[real]));
    });
  }
});
