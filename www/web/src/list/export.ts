// The list with its results, as files. Nothing is sent: the browser writes them itself.
import { people, rowState, rows, type Row } from "./run.ts";
import type { EnrichmentRequest } from "phone-enrichment";

const FIELDS = ["linkedin_url", "email", "first_name", "last_name", "company_name", "company_website"] as const;

/** What is written of a row. */
function record(row: Row) {
  const person = row.person === null ? null : people.value[row.person]!;
  const ending = person?.ending;
  const request: EnrichmentRequest = person?.request ?? {};
  return {
    line: row.line,
    state: rowState(row),
    duplicate_of_line: row.of === null ? null : (rows.value[row.of]?.line ?? null),
    ...Object.fromEntries(FIELDS.map((field) => [field, request[field] ?? null])),
    phone: ending?.phone ?? null,
    e164: ending?.e164 ?? null,
    found_email: ending?.email ?? null,
    // The person's first row has the cost: it was paid once, however many rows there are.
    charge: row.of === null ? (ending?.charge ?? null) : null,
    credits: row.of === null ? (ending?.credits ?? null) : null,
    problem: ending?.code ?? (row.issues.map(({ code }) => code).join(" ") || null),
  };
}

/** A spreadsheet runs what begins like a formula, unless an apostrophe stands before it. A phone is none. */
export function cell(value: unknown): string {
  let text = value === null || value === undefined ? "" : String(value);
  if (/^[=+\-@\t\r]/.test(text) && !/^\+\d[\d ().-]*$/.test(text)) text = `'${text}`;
  return /[",\r\n;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(): Blob {
  // A mark at the front, or spreadsheets take it for something other than UTF-8.
  const parts: string[] = ["\ufeff"];
  rows.value.forEach((row, index) => {
    const written = record(row);
    if (index === 0) parts.push(`${Object.keys(written).join()}\r\n`);
    parts.push(`${Object.values(written).map(cell).join()}\r\n`);
  });
  return new Blob(parts, { type: "text/csv;charset=utf-8" });
}

export function json(): Blob {
  const parts: string[] = ["[\n"];
  rows.value.forEach((row, index) => parts.push(index === 0 ? "" : ",\n", JSON.stringify(record(row))));
  return new Blob([...parts, "\n]\n"], { type: "application/json" });
}

export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
