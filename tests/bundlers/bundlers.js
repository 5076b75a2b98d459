// The bundlers, as a table: each row is a small project as a user would write it, what builds it, and where the result runs.
//
//   bundler    its name, as in the README
//   package    the npm package that it is
//   what       what was built, or where it ran, in the README's words
//   configure  what a user has to write; nothing if it is left out
//   files      of the project, given another main file or none
//   build      the command, as words; the first is a program that comes with an npm package
//   serve      a command that goes on running and prints an address; without it, what was built is served as files
//   output     the folder of what was built
//   runs       where it runs: { page: path } in Chromium, { route: path } on the server, { node: file }, or { workerd: file }
//   tidy       the most that a program that only asks isEnrichmentError may weigh, in bytes
//   texts      how often the WebAssembly has to be in the output as text; once, unless it is a file
//   asFile     whether it has to be there as a file, once
//   lists      the same two of the WebAssembly for lists, where they differ
//   tidyPage   a page of a program that only asks isEnrichmentError, where one program has many
//   says       lines of the build that warn of what is not ours
//   harm       what breaks a copy of the package for this row: "wasm", unless it says "exports"

/** Where the planner comes from, and what is planned with it: a list of the same people, all of whom are known by then. */
const LISTS = {
  from: `import { planList } from "phone-enrichment/lists";`,
  plan: `    const plan = await planList(["LinkedIn URL,E-mail", found + ",", "," + nobody, "," + nobody.toUpperCase(), "," + refused].join("\\n"), { client });
    const counts = [plan.rows, plan.people, plan.known, plan.duplicates, plan.invalid].join();
    if (counts !== "4,2,2,1,1") return \`failed: the list comes to \${counts}\`;
`,
};
const WITHOUT_LISTS = { from: "", plan: "" };

/** What each project is about; `client` is where the package comes from. */
const program = (client, lists = LISTS) => `${client}
${lists.from}

/** Looks up somebody who is found, somebody who is not, and somebody whom nobody should ask for. */
export async function verdict({ options, found, phone, nobody, refused }) {
  try {
    const client = createClient(options);
    const first = await client.enrichPhone({ linkedin_url: found });
    if (first.status !== "success" || first.results.phone !== phone) return \`failed: \${JSON.stringify(first)}\`;
    const second = await client.enrichPhone({ email: nobody });
    if (second.status !== "not_found") return \`failed: \${JSON.stringify(second)}\`;
    const third = await client.enrichPhone({ email: refused }).catch((error) => error);
    if (!isEnrichmentError(third) || third.code !== "invalid_request" || third.charge !== "none") return \`failed: \${third}\`;
${lists.plan}    return "passed";
  } catch (error) {
    return \`failed: \${isEnrichmentError(error) ? error.code : "foreign"}: \${error.message} \${error.cause ?? ""}\`;
  }
}
`;

const CLIENT = `import { createClient, isEnrichmentError } from "phone-enrichment";`;
const WHOLE = program(CLIENT);
const slim = (wasm) => program(`import { isEnrichmentError, withWasm } from "phone-enrichment/slim";\n${wasm}\n\nconst { createClient } = withWasm(() => new URL(url, location.href));`);

const TIDY_IMPORT = `import { isEnrichmentError } from "phone-enrichment";`;
/** A program that has no use for the WebAssembly. */
export const TIDY = `${TIDY_IMPORT}

const said = isEnrichmentError(new Error("nobody's")) ? "failed: taken for one of ours" : "passed";
if (typeof document === "object") document.body.textContent = said;
else console.log(said);
`;

const MANIFEST = { "package.json": `${JSON.stringify({ name: "a-users-program", private: true, type: "module" }, null, 2)}\n` };
const HTML = { "index.html": `<!doctype html>\n<meta charset="utf-8" />\n<title>a user's page</title>\n<body></body>\n<script type="module" src="./main.js"></script>\n` };

