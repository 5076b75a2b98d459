// The words of the list, loaded with it.
import type { EnrichmentError, Issue } from "phone-enrichment";
import { part, words } from "../words.ts";
import type { ListWords } from "./words/en.ts";

export const listWords = await part<ListWords>({
  en: () => import("./words/en.ts"),
  de: () => import("./words/de.ts"),
  fr: () => import("./words/fr.ts"),
});

/** What is wrong with a row: with one of its fields, or with it as part of a list. */
export const rowIssueText = (issue: Issue): string => listWords.value.issue(issue) ?? words.value.issue(issue);

/** Minutes and seconds, and hours where there are some. */
export function clockText(seconds: number): string {
  const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (part: number) => String(part).padStart(2, "0");
  return hours! > 0 ? `${hours}:${two(minutes!)}:${two(rest!)}` : `${minutes}:${two(rest!)}`;
}

/** Why something is no list: but for what the package tells programmers to write. */
export function listTroubleText({ message, issues }: EnrichmentError): string {
  const says = listWords.value;
  const issue = issues?.[0];
  if (issue === undefined) return message;
  return issue.code === "no_columns" ? says.noColumns : says.trouble(issue);
}
