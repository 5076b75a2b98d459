// Three runtimes behind one shape: { name, run(spec), tell(story), close() }, where `spec` goes to run-case.js and `story`
// to money.stories.js, each as it is.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer, connect } from "node:net";
import { dirname, join, posix, relative } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { chromium } from "playwright-core";
import { CHROMIUM, chromiumPath } from "../../identity/runtimes.js";
import { tell } from "../money.stories.js";
import { importFrom, installed, resolveExport } from "./installed.js";
import { runCase } from "./run-case.js";

const runner = fileURLToPath(new URL("run-case.js", import.meta.url));
const stories = fileURLToPath(new URL("../money.stories.js", import.meta.url));

export async function startNode(folder = installed) {
  const api = await importFrom(resolveExport(folder, ".", ["node", "import"]));
  return { name: "Node", run: (spec) => runCase(api, spec), tell: (story) => tell(api, story), async close() {} };
}

/** Every runtime for the tests of a file, listed as soon as it runs: what did start is closed even if the next one fails. */
export function everyRuntime() {
  const runtimes = [];
  let browser;
  before(async () => {
    browser = await launchBrowser();
    for (const start of [startNode, startWorkerd, () => startChromium(browser)]) runtimes.push(await start());
  });
  after(async () => {
    await Promise.all(runtimes.map((runtime) => runtime.close()));
    await browser?.close();
  });
  return { runtimes, browser: () => browser };
}

export const launchBrowser = () => chromium.launch({ executablePath: chromiumPath(), args: ["--headless=new", ...CHROMIUM] });

