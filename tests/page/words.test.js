// In which language the page speaks, and its help. Nothing of one language may be left in another.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { checkRequest } from "phone-enrichment";
import { examine, resultTitle, sendButton, startAll, visit, web } from "./harness.js";

const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français" };
const OTHERS = ["de", "fr"];
const LOCALES = { en: "en-GB", de: "de-DE", fr: "fr-FR" };
const SIZES = [[320, 640], [1280, 900]];

let all;
let sandbox;
before(async () => {
  all = await startAll();
  ({ sandbox } = all);
});
after(() => all?.close());
beforeEach(() => sandbox.reset());

const withPage = (use, options = {}) => visit(all.browser, all.served.origin, options, use);

const inLanguage = (name, use) => withPage(use, { locale: LOCALES[name] });
const fillIn = async (page, fields) => {
  for (const [id, text] of Object.entries(fields)) await page.locator(`#${id}`).fill(text);
  await page.locator(`#${Object.keys(fields).at(-1)}`).blur();
};
const chooseLanguage = async (page, name) => {
  await page.locator("#language").selectOption(name);
  await page.waitForFunction((name) => document.documentElement.lang === name, name);
};

/** What others wrote: the service, the package where it is quoted as it is, and whoever filled something in. */
const QUOTED = "q, code, pre, [lang]:not(html), [dir=auto], .facts dd, .ready dd, .columns label, .columns .cut";

/** Every text that can be seen or heard now. */
const said = (page) =>
  page.evaluate((quoted) => {
    const texts = [document.title];
    const tell = (element, text) => element.checkVisibility() && !element.closest(quoted) && text.trim() && texts.push(text.trim());
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) tell(walker.currentNode.parentElement, walker.currentNode.data);
    for (const name of ["aria-label", "placeholder", "title"]) for (const element of document.querySelectorAll(`[${name}]`)) tell(element, element.getAttribute(name));
    return texts;
  }, QUOTED);

/** Several words in a row; a single one may well be the same in two languages. */
const isSentence = (text) => /\p{L}{2,}[^\p{L}@]+\p{L}{2,}/u.test(text) && !text.includes("@");

/** Goes to everything that the form and its results can say without a word of any language, and gives what was said at each stop. */
async function tourOfForm(page, look) {
  const stops = {};
  const stop = async (name) => {
    stops[name] = await said(page);
    await look?.(name);
  };
  const send = async (name, faults) => {
    sandbox.setFaults(faults);
    await sendButton(page).click();
    await resultTitle(page);
    for (const details of await page.locator("details:not([open]) summary").all()) await details.click();
    await stop(name);
  };
  await page.locator("#ask-title").waitFor();
  await stop("start");
  await fillIn(page, { linkedin_url: "https://www.linkedin.com/company/acme", email: "jane@", first_name: "Jane", company_website: "192.168.0.1" });
  await sendButton(page).click();
  await page.locator(".summary:focus").waitFor();
  await stop("mistakes");
  await fillIn(page, { linkedin_url: "", email: "nobody.at.all@example.com", last_name: "Doe", company_name: "Nowhere", company_website: "" });
  await page.locator(".ready dl").waitFor();
  await stop("ready");
  await send("not found", []);
  await fillIn(page, { first_name: "", last_name: "", company_name: "" });
  await send("not found again", []);
  await fillIn(page, { email: "jane.doe@acme.example.com" });
  await send("limit with a wait", [{ fault: 429, retryAfter: 7200, times: 1 }]);
  await send("limit without a wait", [{ fault: 429, times: 1 }]);
  await send("found", []);
  await send("shown again", []);
  await fillIn(page, { email: "", linkedin_url: "linkedin.com/in/marcus-bell" });
  await send("lost", [{ fault: "charge_then_500", times: 1 }]);
  sandbox.setCredits(3);
  await fillIn(page, { linkedin_url: "linkedin.com/in/tom-okafor" });
  await send("no credits", []);
  return stops;
}

