// What ships, as bytes: the tarball itself, whose machine made it, what the WebAssembly in it was made from, and under which
// licences. What the files of it do is judged in entries.test.js.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { copyOfPackage, filesOf, installed, manifestOf } from "./support/installed.js";

const run = promisify(execFile);
const checkout = fileURLToPath(new URL("../../", import.meta.url));
const WASM = "wasm32-unknown-unknown";

/** The entries of a tarball, each with what its header says besides. */
function entriesOf(gzipped) {
  const bytes = gunzipSync(gzipped);
  const entries = [];
  for (let at = 0; bytes[at] !== 0; ) {
    const text = (from, length) => bytes.toString("latin1", at + from, at + from + length).replace(/\0.*$/s, "").trim();
    const number = (from, length) => Number.parseInt(text(from, length), 8);
    const size = number(124, 12);
    entries.push({ name: [text(345, 155), text(0, 100)].filter(Boolean).join("/"), mode: number(100, 8), owner: [number(108, 8) || 0, number(116, 8) || 0, text(265, 32), text(297, 32)], time: number(136, 12), kind: text(156, 1) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return { entries, bytes };
}

/** Nothing but plain files, those that `files` lists and npm always takes, and nothing of who packed them when. */
function checkTarball(gzipped, folder = installed) {
  const { entries } = entriesOf(gzipped);
  const names = entries.map(({ name }) => name.replace(/^package\//, "")).sort();
  assert.deepEqual(names, filesOf(folder));
  const listed = [...manifestOf(folder).files, "package.json", "README.md"];
  for (const name of names) assert.ok(listed.some((one) => name === one || name.startsWith(`${one}/`)), `${name} is not listed`);
  for (const one of listed) assert.ok(names.some((name) => name === one || name.startsWith(`${one}/`)), `${one} is listed, and not there`);
  const [{ time }] = entries;
  for (const entry of entries) {
    assert.deepEqual([entry.kind, entry.owner, entry.time], ["0", [0, 0, "", ""], time], `${entry.name} tells who packed it, and when`);
    assert.ok([0o644, 0o755].includes(entry.mode), `${entry.name} has mode ${entry.mode.toString(8)}`);
  }
  assert.ok(time < Date.parse("2000-01-01") / 1000, "the time is that of the packing");
}

/** Paths of whoever built it, and what a debugger would follow to the sources. */
const TRACES = ["/home/", "/root/", "/Users/", "/rustc/", ".cargo/", ".rustup/", "registry/src", "node_modules/", "sourceMappingURL", "sourcesContent", ".debug_info", homedir(), checkout.slice(0, -1)];

function checkTraces(folder) {
  for (const name of filesOf(folder)) {
    assert.doesNotMatch(name, /\.map$/);
    const text = readFileSync(join(folder, name), "latin1");
    for (const trace of TRACES) assert.ok(trace.length < 2 || !text.includes(trace), `${name} has ${trace}`);
  }
}

/** The sections of a WebAssembly that are neither code nor data, by name. */
const customSections = (wasm) => WebAssembly.compile(wasm).then((module) => ["name", "producers", "target_features", "sourceMappingURL", ".debug_info", ".debug_str", "linking"].filter((name) => WebAssembly.Module.customSections(module, name).length > 0));

/** The crates that Cargo links for the target, without what only runs while compiling. */
async function linked() {
  const edges = ["tree", "--locked", "--package", "phone-enrichment", "--target", WASM, "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}|{l}"];
  const { stdout } = await run("cargo", edges, { cwd: checkout });
  return new Map(stdout.trim().split("\n").map((line) => /^(\S+) v(\S+)[^|]*\|([^(]*(?:\(MIT.*)?)/.exec(line)).map(([, name, version, license]) => [name, { version, license: license.replace(/ \(\*\)$/, "").trim() }]));
}

/** What Cargo.lock says of every crate. */
function locked() {
  const text = readFileSync(join(checkout, "Cargo.lock"), "utf8");
  return text.split("[[package]]").slice(1).map((one) => Object.fromEntries([...one.matchAll(/^(name|version|checksum) = "(.*)"$/gm)].map(([, key, value]) => [key, value])));
}

/** The crates of which there is a function in what the compiler made, before its names were stripped. */
function crates(compiled) {
  const names = new Set();
  for (const [, length, rest] of compiled.toString("latin1").matchAll(/_ZN(\d+)([a-z]\w*)/g)) names.add(rest.slice(0, Number(length)));
  for (const [, length, rest] of compiled.toString("latin1").matchAll(/C(?:s[0-9a-zA-Z]*_)(\d+)_?([a-z]\w*)/g)) names.add(rest.slice(0, Number(length)));
  return names;
}

/** Rust's own, which are `rust-std` in the bill, with what it is made from. */
const OF_RUST = ["core", "alloc", "std", "compiler_builtins", "panic_abort", "rustc_demangle", "hashbrown", "__rustc", "unwind", "dlmalloc", "std_detect", "cfg_if", "libc"];

async function checkBill(folder) {
  const bill = JSON.parse(readFileSync(join(folder, "sbom.cdx.json"), "utf8"));
  const manifest = manifestOf(folder);
  assert.deepEqual([bill.bomFormat, bill.specVersion], ["CycloneDX", "1.5"]);
  const { component, tools } = bill.metadata;
  assert.deepEqual([component.name, component.version, component.purl, component.licenses], [manifest.name, manifest.version, `pkg:npm/${manifest.name}@${manifest.version}`, [{ expression: manifest.license }]]);
  // A date or a random number would make it another one each time.
  assert.deepEqual([bill.serialNumber, bill.metadata.timestamp], [undefined, undefined]);

  const lock = locked();
  const ofCargo = bill.components.filter(({ purl }) => purl.startsWith("pkg:cargo/"));
  const listed = new Map();
  for (const { name, version, purl, licenses, hashes } of ofCargo) {
    assert.ok(!listed.has(name), `${name} is listed twice`);
    assert.equal(purl, `pkg:cargo/${name}@${version}`);
    const known = lock.find((one) => one.name === name && one.version === version);
    assert.ok(known, `Cargo.lock has no ${name} ${version}`);
    assert.deepEqual(hashes, known.checksum && [{ alg: "SHA-256", content: known.checksum }], `the hash of ${name}`);
    assert.match(licenses[0].expression, /MIT|Apache|Zlib|BSD/);
    listed.set(name, { version, license: licenses[0].expression });
  }
  assert.deepEqual(new Map([...listed].sort()), new Map([...(await linked())].sort()), "what is listed is what is linked");

  const found = crates(readFileSync(join(checkout, `target/wasm/${WASM}/release/phone_enrichment.wasm`)));
  assert.ok(found.has("phone_enrichment") && found.has("core"), "the compiled names can be read");
  const strangers = [...found].filter((name) => !OF_RUST.includes(name) && ![...listed.keys()].some((one) => one.replaceAll("-", "_") === name));
  assert.deepEqual(strangers, [], "crates with a function in the WebAssembly that nobody listed");

  const others = bill.components.filter((one) => !ofCargo.includes(one));
  assert.deepEqual(others.map(({ name }) => name), ["rust-std"]);
  assert.match(`${others[0].version} ${others[0].description}`, /^\d+\.\d+\.\d+.* [0-9a-f]{40} /);
  const npm = JSON.parse(readFileSync(join(checkout, "pkg/package-lock.json"), "utf8")).packages;
  for (const { name, version } of tools.components) {
    const expected = npm[`node_modules/${name}`]?.version ?? lock.find((one) => one.name === name)?.version ?? `${others[0].version} (${/[0-9a-f]{40}/.exec(others[0].description)})`;
    assert.equal(version, expected, name);
  }
  assert.deepEqual(tools.components.map(({ name }) => name), ["rustc", "wasm-bindgen-cli", "binaryen", "esbuild", "terser", "typescript"]);
}

/** Every crate's licence by name, and the text of each that our own two don't cover. */
function checkLicences(folder) {
  const read = (name) => readFileSync(join(folder, name), "utf8");
  assert.match(read("LICENSE-APACHE"), /Apache License\s+Version 2\.0/);
  assert.match(read("LICENSE-MIT"), /Permission is hereby granted/);
  const text = read("LICENSES-THIRD-PARTY");
  const bill = JSON.parse(read("sbom.cdx.json"));
  for (const { name, version, licenses: [{ expression }] } of bill.components.filter(({ hashes }) => hashes)) {
    assert.ok(text.includes(`\n${name} ${version}: ${expression}\n`), `the licence of ${name} is not named`);
    if (/^[^()]*\bApache-2\.0\b(?! (?:AND|WITH))[^()]*$/.test(expression) && !expression.includes(" AND ")) continue;
    const [, own] = text.split(`\n${name} ${version}\n`);
    assert.ok(own, `the licence of ${name} is not there`);
    assert.match(own.split(/^-{80}$/m)[0], /Copyright[\s\S]*Permission is hereby granted|UNICODE LICENSE/i, `the licence of ${name}`);
  }
}

describe("what ships", { timeout: 60_000 }, () => {
  const tarball = readFileSync(join(checkout, `target/npm/phone-enrichment-${manifestOf(installed).version}.tgz`));

  test("is what the manifest lists, without a word on who packed it", () => checkTarball(tarball));
  test("has no trace of the machine that made it, and no map to sources", () => checkTraces(installed));
  test("has WebAssembly of code and data alone", async () => assert.deepEqual(await customSections(readFileSync(join(installed, "dist/phone_enrichment.wasm"))), []));
  test("says what the WebAssembly was made from", () => checkBill(installed));
  test("brings the licences of all that is in it", () => checkLicences(installed));

  const goesRed = (name, check, tamper, pattern) =>
    test(`is noticed ${name}`, async (t) => {
      const copy = copyOfPackage(t);
      await check(copy.folder);
      tamper(copy);
      await assert.rejects(async () => check(copy.folder), pattern);
    });
  const bill = (change) => (copy) => {
    const read = JSON.parse(copy.read("sbom.cdx.json"));
    change(read);
    copy.write("sbom.cdx.json", JSON.stringify(read));
  };
  const of = (read, name) => read.components.find((one) => one.name === name);
  const first = (read) => read.components.find(({ hashes }) => hashes);

  goesRed("with a file that the tarball has not", (folder) => checkTarball(tarball, folder), (copy) => copy.write("dist/more.js", ""), /more/);
  goesRed("with a file that is not listed", (folder) => checkTarball(tarball, folder), (copy) => copy.write("package.json", JSON.stringify({ ...manifestOf(copy.folder), files: ["bin", "dist"] })), /not listed/);
  goesRed("with a source map", checkTraces, (copy) => copy.write("dist/index.js", `${copy.read("dist/index.js")}\n//# sourceMappingURL=index.js.map`), /sourceMappingURL/);
  goesRed("with a path of the registry in the WebAssembly", checkTraces, (copy) => copy.write("dist/phone_enrichment.wasm", Buffer.concat([copy.read("dist/phone_enrichment.wasm"), Buffer.from("/x/.cargo/registry/src/serde")])), /phone_enrichment\.wasm/);
  goesRed("with a path of the checkout", checkTraces, (copy) => copy.write("dist/types.d.ts", `// ${checkout}pkg/src/types.ts`), /types\.d\.ts/);
  goesRed("with a crate less in the bill", checkBill, bill((read) => read.components.splice(read.components.indexOf(first(read)), 1)), /what is linked/);
  goesRed("with a crate more in the bill", checkBill, bill((read) => read.components.unshift({ ...first(read), name: "serde_json", version: locked().find(({ name }) => name === "serde_json").version, purl: `pkg:cargo/serde_json@${locked().find(({ name }) => name === "serde_json").version}`, hashes: [{ alg: "SHA-256", content: locked().find(({ name }) => name === "serde_json").checksum }] })), /what is linked/);
  goesRed("with another version in the bill", checkBill, bill((read) => Object.assign(of(read, "wasm-bindgen"), { version: "0.2.1", purl: "pkg:cargo/wasm-bindgen@0.2.1" })), /Cargo\.lock has no wasm-bindgen 0\.2\.1/);
  goesRed("with another licence in the bill", checkBill, bill((read) => (of(read, "wasm-bindgen").licenses = [{ expression: "Zlib" }])), /what is linked/);
  goesRed("without the standard library in the bill", checkBill, bill((read) => read.components.pop()), /rust-std/);
  goesRed("with a licence that is not there", checkLicences, (copy) => copy.replace("LICENSES-THIRD-PARTY", "Permission is hereby granted", "All rights reserved"), /the licence of/);
});
