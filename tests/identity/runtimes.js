// Seven runtimes behind one shape, { name, version, ask(command), close() }: each has the package that npm installed from the
// tarball, by the entry that it resolves itself, and answers what run-vectors.js says there.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { join, posix } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";
import { toText } from "./run-vectors.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const tests = fileURLToPath(new URL("../", import.meta.url));
const packages = join(tests, "node_modules");
const installed = join(packages, "phone-enrichment");
const MODULES = ["run-vectors.js", "requests.js"];
/** How long a runtime may take to start. */
const START = 30_000;

const manifestOf = (name) => JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8"));
/** The file behind the package's name, under the first of its conditions that holds. */
const entry = (...conditions) => {
  const targets = manifestOf("phone-enrichment").exports["."];
  return posix.normalize(targets[Object.keys(targets).find((condition) => [...conditions, "default"].includes(condition))]);
};

export function program(variable, ...names) {
  const found = process.env[variable] || execFileSync("sh", ["-c", `${names.map((name) => `command -v ${name}`).join(" || ")} || true`], { encoding: "utf8" }).trim();
  if (!found) throw new Error(`there is no ${names[0]} in PATH: \`cargo xtask test\` installs it`);
  return found;
}

/** What every Chromium here is opened with, and where it is. */
export const CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
export const chromiumPath = () => program("CHROMIUM", "chromium", "chromium-browser", "google-chrome");
export const launchFirefox = () => puppeteer.launch({ browser: "firefox", executablePath: program("FIREFOX", "firefox-esr", "firefox"), headless: true, timeout: START, protocolTimeout: 120_000 });

