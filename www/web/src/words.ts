// What the page says: of fields, of charges, and of every way in which a lookup can end without an answer.
import type { Charge, EnrichmentError, ErrorCode, Issue, LookupKind } from "phone-enrichment";
import { accessKey } from "./access.ts";
import type { Field } from "./lookup.ts";

export const FIELDS: Record<Field, { label: string; inputMode: "text" | "email" | "url"; example: string }> = {
  linkedin_url: { label: "LinkedIn address", inputMode: "url", example: "linkedin.com/in/janedoe" },
  email: { label: "E-mail", inputMode: "email", example: "jane@acme.com" },
  first_name: { label: "First name", inputMode: "text", example: "" },
  last_name: { label: "Last name", inputMode: "text", example: "" },
  company_name: { label: "Company", inputMode: "text", example: "" },
  company_website: { label: "Company website", inputMode: "url", example: "acme.com" },
};

export const KINDS: Record<LookupKind, string> = {
  linkedin_url: "the LinkedIn address",
  email: "the e-mail",
  name_website: "name and company website",
  name_company: "name and company",
};

/** What makes a lookup go by this and not by something weaker: without it the next one is sent. */
export const DECIDES: Record<LookupKind, string> = {
  ...KINDS,
  name_website: "the company website",
};

/** What is known about credits. A request that never left is told apart from one that was answered for free. */
export type ChargeState = "charged" | "not-charged" | "not-sent" | "unknown";

export function chargeState(charge: Charge, sent: boolean): ChargeState {
  if (charge === "confirmed") return "charged";
  if (charge === "possible") return "unknown";
  return sent ? "not-charged" : "not-sent";
}

export const CHARGES: Record<ChargeState, (credits: number) => string> = {
  charged: (credits) => `Charged ${creditsText(credits)}`,
  "not-charged": () => "Not charged",
  "not-sent": () => "Not sent",
  unknown: () => "May have been charged",
};

export function creditsText(credits: number): string {
  return `${credits.toLocaleString("en")} ${Math.abs(credits) === 1 ? "credit" : "credits"}`;
}

