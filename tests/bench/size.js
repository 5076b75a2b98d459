// What everybody weighs in a browser: one JSON object. One program that makes one client and one call, bundled and minified;
// the slim entry's with its .wasm, compressed by itself as it is fetched by itself.
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { programOf } from "./bundle.js";
import { compared, SUBJECTS, versionOf, wasmFile } from "./measure.js";

const figures = {};
for (const name of Object.keys(SUBJECTS).slice(1)) {
  const files = [await programOf(name), ...(name === "phone-enrichment/slim" ? [readFileSync(wasmFile)] : [])];
  const sum = (compress) => files.reduce((bytes, file) => bytes + compress(file).length, 0);
  figures[name] = {
    raw: sum((file) => file),
    gzip: sum((file) => gzipSync(file, { level: 9 })),
    brotli: sum((file) => brotliCompressSync(file, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: file.length } })),
  };
}
const to = "ky + valibot";
const samples = Object.fromEntries(Object.entries(figures).map(([name, { brotli }]) => [name, [brotli]]));
const versions = ["ky", "valibot", "openai", "stripe", "peopledatalabs"].map((name) => `${name} ${versionOf(name)}`).join(", ");
const note = `One program with one client and one call, by esbuild ${versionOf("esbuild")}, minified, for browsers; slim with its .wasm. ${versions}.`;
console.log(JSON.stringify({ runtime: "any browser", tables: [{ name: "size", title: "bytes", columns: ["raw", "gzip", "brotli"], to, figures: compared(figures, to, samples) }], note }));
