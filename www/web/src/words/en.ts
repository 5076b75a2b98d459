// What the page says, in English: of fields, of charges, and of every way in which a lookup can end without an answer.
// The other languages have the same, and TypeScript sees to it. What is wrong with a field the package says itself.
import type { ComponentChildren } from "preact";
import type { EnrichmentError, ErrorCode, Issue, LookupKind } from "phone-enrichment";
import type { Field } from "../lookup.ts";
import type { ChargeState } from "../words.ts";
import { speech, typeset } from "./speech.ts";

/** How a lookup ended without an answer: what happened, and what to do next. */
export interface Ending {
  title: string;
  what: string;
  next: string;
}

/** What of an error is told besides its code. */
type Told = Pick<EnrichmentError, "issues" | "remainingCredits" | "required" | "retryAfterMs" | "status">;

const { number, percent, count, list, wait, until, compare } = speech("en");

const credits = (many: number) => count(many, ["credit", "credits"]);

const FIELDS: Record<Field, string> = {
  linkedin_url: "LinkedIn address",
  email: "E-mail",
  first_name: "First name",
  last_name: "Last name",
  company_name: "Company",
  company_website: "Company website",
};

/** The fields within a sentence. */
const NAMED: Record<Field, string> = {
  linkedin_url: "LinkedIn address",
  email: "e-mail",
  first_name: "first name",
  last_name: "last name",
  company_name: "company",
  company_website: "company website",
};

const KINDS: Record<LookupKind, string> = {
  linkedin_url: "the LinkedIn address",
  email: "the e-mail",
  name_website: "name and company website",
  name_company: "name and company",
};

/** What makes a lookup go by this and not by something weaker: without it the next one is sent. */
const DECIDES: Record<LookupKind, string> = { ...KINDS, name_website: "the company website" };

const CHARGES: Record<ChargeState, (credits: number) => string> = {
  charged: (cost) => `Charged ${credits(cost)}`,
  "not-charged": () => "Not charged",
  "not-sent": () => "Not sent",
  unknown: () => "May have been charged",
};

const SERVER_SIDE = "Whoever runs this page has to mend this on its server; nothing you type can.";