const IN_PAGE = `import { verdict } from "./program.js";

verdict(JSON.parse(decodeURIComponent(location.hash.slice(1)))).then((said) => (document.body.textContent = said));
`;
const IN_NODE = `import { verdict } from "./program.js";

const said = await verdict(JSON.parse(process.argv[2]));
console.log(said);
process.exitCode = said === "passed" ? 0 : 1;
`;
const page = (lookups = WHOLE) => (main = IN_PAGE) => ({ ...MANIFEST, ...HTML, "main.js": main, "program.js": lookups });
const node = (main = IN_NODE) => ({ ...MANIFEST, "main.js": main, "program.js": WHOLE });
/** A page that leaves the lookups to a worker, and does not know the package itself. */
const worker = (lookups = WHOLE) => () => ({
  ...MANIFEST,
  ...HTML,
  "main.js": `const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });

worker.onerror = ({ message }) => (document.body.textContent = \`failed: \${message}\`);
worker.onmessage = ({ data }) => (document.body.textContent = data);
worker.postMessage(JSON.parse(decodeURIComponent(location.hash.slice(1))));
`,
  "worker.js": `import { verdict } from "./program.js";

onmessage = async ({ data }) => postMessage(await verdict(data));
`,
  "program.js": lookups,
});

/** Lists have no entry that leaves the WebAssembly to the program. */
const AS_TEXT = { texts: 1 };

/** The ways to have the .wasm as a file of its own, by the address that the bundler gives it. */
const IMPORT = `import url from "phone-enrichment/phone_enrichment.wasm";`;
const IMPORT_URL = `import url from "phone-enrichment/phone_enrichment.wasm?url";`;
const IMPORT_FROM_URL = `import url from "url:phone-enrichment/phone_enrichment.wasm";`;
const NEW_URL = `const url = new URL("phone-enrichment/phone_enrichment.wasm", import.meta.url);`;

const vite = { bundler: "Vite", package: "vite", build: ["vite", "build"], output: "dist", runs: [{ page: "/" }] };
const webpack = { bundler: "webpack", package: "webpack", build: ["webpack", "--mode", "production", "--entry", "./main.js"], output: "dist", runs: [{ page: "/" }] };
const rspack = { bundler: "Rspack", package: "@rspack/core", build: ["rspack", "build", "--mode", "production", "--entry", "./main.js"], output: "dist", runs: [{ page: "/" }] };
const rollup = { bundler: "Rollup", package: "rollup", configure: "`--plugin node-resolve`, as for any package", output: "dist", build: ["rollup", "main.js", "--dir", "dist", "--plugin", "node-resolve"], runs: [{ page: "/" }] };
const esbuild = { bundler: "esbuild", package: "esbuild", build: ["esbuild", "main.js", "--bundle", "--minify", "--format=esm", "--outdir=dist"], output: "dist", runs: [{ page: "/" }] };
const parcel = { bundler: "Parcel", package: "parcel", build: ["parcel", "build", "index.html", "--no-cache", "--cache-dir", ".parcel-cache"], output: "dist", runs: [{ page: "/" }] };
const bun = { bundler: "bun build", package: "bun", build: ["bun", "build", "main.js", "--minify", "--outdir", "dist"], output: "dist", runs: [{ page: "/" }] };

/** Subpaths of packages are something that Parcel has to be told about, in the package.json beside the lock file. */
const PARCEL_EXPORTS = `"@parcel/resolver-default": { "packageExports": true }`;
const parcelParts = (lookups) => () => ({ ...page(lookups)(), "package.json": `{ "private": true, "type": "module", ${PARCEL_EXPORTS} }`, "yarn.lock": "" });
/** Without a word to it. */
const parcelAlone = program(CLIENT, WITHOUT_LISTS);
const NO_LISTS = { texts: 0 };

/** A page, a route in Node and a route at the edge, in one program. */
const nextFiles = () => {
  const route = (runtime) => `import { verdict } from "../program.js";

export const runtime = "${runtime}";
export const dynamic = "force-dynamic";
export const GET = async (request) => new Response(await verdict(JSON.parse(new URL(request.url).searchParams.get("settings"))));
`;
  const client = (work) => `"use client";
import { useEffect } from "react";
${work}
`;
  return {
    "package.json": `{ "private": true, "type": "module" }`,
    // Above the project are lock files that are not its own.
    "next.config.js": `import { fileURLToPath } from "node:url";\n\nexport default { turbopack: { root: fileURLToPath(new URL("../..", import.meta.url)) } };\n`,
    "app/layout.js": `export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n`,
    "app/program.js": WHOLE,
    "app/page.js": client(`import { verdict } from "./program.js";

export default function Page() {
  useEffect(() => void verdict(JSON.parse(decodeURIComponent(location.hash.slice(1)))).then((said) => (document.body.textContent = said)), []);
  return null;
}`),
    "app/tidy/page.js": client(`${TIDY_IMPORT}

export default function Page() {
  useEffect(() => void (document.body.textContent = isEnrichmentError(new Error("nobody's")) ? "failed: taken for one of ours" : "passed"), []);
  return null;
}`),
    "app/node/route.js": route("nodejs"),
    "app/edge/route.js": route("edge"),
  };
};