async function tourOfList(page, look) {
  const stops = {};
  const stop = async (name) => {
    stops[name] = await said(page);
    await look?.(name);
  };
  await page.goto(`${all.served.origin}/#list`);
  await page.locator("#file").waitFor();
  await stop("list start");
  const give = (text) => page.locator("#file").setInputFiles({ name: "x.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await give("CONVERSATION ID,CONTENT,FROM\n1,2,3\n");
  await page.locator("[role=alert] .summary").waitFor();
  await stop("list refused");
  await give("a,b\nJane Doe,Acme\n");
  await page.locator(".columns").waitFor();
  await stop("list without columns");
  await page.locator(".columns ~ button, .card > button").first().click();
  await page.locator("#file").waitFor();
  await give("First Name,Last Name,Email,Company,Notes\n,,jane.doe@acme.example.com,,\n,,tom.okafor@acme.example.com,,\n,,priya.raman@acme.example.com,,\n,,nobody@example.com,,\n,,JANE.DOE@acme.example.com,,\n,,not-an-address,,\nOnly,,,,\n,,x@example.com,,,,,\n,,,,\n");
  await page.locator("#plan-title").waitFor();
  await stop("list planned");
  await page.locator("#limit").fill("0");
  await stop("list with a wrong limit");
  await page.locator("#limit").fill("");
  sandbox.setFaults([
    { fault: "cut_body", keep: 5, match: { email: "tom.okafor@acme.example.com" } },
    { fault: 429, times: 1, match: { email: "priya.raman@acme.example.com" } },
    { fault: "delay", ms: 4000, match: { email: "nobody@example.com" } },
  ]);
  await page.locator("#at-once").fill("1");
  await page.locator("form.start button[type=submit]").click();
  await page.locator("#run-title.working").waitFor();
  await stop("list under way");
  await page.locator("#run-title:not(.working)").waitFor({ timeout: 30_000 });
  await page.locator(".erase button").click();
  await stop("list done");
  await page.locator(".erase button").last().click();
  await page.locator(".card > .actions:not(.erase) > button").last().click();
  await page.locator(".history button").last().click();
  await stop("list history");
  return stops;
}

async function tourOfHelp(page, look) {
  await page.goto(`${all.served.origin}/#help`);
  await page.locator("#help-title").waitFor();
  await page.locator(".examples .small").first().waitFor();
  const stops = { help: await said(page) };
  await look?.("help");
  return stops;
}

/** Holds what was said in a language against what was said in English, at the same stops. */
function noneOf(english, stops, name) {
  for (const [stop, texts] of Object.entries(stops)) {
    const there = new Set(english[stop].filter(isSentence));
    assert.ok(there.size > 5, `${stop} says something in English`);
    assert.deepEqual(texts.filter((text) => there.has(text)), [], `${stop} in ${name}`);
    if (name === "fr") for (const text of texts) assert.doesNotMatch(text, WRONG_IN_FRENCH, stop);
  }
  assert.deepEqual(Object.keys(stops), Object.keys(english));
}

/** A sign that stands apart in French, with a space before it that could break, or with none. */
const WRONG_IN_FRENCH = /[^\u202f][;!?»]|«[^\u202f]|\p{L} ?:(?!\/)/u;

for (const [what, tour] of [["form", tourOfForm], ["list", tourOfList], ["help", tourOfHelp]]) {
  test(`the ${what} says nothing in English to whoever reads German or French, and fits all the same`, { timeout: 300_000 }, async () => {
    let english;
    await inLanguage("en", async (page) => (english = await tour(page)));
    for (const name of OTHERS) {
      sandbox.reset();
      await inLanguage(name, async (page) => {
        const look = (stop) => examine(page, `30-${name}-${stop.replaceAll(" ", "-")}`, SIZES);
        noneOf(english, await tour(page, look), name);
      });
    }
  });
}

test("the help fits and is open to everybody in English, too", () => inLanguage("en", (page) => tourOfHelp(page, () => examine(page, "30-en-help", SIZES))));

test("what a lookup can cost are four different wordings in each language", async () => {
  for (const name of Object.keys(LANGUAGES)) {
    await inLanguage(name, async (page) => {
      await page.locator(".chip").first().waitFor();
      const chips = await page.locator(".chip").allInnerTexts();
      assert.equal(new Set(chips).size, 4, chips.join());
      await page.goto(`${all.served.origin}/#help`);
      await page.locator("main.help .chip").first().waitFor();
      assert.deepEqual(await page.locator("main.help .chip").allInnerTexts(), chips, "the help names them as the results do");
    });
  }
});

test("what the service says stands between the quotation marks of the language", () =>
  inLanguage("fr", async (page) => {
    await fillIn(page, { email: "nobody.at.all@example.com" });
    await sendButton(page).click();
    await resultTitle(page);
    assert.equal(await page.locator("q").evaluate((quoted) => getComputedStyle(quoted).quotes), '"«\u202f" "\u202f»"');
    await chooseLanguage(page, "de");
    assert.equal(await page.locator("q").evaluate((quoted) => getComputedStyle(quoted).quotes), "auto");
  }));

test("the first visit is in the browser's language, or in English where the page has no such words", async () => {
  for (const [locale, name] of [["de-AT", "de"], ["fr-CA", "fr"], ["en-US", "en"], ["ja-JP", "en"]]) {
    await withPage(
      async (page, { requests }) => {
        await page.locator("#ask-title").waitFor();
        assert.equal(await page.evaluate(() => document.documentElement.lang), name, locale);
        assert.equal(await page.locator("#language").inputValue(), name);
        const words = requests.map((request) => new URL(request.url()).pathname).filter((path) => /\/(en|de|fr)-[^/]*\.js$/.test(path));
        assert.ok(name === "en" ? words.length === 0 : words.every((path) => path.includes(`/${name}-`)), `${locale} downloads ${words.join()}`);
        assert.equal(await page.evaluate(() => localStorage.length), 0, "only a choice is kept");
      },
      { locale },
    );
  }
});

test("the first load stays within 80 kB, compressed as servers do, in every language", async () => {
  for (const name of Object.keys(LANGUAGES)) {
    await inLanguage(name, async (page, { requests }) => {
      await page.locator("#ask-title").waitFor();
      await page.waitForLoadState("networkidle");
      const files = requests.map((request) => join(all.built.folder, new URL(request.url()).pathname.replace(/\/$/, "/index.html")));
      const bytes = (await Promise.all(files.map(async (file) => brotliCompressSync(await readFile(file)).length))).reduce((sum, length) => sum + length);
      assert.ok(bytes > 40_000 && bytes < 80_000, `${name}: ${bytes} bytes in ${files.length} files`);
    });
  }
});

test("a language is chosen by the keyboard, names the document and its title, and is there at the next visit", () =>
  withPage(async (page) => {
    assert.deepEqual(await page.locator("#language option").allInnerTexts(), Object.values(LANGUAGES));
    assert.equal(await page.locator("#language").evaluate((select) => select.labels[0].innerText.trim()), "Language");
    await page.locator("#language").focus();
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction(() => document.documentElement.lang === "de");
    assert.equal(await page.title(), "Telefonsuche");
    assert.equal(await page.evaluate(() => document.activeElement.id), "language", "the focus stays where it is");
    await page.reload();
    await page.getByRole("heading", { name: "Die Telefonnummer einer Person finden" }).waitFor();
    await chooseLanguage(page, "fr");
    assert.equal(await page.title(), "Recherche de téléphone");
    await page.goto(`${all.served.origin}/#list`);
    await page.getByRole("heading", { name: "Trouver les numéros de téléphone d’une liste" }).waitFor();
    await chooseLanguage(page, "en");
    await page.getByRole("heading", { name: "Find the phone numbers of a list" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Find the phone numbers of a list" }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  }));

test("another language keeps what was typed, a lookup that is under way, and its result", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: "delay", ms: 4000 }]);
    await fillIn(page, { linkedin_url: "linkedin.com/in/jane-doe", first_name: "Jane" });
    await chooseLanguage(page, "de");
    assert.equal(await page.locator("#linkedin_url").inputValue(), "linkedin.com/in/jane-doe");
    assert.equal(await page.locator("#first_name").inputValue(), "Jane");
    await sendButton(page).click();
    await page.getByRole("heading", { name: "Suche läuft" }).waitFor();
    await chooseLanguage(page, "fr");
    await page.getByRole("heading", { name: "Recherche en cours" }).waitFor();
    assert.equal(await resultTitle(page), "Téléphone trouvé");
    await chooseLanguage(page, "en");
    await page.getByRole("heading", { name: "Phone found" }).waitFor();
    assert.equal(sandbox.requests().length, 1);
  }));

test("another language keeps a pasted list, its limit, and a run that is under way; so does a look into the help", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: "delay", ms: 1500 }]);
    const list = "Email\njane.doe@acme.example.com\ntom.okafor@acme.example.com\nnobody-1@example.com\nnobody-2@example.com\n";
    await page.goto(`${all.served.origin}/#list`);
    await page.locator("#paste").fill(list);
    await chooseLanguage(page, "de");
    assert.equal(await page.locator("#paste").inputValue(), list);
    await page.getByRole("link", { name: "Wie muss eine Liste aussehen?" }).click();
    await page.locator("#help-list:focus").waitFor();
    await page.goBack();
    assert.equal(await page.locator("#paste").inputValue(), list);
    await page.locator(".choose form button").click();
    await page.locator("#plan-title").waitFor();
    await page.locator("#limit").fill("15");
    await page.locator("#at-once").fill("1");
    await page.getByRole("link", { name: "Limit, Pause, Stopp" }).click();
    await page.locator("#help-run:focus").waitFor();
    await page.goBack();
    assert.equal(await page.locator("#limit").inputValue(), "15", "nobody spends more than was said for having read the help");
    await page.locator("form.start button[type=submit]").click();
    await page.locator("#run-title.working").waitFor();
    await chooseLanguage(page, "fr");
    await page.getByRole("heading", { name: "Recherche en cours" }).waitFor();
    await page.locator('#run-title:text-is("Terminé")').waitFor({ timeout: 15_000 });
    assert.equal(sandbox.requests().length, 4);
    assert.equal(sandbox.wallet().double_charges, 0);
  }));

