// How long it takes to the first answer: from the start of a process, page or isolate, and from the import. One JSON object.
// Nothing is used twice: every sample is a new process in Node and workerd, and a new context in Chromium.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { launchBrowser } from "../package/support/runtimes.js";
import { moduleOf } from "./bundle.js";
import { brief, compared, here, interleaved, PHONE, person, spread, startServer, SUBJECTS, wasmFile } from "./measure.js";

const ROUNDS = brief ? 1 : 9;
/** The first ones of all read the programs from the disk. */
const UNCOUNTED = brief ? 0 : 1;
const names = Object.keys(SUBJECTS);
const wasm = readFileSync(wasmFile);

/** Node as everybody has it: the packages as npm installed them. */
function startNode(server) {
  return async (name) => {
    const begin = performance.now();
    const child = spawn(process.execPath, [join(here, "first.js"), SUBJECTS[name], server.baseUrl], { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = await once(child.stdout, "data");
    const started = performance.now() - begin;
    await once(child, "exit");
    return { started, ...JSON.parse(said) };
  };
}

/** A page with one module; its own time begins when it is navigated to. */
async function startChromium(server, modules) {
  const page = (name) => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">
    const begin = performance.now();
    const { connect } = await import("/${SUBJECTS[name]}.js");
    const phone = await connect({ baseUrl: location.origin + "/v2", wasm: () => new URL("/phone_enrichment.wasm", location) })(${JSON.stringify(person(0))});
    const started = performance.now();
    globalThis.answer = { phone, started, imported: started - begin };
  </script>`;
  const files = { "/phone_enrichment.wasm": ["application/wasm", wasm] };
  for (const name of names) Object.assign(files, { [`/${SUBJECTS[name]}.html`]: ["text/html", page(name)], [`/${SUBJECTS[name]}.js`]: ["text/javascript", modules.get(name)] });
  await server.serve(files);
  const browser = await launchBrowser();
  const sample = async (name) => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const broken = new Promise((_, reject) => page.once("pageerror", reject));
      await page.goto(`${server.origin}/${SUBJECTS[name]}.html`);
      await Promise.race([broken, page.waitForFunction(() => globalThis.answer)]);
      return await page.evaluate(() => globalThis.answer);
    } finally {
      await context.close();
    }
  };
  return { runtime: `Chromium ${browser.version()}`, sample, close: () => browser.close() };
}

/** A workerd with one worker, which imports the subject when it is first asked. */
async function startWorkerd(server, modules) {
  const require = createRequire(import.meta.resolve("miniflare"));
  const { default: program } = require("workerd");
  const folder = mkdtempSync(join(tmpdir(), "bench-workerd-"));
  writeFileSync(join(folder, "phone_enrichment.wasm"), wasm);
  for (const name of names) {
    const file = SUBJECTS[name];
    writeFileSync(join(folder, `${file}.js`), modules.get(name));
    writeFileSync(
      join(folder, `${file}.main.js`),
      `export default { async fetch(request) {
        if (request.url.endsWith("/ready")) return new Response("");
        const { connect } = await import("./${file}.js");
        return new Response(await connect({ baseUrl: "${server.baseUrl}" })(${JSON.stringify(person(0))}));
      } };`,
    );
    writeFileSync(
      join(folder, `${file}.capnp`),
      `using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (
        services = [
          (name = "main", worker = (compatibilityDate = "2026-04-01", modules = [
            (name = "main.js", esModule = embed "${file}.main.js"),
            (name = "${file}.js", esModule = embed "${file}.js"),
            (name = "phone_enrichment.wasm", wasm = embed "phone_enrichment.wasm"),
          ])),
          (name = "internet", network = (allow = ["local", "private", "public"])),
        ],
        sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
      );`,
    );
  }
  const sample = async (name) => {
    const start = performance.now();
    const child = spawn(program, ["serve", `${SUBJECTS[name]}.capnp`, "--control-fd=3"], { cwd: folder, stdio: ["ignore", "inherit", "inherit", "pipe"] });
    try {
      const [line] = await once(createInterface({ input: child.stdio[3] }), "line");
      const origin = `http://127.0.0.1:${JSON.parse(line).port}`;
      await (await fetch(`${origin}/ready`)).text();
      const begin = performance.now();
      const reply = await fetch(origin);
      const phone = await reply.text();
      const end = performance.now();
      return { phone, started: end - start, imported: end - begin };
    } finally {
      child.kill("SIGKILL");
    }
  };
  return { runtime: `workerd ${require("workerd/package.json").version}`, sample, close: () => rmSync(folder, { recursive: true }) };
}

const server = await startServer();
const [forBrowsers, forWorkerd] = [new Map(), new Map()];
for (const name of names) {
  forBrowsers.set(name, await moduleOf(name));
  forWorkerd.set(name, await moduleOf(name, true));
}

const runtimes = [{ runtime: `Node ${process.versions.node}`, sample: startNode(server), close() {} }, await startChromium(server, forBrowsers), await startWorkerd(server, forWorkerd)];
const tables = [];
for (const { runtime, sample, close } of runtimes) {
  // In workerd slim would be given the same module that the other entry imports by itself.
  const subjects = runtime.startsWith("workerd") ? names.filter((name) => name !== "phone-enrichment/slim") : names;
  const samples = Object.fromEntries(subjects.map((name) => [name, []]));
  await interleaved(UNCOUNTED + ROUNDS, subjects, async (name, round) => {
    const took = await sample(name);
    assert.equal(took.phone, PHONE, `${name} in ${runtime}`);
    if (round >= UNCOUNTED) samples[name].push(took);
  });
  await close();
  for (const [what, since] of [["started", "the start"], ["imported", "import"]]) {
    const times = Object.fromEntries(subjects.map((name) => [name, samples[name].map((took) => took[what])]));
    const figures = Object.fromEntries(subjects.map((name) => [name, spread(times[name], 1)]));
    tables.push({ name: `${runtime.split(" ")[0].toLowerCase()} ${what}`, title: `ms from ${since}, ${runtime}`, columns: ["median", "least", "most"], to: "bare fetch", figures: compared(figures, "bare fetch", times) });
  }
}
server.close();
const note = "To the first answer, over loopback: Node with the packages as npm installs them, from the start of the process; Chromium with a program per subject, from the navigation of a page in a new context; workerd with a program per subject, from the start of its process.";
console.log(JSON.stringify({ runtime: runtimes.map(({ runtime }) => runtime).join(", "), rounds: ROUNDS, tables, note }));
