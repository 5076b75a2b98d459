// Bundles the package's entries from src/ to dist/. `node build.mjs [folder] [folder of lists]`, where the folders hold what
// wasm-bindgen made (those below ../target when not given); `cargo xtask build` calls it.
//
// Modules that exist only here are imported by name:
//   #glue, #lists-glue  what wasm-bindgen generated
//   #wasm, #lists-wasm  the WebAssembly as text in the module itself, for hosts that can load nothing but JavaScript
// The .wasm files stay imports: only hosts that know what to do with them get the entries that have them.
import { build } from "esbuild";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { OPTIONS, smallest } from "./bundle.mjs";
import { inlined } from "./inline.mjs";

const here = dirname(fileURLToPath(import.meta.url));
/** The WebAssembly, by the beginning of the names that its modules have here. */
const MADE = [
  { name: "", folder: resolve(process.argv[2] ?? join(here, "../target/bindgen")), file: "phone_enrichment" },
  { name: "lists-", folder: resolve(process.argv[3] ?? join(here, "../target/bindgen-lists")), file: "phone_enrichment_lists" },
];
const entries = ["index", "workerd", "edge-light", "slim"];
const stores = ["indexeddb", "browser-storage", "cloudflare-kv", "durable-object", "file"];

const inline = {};
for (const { name, folder, file } of MADE) {
  const wasm = await readFile(join(folder, `${file}.wasm`));
  inline[`#${name}wasm`] = inlined(wasm);
  const { wasmBytes } = await import(`data:text/javascript,${encodeURIComponent(inline[`#${name}wasm`])}`);
  if (!wasm.equals(await wasmBytes())) throw new Error("the inlined WebAssembly does not decode to what it was made from");
}

/** Gives the modules that exist only in the build, and leaves the .wasm to the host. */
const modules = {
  name: "modules",
  setup({ onLoad, onResolve }) {
    for (const { name, folder, file } of MADE) onResolve({ filter: new RegExp(`^#${name}glue$`) }, () => ({ path: join(folder, `${file}.js`), sideEffects: false }));
    onResolve({ filter: /^#(lists-)?wasm$/ }, ({ path }) => ({ path, namespace: "inline", sideEffects: false }));
    onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /.*/, namespace: "inline" }, ({ path }) => ({ contents: inline[path], loader: "js" }));
  },
};

const options = { ...OPTIONS, absWorkingDir: here };

/** What the entries share becomes one file, so that a page that uses two of them loads it once. */
const bundle = (chunkNames) =>
  build({ ...options, entryPoints: entries.map((entry) => `src/${entry}.ts`), outdir: "dist", chunkNames, splitting: true, plugins: [modules] });

// One shared file is the rule, and gets a name to find it by; entries that share in pairs get hashed names.
const client = await bundle("client").catch((error) => {
  if (!/share the same path/.test(error.message)) throw error;
  return bundle("client-[hash]");
});
// Of these, one is all that a program loads.
const ofLists = await Promise.all(entries.filter((entry) => entry !== "slim").map((entry) => build({ ...options, entryPoints: [`src/lists/${entry}.ts`], outdir: "dist/lists", plugins: [modules] })));
// Each store is a file that stands alone: nobody needs two of them.
const ofStores = await build({ ...options, entryPoints: stores.map((store) => `src/stores/${store}.ts`), outdir: "dist/stores", external: ["node:*"] });

/** What an entry may import from elsewhere, beyond which nothing may. */
const IMPORTS = {
  "dist/workerd.js": /^\.\/phone_enrichment\.wasm$/,
  "dist/edge-light.js": /^\.\/phone_enrichment\.wasm\?module$/,
  "dist/lists/workerd.js": /^\.\.\/phone_enrichment_lists\.wasm$/,
  "dist/lists/edge-light.js": /^\.\.\/phone_enrichment_lists\.wasm\?module$/,
  "dist/stores/file.js": /^node:/,
};
const FORBIDDEN = /\bimport\.meta\b|\bimport\s*\(|\bXMLHttpRequest\b|\bnode:|\brequire\s*\(|\beval\s*\(|\bnew Function\b/;
await mkdir(join(here, "dist/stores"), { recursive: true });
await mkdir(join(here, "dist/lists"), { recursive: true });
for (const { outputFiles, metafile } of [client, ...ofLists, ofStores]) {
  for (const { path, text: bundled } of outputFiles) {
    const text = await smallest(bundled);
    const name = Object.keys(metafile.outputs).find((name) => path === join(here, name));
    const stranger = metafile.outputs[name].imports.find((one) => one.external && !IMPORTS[name]?.test(one.path));
    if (stranger) throw new Error(`${name} imports ${stranger.path}, which it may not`);
    const found = FORBIDDEN.exec(text.replace(/\bfrom"(node:[a-z/]+)"/g, (whole, module) => (IMPORTS[name]?.test(module) ? "" : whole)));
    if (found) throw new Error(`${name} has ${JSON.stringify(found[0])}, which some hosts refuse`);
    await writeFile(path, text);
  }
}
for (const { folder, file } of MADE) await copyFile(join(folder, `${file}.wasm`), join(here, `dist/${file}.wasm`));

/** The project's own vectors, for everybody to test against: a case per line, and in ASCII, as half of them are about what is not seen. */
const FIELDS = { linkedin: "linkedin_url", email: "email", website: "company_website", name: undefined };
const ascii = (text) => text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
const tables = Object.entries(FIELDS).map(async ([name, field]) => {
  const cases = JSON.parse(await readFile(join(here, `../tests/vectors/${name}.json`), "utf8"));
  // A website is its own key.
  const lines = cases.map((one) => ({ field, ...one, ...(one.wire !== undefined && { key: one.key ?? one.wire }) })).map((one) => `  ${ascii(JSON.stringify(one))},`);
  return `export const ${name} = [\n${lines.join("\n")}\n];\n`;
});
await writeFile(join(here, "dist/vectors.js"), (await Promise.all(tables)).join("\n"));
