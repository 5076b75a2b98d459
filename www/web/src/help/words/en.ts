// The help, in English: for whoever uses the page, not for who writes programs.
import { words as page } from "../../words/en.ts";

/** A text is a paragraph; several in brackets are a list. */
interface Section {
  title: string;
  texts: (string | string[])[];
}

const sections = (price: string) => ({
  costs: {
    title: "What does it cost?",
    texts: [
      `A lookup costs ${price} if a phone is found. An e-mail that comes with it is free.`,
      "Nothing is charged:",
      ["if no phone is found,", "if the service refuses, for example because it has too much to do,", "if what you typed can’t be looked up: then nothing is even sent,", "if this browser has the answer from before."],
      `Before each lookup the wallet must hold ${price}, even if nothing is found in the end. On a list, each person costs once, however many rows there are.`,
      "Only where an answer was lost on its way can nobody know. The page says so, and never sends again by itself.",
    ],
  },
  people: {
    title: "Who can be looked up?",
    texts: [
      "One of these is enough. If you give several, only the first of them is sent:",
      ["the address of the person’s LinkedIn profile,", "an e-mail address,", "first name, last name and the company’s website,", "first name, last name and the company’s name."],
      "Capitals, spaces and what is attached to an address don’t matter: two spellings of one person are the same person, who is not paid for twice.",
    ],
  },
  states: { title: "What do the states mean?", texts: ["Each result says what it cost, in words, with a sign and in a colour of its own:"] },
  list: {
    title: "How must a list look?",
    texts: [
      [
        "A text file with one row for each person and a line of headers: CSV, separated by commas, semicolons or tabs. You can also paste it.",
        "From Excel, save it as “CSV UTF-8”. From Google Sheets or Numbers, download or export it as CSV. The spreadsheet’s own file (.xlsx) is not read.",
        "UTF-8 is best for accented letters; UTF-16 and Windows-1252 are read, too.",
        "Columns are known by their names, for example First Name, Last Name, Company, Website, Email or LinkedIn URL, also in German, French, Spanish, Italian and Dutch. A note above the headers is skipped.",
        "Exports of LinkedIn, Apollo, HubSpot, Salesforce, Pipedrive, ZoomInfo, Outlook, Google Contacts and others can be used as they are.",
        "Before the start the page shows how it read each column. What is wrong you can change; also how the cells are separated, where the header is, and the encoding.",
      ],
    ],
  },
  run: {
    title: "Limit, pause and stop",
    texts: [
      [
        "“Spend at most” is the limit of one run. The run stops before it would spend more. If you leave it empty, there is no limit.",
        "“At once” is how many lookups are under way at the same time.",
        "A person may have several identifiers. One is sent. If you tick the box, the next one is tried where nothing was found: slower, and still paid once.",
        "Pause: nothing more is sent. What is under way comes to its end. Resume goes on.",
        "Stop: the same, and the run ends. You can go on later with those who were not looked up yet.",
        "Keep the page open while it runs. You can use its other parts in the meantime.",
      ],
      "If the tab is closed or the browser crashes, open the list again: it is as it was left, and you can go on. Nobody is paid for twice. Those who were under way at that moment may have been charged. They are marked and not asked for again, until you see whether their answers came after all, which is free.",
    ],
  },
  export: {
    title: "Export",
    texts: ["Results can be exported at any time, also in the middle of a run: as CSV for spreadsheets, or as JSON for programs. Each row says its state, what was found and what it cost. The file is written in this browser; nothing is sent. A cell that a spreadsheet would run as a formula gets an apostrophe in front."],
  },
  kept: {
    title: "What is kept in this browser?",
    texts: [
      [
        "Of one person’s lookup: nothing, as long as you have not opened “A list” in this browser; from then on its answer, as for a list.",
        "Every list that was started, its results, and every answer, so that nobody is paid for twice. “Earlier lists” has them all, to open or to erase. Answers are kept for 30 days if a phone was found, otherwise for one day.",
        "Your access key, if the service wanted one: until the tab is closed, or on this device if you said so. At the top of the page it can be changed and forgotten.",
        "The language, if you chose one.",
      ],
      "“Erase everything”, on the page of the list, removes all lists, answers and the access key. Whoever is looked up again then costs again. The language goes with the data of this site, in the settings of the browser.",
      "Only the people you look up are sent, and only to the lookup service, by way of this page’s server.",
    ],
  },
  keyboard: {
    title: "Keyboard",
    texts: [
      [
        "Tab goes on to the next field, button or link; Shift+Tab goes back.",
        "Enter in a field looks up, as the button does. If something is wrong, the focus goes to what it is; Enter there goes to the field.",
        "After a lookup the focus is on the result.",
        "In the rows of a list, the arrow keys, Page Up, Page Down, Home and End scroll. Enter on the name of a column sorts by it, and once more the other way round.",
      ],
      "Light or dark, and less motion, is as your system is set.",
    ],
  },
});

export type SectionName = keyof ReturnType<typeof sections>;

export const words = {
  title: "Help",
  contents: "Contents",
  sections: (price: number): Record<SectionName, Section> => sections(page.credits(price)),
  taken: "Accepted",
  refused: "Refused",
  states: {
    charged: "A phone was found, and that is what it cost.",
    "not-charged": "There was an answer, but no phone. That is free for certain.",
    "not-sent": "Nothing left this page, so nothing can cost.",
    unknown: "The request went out, and the answer was lost. Look into your wallet before you look this person up again: it can cost a second time.",
  },
  rows: "The rows of a list have a few states more:",
  rowStates: {
    known: "The answer is there from before. It is not asked for again.",
    failed: "The lookup failed, for certain for free. It can be retried.",
    waiting: "Nothing was sent for this row so far.",
    duplicate: "The same person stands in an earlier row and is asked for once.",
    invalid: "The row names nobody who can be looked up. It says why.",
  },
};

export type HelpWords = typeof words;
