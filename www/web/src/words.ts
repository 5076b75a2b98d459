// In which language the page speaks. English comes with the page; another language, and the words of a part of the page that
// is loaded later, come when somebody wants them. What was typed and what is under way stays as it is: only words change.
import { batch, effect, signal, type ReadonlySignal } from "@preact/signals";
import type { Charge, EnrichmentError } from "phone-enrichment";
import { accessKey } from "./access.ts";
import { words as english, type Ending, type Words } from "./words/en.ts";

/** Each by its own name, for whoever can read no other. */
export const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français" };
export type Language = keyof typeof LANGUAGES;

/** The words of one part of the page, by language. */
export type Dictionary<Part> = Record<Language, () => Promise<{ words: Part }>>;

export const language = signal<Language>("en");
export const words = signal<Words>(english);
/** The language that was asked for last could not be loaded. */
export const languageLost = signal(false);

/** What loads a part's words in a language, and gives what makes the page say them. */
type Loader = (language: Language) => Promise<() => void>;

function loader<Part>(dictionary: Dictionary<Part>, said: { value: Part | undefined }): Loader {
  return async (language) => {
    const part = await dictionary[language]();
    return () => (said.value = part.words);
  };
}

const PAGE: Dictionary<Words> = {
  en: async () => ({ words: english }),
  de: () => import("./words/de.ts"),
  fr: () => import("./words/fr.ts"),
};
const loaders: Loader[] = [loader(PAGE, words)];

/** The words of a part that is loaded later: there once this resolves, and from then on in the language of the page. */
export async function part<Part>(dictionary: Dictionary<Part>): Promise<ReadonlySignal<Part>> {
  const said = signal<Part>();
  const load = loader(dictionary, said);
  let loaded: Language;
  do {
    // The page may have gone over to another language in the meantime.
    loaded = language.value;
    (await load(loaded))();
  } while (loaded !== language.value);
  loaders.push(load);
  return said as ReadonlySignal<Part>;
}

let newest = 0;

/** Goes over to a language once all its words are there, all at once; whoever comes later wins. */
async function speak(wanted: Language): Promise<void> {
  const mine = ++newest;
  try {
    let say: (() => void)[];
    // A part that came in the meantime has to go over, too.
    do say = await Promise.all(loaders.map((load) => load(wanted)));
    while (say.length < loaders.length);
    if (mine !== newest) return;
    batch(() => {
      for (const words of say) words();
      language.value = wanted;
      languageLost.value = false;
    });
  } catch {
    if (mine === newest) languageLost.value = true;
  }
}

const CHOSEN = "language";
const isLanguage = (name: string | null | undefined): name is Language => name != null && Object.hasOwn(LANGUAGES, name);

/** Goes over to a language because somebody said so, now and at the next visit. */
export function choose(wanted: Language): Promise<void> {
  try {
    localStorage.setItem(CHOSEN, wanted);
  } catch {
    // A browser that keeps nothing is asked again at the next visit.
  }
  return speak(wanted);
}

/** The language that was chosen here, or else the first of the browser's that the page speaks. */
function wanted(): Language {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem(CHOSEN);
  } catch {
    // As if nothing had been chosen.
  }
  return [chosen, ...navigator.languages.map((name) => name.split("-")[0])].find(isLanguage) ?? "en";
}

/** Before anything is shown, so that nobody sees one language turn into another. */
export async function begin(): Promise<void> {
  const first = wanted();
  if (first !== "en") await speak(first);
  effect(() => {
    document.documentElement.lang = language.value;
    document.title = words.value.title;
  });
}

/** What is known about credits. A request that never left is told apart from one that was answered for free. */
export type ChargeState = "charged" | "not-charged" | "not-sent" | "unknown";

export function chargeState(charge: Charge, sent: boolean): ChargeState {
  if (charge === "confirmed") return "charged";
  if (charge === "possible") return "unknown";
  return sent ? "not-charged" : "not-sent";
}

export function endingOf(error: EnrichmentError): Ending {
  const ending = words.value.endings[error.code](error);
  // A key that is missing is asked for; one that was given is refused.
  return error.code === "invalid_token" && accessKey.value !== null ? { ...ending, title: words.value.access.refused } : ending;
}
