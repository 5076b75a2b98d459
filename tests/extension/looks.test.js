// Every state as it looks, in light and dark, from right to left and with more contrast: its picture, and no barrier in it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ADMIN_KEY } from "../worker/support/worker.js";
import { find, sees, startBeside } from "./support/chromium.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const screens = fileURLToPath(new URL("../../target/screens/extension", import.meta.url));
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let beside;
before(async () => {
  rmSync(screens, { recursive: true, force: true });
  mkdirSync(screens, { recursive: true });
  beside = await startBeside();
});
afterEach(() => beside.tidy());
after(() => beside.close());

const LOOKS = [
  { name: "light", colorScheme: "light", language: "en" },
  { name: "dark", colorScheme: "dark", language: "de" },
  { name: "rtl", colorScheme: "light", language: "ar" },
];
/** With more contrast, as some need it: only colours differ, so a few states say it all. */
const CONTRAST = { name: "contrast", colorScheme: "dark", contrast: "more", language: "en" };
const CONTRASTED = ["found", "missing", "options-worker"];

/** Looks at a page in each way; what it says is the same page in another language. */
async function examine(page, name, { reload = false } = {}) {
  for (const { name: look, colorScheme, contrast = "no-preference", language } of CONTRASTED.includes(name) ? [...LOOKS, CONTRAST] : LOOKS) {
    await page.emulateMedia({ colorScheme, contrast, reducedMotion: "reduce" });
    await page.evaluate((language) => chrome.storage.local.get("settings").then(({ settings }) => chrome.storage.local.set({ settings: { ...settings, language } })), language);
    if (reload) await page.reload();
    await page.waitForFunction((language) => document.documentElement.lang === language, language, { polling: 50 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
    await page.screenshot({ path: join(screens, `${name}-${look}.png`), fullPage: true });
    await page.evaluate(axe);
    const { violations } = await page.evaluate((runOnly) => globalThis.axe.run({ runOnly }), RULES);
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`), [], `${name}, ${look}`);
  }
}

/** Each state that is not on the way to another: how it is come to. */
const STATES = {
  ready: async () => (await beside.ready()).panel,
  looking: async () => {
    const { panel } = await beside.ready();
    beside.sandbox.setFaults([{ fault: "delay", ms: 4500 }]);
    await find(panel);
    return panel;
  },
  found: async () => clicked(await beside.ready("johndoe")),
  known: async () => {
    const tab = await beside.visit("/in/johndoe/");
    return beside.panel(tab);
  },
  missing: async () => clicked(await beside.ready("nobody-knows-me")),
  doubt: async () => {
    beside.sandbox.setFaults([{ fault: "charge_then_drop" }]);
    return clicked(await beside.ready());
  },
  budget: async () => {
    await beside.set({ dailyBudget: 0 });
    return clicked(await beside.ready());
  },
  empty: async () => {
    beside.sandbox.setCredits(4);
    const panel = await clicked(await beside.ready());
    await sees(panel, "empty");
    await beside.worker.call("POST", "/v1/wallet/reopen", { key: ADMIN_KEY });
    return panel;
  },
  suppressed: async () => {
    const slug = beside.somebody();
    await beside.set({ suppressed: [`https://www.linkedin.com/in/${slug}`] });
    return clicked(await beside.ready(slug));
  },
  failed: async () => {
    beside.sandbox.setFaults([{ fault: "status", status: 403, body: {} }]);
    return clicked(await beside.ready());
  },
  signedout: async () => {
    await beside.set({ worker: { address: "", key: "" } });
    return beside.panel(await beside.visit(`/in/${beside.somebody()}/`));
  },
  page: async () => beside.panel(await beside.visit("/company/acme/")),
  away: async () => {
    const tab = await beside.context.newPage();
    await tab.goto("about:blank");
    return beside.panel(tab);
  },
};

async function clicked({ panel }) {
  await find(panel);
  return panel;
}

for (const [state, come] of Object.entries(STATES)) {
  test(`${state} has no barrier`, async () => {
    const panel = await come();
    await sees(panel, state);
    await examine(panel, state);
  });
}

test("doubt, with a token of one's own, has no barrier", async () => {
  beside.sandbox.setFaults([{ fault: "charge_then_drop" }]);
  const { panel } = await beside.ready();
  await find(panel);
  await sees(panel, "doubt");
  await beside.within(() => chrome.storage.session.set({ token: "x" }));
  await beside.set({ way: "token" });
  await panel.getByRole("checkbox").waitFor({ state: "attached" });
  await examine(panel, "doubt-token");
});

test("offline has no barrier", async () => {
  const { panel } = await beside.ready();
  await beside.context.setOffline(true);
  try {
    await find(panel);
    await sees(panel, "offline");
    // Setting a language is looking again: what sent nothing is tried anew, so this state has one look.
    await panel.screenshot({ path: join(screens, "offline-light.png"), fullPage: true });
  } finally {
    await beside.context.setOffline(false);
  }
});

test("the history has no barrier", async () => {
  const panel = await beside.panel(await beside.visit("/in/johndoe/"));
  await sees(panel, "known");
  await panel.getByText("Recent lookups").click({ force: true });
  await panel.waitForFunction(() => document.querySelector(".history li"), null, { polling: 50 });
  await examine(panel, "history");
});

for (const name of ["options", "welcome"]) {
  test(`${name} has no barrier`, async () => {
    for (const way of name === "options" ? ["worker", "token"] : ["worker"]) {
      await beside.set({ way });
      const page = await beside.context.newPage();
      await page.setViewportSize({ width: 800, height: 900 });
      await page.goto(`${beside.origin}/${name}.html`);
      await page.waitForSelector("form");
      await page.emulateMedia({ reducedMotion: "reduce" });
      await examine(page, `${name}-${way}`, { reload: true });
      await page.close();
    }
  });
}

test("without the site's permission, which a browser may withhold, it asks for it, and has no barrier", async () => {
  const withheld = await startBeside({ change: (manifest) => Object.assign(manifest, { host_permissions: [], optional_host_permissions: ["https://*.linkedin.com/*"] }) });
  try {
    const panel = await withheld.panel(await withheld.visit("/in/johndoe/"));
    await sees(panel, "grant");
    assert.ok(!(await panel.innerText("main")).includes("johndoe"), "it can't know whom the tab shows");
    await examine(panel, "grant");
  } finally {
    await withheld.close();
  }
});

test("where nothing can be kept nothing is sent, and it says so; a background that is gone, too", async () => {
  const { slug, panel } = await beside.ready();
  await panel.evaluate(() => (chrome.runtime.sendMessage = (message) => (message.kind === "lookup" ? Promise.resolve({ answer: { refused: "store" } }) : Promise.reject(new Error("gone")))));
  await find(panel);
  await sees(panel, "broken");
  await examine(panel, "broken");
  assert.equal(beside.sandbox.ledger().filter(({ person_id }) => person_id === slug).length, 0);
});
