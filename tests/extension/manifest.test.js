// The two manifests as they were reviewed, and what the built files hold: a change here is a change of what people are asked for.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";

const extension = fileURLToPath(new URL("../../www/extension", import.meta.url));
const MOST_BYTES = 150_000;

const SHARED = {
  manifest_version: 3,
  name: "__MSG_extension_name__",
  description: "__MSG_extension_description__",
  version: "0.1.0",
  default_locale: "en",
  icons: { 16: "icon/16.png", 32: "icon/32.png", 48: "icon/48.png", 128: "icon/128.png" },
  host_permissions: ["https://*.linkedin.com/*"],
  optional_host_permissions: ["https://app.ecoreservice.com/*"],
  content_security_policy: {
    extension_pages:
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self' https: http://127.0.0.1:* http://localhost:*; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  },
  action: { default_title: "__MSG_open_panel__" },
  options_ui: { open_in_tab: true, page: "options.html" },
};
const REVIEWED = {
  chrome: {
    ...SHARED,
    permissions: ["storage", "sidePanel"],
    background: { type: "module", service_worker: "background.js" },
    commands: { _execute_action: { suggested_key: { default: "Alt+P" } } },
    minimum_chrome_version: "116",
    side_panel: { default_path: "sidepanel.html" },
  },
  firefox: {
    ...SHARED,
    permissions: ["storage"],
    background: { type: "module", scripts: ["background.js"] },
    commands: { _execute_sidebar_action: { suggested_key: { default: "Alt+P" }, description: "__MSG_open_panel__" } },
    browser_specific_settings: { gecko: { id: "phone-enrichment@example.com", strict_min_version: "128.0", data_collection_permissions: { required: ["personallyIdentifyingInfo"] } } },
    sidebar_action: { default_panel: "sidepanel.html", open_at_install: false, default_title: "__MSG_extension_name__" },
  },
};

for (const [browser, reviewed] of Object.entries(REVIEWED)) {
  const built = join(extension, "dist", `${browser}-mv3`);
  const files = readdirSync(built, { recursive: true }).filter((name) => statSync(join(built, name)).isFile());
  const code = () => files.filter((name) => /\.(js|html|css)$/.test(name)).map((name) => [name, readFileSync(join(built, name), "utf8")]);

  test(`the manifest for ${browser} is the one that was reviewed`, () => assert.deepEqual(JSON.parse(readFileSync(join(built, "manifest.json"), "utf8")), reviewed));

  test(`${browser}: no page can be reached from a site, and no script runs in one`, () => {
    const manifest = JSON.parse(readFileSync(join(built, "manifest.json"), "utf8"));
    for (const name of ["content_scripts", "web_accessible_resources", "externally_connectable"]) assert.equal(manifest[name], undefined, name);
  });

  test(`${browser}: no code is made of text, and none comes from elsewhere`, () => {
    for (const [name, text] of code()) {
      assert.doesNotMatch(text, /\beval\(|\bnew Function\b|[^.\w]Function\(|\bimportScripts\(|\.innerHTML\s*=[^=]|insertAdjacentHTML|document\.write/, name);
      assert.doesNotMatch(text, /\bimport\(\s*["'`]https?:|(?:src|href)="(?:https?:)?\/\//, name);
    }
  });

  test(`${browser}: weighs at most ${MOST_BYTES} bytes zipped`, (t) => {
    // What a zip adds to a file: two headers and its name twice.
    const bytes = files.reduce((sum, name) => sum + deflateRawSync(readFileSync(join(built, name)), { level: 9 }).length + 30 + 46 + 2 * name.length, 22);
    t.diagnostic(`${browser}: ${bytes} bytes`);
    assert.ok(bytes <= MOST_BYTES, `${bytes}`);
  });
}

test("no file of the extension that is committed names a registry", () => {
  assert.doesNotMatch(readFileSync(join(extension, "package-lock.json"), "utf8"), /"resolved":\s*"https?:/);
});

test("web-ext finds no error and nothing to warn of", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(extension, "node_modules/web-ext/bin/web-ext.js"), "lint", "--self-hosted", "--output=json", `--source-dir=${join(extension, "dist/firefox-mv3")}`, "--no-config-discovery"], { env: { ...process.env, NO_UPDATE_NOTIFIER: "1" } }).catch((error) => error);
  const { errors, warnings } = JSON.parse(stdout.slice(stdout.indexOf("{")));
  assert.deepEqual(errors.concat(warnings).map(({ code, file, message }) => `${code} ${file}: ${message}`), []);
});
