// The words of the help, loaded with it.
import { part } from "../words.ts";
import type { HelpWords } from "./words/en.ts";

export const helpWords = await part<HelpWords>({
  en: () => import("./words/en.ts"),
  de: () => import("./words/de.ts"),
  fr: () => import("./words/fr.ts"),
});
