// What was found, as a table that a spreadsheet can open, and that does nothing in it.
import type { Person } from "../people.ts";

const COLUMNS = ["asked", "profile", "email_asked_for", "first_name", "last_name", "company", "state", "phone", "e164", "email", "credits"] as const;

/** A cell: quoted where it has to be, and with an apostrophe before what a spreadsheet would take for a formula. A phone number of digits and separators is none. */
export function cell(value: string | number | null | undefined): string {
  const text = String(value ?? "");
  const isPhone = /^\+[\d ().\/-]+$/.test(text);
  const safe = /^[=+\-@\t\r]/.test(text) && !isPhone ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function table(people: Person[]): string {
  const rows = people.map(({ asked, profile, request, state, phone, e164, email, credits }) => [
    new Date(asked).toISOString(),
    profile,
    request.email,
    request.first_name,
    request.last_name,
    request.company_name ?? request.company_website,
    state,
    phone,
    e164,
    email,
    credits,
  ]);
  return [[...COLUMNS], ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
