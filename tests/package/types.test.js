// The public types, as compilers see them: tests/types under every way to resolve a package, and what the types say held
// against what the core says.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { faultKinds, wrongTypeVariants } from "phone-enrichment/sandbox";
import { installed } from "./support/installed.js";

const types = fileURLToPath(new URL("../types/", import.meta.url));
const core = fileURLToPath(new URL("../../src/", import.meta.url));
/** The newest compiler, and the oldest that takes the types as they are: 5.0 forgets the `lock` of a store that has one. */
const compilers = ["typescript", "typescript-oldest"].map((name) => {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return { file: join(dirname(manifest), "bin/tsc"), version: JSON.parse(readFileSync(manifest, "utf8")).version.split(".").slice(0, 2).join(".") };
});
const [newest, oldest] = compilers;
const declarations = readFileSync(join(installed, "dist/types.d.ts"), "utf8");

const compile = (folder, config, { file } = newest) => promisify(execFile)(process.execPath, [file, "--noEmit", "--project", join(folder, config)]).catch(({ stdout }) => assert.fail(stdout));

/** The texts of a union of texts. */
const union = (text, name) => [...new RegExp(`type ${name} =([^;]*);`).exec(text)[1].matchAll(/["']([^"']+)["']/g)].map(([, member]) => member).sort();
/** What the core calls each variant of an enum, by the texts in its table. */
const called = (file, pattern) => [...readFileSync(join(core, file), "utf8").matchAll(pattern)].map(([, name]) => name).sort();

describe("the types", { concurrency: 2, timeout: 180_000 }, () => {
  for (const config of readdirSync(types).filter((name) => /^tsconfig.*\.json$/.test(name) && !name.includes("base"))) {
    for (const compiler of compilers) test(`hold in the project ${config} for TypeScript ${compiler.version}`, () => compile(types, config, compiler));
  }

  test("are for the TypeScript that the README names, and newer", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    assert.deepEqual([...readme.matchAll(/TypeScript (\d+\.\d+)/g)].map(([, version]) => version), [oldest.version]);
  });

  test("name exactly the codes of the core, and those that the surface adds", () => {
    const ofCore = called("failure.rs", /\(\s*"([a-z_]+)",\s*"[A-Z]/g);
    assert.ok(ofCore.length >= 18);
    // Of these the core can't tell.
    assert.deepEqual(union(declarations, "ErrorCode"), [...ofCore, "invalid_list", "wasm_failed", "wasm_unavailable"].sort());
  });

  test("name exactly the charges of the core", () => assert.deepEqual(union(declarations, "Charge"), called("charge.rs", /Self::\w+ => "([a-z]+)"/g)));

  test("name exactly the kinds of lookup of the core", () => assert.deepEqual(union(declarations, "LookupKind"), called("lookup.rs", /Self::\w+\([_., ]*\) => "([a-z_]+)"/g)));

  test("name exactly the fields of a request that the core knows", () => {
    const fields = [.../interface EnrichmentRequest \{([\s\S]*?)\n\}/.exec(declarations)[1].matchAll(/^\s*(\w+)\?:/gm)].map(([, name]) => name);
    assert.deepEqual(fields.sort(), called("identity/issue.rs", /Field::\w+ => "([a-z_]+)"/g));
  });

  test("name exactly the faults and variants that the sandbox knows", () => {
    const text = readFileSync(join(installed, "sandbox/index.d.ts"), "utf8");
    assert.deepEqual(union(text, "WrongTypesVariant"), [...wrongTypeVariants].sort());
    const rules = /type FaultRule =([\s\S]*?)\n\n/.exec(text)[1];
    const named = [...rules.matchAll(/fault: ([^;}]+?)[;}]/g)].flatMap(([, names]) => [...names.matchAll(/'([^']+)'/g)].map(([, name]) => name));
    assert.deepEqual([...new Set(named)].sort(), Object.keys(faultKinds).sort());
  });

  test("need no types of Node", () => {
    for (const file of ["dist/types.d.ts", "dist/index.d.ts", "dist/slim.d.ts", "dist/surface.d.ts", "dist/error.d.ts", "sandbox/index.d.ts", ...["browser-storage", "cloudflare-kv", "durable-object", "file", "indexeddb"].map((name) => `dist/stores/${name}.d.ts`)]) {
      assert.doesNotMatch(readFileSync(join(installed, file), "utf8"), /\bNodeJS\.|["']node:|reference types|\bBuffer\b/, file);
    }
  });

  // As if another version were installed beside the same tests.
  const twins = {
    "with one code more": [(text) => text.replace('type ErrorCode =', 'type ErrorCode = "surprise" |'), /never/],
    "with any in place of an outcome": [(text) => text.replace(/type Outcome = [^;]*;/, "type Outcome = any;"), /Outcome|expect-error|true/],
    "with an optional field that refuses undefined": [(text) => text.replace("email?: string | undefined;", "email?: string;"), /undefined/],
    "with a type that only newer compilers have": [(text) => `${text}\nexport type Newer = NoInfer<string>;\n`, /NoInfer/, oldest],
    "with a field less": [(text) => text.replace(/\n\s*retryAfterMs\?[^\n]*|\n\s*readonly retryAfterMs\?[^\n]*/, ""), /retryAfterMs/],
  };
  for (const [name, [tamper, pattern, compiler]] of Object.entries(twins)) {
    test(`a broken twin ${name} is noticed`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), "phone-types-"));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      cpSync(types, join(folder, "types"), { recursive: true });
      mkdirSync(join(folder, "node_modules"));
      cpSync(installed, join(folder, "node_modules/phone-enrichment"), { recursive: true });
      const path = join(folder, "node_modules/phone-enrichment/dist/types.d.ts");
      const changed = tamper(declarations);
      assert.notEqual(changed, declarations);
      writeFileSync(path, changed);
      await assert.rejects(compile(join(folder, "types"), "tsconfig.json", compiler), pattern);
    });
  }
});