/** A program that answers lines with lines. */
function startProgram(name, version, file, args, env = {}) {
  const child = spawn(file, [...args, join(here, "serve.js")], { cwd: tests, env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  const gone = new Promise((resolve) => child.once("error", (error) => resolve(String(error))).once("exit", (code, signal) => resolve(`it ended with ${code ?? signal}`)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on("error", () => {});
  return {
    name,
    version,
    async ask(command) {
      child.stdin.write(`${toText(command)}\n`);
      const { value } = await lines.next();
      if (value === undefined) throw new Error(`${name} does not answer: ${await gone}`);
      return JSON.parse(value);
    },
    async close() {
      child.stdin.end();
      child.kill();
      await gone;
    },
  };
}

const versionOf = (file, pattern) => pattern.exec(execFileSync(file, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }))[1];

async function startNode() {
  return startProgram("Node", process.versions.node, process.execPath, []);
}

async function startDeno() {
  const file = join(packages, "deno", process.platform === "win32" ? "deno.exe" : "deno");
  // No right but to read what is here: judging needs no network and no environment.
  const rights = ["run", "--no-prompt", "--no-lock", "--no-remote", "--cached-only", "--node-modules-dir=manual", `--allow-read=${tests}`];
  return startProgram("Deno", versionOf(file, /deno (\S+)/), file, rights, { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" });
}

async function startBun() {
  const file = join(packages, "bun/bin/bun.exe");
  return startProgram("Bun", versionOf(file, /(\S+)/), file, ["run", "--no-install"], { DO_NOT_TRACK: "1" });
}

async function startWorkerd() {
  Object.assign(process.env, { CLOUDFLARE_CF_FETCH_ENABLED: "false", CLOUDFLARE_TELEMETRY_DISABLED: "1" });
  const main = entry("workerd", "worker", "browser");
  const modules = [
    { type: "ESModule", path: "main.js", contents: `import * as api from "./package/${main}"; import { answer } from "./run-vectors.js"; export default { fetch: async (request) => new Response(await answer(api, await request.text())) };` },
    ...MODULES.map((path) => ({ type: "ESModule", path, contents: readFileSync(join(here, path), "utf8") })),
  ];
  const add = (path) => {
    const file = join(installed, path);
    if (modules.some((module) => module.path === `package/${path}`)) return;
    if (path.endsWith(".wasm")) return void modules.push({ type: "CompiledWasm", path: `package/${path}`, contents: readFileSync(file) });
    const contents = readFileSync(file, "utf8");
    modules.push({ type: "ESModule", path: `package/${path}`, contents });
    for (const [, inner] of contents.matchAll(/(?:from|import)\s*"(\.[^"]+)"/g)) add(posix.join(posix.dirname(path), inner));
  };
  add(main);
  const miniflare = new Miniflare({ modules, modulesRoot: "/", compatibilityDate: "2026-04-01", cf: false });
  await miniflare.ready;
  return {
    name: "workerd",
    version: manifestOf("workerd").version,
    async ask(command) {
      const reply = await miniflare.dispatchFetch("http://worker/", { method: "POST", body: toText(command) });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`workerd: ${text}`);
      return JSON.parse(text);
    },
    close: () => miniflare.dispose(),
  };
}

/** Serves the package as files, and a page that has it answer. */
async function servePage() {
  const page = `<!doctype html><meta charset="utf-8"><title>waiting</title><script type="module" src="/page.js"></script>`;
  const script = `import * as api from "/package/${entry("browser", "import")}"; import { answer } from "/run-vectors.js"; globalThis.answer = (text) => answer(api, text); document.title = "ready";`;
  const own = { "/": ["text/html", page], "/page.js": ["text/javascript", script] };
  for (const name of MODULES) own[`/${name}`] = ["text/javascript", readFileSync(join(here, name))];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    let [type, body] = own[pathname] ?? [];
    try {
      if (pathname.startsWith("/package/")) [type, body] = ["text/javascript", readFileSync(join(installed, posix.normalize(pathname.slice("/package".length))))];
    } catch {}
    response.writeHead(body === undefined ? 404 : 200, { "content-type": type ?? "text/plain" });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A runtime that is a page; what was opened on the way is closed when it does not start. */
async function startPage(name, open) {
  const served = await servePage();
  try {
    const { version, ask, close } = await open(served.origin);
    return {
      name,
      version,
      ask: async (command) => JSON.parse(await ask(toText(command))),
      async close() {
        await close();
        served.close();
      },
    };
  } catch (error) {
    served.close();
    throw error;
  }
}

const startChromium = () =>
  startPage("Chromium", async (origin) => {
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: ["--headless=new", ...CHROMIUM] });
    const page = await browser.newPage();
    await page.goto(origin);
    await page.waitForFunction(() => document.title === "ready", null, { timeout: START });
    return { version: browser.version(), ask: (text) => page.evaluate((text) => globalThis.answer(text), text), close: () => browser.close() };
  });

const startFirefox = () =>
  startPage("Firefox", async (origin) => {
    const browser = await launchFirefox();
    const page = await browser.newPage();
    await page.goto(origin);
    await page.waitForFunction(() => document.title === "ready", { timeout: START });
    return { version: (await browser.version()).replace(/^\D*/, ""), ask: (text) => page.evaluate((text) => globalThis.answer(text), text), close: () => browser.close() };
  });

async function freePort() {
  const server = createTcpServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

/** WebKit and its driver, without a page yet: `command` as WebDriver has them, within the session. */
export async function openWebkit() {
  const port = await freePort();
  // It has no way to run without a screen, so it gets one that nobody sees. A group of its own: the screen, the driver and
  // the browser end with it.
  const child = spawn(program("XVFB_RUN", "xvfb-run"), ["-a", program("WEBKIT_DRIVER", "WebKitWebDriver"), `--port=${port}`], { stdio: ["ignore", "ignore", "pipe"], detached: true });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (complaints += text));
  const gone = once(child, "exit");
  const end = () => {
    try {
      process.kill(-child.pid);
    } catch {}
  };
  process.once("exit", end);
  const send = async (method, path, body) => {
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body && { body: JSON.stringify(body) }), signal: AbortSignal.timeout(120_000) });
    const { value } = await reply.json();
    if (!reply.ok) throw new Error(`WebKit: ${value.error}: ${value.message}`);
    return value;
  };
  let session;
  const close = async () => {
    if (session) await send("DELETE", session).catch(() => {});
    end();
    process.off("exit", end);
    await gone;
  };
  try {
    const deadline = Date.now() + START;
    while (!(await send("GET", "/status").then(({ ready }) => ready, () => false))) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`WebKitWebDriver does not start: ${complaints}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { sessionId, capabilities } = await send("POST", "/session", { capabilities: { alwaysMatch: { timeouts: { script: 120_000 } } } });
    session = `/session/${sessionId}`;
    const command = (method, path, body) => send(method, session + path, body);
    return {
      version: capabilities.browserVersion,
      command,
      /** Opens an address in the window at hand. */
      async open(address) {
        await command("POST", "/url", { url: address });
        const deadline = Date.now() + START;
        while ((await command("GET", "/title")) !== "ready") {
          if (Date.now() > deadline) throw new Error("the page is not ready in WebKit");
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
      /** Calls a global function of the page that gives a promise. */
      async call(name, ...args) {
        const script = "const done = arguments[2]; globalThis[arguments[0]](...arguments[1]).then((said) => done({ said }), (error) => done({ error: String(error) }));";
        const { said, error } = await command("POST", "/execute/async", { script, args: [name, args] });
        if (error) throw new Error(`WebKit: ${error}`);
        return said;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const startWebkit = () =>
  startPage("WebKit", async (origin) => {
    const { version, open, call, close } = await openWebkit();
    try {
      await open(origin);
    } catch (error) {
      await close();
      throw error;
    }
    return { version, ask: (text) => call("answer", text), close };
  });

export const starters = { Node: startNode, Deno: startDeno, Bun: startBun, workerd: startWorkerd, Chromium: startChromium, Firefox: startFirefox, WebKit: startWebkit };
