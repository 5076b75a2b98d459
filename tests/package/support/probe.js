// Looks for a secret wherever a value could show it.
import assert from "node:assert/strict";
import { inspect } from "node:util";

/** Every text that a logger, a serialiser or a debugger makes of a value. */
export function everyTextOf(value) {
  const texts = [];
  const add = (make) => {
    try {
      texts.push(String(make()));
    } catch {}
  };
  const seen = new Set();
  const walk = (part) => {
    add(() => part);
    if ((typeof part !== "object" && typeof part !== "function") || part === null || seen.has(part)) return;
    seen.add(part);
    add(() => JSON.stringify(part));
    add(() => inspect(part, { depth: null, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null, breakLength: Infinity }));
    for (const key of Reflect.ownKeys(part)) {
      add(() => key.toString());
      try {
        walk(part[key]);
      } catch {}
    }
    try {
      walk(Object.getPrototypeOf(part));
    } catch {}
  };
  walk(value);
  return texts;
}

export function assertNowhere(secret, value, where = "the error") {
  for (const text of everyTextOf(value)) {
    const at = text.indexOf(secret);
    assert.ok(at < 0, `${where} shows the secret: …${text.slice(Math.max(0, at - 80), at + secret.length + 20)}…`);
  }
}

/** Everything that is written to the console, and every warning, while `work` runs. */
export async function written(work) {
  const lines = [];
  const methods = ["log", "info", "warn", "error", "debug", "trace", "dir"];
  const before = methods.map((method) => console[method]);
  const warn = (warning) => lines.push(inspect(warning));
  process.on("warning", warn);
  for (const method of methods) console[method] = (...words) => lines.push(inspect(words, { depth: null }));
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    methods.forEach((method, index) => (console[method] = before[index]));
    process.off("warning", warn);
  }
  return lines;
}
