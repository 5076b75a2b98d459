// What is said, in every language: the same words, the same places in them, each of them said somewhere.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../../www/extension/src", import.meta.url));
const read = (path) => JSON.parse(readFileSync(join(source, path), "utf8"));
const languages = readdirSync(join(source, "words")).map((name) => [basename(name, ".json"), read(`words/${name}`)]);
const [, english] = languages.find(([name]) => name === "en");
const code = readdirSync(source, { recursive: true })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => readFileSync(join(source, name), "utf8"))
  .join("\n");
const places = (text) => [...new Set(text.match(/\{\d\}/g) ?? [])].sort();

/** Words that are made of a group and a code, by what they are made of. */
const GROUPS = {
  "page.": /sayOf\("page"/,
  "state.": /sayOf\("state"/,
  "tried.": /`tried\.\$\{/,
  "options.way.": /`options\.way\.\$\{/,
};
const isMade = (word) => Object.entries(GROUPS).some(([group, pattern]) => word.startsWith(group) && pattern.test(code)) || (word.endsWith(".title") && code.includes(`state="${word.slice(0, -6)}"`)) || (["found.title", "known.title"].includes(word) && code.includes('isFresh ? "found" : "known"'));
const isSaid = (word) => code.includes(`"${word}"`) || isMade(word);

for (const [name, words] of languages) {
  test(`${name} has every word, in order, and no other`, () => assert.deepEqual(Object.keys(words), Object.keys(english)));

  test(`${name} has the same places in each`, () => {
    for (const [word, text] of Object.entries(words)) assert.deepEqual(places(text), places(english[word]), word);
  });

  test(`${name} says something in each`, () => {
    for (const [word, text] of Object.entries(words)) {
      assert.ok(text.trim().length > 1, word);
      if (name !== "en") assert.ok(text !== english[word] || ["Token", "Options"].includes(text), `${word} is translated`);
    }
  });

  test(`${name} names the extension to the browser, within what stores allow`, () => {
    const told = read(`public/_locales/${name}/messages.json`);
    assert.deepEqual(Object.keys(told), ["extension_name", "extension_description", "open_panel"]);
    assert.ok(told.extension_name.message.length <= 75);
    assert.ok(told.extension_description.message.length <= 132);
  });
}

test("no word is unused", () => assert.deepEqual(Object.keys(english).filter((word) => !isSaid(word)), []));

test("no word is missing", () => {
  const said = [...code.matchAll(/\bsay\(\s*"([^"]+)"|\bword="([^"]+)"|\bsayOf\([^)]*"([a-z_]+\.[a-z_]+)"\)/g)].map((match) => match[1] ?? match[2] ?? match[3]);
  assert.ok(said.length > 50);
  assert.deepEqual(said.filter((word) => !(word in english)), []);
  const states = /^type State = (.+);$/m.exec(code)[1].match(/"(\w+)"/g).map((state) => `${JSON.parse(state)}.title`);
  assert.deepEqual(states.filter((word) => !(word in english)), []);
});
