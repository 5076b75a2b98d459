// What the page says of lists, in English.
import type { ComponentChildren } from "preact";
import type { Issue } from "phone-enrichment";
import type { PlanColumn, PlanFlag } from "phone-enrichment/lists";
import { speech, typeset } from "../../words/speech.ts";
import { words as page } from "../../words/en.ts";
import type { Sums, Target } from "../book.ts";
import type { PageTrouble, RowState } from "../run.ts";
import type { Sample } from "../samples.ts";

/** What the charts show, each by its name in the samples. */
export type Series = Exclude<keyof Sample, "at">;

const { count, moment, number } = speech("en");
const { credits, wait } = page;

const rows = (many: number) => count(many, ["row", "rows"]);
const people = (many: number) => count(many, ["person", "people"]);

const TARGETS: Record<Exclude<Target, null>, string> = {
  linkedin_url: "LinkedIn address",
  email: "E-mail",
  first_name: "First name",
  last_name: "Last name",
  full_name: "Full name",
  company_name: "Company",
  company_website: "Company website",
};

const WHY: Record<PlanColumn["why"], string> = {
  caller: "You said so",
  layout: "Matched as the layout of a known tool",
  name: "Matched by its name",
  values: "Matched by its values",
  unlike: "Ignored: its name is known, but its values are something else",
  other: "Ignored: another column comes before it",
  unknown: "Ignored: its name is not known",
};

