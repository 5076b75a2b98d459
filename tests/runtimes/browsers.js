// A project as a site and as an extension: its files as they are, a strict policy, and the author's own server, through which
// its pages reach the service, as the README says they should.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, posix, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import { CHROMIUM, chromiumPath, launchFirefox, openWebkit } from "../identity/runtimes.js";
import { resolveExport } from "../package/support/installed.js";
import { launchBrowser } from "../package/support/runtimes.js";

const STRICT = "script-src 'self' 'wasm-unsafe-eval'";
export const WITHOUT_WASM = "script-src 'self'";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
/** How long a page may take until it has said something. */
const LIMIT = 60_000;

/** The address of an entry, relative to the project. */
export const address = (project, subpath) => `./${relative(project, resolveExport(join(project, "node_modules/phone-enrichment"), subpath, ["browser", "import"])).replaceAll("\\", "/")}`;

/** Serves a project: `<name>.html` is a page with `<name>.js`. `said` is what an extension says to its author's server. */
async function serve(project, { baseUrl, token }, scripts) {
  const imports = JSON.stringify({ imports: Object.fromEntries([".", "./slim", "./lists"].map((subpath) => [posix.join("phone-enrichment", subpath).replace(/\/$/, ""), address(project, subpath)])) });
  const policy = `default-src 'none'; ${scripts} 'sha256-${createHash("sha256").update(imports).digest("base64")}'; worker-src 'self'; connect-src 'self'`;
  let tell;
  const said = new Promise((resolve) => (tell = resolve));
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    try {
      const body = (await request.toArray()).join("");
      if (pathname === "/verdict") return tell(body), response.writeHead(204).end();
      if (pathname.startsWith("/api/")) {
        const reply = await fetch(baseUrl + pathname.slice("/api".length), { method: request.method, headers: { "content-type": "application/json", authorization: `Token ${token}` }, body });
        return response.writeHead(reply.status, { "content-type": "application/json" }).end(await reply.text());
      }
      const file = posix.normalize(pathname);
      const page = `<!doctype html><meta charset="utf-8"><title>waiting</title><script type="importmap">${imports}</script><body><script type="module" src="${file.replace(".html", ".js")}"></script>`;
      const content = file.endsWith(".html") ? page : readFileSync(join(project, file));
      response.writeHead(200, { "content-type": TYPES[extname(file)], "content-security-policy": policy }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    said,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const text = () => document.title === "ready" && document.body.textContent;

/** Each browser, as what opens an address and reads the text of the page once it is ready. */
const openers = {
  async Chromium() {
    const browser = await launchBrowser();
    return {
      version: browser.version(),
      async read(address) {
        const page = await browser.newPage();
        try {
          await page.goto(address);
          return await (await page.waitForFunction(text, null, { timeout: LIMIT })).jsonValue();
        } finally {
          await page.close();
        }
      },
      close: () => browser.close(),
    };
  },
  async Firefox() {
    const browser = await launchFirefox();
    return {
      version: (await browser.version()).replace(/^\D*/, ""),
      browser,
      async read(address) {
        const page = await browser.newPage();
        try {
          await page.goto(address);
          // Its own way to wait makes a function of a text, which the policy forbids.
          for (const deadline = Date.now() + LIMIT; Date.now() < deadline; await pause(50)) {
            const said = await page.evaluate(text);
            if (said) return said;
          }
          throw new Error("the page says nothing");
        } finally {
          await page.close();
        }
      },
      close: () => browser.close(),
    };
  },
  async WebKit() {
    const { version, open, command, close } = await openWebkit();
    return {
      version,
      async read(address) {
        await open(address);
        return command("POST", "/execute/sync", { script: "return document.body.textContent;", args: [] });
      },
      close,
    };
  },
};

const opened = {};
/** A browser for all rows; it starts with the first of them. */
const browser = (name) => (opened[name] ??= openers[name]());

/** The version of a browser, without what every patch changes. */
export async function versionOf(name) {
  const [major, minor] = (await browser(name)).version.split(".");
  return name === "WebKit" ? `${major}.${minor}` : major;
}

export const closeBrowsers = () => Promise.all(Object.values(opened).map(async (browser) => (await browser).close()));

/** What a page of the project says in a browser. */
export async function runPage(name, project, page, service, scripts = STRICT) {
  const site = await serve(project, service, scripts);
  try {
    return await (await browser(name)).read(`${site.origin}/${page}.html`);
  } finally {
    site.close();
  }
}

const extensions = {
  async Chromium(project) {
    const context = await chromium.launchPersistentContext("", { executablePath: chromiumPath(), args: [...CHROMIUM, `--disable-extensions-except=${project}`, `--load-extension=${project}`] });
    return () => context.close();
  },
  async Firefox(project) {
    const { browser: firefox } = await browser("Firefox");
    const id = await firefox.installExtension(project);
    return () => firefox.uninstallExtension(id);
  },
};

/** What the background of an extension says, whose folder is the project. */
export async function runExtension(name, project, service, scripts = STRICT) {
  const site = await serve(project, service, scripts);
  const background = { Chromium: { service_worker: "background.js", type: "module" }, Firefox: { scripts: ["background.js"], type: "module" } };
  writeFileSync(join(project, "manifest.json"), JSON.stringify({
    manifest_version: 3,
    name: "lookups",
    version: "1",
    background: background[name],
    homepage_url: `${site.origin}/`,
    host_permissions: ["http://127.0.0.1/*"],
    content_security_policy: { extension_pages: `${scripts}; object-src 'self'` },
    ...(name === "Firefox" && { browser_specific_settings: { gecko: { id: "lookups@example.com" } } }),
  }));
  let close;
  try {
    close = await extensions[name](project);
    return await Promise.race([site.said, pause(LIMIT, undefined, { ref: false }).then(() => Promise.reject(new Error("the extension says nothing")))]);
  } finally {
    await close?.();
    site.close();
  }
}
