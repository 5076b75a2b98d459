// Prints as JSON what each thing in a built package weighs: the WebAssembly alone, and every entry with all the files it
// loads, each compressed by itself, as a server would send them. Files named after the package are weighed instead.
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [folder, ...others] = process.argv.slice(2);
const dist = join(folder, "dist");
const STATIC_IMPORT = /(?:^|[;}\s])(?:import|export)\b[^"';]*?["'](\.[^"']+)["']/g;

/** A file and everything it imports, directly or not. */
function loaded(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (file.endsWith(".js")) {
    for (const [, path] of readFileSync(file, "utf8").matchAll(STATIC_IMPORT)) loaded(join(dirname(file), path), seen);
  }
  return seen;
}

function weigh(name, files) {
  const weight = { name, files: files.map((file) => basename(file)), raw: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    const bytes = readFileSync(file);
    weight.raw += bytes.length;
    weight.gzip += gzipSync(bytes, { level: 9 }).length;
    weight.brotli += brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
  }
  return weight;
}

const entry = (name) => weigh(name, [...loaded(join(dist, name))]);
const stores = () => readdirSync(join(dist, "stores")).filter((name) => name.endsWith(".js")).sort().map((name) => entry(`stores/${name}`));
const shipped = () => [weigh("phone_enrichment.wasm", [join(dist, "phone_enrichment.wasm")]), entry("index.js"), entry("workerd.js"), entry("slim.js"), weigh("phone_enrichment_lists.wasm", [join(dist, "phone_enrichment_lists.wasm")]), entry("lists/index.js"), ...stores()];
console.log(JSON.stringify(others.length > 0 ? others.map((file) => weigh(basename(file), [file])) : shipped()));