/** The policy that an extension's pages have too. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; frame-src 'self'; connect-src *";

/** Serves a copy of the package as files, and a page that imports its default entry as it is: no bundler, no shim. */
export async function servePackage(folder = installed, policy = POLICY) {
  const entry = `/package/${relative(folder, resolveExport(folder, ".", ["browser", "import"])).replaceAll("\\", "/")}`;
  const own = {
    "/": ["text/html", `<!doctype html><meta charset="utf-8"><title>package</title><script type="module" src="/page.js"></script>`],
    "/page.js": ["text/javascript", `import * as api from "${entry}"; import { runCase, plainError } from "/run-case.js"; import { tell } from "/money.stories.js"; globalThis.api = api; globalThis.tell = (story) => tell(api, story); globalThis.plainError = (error) => plainError(error, api); globalThis.run = (spec) => runCase(api, spec); document.title = "ready";`],
    "/worker.js": ["text/javascript", `import * as api from "${entry}"; import { plainError } from "/run-case.js"; onmessage = ({ data: [options, request] }) => api.createClient(options).enrichPhone(request).then((outcome) => postMessage({ outcome }), (error) => postMessage({ error: plainError(error, api) }));`],
    "/run-case.js": ["text/javascript", readFileSync(runner)],
    "/money.stories.js": ["text/javascript", readFileSync(stories)],
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    let [type, body] = own[pathname] ?? [];
    try {
      if (pathname.startsWith("/package/")) [type, body] = [pathname.endsWith(".js") ? "text/javascript" : "application/wasm", readFileSync(join(folder, posix.normalize(pathname.slice("/package".length))))];
    } catch {}
    response.writeHead(body === undefined ? 404 : 200, { "content-type": type ?? "text/plain", "content-security-policy": policy });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * A port in front of a server that gives every request a connection of its own.
 *
 * Chromium asks with a preflight first, and sends the POST over the same connection; if a connection that was used before
 * ends without a reply, Chromium itself sends the request again. Cases about a lost connection have to be about ours alone.
 *
 * It does so too over a connection that it had opened for somebody who gave up before anything was sent, and nobody can
 * see from here which ones those are. Where many give up or are killed, a lost reply has to be one that is no HTTP
 * (`garbled`): that is as lost to the page, and Chromium leaves it at that.
 */
export async function freshConnections(port, { garbled = false } = {}) {
  const sockets = new Set();
  const server = createTcpServer({ noDelay: true }, (client) => {
    const upstream = connect(port, "127.0.0.1").setNoDelay();
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    }
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.end(garbled && upstream.bytesRead === 0 ? "no answer\n" : ""));
    client.once("data", (chunk) => {
      upstream.write(Buffer.from(chunk.toString("latin1").replace(/^connection: keep-alive/im, "Connection: close"), "latin1"));
      client.pipe(upstream);
    });
    upstream.on("data", (chunk) => client.write(chunk));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A page in Chromium, on another origin than the service. */
export async function startChromium(browser, folder = installed) {
  const served = await servePackage(folder);
  const context = await browser.newContext();
  const page = await context.newPage();
  const thrown = [];
  page.on("pageerror", (error) => thrown.push(error));
  await page.goto(served.origin);
  await page.waitForFunction(() => document.title === "ready", null, { timeout: 10_000 }).catch((error) => {
    throw thrown[0] ?? error;
  });
  /** Has a function of the page take this, with the service behind connections that are fresh. */
  async function call(name, spec) {
    const { origin } = spec;
    const gate = origin && (await freshConnections(Number(new URL(origin).port)));
    const through = gate ? { baseUrl: spec.baseUrl.replace(origin, `http://127.0.0.1:${gate.port}`) } : {};
    try {
      return await page.evaluate(([name, given]) => globalThis[name](given), [name, { ...spec, ...through }]);
    } finally {
      gate?.close();
    }
  }
  return {
    name: "Chromium",
    page,
    run: (spec) => call("run", spec),
    tell: (story) => call("tell", story),
    async close() {
      await context.close();
      await served.close();
    },
  };
}

/** The modules of a Worker that imports the package as Cloudflare's tools resolve it: the .wasm is a module. */
export function workerModules(folder, script, subpath = ".") {
  const entry = resolveExport(folder, subpath, ["workerd", "worker", "browser", "import"]);
  const seen = new Map();
  const follow = (path) => {
    if (seen.has(path)) return;
    if (path.endsWith(".wasm")) return void seen.set(path, { type: "CompiledWasm", contents: readFileSync(path) });
    const contents = readFileSync(path, "utf8");
    seen.set(path, { type: "ESModule", contents });
    for (const [, specifier] of contents.matchAll(/(?:from|import)\s*"(\.[^"]+)"/g)) follow(join(dirname(path), specifier));
  };
  follow(entry);
  // What the script itself imports of the package.
  for (const [, file] of script("").matchAll(/"\.\/package\/([^"]+)"/g)) follow(join(folder, file));
  const named = [...seen].map(([path, module]) => ({ ...module, path: `package/${relative(folder, path)}` }));
  return [
    { type: "ESModule", path: "main.js", contents: script(`./package/${relative(folder, entry)}`) },
    { type: "ESModule", path: "run-case.js", contents: readFileSync(runner, "utf8") },
    { type: "ESModule", path: "money.stories.js", contents: readFileSync(stories, "utf8") },
    ...named,
  ];
}

export function startMiniflare(modules, options = {}) {
  Object.assign(process.env, { CLOUDFLARE_CF_FETCH_ENABLED: "false", CLOUDFLARE_TELEMETRY_DISABLED: "1" });
  return new Miniflare({ modules, modulesRoot: "/", compatibilityDate: "2026-04-01", cf: false, ...options });
}

export async function startWorkerd(folder = installed) {
  const miniflare = startMiniflare(
    workerModules(
      folder,
      (entry) => `
        import * as api from "${entry}";
        import { runCase } from "./run-case.js";
        import { tell } from "./money.stories.js";
        export default { fetch: async (request) => Response.json(await (request.url.endsWith("/tell") ? tell : runCase)(api, await request.json())) };
      `,
    ),
  );
  await miniflare.ready;
  const call = async (path, spec) => {
    const reply = await miniflare.dispatchFetch(`http://worker/${path}`, { method: "POST", body: JSON.stringify(spec) });
    if (!reply.ok) throw new Error(`workerd: ${await reply.text()}`);
    return reply.json();
  };
  return {
    name: "workerd",
    run: (spec) => call("", spec),
    tell: (story) => call("tell", story),
    close: () => miniflare.dispose(),
  };
}
