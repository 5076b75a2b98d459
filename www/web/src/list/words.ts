// What the page says of lists, in one place, so that it can be said in another language.
import type { EnrichmentError } from "phone-enrichment";
import type { PlanColumn, PlanFlag } from "phone-enrichment/lists";
import { creditsText } from "../words.ts";
import type { Sums, Target } from "./book.ts";
import type { PageTrouble, RowState } from "./run.ts";

export const TARGETS: [Exclude<Target, null>, string][] = [
  ["linkedin_url", "LinkedIn address"],
  ["email", "E-mail"],
  ["first_name", "First name"],
  ["last_name", "Last name"],
  ["full_name", "Full name"],
  ["company_name", "Company"],
  ["company_website", "Company website"],
];

export const WHY: Record<PlanColumn["why"], string> = {
  caller: "You said so",
  layout: "Matched as the layout of a known tool",
  name: "Matched by its name",
  values: "Matched by its values",
  unlike: "Ignored: its name is known, but its values are something else",
  other: "Ignored: another column comes before it",
  unknown: "Ignored: its name is not known",
};

export const STATES: Record<RowState, string> = {
  found: "Found",
  not_found: "Not found",
  doubt: "May have been charged",
  failed: "Failed, not charged",
  known: "Known, free",
  waiting: "Not looked up yet",
  duplicate: "Duplicate",
  invalid: "Invalid",
  suppressed: "Not to be looked up",
  blank: "Blank",
};

export const FLAGS: Record<PlanFlag, string> = {
  name_split: "The name was split in two",
  name_not_split: "The name could not be split",
  other_column: "Something stands in another column than it should",
  short_row: "The row is shorter than the header",
  shared_identifier: "Shares an identifier with another row",
};

export const DELIMITERS: Record<string, string> = { ",": "comma", ";": "semicolon", "\t": "tab" };

export function countText(count: number): string {
  return count.toLocaleString("en");
}

export function rowsText(count: number): string {
  return `${countText(count)} ${count === 1 ? "row" : "rows"}`;
}

export function peopleText(count: number): string {
  return `${countText(count)} ${count === 1 ? "person" : "people"}`;
}

/** Why something is no list: the package's words, but for what it tells programmers to write. */
export function listTroubleText({ message, issues }: EnrichmentError): string {
  if (issues?.[0]?.code === "no_columns") return "No column is known by its name. It takes a LinkedIn address, an e-mail, or a name and a company.";
  return message.replaceAll("'", "’");
}

/** What went wrong in the page itself, and what to do. */
export const TROUBLES: Record<PageTrouble, { title: string; what: string }> = {
  elsewhere: {
    title: "A list is open in another tab",
    what: "One tab at a time works on a list, so that nothing is lost. Press “Another list” in that tab, or close it; then try again here.",
  },
  erased: { title: "This list was erased", what: "Another tab has erased it since it was shown here." },
  no_room: {
    title: "This browser has no room left",
    what: "Nothing more is sent than can be written down. What was found is on this page and can be exported; as long as the page is open, it goes on trying to keep it. Free some space, or erase an earlier list.",
  },
};

export const HISTORY = {
  title: "Earlier lists",
  open: "Open",
  erase: "Erase",
  elsewhere: "Open in another tab",
  confirm:
    "This removes the list, its results, and every answer that is kept for its people, unless they are on another list here. Whoever of them is looked up again costs again.",
  confirmed: "Yes, erase this list",
  keep: "Keep it",
  erasing: "Erasing the list",
  /** For whoever does not see next to what the buttons stand. */
  openName: (name: string) => `Open ${name}`,
  eraseName: (name: string) => `Erase ${name}`,
  eraseAll: "This removes all lists, every answer and the access key that this browser keeps. Whoever is looked up again costs again.",
};

/** When a list was begun. */
export function startedText(started: number | null): string {
  return started === null ? "Begun before the history was kept" : `Begun ${new Date(started).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })}`;
}

export function sumsText(sums: Sums | null): string {
  if (sums === null) return "Not counted yet: open it once.";
  const { rows, people, found, left, spent } = sums;
  return `${rowsText(rows)}, ${peopleText(people)}, ${countText(found)} found. ${spent === 0 ? "Nothing" : creditsText(spent)} spent. ${left === 0 ? "Done" : `${peopleText(left)} not looked up yet`}.`;
}
