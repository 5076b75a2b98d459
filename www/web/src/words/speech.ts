// What every language does alike, by Intl: numbers, counts, lists and times, in the visitor's own variety of it.
import type { Issue } from "phone-enrichment";
import type { IssueCode } from "./codes.ts";

/** What is counted: one, several, and where a language has it, millions (French: “2 000 000 de lignes”). */
export type Counted = readonly [one: string, other: string, many?: string];

export function speech(language: string) {
  const locale = navigator.languages.find((wanted) => wanted.split("-")[0] === language) ?? language;
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: "percent" });
  const plurals = new Intl.PluralRules(locale);
  const lists = new Intl.ListFormat(locale);
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  // Where it is usual, a number and what it counts stay on one line.
  const gap = language === "en" ? " " : "\u00a0";
  const dayAndTime = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  return {
    number: (count: number) => numbers.format(count),
    /** A share of one, rounded down: what is not done is not said to be. */
    percent: (share: number) => percents.format(Math.floor(share * 100) / 100),
    count(count: number, [one, other, many = other]: Counted): string {
      const form = plurals.select(count);
      return `${numbers.format(count)}${gap}${form === "one" ? one : form === "many" ? many : other}`;
    },
    list: (items: string[]) => lists.format(items),
    /** How long to wait, rounded up: too early is worse than too late. */
    wait(milliseconds: number): string {
      const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
      const [count, unit] = seconds < 100 ? [seconds, "second"] : seconds < 6000 ? [Math.ceil(seconds / 60), "minute"] : [Math.ceil(seconds / 3600), "hour"];
      return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(count);
    },
    until(milliseconds: number): string {
      const until = new Date(Date.now() + milliseconds);
      return (until.toDateString() === new Date().toDateString() ? time : dayAndTime).format(until);
    },
    /** A day and a time, in the past. */
    moment: (when: number) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(when),
    compare: new Intl.Collator(locale).compare,
  };
}

/** The package writes for consoles as well, and so with a typewriter's apostrophe. */
export const typeset = (text: string) => text.replaceAll("'", "’");

/** What the package says in English, said by its code. A code that these words are too old for is said as the package does. */
export function byCode<Code extends string = IssueCode>(texts: Record<Code, readonly [what: string, fix: string | null]>) {
  const found = (code: string): readonly [string, string | null] | undefined => texts[code as Code];
  return {
    what: ({ code, message }: Issue) => found(code)?.[0] ?? typeset(message),
    fix({ code, fix }: Issue): string | null {
      const text = found(code);
      return text ? text[1] : fix && typeset(fix);
    },
  };
}