const ENDINGS: Record<ErrorCode, (error: Told) => Ending> = {
  invalid_request: () => ({
    title: "This can’t be looked up",
    what: "What you typed does not name one person.",
    next: "Mend what is marked in the form.",
  }),
  invalid_token: () => ({
    title: "This service wants your access key",
    what: "Whoever runs it gives everybody a key of their own, which begins with pe_. What it refuses costs nothing.",
    next: "Give your access key, then look up again.",
  }),
  insufficient_credits: ({ required, remainingCredits }) => ({
    title: "Not enough credits",
    what:
      `A lookup needs ${required === undefined ? "more credits" : credits(required)} in the wallet before it starts` +
      (typeof remainingCredits === "number" ? `; there ${Math.abs(remainingCredits) === 1 ? "is" : "are"} ${credits(remainingCredits)} left.` : ", and it holds fewer."),
    next: "Add credits to the wallet, then look up again.",
  }),
  bad_request: ({ issues }) => ({
    title: "The service refused this request",
    what: issues?.length
      ? `It named ${list(issues.flatMap(({ field }) => (field ? [NAMED[field]] : [])))}.`
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
          what: `The service asks to wait ${wait(retryAfterMs)}, until ${until(retryAfterMs)}.`,
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

export const words = {
  title: "Phone lookup",
  language: "Language",
  languageLost: "This language could not be loaded. Try again when you are online.",
  loading: "Loading.",
  partLost: "This part of the page could not be loaded. Load the page again.",
  views: { label: "Views", one: "One person", list: "A list", help: "Help" },
  wallet: (left: ComponentChildren, isDoubtful: boolean): ComponentChildren => ["Wallet: ", left, isDoubtful && " before the last lookup"],

  number,
  percent,
  credits,
  list,
  wait,
  compare,
  fields: FIELDS,
  kinds: KINDS,
  charges: CHARGES,
  endings: ENDINGS,
  /** What is wrong. */
  issue: ({ message }: Issue): string => typeset(message),
  /** What a person can do about it: the missing fields by their labels. */
  fix({ missing, fix }: Issue): string | null {
    if (!missing?.length) return fix && typeset(fix);
    // The company's name or its website: either will do.
    return `Still missing: ${list(missing.map((field) => (field === "company_name" ? "the company or its website" : NAMED[field])))}.`;
  },

  /** Of the key that each caller of a service has. */
  access: {
    label: "Access key",
    refused: "The service does not accept this access key",
    kept: "Access key:",
    hint: "It stays in this browser, and goes to nobody but the server of this page.",
    wrong: "This is no access key: one begins with pe_ and has 57 characters. The token of the service itself does not belong into a browser. Nothing was kept.",
    keep: "Keep it on this device; otherwise it is forgotten with this tab",
    use: "Use this key",
    cancel: "Cancel",
    change: "Change",
    forget: "Forget",
    changeName: "Change the access key",
    forgetName: "Forget the access key",
  },

  form: {
    title: "Find a person’s phone number",
    lede: "Say who is meant in one of three ways. What you type is checked here, for free; nothing leaves this page before you press the button.",
    help: "What is accepted?",
    enough: "Enough by itself",
    or: "or",
    name: "Name and company",
    nameHint: "All of the name, and the company or its website",
    example: (text: string) => `e.g. ${text}`,
    nothingSent: "Nothing was sent",
    about: (field: string) => `${field}: `,
    goesBy: (kind: ComponentChildren): ComponentChildren => ["Goes by ", kind, ". This is all that will be sent:"],
    weaker: (kinds: string[]) => `Not sent, because one is enough: ${list(kinds)}.`,
    notSent: (what: string) => `Not sent: ${what}`,
    unfinishedName: "the unfinished name.",
    mend: (fields: ComponentChildren): ComponentChildren => ["To mend: ", fields, "."],
    request: "the request",
    fillIn: "Fill in one of the three.",
    again: (price: number) => `The last lookup of this person may have been charged. Looking up again can cost ${credits(price)} a second time.`,
    acceptAgain: "I accept that, and want to look up this person again",
    send: "Look up",
    sending: "Looking up…",
    spend: (price: number) => `Look up – ${credits(price)} if found`,
    spendAgain: (price: number) => `Ask again – may cost ${credits(price)} more`,
    showAgain: "Show again – free",
  },

  result: {
    cancelling: "Cancelling.",
    looking: "Looking up.",
    costs: "What a lookup costs",
    when: {
      charged: "A phone was found.",
      "not-charged": "No phone was found, or the service refused.",
      "not-sent": "What you typed can’t be looked up. It stays here.",
      unknown: "The answer was lost on its way, or came too late: nobody on this side can know. This page never sends again by itself.",
    } satisfies Record<ChargeState, string>,
    lookingTitle: "Looking up",
    goingBy: "By",
    wentBy: "Looked up by",
    cancel: "Cancel",
    cancelSays: "This stops the waiting. The service has the request and may charge all the same.",
    found: "Phone found",
    notFound: "No phone found",
    phone: "Phone",
    email: "E-mail",
    copyPhone: "Copy phone",
    copyEmail: "Copy e-mail",
    copy: "Copy",
    copied: "Copied",
    marked: "Marked: copy it with the keyboard or the menu",
    call: "Call",
    callNumber: (phone: string) => `Call ${phone}`,
    withoutCountry: "Written as the service has it. It does not say which country it belongs to, or not clearly, so there is no link to call it.",
    free: (message: ComponentChildren): ComponentChildren => ["A lookup that finds nothing is free. The service says: ", message],
    goWeaker: (went: LookupKind, weaker: LookupKind) => `This went by ${KINDS[went]} alone. To go by ${KINDS[weaker]}, clear ${DECIDES[went]}.`,
    goElsewhere: "The service may know the same person by another identifier: try one that you have not given yet.",
    kept: "This page has the answer from before: nothing was sent.",
    cost: "Cost",
    nothing: "Nothing",
    left: "Left in the wallet",
    leftUnknown: "The service did not say",
    lost: (price: number) => `The request had gone out, so nobody on this side can know whether the service did the lookup. If it found a phone, that cost ${credits(price)}.`,
    compareWallet: (before: number | null, price: number) =>
      (before === null
        ? "Look into your wallet at the service: if it went down, this lookup was charged. "
        : `Look into your wallet at the service. It held ${credits(before)} before; if it holds ${credits(before - price)} now, this lookup was charged. `) +
      "Look this person up again only if you accept to pay a second time.",
    next: "What next?",
    broken: "This page failed",
    brokenSays: "Something went wrong in the page itself.",
    reload: "Reload the page.",
    support: "For support",
    code: "Code",
    message: "Message",
    status: "HTTP status",
    lookup: "Lookup",
    reply: "The reply began with this. It may hold personal data: look before you pass it on.",
  },
};

export type Words = typeof words;
