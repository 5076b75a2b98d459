// What each module of the package's JavaScript weighs: how much smaller the slim entry would be if nothing stood behind
// the names that it exports. node weigh-modules.mjs <pkg> <what wasm-bindgen made>; prints [[name, raw, brotli], …].
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync } from "node:zlib";

const [pkg, bindgen] = process.argv.slice(2).map((folder) => resolve(folder));
const { build } = createRequire(join(pkg, "package.json"))("esbuild");
const { OPTIONS, smallest } = await import(pathToFileURL(join(pkg, "bundle.mjs")));
const glue = join(bindgen, "phone_enrichment.js");

/** Names without anything behind them. */
const stub = (text) => [...text.matchAll(/^export (?:async )?(?:function|class|const) (\w+)/gm)].map(([, name]) => `export const ${name} = globalThis.nothing;`).join("\n");

async function weigh(without) {
  const plugin = {
    name: "without",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^#glue$/ }, () => ({ path: glue, sideEffects: false }));
      onLoad({ filter: /.*/ }, ({ path }) => (path === without ? { contents: stub(readFileSync(path, "utf8")), loader: "js" } : undefined));
    },
  };
  const { outputFiles } = await build({ ...OPTIONS, absWorkingDir: pkg, entryPoints: ["src/slim.ts"], outdir: "dist", plugins: [plugin] });
  const text = Buffer.from(await smallest(outputFiles[0].text));
  return [text.length, brotliCompressSync(text).length];
}

const all = await weigh();
const rows = [["glue", glue], ...readdirSync(join(pkg, "src")).filter((name) => name.endsWith(".ts")).map((name) => [name, join(pkg, "src", name)])];
const weights = [];
for (const [name, path] of rows) {
  const [raw, brotli] = await weigh(path);
  if (raw < all[0] && name !== "slim.ts" && name !== "surface.ts") weights.push([name, all[0] - raw, all[1] - brotli]);
}
const rest = [1, 2].map((column) => all[column - 1] - weights.reduce((sum, row) => sum + row[column], 0));
console.log(JSON.stringify([...weights.sort((one, other) => other[2] - one[2]), ["surface.ts and the rest", ...rest], ["all", ...all]]));