test("a language that can't be loaded leaves the page as it is, and says so", () =>
  withPage(async (page) => {
    await page.route(/\/de-[^/]*\.js$/, (route) => route.fulfill({ status: 200, contentType: "text/javascript", body: "throw new Error();" }));
    await page.locator("#language").selectOption("de");
    await page.getByRole("alert").getByText("This language could not be loaded.").waitFor();
    assert.equal(await page.locator("#language").inputValue(), "en");
    await page.getByRole("heading", { name: "Find a person’s phone number" }).waitFor();
    await chooseLanguage(page, "fr");
    assert.equal(await page.getByRole("alert").getByText("langue").count(), 0);
  }));

test("what the help shows as accepted is accepted, and what it shows as refused is refused", () =>
  withPage(async (page) => {
    await page.goto(`${all.served.origin}/#help`);
    await page.locator(".examples .small").first().waitFor();
    const examples = await page.locator(".examples").evaluateAll((fields) =>
      fields.flatMap((field) => [...field.querySelectorAll("li")].map((item) => ({ field: field.dataset.field, text: item.querySelector("code").innerText, isTaken: !!item.closest(".taken"), why: item.querySelector(".small")?.innerText }))),
    );
    assert.ok(examples.length > 10);
    for (const { field, text, isTaken, why } of examples) {
      const judged = await checkRequest({ first_name: "Jane", last_name: "Doe", [field]: text });
      assert.equal(judged.ok, isTaken, text);
      assert.equal(why, judged.issues?.find((issue) => issue.field === field).message.replaceAll("'", "’"), text);
    }
  }));