const STATES: Record<RowState, string> = {
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

const FLAGS: Record<PlanFlag, string> = {
  name_split: "The name was split in two",
  name_not_split: "The name could not be split",
  other_column: "Something stands in another column than it should",
  short_row: "The row is shorter than the header",
  shared_identifier: "Shares an identifier with another row",
};

const DELIMITERS: Record<string, string> = { ",": "commas", ";": "semicolons", "\t": "tabs" };

/** A part of a whole: what it is, and where it takes a word more, what becomes of it. */
export type PartText = readonly [label: string, says: string];

const PLAN: Record<"unique" | "known" | "doubt" | "duplicate" | "invalid" | "rest", PartText> = {
  unique: ["To look up", "each once"],
  known: ["Known", "from before, free"],
  doubt: ["May have been charged", "before; not asked again"],
  duplicate: ["Duplicates", "of another row, never sent"],
  invalid: ["Invalid", "not sent; see the rows"],
  rest: ["Blank or suppressed", "not sent"],
};

const RUN: Record<"found" | "unique" | "doubt" | "invalid" | "rest", PartText> = {
  found: ["Found", ""],
  unique: ["Not found", "free"],
  doubt: ["May have been charged", "not asked again"],
  invalid: ["Failed", "not charged"],
  rest: ["Not looked up yet", ""],
};

export const words = {
  rows,
  people,
  targets: TARGETS,
  why: WHY,
  states: STATES,
  flags: FLAGS,
  /** What is wrong with a row as part of a list, where this language has its own words for it. */
  issue: (_: Issue): string | null => null,
  /** Why something is no list, and what to do. */
  trouble: ({ message, fix, line }: Issue) => typeset(`${message}${line ? ` (Line ${line}.)` : ""} ${fix}`),
  noColumns: "No column is known by its name. It takes a LinkedIn address, an e-mail, or a name and a company.",

  title: "Find the phone numbers of a list",
  lede: "The list is read and counted here, for free. Nothing leaves this page before you press start, and you see first what it can cost at most.",
  limitReached: "The limit is reached",
  limitReachedSays: "The run stopped before it would have spent more. What was found is kept; with another limit it goes on.",
  whichColumns: "Which columns name a person?",
  broken: "Something went wrong",

  choose: {
    title: "Choose a list",
    help: "What must it look like?",
    file: "Drop a CSV file here, or choose one",
    pick: "Choose a file",
    or: "or",
    paste: "Paste it, with the line of headers",
    read: "Read the pasted list",
    pasted: "Pasted list",
  },
  atWork: "Reading the list",
  atWorkKnown: "It is read; now the page looks for whom it knows already.",
  giveUp: "Give up",

  plan: {
    parts: PLAN,
    replanning: "Planning anew",
    most: (credits: ComponentChildren): ComponentChildren => ["At most ", credits],
    title: (ofRows: number, ofPeople: number) => `${rows(ofRows)}, ${people(ofPeople)}`,
    read: (name: string, layout: string | null, delimiter: string, encoding: string, header: number | null) =>
      `${name}${layout ? `, as ${layout} writes it` : ""}. ${DELIMITERS[delimiter] ? `Separated by ${DELIMITERS[delimiter]}, ` : ""}${encoding}, ${header === null ? "without a header" : `header in record ${header}`}.`,
    price: (price: number) => `${credits(price)} for each person who is found, nothing for others.`,
    wrong: (issues: [what: string, count: number][]) => `What is wrong with rows: ${issues.map(([what, many]) => `${what.replace(/\.$/, "")}: ${number(many)}`).join("; ")}.`,
    bar: (parts: [label: string, count: number][]) => parts.map(([label, many]) => `${label}: ${number(many)}`).join(", "),
  },

  reading: {
    title: "How the list is read",
    delimiter: "Separated by",
    header: "Header",
    encoding: "Written in",
    found: (what: string) => `Found out: ${what}`,
    findOut: "Find out",
    noHeader: "No header",
    record: (record: number) => `Record ${record}`,
  },
  delimiters: DELIMITERS,

  start: {
    most: "Spend at most",
    mostAgain: "Spend at most, from now on",
    wrongLimit: "Write a whole number of credits from 1, or nothing for no limit.",
    noLimit: "Credits. No limit is set.",
    limit: "Credits. The run stops before it would spend more.",
    atOnce: "At once",
    atOnceSays: "1 to 50 lookups",
    ladder: "Where nothing is found, try the person’s other identifiers",
    ladderSays: "Still paid once for each person who is found. Rows with one identifier that is not valid beside a good one are looked up, too.",
    nobody: "Nobody to look up",
    start: (most: number) => `Start – ${credits(most)} at most`,
    goOn: (most: number) => `Go on – ${credits(most)} at most`,
    help: "Limit, pause, stop: what happens?",
  },
  another: "Another list",

  columns: {
    title: "Columns",
    unplanned: "Say what the columns hold; then the list is planned, and still nothing is sent.",
    planned: "What is wrong can be corrected; the plan is then made anew, and still nothing is sent.",
    column: (place: number) => `Column ${place}`,
    noValues: "No values",
    ignored: "Ignored",
  },

  run: {
    parts: RUN,
    titles: { stopped: "Stopped", done: "Done", yes: "Looking up", paused: "Paused", stopping: "Stopping" },
    charged: (credits: ComponentChildren): ComponentChildren => ["Charged for this list: ", credits],
    /** How far it is, and what is known besides. */
    progress: (done: number, all: number, left: number | null, reserved: number, limit: number | null) =>
      `${number(done)} of ${people(all)}${left === null ? "" : `, ${wait(left)} left`}${reserved > 0 ? `, ${credits(reserved)} set aside for those that are out` : ""}${limit === null ? "" : `. Limit ${credits(limit)}`}.`,
    known: "Who was known already, also from a run that broke off, came for free now and is not counted in what was charged.",
    doubt: (many: number) => `For ${people(many)} nobody on this side can know whether there was a charge. They are set apart in the rows, and this page does not ask for them again: that could cost a second time.`,
    pause: "Pause",
    resume: "Resume",
    stop: "Stop",
    lookAgain: "See whether answers came after all – free",
    retry: (many: number, most: number) => `Retry ${number(many)} that failed for free – ${credits(most)} at most`,
    help: "What do the states mean?",
  },

  /** What went wrong in the page itself, and what to do. */
  troubles: {
    elsewhere: {
      title: "A list is open in another tab",
      what: "One tab at a time works on a list, so that nothing is lost. Press “Another list” in that tab, or close it; then try again here.",
    },
    erased: { title: "This list was erased", what: "Another tab has erased it since it was shown here." },
    no_room: {
      title: "This browser has no room left",
      what: "Nothing more is sent than can be written down. What was found is on this page and can be exported; as long as the page is open, it goes on trying to keep it. Free some space, or erase an earlier list.",
    },
    unreadable: {
      title: "The file can’t be read any more",
      what: "It was changed, moved or removed since it was chosen, or its disk fails. Nothing was sent. Choose the file again.",
    },
  } satisfies Record<PageTrouble, { title: string; what: string }>,

  export: {
    csv: "Export CSV",
    json: "Export JSON",
    file: (name: string) => `${name || "list"} with phones`,
    only: (shown: number) => `Only the ${rows(shown)} that the filter shows`,
    writing: (percent: string) => `Writing the file: ${percent}.`,
    failed: "The file could not be written.",
    changed: "The list was changed, moved or removed since it was chosen. Load the page again: it has a copy of its own.",
  },

  /** The charts of a run. */
  figures: {
    title: "Over time",
    time: "The time is that of looking up: pauses are left out.",
    at: "Time",
    outcomes: "People",
    spend: "Credits",
    series: {
      found: "Found",
      notFound: "Not found",
      doubt: "May have been charged",
      failed: "Failed, not charged",
      spent: "Charged",
      possible: "May have been charged",
      reserved: "Set aside",
      limit: "Limit",
    } satisfies Record<Series, string>,
    noLimit: "none",
    lost: "The picture could not be loaded; the table has its numbers.",
    table: { outcomes: "People as a table", spend: "Credits as a table" },
    now: (clock: string) => `By now, after ${clock}`,
    after: (clock: string) => `After ${clock}`,
    saysOutcomes: (clock: string, { found, notFound, doubt, failed }: Sample) =>
      `After ${clock}: ${number(found)} found, ${number(notFound)} not found, ${number(doubt)} may have been charged, ${number(failed)} failed without a charge.`,
    saysSpend: (clock: string, { spent, possible, reserved, limit }: Sample) =>
      `After ${clock}: ${credits(spent)} charged, ${number(possible)} may have been charged, ${number(reserved)} set aside, ${limit === null ? "without a limit" : `of ${number(limit)} at most`}.`,
  },

  history: {
    title: "Earlier lists",
    begun: (when: number | null) => (when === null ? "Begun before the history was kept." : `Begun ${moment(when)}.`),
    sums: (sums: Sums | null) =>
      sums === null
        ? "Not counted yet: open it once."
        : `${rows(sums.rows)}, ${people(sums.people)}, ${number(sums.found)} found. ${sums.spent === 0 ? "Nothing" : credits(sums.spent)} spent. ${sums.left === 0 ? "Done" : `${people(sums.left)} not looked up yet`}.`,
    elsewhere: "Open in another tab.",
    open: "Open",
    openName: (name: string) => `Open ${name}`,
    erase: "Erase",
    eraseName: (name: string) => `Erase ${name}`,
    confirm: "This removes the list, its results, and every answer that is kept for its people, unless they are on another list here. Whoever of them is looked up again costs again.",
    confirmed: "Yes, erase this list",
    keep: "Keep it",
    erasing: "Erasing the list…",
  },

  erase: {
    says: "This removes all lists, every answer and the access key that are kept in this browser. Whoever is looked up again costs again.",
    yes: "Yes, erase everything",
    no: "Keep it",
    erase: "Erase everything",
  },

  table: {
    title: "Rows",
    state: "State",
    all: "All",
    search: "Search",
    some: (count: number, all: number) => `${number(count)} of ${rows(all)}`,
    line: "Line",
    person: "Person",
    phone: "Phone",
    scrollable: "Rows, scrollable",
    none: "No such rows",
    duplicateOf: (line: number) => `Duplicate of line ${line}`,
  },
};

export type ListWords = typeof words;