const nextLine = {
  bundler: "Next.js",
  package: "next",
  what: "page, Node route and edge route",
  files: nextFiles,
  build: ["next", "build"],
  serve: ["next", "start", "--hostname", "127.0.0.1", "--port", "0"],
  output: ".next",
  // In the page, in what renders it on the server, and in the route of Node; as a file for the edge.
  texts: 3,
  asFile: true,
  runs: [{ page: "/" }, { route: "/node" }, { route: "/edge" }],
  tidyPage: "/tidy",
  says: /Edge Runtime is deprecated|edge runtime on a page currently disables static generation/,
};

/** A Worker, bundled as it would be deployed. No program is tidy here: Wrangler takes along every .wasm that it comes across. */
const workerFiles = () => ({
  ...MANIFEST,
  "wrangler.json": `{ "name": "a-users-worker", "main": "main.js", "compatibility_date": "2026-04-01" }`,
  "main.js": `import { verdict } from "./program.js";

export default { fetch: async (request) => new Response(await verdict(JSON.parse(new URL(request.url).searchParams.get("settings")))) };
`,
  "program.js": WHOLE,
});
const wrangler = { bundler: "Wrangler", package: "wrangler", what: "Worker", files: workerFiles, build: ["wrangler", "deploy", "--dry-run", "--outdir", "dist"], output: "dist", runs: [{ workerd: "main.js" }], asFile: true, harm: "exports" };

export const rows = [
  { ...vite, what: "dev server", files: page(), build: undefined, serve: ["vite", "--host", "127.0.0.1", "--port", "0"], output: undefined },
  { ...vite, what: "page", files: page(), tidy: 2000 },
  { ...vite, what: "module worker", files: worker() },
  { ...vite, what: "slim page", files: page(slim(IMPORT_URL)), configure: `slim: \`${IMPORT_URL}\``, asFile: true, lists: AS_TEXT },
  { ...webpack, what: "page", files: page(), tidy: 2000 },
  { ...webpack, what: "module worker", files: worker() },
  { ...webpack, what: "slim page", files: page(slim(NEW_URL)), configure: `slim: \`${NEW_URL}\``, asFile: true, lists: AS_TEXT },
  { ...rspack, what: "page", files: page(), tidy: 2000 },
  { ...rspack, what: "module worker", files: worker() },
  { ...rspack, what: "slim page", files: page(slim(NEW_URL)), configure: `slim: \`${NEW_URL}\``, asFile: true, lists: AS_TEXT },
  { ...rollup, what: "page", files: page(), tidy: 2000 },
  { ...rollup, what: "Node", files: node, runs: [{ node: "main.js" }], tidy: 2000 },
  { ...esbuild, what: "page", files: page(), tidy: 2000 },
  { ...esbuild, what: "Node", files: node, build: [...esbuild.build, "--platform=node"], runs: [{ node: "main.js" }], tidy: 2000 },
  { ...esbuild, what: "slim page", files: page(slim(IMPORT)), build: [...esbuild.build, "--loader:.wasm=file"], configure: `slim: \`${IMPORT}\` and \`--loader:.wasm=file\``, asFile: true, lists: AS_TEXT },
  { ...parcel, what: "page", files: page(parcelAlone), tidy: 2000, lists: NO_LISTS },
  { ...parcel, what: "module worker", files: worker(parcelAlone), lists: NO_LISTS },
  { ...parcel, what: "page with a list", files: parcelParts(WHOLE), configure: `lists: in package.json \`${PARCEL_EXPORTS}\`` },
  { ...parcel, what: "slim page", files: parcelParts(slim(IMPORT_FROM_URL)), configure: `slim: the same, and \`${IMPORT_FROM_URL}\``, asFile: true, lists: AS_TEXT },
  { ...bun, what: "page", files: page(), tidy: 2000 },
  { ...bun, what: "Node", files: node, build: [...bun.build, "--target", "node"], runs: [{ node: "main.js" }], tidy: 2000 },
  { ...bun, what: "slim page", files: page(slim(IMPORT)), configure: `slim: \`${IMPORT}\``, asFile: true, lists: AS_TEXT },
  nextLine,
  wrangler,
];