test("the form and the list lead to the part of the help that is about them", () =>
  withPage(async (page) => {
    await page.getByRole("link", { name: "What is accepted?" }).click();
    await page.locator("#help-people:focus").waitFor();
    assert.equal(await page.getByRole("link", { name: "Help", exact: true }).getAttribute("aria-current"), "page");
    await page.getByRole("link", { name: "What is kept in this browser?" }).click();
    await page.locator("#help-kept:focus").waitFor();
    const { top } = await page.locator("#help-kept").evaluate((heading) => heading.getBoundingClientRect());
    assert.ok(top >= 0 && top < 900, "it is in sight");
  }));

test("every code of the core has words in each language, or the page's types don't hold", async () => {
  const codes = await readFile(join(web, "src/words/codes.ts"), "utf8");
  for (const [type, file, table] of [["IssueCode", "../../src/identity/issue.rs", "issue_codes! {"], ["ListCode", "../../src/plan/mod.rs", "list_codes! {"]]) {
    const core = (await readFile(fileURLToPath(new URL(file, import.meta.url)), "utf8")).split(`\n${table}`)[1].split("\n}")[0];
    const inCore = [...core.matchAll(/^\s+\w+ "(\w+)"/gm)].map(([, code]) => code);
    const inPage = [...codes.split(`export type ${type} =`)[1].split(";")[0].matchAll(/"(\w+)"/g)].map(([, code]) => code);
    assert.ok(inCore.length > 10);
    assert.deepEqual(inPage, inCore);
  }
});

