// Lists as CSV: read as a stream, whatever is in them; written so that no spreadsheet runs anything.
import { CsvError, parse } from "csv-parse/stream";
import { areMessages, headerOf, requestOf, type Column } from "./columns.ts";
import { MOST_CELL, MOST_COLUMNS, MOST_RECORD, Refused, type Chunk, type Row } from "./uploads.ts";

/** How much is looked at to tell what separates the cells, in bytes. */
const HEAD = 64 * 1024;
/** Among so many records the names of the columns are looked for. */
const HEADER_WITHIN = 50;

/** What stands between the cells: whichever there is most of outside quotes. */
function delimiterOf(head: string): string {
  const bare = head.replace(/"[^"]*"?/g, "");
  const count = (delimiter: string) => bare.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/** What the parser stumbles over, in our words. */
const STUMBLES: Record<string, [code: string, says: string]> = {
  CSV_MAX_RECORD_SIZE: ["record_too_large", `A record is larger than ${MOST_RECORD} bytes; perhaps a quote is never closed.`],
  CSV_QUOTE_NOT_CLOSED: ["quote_not_closed", "A quote is never closed."],
};

interface Parsed {
  record: string[];
  info: { lines: number };
}

/** The records of a CSV with the line on which each ends. */
async function* recordsOf(chunks: AsyncIterator<Chunk>): AsyncGenerator<Parsed> {
  const head: Uint8Array[] = [];
  let text = "";
  let ended = false;
  while (!ended && text.length < HEAD) {
    const { done, value } = await chunks.next();
    if ((ended = done === true) || !value) break;
    head.push(value.bytes);
    text += value.text;
  }
  const bytes = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const first = head.shift();
        if (first) return controller.enqueue(first);
        const { done, value } = ended ? { done: true, value: undefined } : await chunks.next();
        if (done || !value) controller.close();
        else controller.enqueue(value.bytes);
      } catch (error) {
        controller.error(error);
      }
    },
  });
  // A record of another length and a quote in the middle of a word are in many real lists, and do no harm.
  const parser = parse({ bom: true, delimiter: delimiterOf(text), info: true, max_record_size: MOST_RECORD, relax_column_count: true, relax_quotes: true, skip_empty_lines: true });
  const reader = (bytes.pipeThrough(parser) as ReadableStream<Parsed>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const [code, says] = STUMBLES[error.code] ?? ["csv_malformed", "This is no CSV."];
    throw new Refused(400, says, code, typeof error["lines"] === "number" ? error["lines"] : undefined);
  } finally {
    reader.cancel().catch(() => {});
  }
}

function bounded({ record, info: { lines } }: Parsed): string[] {
  if (record.length > MOST_COLUMNS) throw new Refused(400, `A row has more than ${MOST_COLUMNS} columns.`, "too_many_columns", lines);
  if (record.some((cell) => cell.length > MOST_CELL)) throw new Refused(400, `A cell has more than ${MOST_CELL} characters.`, "cell_too_long", lines);
  return record;
}

/** A list in CSV: its columns, and its rows as they come. */
export async function readCsv(chunks: AsyncIterator<Chunk>): Promise<{ columns: Column[]; rows: AsyncGenerator<Row> }> {
  const records = recordsOf(chunks);
  const first: Parsed[] = [];
  while (first.length < HEADER_WITHIN) {
    const { done, value } = await records.next();
    if (done) break;
    bounded(value);
    first.push(value);
  }
  const texts = first.map(({ record }) => record);
  if (areMessages(texts)) throw new Refused(400, "These are messages, not people. In the same archive, Connections.csv is the list of people.", "not_people");
  const header = headerOf(texts);
  if (!header) {
    throw new Refused(
      400,
      first.length ? "No row names the columns. There has to be one with linkedin_url, email, or first_name, last_name and company_name or company_website." : "The list is empty.",
      first.length ? "no_columns" : "empty",
    );
  }
  const { at, columns } = header;
  return {
    columns,
    rows: (async function* () {
      const rowOf = (parsed: Parsed): Row => ({ line: parsed.info.lines, input: parsed.record, request: requestOf(parsed.record, columns) });
      const isBlank = ({ record }: Parsed) => record.every((cell) => !cell.trim());
      for (const parsed of first.slice(at + 1)) if (!isBlank(parsed)) yield rowOf(parsed);
      for await (const parsed of records) {
        bounded(parsed);
        if (!isBlank(parsed)) yield rowOf(parsed);
      }
    })(),
  };
}

/** What makes a spreadsheet take a cell for a formula. The wide forms are read like the narrow ones. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
/** A phone in any spelling: it holds no letter, so it can't call anything, and a leading apostrophe would spoil it for whoever imports it. */
const PHONE = /^\+[\d ().-]*\d[\d ().-]*$/;

/** A cell that no spreadsheet runs, in quotes where RFC 4180 wants them. */
export function cellOf(value: unknown): string {
  const text = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = FORMULA.test(text) && !PHONE.test(text) ? `'${text}` : text;
  return /[",\r\n;\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const lineOf = (cells: unknown[]) => `${cells.map(cellOf).join(",")}\r\n`;