export function listText(items: string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** How long to wait, rounded up: too early is worse than too late. */
export function waitText(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  const [count, unit] = seconds < 100 ? [seconds, "second"] : seconds < 6000 ? [Math.ceil(seconds / 60), "minute"] : [Math.ceil(seconds / 3600), "hour"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

export function untilText(milliseconds: number): string {
  const until = new Date(Date.now() + milliseconds);
  const time = until.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return until.toDateString() === new Date().toDateString() ? time : `${until.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" })}, ${time}`;
}

/** The package writes for consoles as well, and so with a typewriter's apostrophe. */
const typeset = (text: string) => text.replaceAll("'", "’");

/** What is wrong. */
export function issueText({ message }: Issue): string {
  return typeset(message);
}

/** What a person can do about an issue: the package's words, and the missing fields by their labels. */
export function fixText(issue: Issue): string | null {
  if (!issue.missing?.length) return issue.fix && typeset(issue.fix);
  // The company's name or its website: either will do.
  const names = issue.missing.map((field) => (field === "company_name" ? "the company or its website" : FIELDS[field].label.toLowerCase()));
  return `Still missing: ${listText(names)}.`;
}

/** What is said of the key that each caller of a service has. */
export const ACCESS = {
  label: "Access key",
  title: (hasKey: boolean) => (hasKey ? "The service does not accept this access key" : "This service wants your access key"),
  what: "Whoever runs it gives everybody a key of their own, which begins with pe_. What it refuses costs nothing.",
  next: "Give your access key, then look up again.",
  hint: "It stays in this browser, and goes to nobody but the server of this page.",
  wrong: "This is no access key: one begins with pe_ and has 57 characters. The token of the service itself does not belong into a browser. Nothing was kept.",
  keep: "Keep it on this device; otherwise it is forgotten with this tab",
  use: "Use this key",
  cancel: "Cancel",
  change: "Change",
  forget: "Forget",
  changeName: "Change the access key",
  forgetName: "Forget the access key",
};

/** How a lookup ended without an answer: what happened, and what to do next. */
interface Ending {
  title: string;
  what: string;
  next: string;
}

const SERVER_SIDE = "Whoever runs this page has to mend this on its server; nothing you type can.";

const ENDINGS: Record<ErrorCode, (error: EnrichmentError) => Ending> = {
  invalid_request: () => ({
    title: "This can’t be looked up",
    what: "What you typed does not name one person.",
    next: "Mend what is marked in the form.",
  }),
  invalid_token: () => ({
    title: ACCESS.title(accessKey.value !== null),
    what: ACCESS.what,
    next: ACCESS.next,
  }),
  insufficient_credits: ({ required, remainingCredits }) => ({
    title: "Not enough credits",
    what:
      `A lookup needs ${required === undefined ? "more credits" : creditsText(required)} in the wallet before it starts` +
      (typeof remainingCredits === "number" ? `; there ${Math.abs(remainingCredits) === 1 ? "is" : "are"} ${creditsText(remainingCredits)} left.` : ", and it holds fewer."),
    next: "Add credits to the wallet, then look up again.",
  }),
  bad_request: ({ issues }) => ({
    title: "The service refused this request",
    what: issues?.length
      ? `It named ${listText(issues.flatMap(({ field }) => (field ? [FIELDS[field].label.toLowerCase()] : [])))}.`
      : "It did not say what it would not take.",
    next: "Check what you typed, or try another identifier of the same person.",
  }),
  forbidden: () => ({
    title: "This page may not look people up",
    what: "The way to the service is closed to this page or to its token.",
    next: SERVER_SIDE,
  }),
  not_found_endpoint: () => ({
    title: "The service is not where this page looks for it",
    what: "There is nothing at the address that this page’s server asks.",
    next: SERVER_SIDE,
  }),
  rate_limited: ({ retryAfterMs }) =>
    retryAfterMs === undefined
      ? {
          title: "The limit is reached",
          what: "The service takes no more lookups for now, and did not say until when. Test tokens have a daily limit.",
          next: "Come back tomorrow, or ask whoever runs this page for another token.",
        }
      : {
          title: "Too many lookups at once",
          what: `The service asks to wait ${waitText(retryAfterMs)}, until ${untilText(retryAfterMs)}.`,
          next: "Look up again after that. This page does not do it by itself.",
        },
  server_error: ({ status }) => ({
    title: "The service failed",
    what: `It broke off with an error${status === undefined ? "" : ` (${status})`} instead of an answer.`,
    next: "",
  }),
  malformed_response: () => ({
    title: "The answer can’t be read",
    what: "The service answered, but not in a form that says whether a phone was found.",
    next: "",
  }),
  timeout: () => ({
    title: "No answer in time",
    what: "The service did not answer in full before this page gave up.",
    next: "Look up again when you like.",
  }),
  aborted: () => ({
    title: "You cancelled",
    what: "This page stopped waiting for the answer.",
    next: "Look up again when you like.",
  }),
  network: () => ({
    title: "The connection failed",
    what: "The request or its answer was lost on the way.",
    next: "Check that you are online, then look up again.",
  }),
  budget_exceeded: () => ({
    title: "The budget is used up",
    what: "This lookup could cost more than this page may spend.",
    next: "Wait until the budget starts anew, or ask whoever runs this page to raise it.",
  }),
  suppressed: () => ({
    title: "This person is not looked up",
    what: "The person is on the list of those who must not be looked up.",
    next: "Respect that, please.",
  }),
  outcome_unknown: () => ({
    title: "An earlier lookup of this person has no known end",
    what: "It may have been charged, so it was not sent again.",
    next: "Compare your wallet before you decide to ask again.",
  }),
  token_in_browser: () => ({
    title: "This page is not set up safely",
    what: "It was given the service’s token, which anyone could read here, and refused to use it.",
    next: SERVER_SIDE,
  }),
  store_failed: () => ({
    title: "Nothing could be written down",
    what: "A lookup is recorded before it is sent, and this browser would not store the record.",
    next: "Free some space or leave private browsing, then look up again.",
  }),
  invalid_options: () => ({
    title: "This page is not set up correctly",
    what: "The package refused the settings that the page gave it.",
    next: SERVER_SIDE,
  }),
  wasm_unavailable: () => ({
    title: "This browser can’t check what you type",
    what: "The checks are WebAssembly, which could not start here. Unchecked, nothing is sent.",
    next: "Try a current browser, or leave the mode that switches WebAssembly off.",
  }),
  invalid_list: () => ({
    title: "This is no list of people",
    what: "What was given can’t be read as a list.",
    next: "Choose another file, or mend this one.",
  }),
  wasm_failed: () => ({
    title: "The checks broke down",
    what: "This browser stopped the WebAssembly halfway, as it does when memory is short.",
    next: "Look up again: it starts anew, and pays for nobody twice.",
  }),
};

export function endingOf(error: EnrichmentError): Ending {
  return ENDINGS[error.code](error);
}
