// What the pages say, in each language. The browser's own way can't change the language, which is a setting here.
import { signal } from "@preact/signals";
import { browser } from "wxt/browser";
import ar from "./words/ar.json";
import de from "./words/de.json";
import en from "./words/en.json";
import type { Settings } from "./settings.ts";

export type Word = keyof typeof en;

const WORDS: Record<string, Record<Word, string>> = { en, de, ar };
const RIGHT_TO_LEFT = ["ar"];

const language = signal("en");

/** Speaks the language of the settings, from now on and in the whole page. */
export function speak(chosen: Settings["language"]): void {
  const wanted = chosen === "auto" ? browser.i18n.getUILanguage().split("-")[0]! : chosen;
  language.value = wanted in WORDS ? wanted : "en";
  document.documentElement.lang = language.value;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(language.value) ? "rtl" : "ltr";
}

/** The word, with what goes into its places. */
export const say = (word: Word, ...places: (string | number)[]): string =>
  WORDS[language.value]![word].replaceAll(/\{(\d)\}/g, (_, place) => (typeof places[place] === "number" ? places[place].toLocaleString(language.value) : String(places[place] ?? "")));

/** What the word for a code is, or that for all others. */
export const sayOf = (group: string, code: string, other: Word): string => say(`${group}.${code}` in en ? (`${group}.${code}` as Word) : other);

/** How long ago or how soon, such as "3 days ago" or "in 5 hours". */
export function when(at: number, now = Date.now()): string {
  const format = new Intl.RelativeTimeFormat(language.value, { numeric: "auto" });
  const seconds = (at - now) / 1000;
  for (const [unit, length] of [["day", 86_400], ["hour", 3_600], ["minute", 60]] as const) {
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
  }
  return format.format(Math.round(seconds), "second");
}

/** A text of somebody else's, which keeps its own direction. */
export const isolated = (text: string) => `\u2068${text}\u2069`;
