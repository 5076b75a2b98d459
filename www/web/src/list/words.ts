// What the page says of lists, in one place, so that it can be said in another language.
import type { EnrichmentError } from "phone-enrichment";
import type { PlanColumn, PlanFlag } from "phone-enrichment/lists";
import type { Target } from "./book.ts";
import type { RowState } from "./run.ts";
import type { Sample } from "./samples.ts";

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

export const EXPORT = { csv: "Export CSV", json: "Export JSON" };
export const EXPORT_FAILED = "The file could not be written.";

export function exportOnlyText(rows: number): string {
  return `Only the ${rowsText(rows)} that the filter shows`;
}

export function exportingText(share: number): string {
  return `Writing the file: ${Math.floor(share * 100)} %.`;
}

/** Why the list could not be read once more. */
export function exportTroubleText(error: unknown): string {
  if (error instanceof DOMException && ["NotReadableError", "NotFoundError"].includes(error.name)) return "The list was changed, moved or removed since it was chosen. Load the page again: it has a copy of its own.";
  return String((error as Error)?.message ?? error).replaceAll("'", "’");
}

/** What the charts show, each by its name in the samples. */
export type Series = Exclude<keyof Sample, "at">;

export const FIGURES: Record<Series | "title" | "time" | "at" | "outcomes" | "spend" | "lost", string> & { table: Record<"outcomes" | "spend", string> } = {
  title: "Over time",
  time: "The time is that of looking up: pauses are left out.",
  at: "Time",
  outcomes: "People",
  found: "Found",
  notFound: "Not found",
  doubt: "May have been charged",
  failed: "Failed, not charged",
  spend: "Credits",
  spent: "Charged",
  possible: "May have been charged",
  reserved: "Set aside",
  limit: "Limit",
  lost: "The picture could not be loaded; the table has its numbers.",
  table: { outcomes: "People as a table", spend: "Credits as a table" },
};

export const NO_LIMIT = "none";

/** Minutes and seconds, and hours where there are some. */
export function clockText(seconds: number): string {
  const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (part: number) => String(part).padStart(2, "0");
  return hours! > 0 ? `${hours}:${two(minutes!)}:${two(rest!)}` : `${minutes}:${two(rest!)}`;
}

export function atText(seconds: number, isLast: boolean): string {
  return isLast ? `By now, after ${clockText(seconds)}` : `After ${clockText(seconds)}`;
}

export function outcomesText({ at, found, notFound, doubt, failed }: Sample): string {
  return `After ${clockText(at)}: ${countText(found)} found, ${countText(notFound)} not found, ${countText(doubt)} may have been charged, ${countText(failed)} failed without a charge.`;
}

export function spendText({ at, spent, possible, reserved, limit }: Sample): string {
  return `After ${clockText(at)}: ${countText(spent)} credits charged, ${countText(possible)} may have been charged, ${countText(reserved)} set aside, ${limit === null ? "without a limit" : `of ${countText(limit)} at most`}.`;
}
