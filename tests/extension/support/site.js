// A site that looks like the one that the extension is for, as far as its addresses go, under its name and a strict policy.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const SITE = "https://www.linkedin.com";

/** What every page of it forbids: the extension has to do without the page. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/** Its one script: links change the address without a load, as in a single-page site. */
const SCRIPT = `
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    document.title = link.textContent;
  });
`;
const PEOPLE = ["johndoe", "nobody-knows-me", "person-00001", "person-00002"];
const page = (path) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${encodeURI(path)}</title><script src="/site.js"></script><h1>A page</h1>${PEOPLE.map((slug) => `<p><a href="/in/${slug}/">${slug}</a></p>`).join("")}<p><a href="/company/acme/">acme</a></p>`;

/** Starts it; browsers have to be told to find it at `port`, and to trust anybody. */
export async function startSite(pages = {}) {
  const folder = mkdtempSync(join(tmpdir(), "phone-site-"));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name));
  execFileSync(process.env.OPENSSL ?? "openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=www.linkedin.com", "-addext", "subjectAltName=DNS:www.linkedin.com"], { stdio: "ignore" });
  const asked = [];
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    asked.push(request.url);
    const own = pages[request.url];
    if (request.url === "/site.js") return response.writeHead(200, { "content-type": "text/javascript" }).end(SCRIPT);
    response.writeHead(200, { "content-type": "text/html", "content-security-policy": own?.policy ?? POLICY }).end(own?.html ?? page(request.url));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  rmSync(folder, { recursive: true });
  return {
    port: server.address().port,
    /** Every path that was asked for. */
    asked,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
