// A module of the extension's source, with the browser that it is given.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const folder = fileURLToPath(new URL("../../../www/extension", import.meta.url));

export async function importSource(path, browser = {}) {
  globalThis.browserOfTests = browser;
  const { build } = createRequire(join(folder, "package.json"))("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(folder, "src", path)],
    bundle: true,
    write: false,
    format: "esm",
    plugins: [{
      name: "browser",
      setup(made) {
        made.onResolve({ filter: /^wxt\/browser$/ }, () => ({ path: "browser", namespace: "tests" }));
        made.onLoad({ filter: /.*/, namespace: "tests" }, () => ({ contents: "export const browser = globalThis.browserOfTests;" }));
      },
    }],
  });
  const place = mkdtempSync(join(tmpdir(), "phone-source-"));
  try {
    writeFileSync(join(place, "module.mjs"), outputFiles[0].contents);
    return await import(pathToFileURL(join(place, "module.mjs")));
  } finally {
    rmSync(place, { recursive: true });
  }
}
