// Which column of a list holds what: by the names that the tools of the trade give them, never by a likeness.
import type { EnrichmentRequest } from "phone-enrichment";

export type Field = keyof EnrichmentRequest;

/** A column of a list, as it was given, and what is read from it. */
export interface Column {
  header: string;
  field: Field | null;
}

/**
 * Names of columns without anything but letters and digits, the best first: where one is empty in a row, the next is
 * read. Labels, previous companies and addresses of companies are in none of them.
 */
const HEADERS: Record<Field, string[]> = {
  linkedin_url: [
    ..."linkedinurlpublic defaultprofileurl linkedinurl linkedinprofileurl personlinkedinurl linkedincontactprofileurl contactliprofileurl".split(" "),
    ..."linkedinprofile linkedinpublicprofile linkedinpublicurl linkedinlink linkedin linkedinc liurl liprofileurl profileurl profilelink profile url".split(" "),
    ..."linkedinurluniqueid linkedinidurl salesnavigatorprofileurl".split(" "),
  ],
  email: [
    ..."email emailaddress workemail workemailaddress businessemail professionalemail primaryemail contactemail personemailwork personemail mail".split(" "),
    ..."courriel adresseemail emailadresse correo correoelectronico".split(" "),
    ...Array.from({ length: 10 }, (_, index) => [`email${index + 1}`, `email${index + 1}value`]).flat(),
    "personalemail",
  ],
  first_name: "firstname givenname forename personfirstname contactfirstname prenom vorname nombre nome".split(" "),
  last_name: "lastname surname familyname personlastname contactlastname nom nachname apellido apellidos cognome sobrenome".split(" "),
  company_website: "companydomain companydomainname companywebsite companywebsiteurl companyhomepage website websiteurl webpage domain".split(" "),
  company_name: [
    ..."companyname companycleanedname companynameforemails company currentcompany organization organizationname organisation organisationname".split(" "),
    ..."accountname account employer associatedcompany personorganization entreprise societe firma unternehmen azienda empresa".split(" "),
  ],
};

/** These may be anybody's address: their values decide. */
const ANY_ADDRESS = new Set(["url", "profileurl", "profilelink", "profile"]);

const RANKS = new Map(Object.entries(HEADERS).flatMap(([field, names]) => names.map((name, rank) => [name, { field: field as Field, rank }] as const)));

const folded = (header: string) => header.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

const matched = (records: string[][], header: string[]) =>
  header.map((text, index) => {
    const name = folded(text);
    const match = RANKS.get(name);
    if (!match || (ANY_ADDRESS.has(name) && !records.some((record) => /linkedin\.[a-z]+\/(in|pub)\//i.test(record[index] ?? "")))) return undefined;
    return match;
  });

/** Whether these fields can name somebody. */
const canName = (fields: Set<Field | undefined>) =>
  fields.has("linkedin_url") || fields.has("email") || (fields.has("first_name") && fields.has("last_name") && (fields.has("company_name") || fields.has("company_website")));

/** The row of the column names among the first ones, which is not always the first; `undefined` if there is none. */
export function headerOf(records: string[][]): { at: number; columns: Column[] } | undefined {
  let best: { at: number; columns: Column[]; score: number } | undefined;
  for (const [at, record] of records.entries()) {
    const matches = matched(records.slice(at + 1), record);
    const fields = new Set(matches.map((match) => match?.field));
    if (!canName(fields)) continue;
    const score = fields.size;
    if (!best || score > best.score) best = { at, columns: record.map((header, index) => ({ header: header.trim(), field: matches[index]?.field ?? null })), score };
  }
  return best;
}

/** Messages of the same archive of LinkedIn's are no list of people, however much they look like one. */
export const areMessages = (records: string[][]) => records.some((record) => record.some((header) => folded(header) === "conversationid"));

/** What is asked for a row: of each field the best column that holds anything. */
export function requestOf(cells: string[], columns: Column[]): EnrichmentRequest {
  const request: EnrichmentRequest = {};
  const ranks: Partial<Record<Field, number>> = {};
  for (const [index, { header, field }] of columns.entries()) {
    const cell = field && cells[index]?.trim();
    if (!field || !cell) continue;
    const rank = RANKS.get(folded(header))?.rank ?? Infinity;
    if (rank >= (ranks[field] ?? Infinity)) continue;
    ranks[field] = rank;
    request[field] = cell;
  }
  return request;
}

/** Names of columns that differ from each other: what repeats is numbered. */
export function distinct(headers: string[]): string[] {
  const taken = new Set<string>();
  return headers.map((header, index) => {
    const name = header || `column ${index + 1}`;
    let free = name;
    for (let again = 2; taken.has(free); again++) free = `${name} (${again})`;
    taken.add(free);
    return free;
  });
}
