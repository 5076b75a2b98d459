// What Lighthouse says of the page, on a phone and on a desk, in both of its views. The page is served as any host of files
// does, compressed beforehand: the server that Vite previews with compresses nothing.
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";
import desktop from "lighthouse/core/config/desktop-config.js";
import sirv from "sirv";
import { browserOptions, buildPage } from "../page/harness.js";

const LEAST = 95;
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
/** Neighbours make the page slow; nothing makes it faster than it is. */
const ATTEMPTS = 3;

let built;
let server;
let browser;
before(async () => {
  built = await buildPage();
  for (const { name, parentPath, path } of (await readdir(built.folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())) {
    const file = join(parentPath ?? path, name);
    await writeFile(`${file}.br`, brotliCompressSync(await readFile(file)));
  }
  // What has a hash in its name never changes.
  const setHeaders = (response, path) => response.setHeader("cache-control", path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  server = createServer(sirv(built.folder, { brotli: true, etag: true, setHeaders }));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { executablePath, args } = browserOptions();
  browser = await launch({
    chromePath: executablePath,
    // Nothing but the page is reached.
    chromeFlags: [...args, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
    logLevel: "error",
  });
});
after(async () => {
  browser?.kill();
  server?.close();
  await built?.remove();
});

/** The scores of each category from 0 to 100, and what took them down. */
async function judge(url, config) {
  const { lhr } = await lighthouse(url, { port: browser.port, logLevel: "error", onlyCategories: CATEGORIES }, config);
  assert.equal(lhr.runtimeError, undefined);
  return CATEGORIES.map((name) => {
    const { score, auditRefs } = lhr.categories[name];
    const wrong = auditRefs.filter(({ id, weight }) => weight > 0 && lhr.audits[id].score < 1).map(({ id }) => `${id} ${lhr.audits[id].displayValue ?? ""}`.trim());
    return { name, score: Math.round(score * 100), wrong };
  });
}

for (const [device, config] of [["a phone", undefined], ["a desk", desktop]]) {
  for (const [view, hash] of [["one person", ""], ["a list", "#list"]]) {
    test(`Lighthouse gives the view of ${view} on ${device} at least ${LEAST} in every category`, async (t) => {
      const best = new Map();
      for (let attempt = 0; attempt < ATTEMPTS && (best.size === 0 || [...best.values()].some(({ score }) => score < LEAST)); attempt++) {
        for (const one of await judge(`http://127.0.0.1:${server.address().port}/${hash}`, config)) {
          if (!(best.get(one.name)?.score >= one.score)) best.set(one.name, one);
        }
      }
      t.diagnostic([...best.values()].map(({ name, score, wrong }) => `${name} ${score}${wrong.length ? ` (${wrong.join(", ")})` : ""}`).join("; "));
      assert.deepEqual([...best.values()].filter(({ score }) => score < LEAST), []);
    });
  }
}
