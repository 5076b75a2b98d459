// Everybody as one program: bundled by esbuild for browsers or for workerd, minified, as whoever deploys it would.
import { build } from "esbuild";
import { here, SUBJECTS } from "./measure.js";

/** What makes one client and one call, as a program of its own. */
const program = (file) => `import { connect } from "./subjects/${file}.js"; connect({ baseUrl: location.origin + "/v2", wasm: () => new URL("phone_enrichment.wasm", location) })({ linkedin_url: location.hash }).then(console.log);`;

async function bundle(options) {
  const { outputFiles } = await build({ absWorkingDir: here, bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022", legalComments: "none", logLevel: "warning", write: false, ...options });
  return Buffer.from(outputFiles[0].contents);
}

/** The whole program. */
export const programOf = (name) => bundle({ stdin: { contents: program(SUBJECTS[name]), resolveDir: here } });

/** A module that exports `connect`; for workerd the WebAssembly stays a module beside it. */
export const moduleOf = (name, workerd = false) =>
  bundle({ entryPoints: [`subjects/${SUBJECTS[name]}.js`], ...(workerd && { conditions: ["workerd", "worker", "browser"], external: ["*.wasm"] }) });
