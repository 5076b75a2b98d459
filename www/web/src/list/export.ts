// The list with its results, as files: every cell that was given, as it was, and what became of each row. Nothing is sent: the
// browser reads the list once more and writes them itself, in short turns.
import type { Plan } from "phone-enrichment/lists";
import { list, people, plan, rowState, rows, type Row } from "./run.ts";

export type Format = "csv" | "json";

/** What is written of a row besides its own cells. */
function record(row: Row) {
  const ending = row.person === null ? null : people.value[row.person]!.ending;
  return {
    state: rowState(row),
    phone: ending?.phone ?? null,
    e164: ending?.e164 ?? null,
    found_email: ending?.email ?? null,
    // The person's first row has the cost: it was paid once, however many rows there are.
    charge: row.of === null ? (ending?.charge ?? null) : null,
    credits: row.of === null ? (ending?.credits ?? null) : null,
    problem: ending?.code ?? (row.issues.map(({ code }) => code).join(" ") || null),
    line: row.line,
    duplicate_of_line: row.of === null ? null : (rows.value[row.of]?.line ?? null),
  };
}

const RESULTS = ["state", "phone", "e164", "found_email", "charge", "credits", "problem", "line", "duplicate_of_line"] as const satisfies (keyof ReturnType<typeof record>)[];

/** A spreadsheet computes what begins like this, some of them after blanks as well, and in the wide signs of East Asia. */
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;
/** A phone that begins with its plus sign. One that has signs but no blank would be computed: its parts would be subtracted. */
const PHONE = /^\+\d(?:[\d.]*|[\d ().-]* [\d ().-]*)$/;

/** What a spreadsheet would compute gets an apostrophe in front. Other delimiters are quoted as well: whoever opens the file may have set one of them. */
function cellOf(value: unknown): string {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = FORMULA.test(text) && !PHONE.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The first of some names that is not taken, and takes it; case is no difference. */
function free(taken: Set<string>, nameAt: (attempt: number) => string): string {
  for (let attempt = 0; ; attempt++) {
    const name = nameAt(attempt);
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    return name;
  }
}

/** What is written before, between and after the rows, and for each of them. */
interface Writer {
  begin: string;
  between: string;
  end: string;
  row: (row: Row, cells: string[]) => string;
}

const WRITERS: Record<Format, (plan: Plan, headers: string[]) => Writer> = {
  csv: ({ delimiter }, headers) => {
    const lineOf = (cells: unknown[]) => `${cells.map(cellOf).join(delimiter)}\r\n`;
    const taken = new Set(headers.map((header) => header.toLowerCase()));
    const own = RESULTS.map((name) => free(taken, (attempt) => (attempt === 0 ? name : `enrichment_${name}${attempt > 1 ? `_${attempt}` : ""}`)));
    return {
      // A mark at the front, or spreadsheets take it for something other than UTF-8.
      begin: `\ufeff${lineOf([...headers, ...own])}`,
      between: "",
      end: "",
      row(row, cells) {
        const written = record(row);
        return lineOf([...headers.map((_, column) => cells[column]), ...RESULTS.map((name) => written[name])]);
      },
    };
  },
  json: (_, headers) => {
    // A name that is there twice would hide a cell.
    const taken = new Set<string>();
    const names = headers.map((header, column) => JSON.stringify(free(taken, (attempt) => `${header || `column ${column + 1}`}${attempt > 0 ? ` (${attempt + 1})` : ""}`)));
    return {
      begin: "[\n",
      between: ",\n",
      end: "\n]\n",
      row(row, cells) {
        // Members in the order of the columns, which an object would not keep where their names are numbers.
        const given = cells.map((cell, column) => `${names[column]}:${JSON.stringify(cell)}`).join();
        const request = row.person === null ? null : people.value[row.person]!.request;
        return `{"row":${row.row},"cells":{${given}},"request":${JSON.stringify(request)},${JSON.stringify(record(row)).slice(1)}`;
      },
    };
  },
};

/** How long it is written without a pause, in milliseconds. */
const TURN_MS = 8;
/** How many rows are written before the clock is looked at. */
const STEP = 64;

/** How much text becomes a piece of the file at once, in characters. */
const PIECE = 1 << 18;

/**
 * Writes the list, or some rows of it. A row with more cells than the header has names keeps them, so that the list is read
 * twice: for how wide it is, and for its cells. `null` if another list took its place meanwhile.
 */
export async function written(format: Format, only: ReadonlySet<number> | null, tell: (share: number) => void): Promise<Blob | null> {
  const now = plan.value!;
  const { source } = list.value!;
  const all = rows.value;
  let turn = performance.now();
  /** The cells of each row; typing and scrolling come first. */
  const read = async function* (from: number) {
    let row = 0;
    for await (const cells of now.cells(source)) {
      yield cells;
      if (++row % STEP > 0 || performance.now() - turn < TURN_MS) continue;
      tell(from + row / all.length / 2);
      await new Promise((resolve) => setTimeout(resolve));
      turn = performance.now();
    }
  };
  const isGone = () => plan.value !== now;

  let width = now.columns.length;
  for await (const cells of read(0)) {
    if (isGone()) return null;
    width = Math.max(width, cells.length);
  }
  const headers = Array.from({ length: width }, (_, column) => (now.header === null ? undefined : now.columns[column]?.header) ?? `column ${column + 1}`);

  const writer = WRITERS[format](now, headers);
  const type = { csv: "text/csv;charset=utf-8", json: "application/json" }[format];
  const pieces: Blob[] = [];
  let text = writer.begin;
  let before = "";
  let row = 0;
  for await (const cells of read(0.5)) {
    if (isGone()) return null;
    if (!only || only.has(row)) {
      text += before + writer.row(all[row]!, cells);
      before = writer.between;
    }
    row++;
    // The browser keeps pieces where it likes, and text only in memory.
    if (text.length > PIECE) {
      pieces.push(new Blob([text]));
      text = "";
    }
  }
  return new Blob([...pieces, text, writer.end], { type });
}

export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
