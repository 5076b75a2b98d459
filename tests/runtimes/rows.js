// The rows of the table: each runtime, how a program imports the package there, and how to run that program. No bundler
// anywhere, but where the runtime has one of its own.
//
// A row's `run` takes a project (a folder with the package where npm puts it) and the service, and gives what the program
// said, to the letter. Its twins are the same row with one harm done that only this way of running would notice.
import { execFile } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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
  append: (code, file = "dist/index.js") => (copy) => copy.write(file, `${copy.read(file)}\n${code}`),
};

/** What is there is too new for the runtime; `code` is what the next one brought. */
const NODE = [
  { major: 18, newer: "an entry that uses what Node 20 brought", code: "[].toSorted();", says: /toSorted is not a function/ },
  { major: 20, newer: "an entry that uses what Node 22 brought", code: "Promise.withResolvers();", says: /withResolvers is not a function/ },
  { major: 22, newer: "an entry that uses what Node 24 brought", code: "RegExp.escape(``);", says: /RegExp\.escape is not a function/ },
  { major: 24, newer: "an entry that requires", code: `require("node:fs");`, says: /ReferenceError/ },
];
const runNode = (major, program) => (project, { baseUrl, token }) => runProgram(project, join(ours, `node${major}/bin/node`), ["--no-warnings", program, baseUrl, token]);

const node = NODE.map(({ major, newer, code, says }) => ({
  name: `Node ${major}`,
  runtime: "Node",
  imports: "`import`",
  version: (said) => new RegExp(`^passed in Node (${major})\\.`).exec(said)?.[1],
  proved: "as it is, without a flag",
  run: runNode(major, "module.js"),
  twins: { "half of the WebAssembly": [harms.cutWasm, /wasm_unavailable/], [newer]: [harms.append(code), says] },
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

const DENO = ["run", "--no-prompt", "--no-lock", "--no-remote", "--cached-only", "--node-modules-dir=manual"];
const runDeno = (program) => (project, { baseUrl, token }) =>
  // No right but to read what is installed and to talk to the service.
  runProgram(project, join(theirs, "deno", process.platform === "win32" ? "deno.exe" : "deno"), [...DENO, `--allow-read=${project}`, `--allow-net=${new URL(baseUrl).host}`, program, baseUrl, token], { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" });
const runBun = (program) => (project, { baseUrl, token }) => runProgram(project, join(theirs, "bun/bin/bun.exe"), ["run", "--no-install", program, baseUrl, token], { DO_NOT_TRACK: "1" });

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
      "an entry that imports the .wasm": [workersByDefault, /failed in Deno|said nothing/],
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

export const rows = [...node, ...required, ...others];