/** The dictionaries as a browser has them, by part and language, with every ending told in all its ways. */
async function dictionaries(page) {
  const folder = await mkdtemp(join(tmpdir(), "phone-words-"));
  try {
    const { build } = await import(pathToFileURL(createRequire(join(web, "package.json")).resolve("vite")));
    const parts = { page: "words", list: "list/words", help: "help/words" };
    const input = Object.fromEntries(Object.entries(parts).flatMap(([part, path]) => Object.keys(LANGUAGES).map((name) => [`${part}-${name}`, join(web, `src/${path}/${name}.ts`)])));
    await build({ root: web, configFile: false, logLevel: "error", build: { outDir: folder, ssr: true, rolldownOptions: { input, output: { entryFileNames: "[name].js" } } } });
    const files = new Map();
    for (const file of await readdir(folder, { recursive: true })) if (file.endsWith(".js")) files.set(file, await readFile(join(folder, file), "utf8"));
    await page.route("**/dictionaries/**", (route) => route.fulfill({ contentType: "text/javascript", body: files.get(new URL(route.request().url()).pathname.split("/dictionaries/")[1]) }));
    return await page.evaluate(async (names) => {
      const flat = (value, path, found) => {
        if (typeof value === "string") found[path] = value;
        else if (typeof value === "object" && value !== null) for (const [key, inner] of Object.entries(value)) flat(inner, `${path}.${key}`, found);
        return found;
      };
      const told = {};
      for (const name of names) {
        const { words } = await import(`/dictionaries/${name}.js`);
        const ways = [{}, { status: 500, retryAfterMs: 60_000, required: 5, remainingCredits: 3, issues: [{ field: "email" }] }];
        const endings = Object.entries(words.endings ?? {}).map(([code, tell]) => [code, ways.map((way) => tell(way))]);
        told[name] = flat({ ...words, endings: Object.fromEntries(endings), sections: words.sections?.(5) }, name.split("-")[0], {});
      }
      return told;
    }, Object.keys(input));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("no text of a dictionary was left untranslated, and each keeps its language's typography", () =>
  withPage(async (page) => {
    const told = await dictionaries(page);
    for (const part of ["page", "list", "help"]) {
      const english = told[`${part}-en`];
      assert.ok(Object.keys(english).length > 20, part);
      for (const name of OTHERS) {
        const texts = told[`${part}-${name}`];
        assert.deepEqual(Object.keys(texts), Object.keys(english));
        for (const [path, text] of Object.entries(texts)) {
          assert.equal(text === "", english[path] === "", `${name} ${path}`);
          if (isSentence(text)) assert.notEqual(text, english[path], `${name} ${path}`);
          assert.doesNotMatch(text, /["']|\.\.\./, `${name} ${path}`);
          assert.doesNotMatch(text, name === "fr" ? WRONG_IN_FRENCH : /[“”]$|“[^“]*”|[\u202f]/, `${name} ${path}`);
        }
      }
    }
  }));
