// `npm run dev`: the Worker on this machine, with a sandbox in the vendor's place, and a key to try it with. SERVICE_URL and
// SERVICE_TOKEN name a sandbox that runs already; PORT is where the Worker listens. What wrangler is to be told besides, such
// as `--assets` with a page, goes behind. What the Worker keeps is gone with it.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSandbox } from "phone-enrichment/sandbox";

const { SERVICE_URL, SERVICE_TOKEN, PORT = "8787" } = process.env;
const sandbox = SERVICE_URL ? { url: SERVICE_URL, token: SERVICE_TOKEN, close() {} } : await startSandbox({ credits: 1000 });
const adminKey = randomBytes(24).toString("base64url");
const state = mkdtempSync(join(tmpdir(), "phone-enrichment-worker-"));
const vars = {
  VENDOR_URL: sandbox.url,
  VENDOR_TOKEN: sandbox.token,
  ADMIN_KEY: adminKey,
  // Whatever page is tried on this machine, and any extension.
  ALLOWED_ORIGINS: "http://localhost:5173, http://127.0.0.1:5173, chrome-extension://*, moz-extension://*",
};
const UNTIL_CLOSED = "--until-closed";
const also = process.argv.slice(2).filter((word) => word !== UNTIL_CLOSED);
const wrangler = fileURLToPath(new URL("node_modules/wrangler/bin/wrangler.js", import.meta.url));
const child = spawn(
  process.execPath,
  [wrangler, "dev", "--port", PORT, "--ip", "127.0.0.1", "--persist-to", state, "--show-interactive-dev-session=false", ...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]), ...also],
  { cwd: fileURLToPath(new URL(".", import.meta.url)), stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" } },
);

let output = "";
const url = await new Promise((resolve, reject) => {
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    const ready = /Ready on (http:\S+)/.exec(output);
    if (ready) resolve(ready[1].replace("localhost", "127.0.0.1"));
  });
  child.once("exit", (code) => reject(new Error(`wrangler ended with ${code} before the Worker was ready:\n${output}`)));
});

const made = await fetch(`${url}/v1/keys`, {
  method: "POST",
  headers: { authorization: `Token ${adminKey}`, "content-type": "application/json" },
  body: JSON.stringify({ name: "try it", scopes: ["lookup", "jobs", "erase", "audit"], per_day: 500 }),
});
const { key } = await made.json();
console.log(`A sandbox stands for the service: ${sandbox.url}`);
console.log(`The Worker is at ${url}, and a key for it is ${key}`);
console.log(`The administrator's key is ${adminKey}\n`);
console.log(`curl ${url}/external/phone/enrichment/ -H 'Authorization: Token ${key}' -H 'Content-Type: application/json' -d '{"linkedin_url": "https://www.linkedin.com/in/johndoe"}'`);

const end = () => child.kill("SIGTERM");
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, end);
// Whoever started this with a pipe may end it by closing it.
if (process.argv.includes(UNTIL_CLOSED)) process.stdin.resume().once("close", end);
child.once("exit", async () => {
  await sandbox.close();
  rmSync(state, { recursive: true, force: true });
  process.exit();
});
