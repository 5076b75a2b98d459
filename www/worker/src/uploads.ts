// Lists as they arrive: read piece by piece, within what a list may be, and refused with the line on which it fails.
import { refusal, type Answer } from "./answer.ts";
import type { Column } from "./columns.ts";
import { readCsv } from "./csv.ts";

/** Bytes of a list. */
export const MOST_BYTES = 32 * 1024 * 1024;
export const MOST_ROWS = 100_000;
export const MOST_COLUMNS = 64;
/** Characters (UTF-16) of a cell. */
export const MOST_CELL = 1000;
/** Bytes of a record: as many cells of that length, in the longest letters. */
export const MOST_RECORD = 256 * 1024;

/** What was given for a row: the cells of a CSV, or an object. */
export type Input = string[] | Record<string, unknown>;

export interface Row {
  /** Where it ends, from 1. */
  line: number;
  input: Input;
  /** What is asked; not judged yet. */
  request: unknown;
}

/** A piece of a body, as bytes and as text. A letter may be split between two of them; the text is whole. */
export interface Chunk {
  bytes: Uint8Array;
  text: string;
}

/** A list that is not taken. Thrown and caught within the Worker. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly answer: Answer;
  constructor(status: number, says: string, code: string, line?: number) {
    super(code);
    this.answer = refusal(status, says, code);
    if (line !== undefined) this.answer.body = { ...(this.answer.body as object), line };
  }
}

const newlines = (text: string) => text.split("\n").length - 1;

/** The body in pieces of UTF-8 text without zeros, of so many bytes at most. Each piece is shown to `watch` first. */
async function* chunksOf(body: AsyncIterable<Uint8Array>, watch: (bytes: Uint8Array) => unknown): AsyncGenerator<Chunk> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  const decoded = (bytes?: Uint8Array) => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      throw new Refused(400, "The list is not in UTF-8. In Excel, save it as “CSV UTF-8”.", "not_utf8", lines);
    }
  };
  let length = 0;
  let lines = 1;
  for await (const bytes of body) {
    if (length === 0 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)))
      throw new Refused(400, "The list is in UTF-16. In Excel, save it as “CSV UTF-8”.", "not_utf8", 1);
    if ((length += bytes.length) > MOST_BYTES) throw new Refused(413, `The list is larger than ${MOST_BYTES} bytes.`, "body_too_large");
    const zero = bytes.indexOf(0);
    if (zero >= 0) throw new Refused(400, "The list holds a zero byte, so it is no text.", "not_text", lines + newlines(new TextDecoder().decode(bytes.subarray(0, zero))));
    await watch(bytes);
    // One line after the other only where it fails, to say on which.
    const text = decoded(bytes);
    yield { bytes, text };
    lines += newlines(text);
  }
  decoded();
}

/** One object of a list in JSON, from its text. */
function objectOf(text: string, line: number): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused(400, "This is no JSON.", "json_malformed", line);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Refused(400, "Each row has to be an object.", "row_malformed", line);
  const cells = Object.values(value);
  if (cells.length > MOST_COLUMNS) throw new Refused(400, `A row has more than ${MOST_COLUMNS} fields.`, "too_many_columns", line);
  if (cells.some((cell) => typeof cell === "string" && cell.length > MOST_CELL)) throw new Refused(400, `A value has more than ${MOST_CELL} characters.`, "cell_too_long", line);
  return { line, input: value as Record<string, unknown>, request: value };
}

const tooLarge = (line: number) => new Refused(400, `A row is larger than ${MOST_RECORD} characters.`, "record_too_large", line);

async function* readLines(chunks: AsyncIterable<Chunk>): AsyncGenerator<Row> {
  let rest = "";
  let line = 0;
  for await (const { text } of chunks) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const each of lines) {
      line++;
      if (each.length > MOST_RECORD) throw tooLarge(line);
      if (each.trim()) yield objectOf(each, line);
    }
    if (rest.length > MOST_RECORD) throw tooLarge(line + 1);
  }
  if (rest.trim()) yield objectOf(rest, line + 1);
}

/** The objects of `[…]` or `{"people": […]}`, cut out one by one, so that the whole is never in memory. */
async function* readArray(chunks: AsyncIterable<Chunk>): AsyncGenerator<Row> {
  const malformed = (line: number) => new Refused(400, 'This is neither a JSON array nor {"people": […]}.', "json_malformed", line);
  /** What is not read yet. */
  let rest = "";
  let line = 1;
  /** Where the reading is: before the array, between its rows, in a row, or behind the array. */
  let place: "before" | "between" | "row" | "behind" = "before";
  let closing = "";
  let depth = 0;
  let quoted = false;
  let escaped = false;
  let mayEnd = true;
  let comma = false;
  for await (const { text } of chunks) {
    let at: number = place === "row" ? rest.length : 0;
    rest += text;
    if (place === "before") {
      const start = /^\s*(?:\[|(\{)\s*"people"\s*:\s*\[)/.exec(rest);
      if (!start) {
        if (rest.length > 1000 || !/^\s*(\{\s*("(p(e(o(p(l(e("\s*(:\s*)?)?)?)?)?)?)?)?)?)?$/.test(rest)) throw malformed(line);
        continue;
      }
      closing = start[1] ? "}" : "";
      place = "between";
      at = start[0].length;
      line += newlines(start[0]);
    }
    let begin = 0;
    for (; at < rest.length; at++) {
      const char = rest[at]!;
      if (char === "\n") line++;
      if (place === "row") {
        if (escaped) escaped = false;
        else if (quoted) {
          if (char === "\\") escaped = true;
          else if (char === '"') quoted = false;
        } else if (char === '"') quoted = true;
        else if (char === "{" || char === "[") depth++;
        else if ((char === "}" || char === "]") && --depth === 0) {
          yield objectOf(rest.slice(begin, at + 1), line);
          place = "between";
          [comma, mayEnd] = [true, true];
        }
        if (at - begin > MOST_RECORD) throw tooLarge(line);
      } else if (/\s/.test(char)) continue;
      else if (place === "between") {
        if (char === "{" && !comma) {
          [place, begin, depth] = ["row", at, 1];
        } else if (char === "," && comma) [comma, mayEnd] = [false, false];
        else if (char === "]" && mayEnd) place = "behind";
        else throw char === "]" || char === "," || comma ? malformed(line) : new Refused(400, "Each row has to be an object.", "row_malformed", line);
      } else if (char === closing) closing = "";
      else throw malformed(line);
    }
    rest = place === "row" ? rest.slice(begin) : "";
  }
  if (place !== "behind" || closing) throw malformed(line);
}

export interface Upload {
  /** `null` for a list in JSON, whose fields have the vendor's names. */
  columns: Column[] | null;
  rows: AsyncIterable<Row>;
}

/** How each type of a list is read. */
const READERS: Record<string, (chunks: AsyncGenerator<Chunk>) => Promise<Upload>> = {
  "text/csv": readCsv,
  "application/json": async (chunks) => ({ columns: null, rows: readArray(chunks) }),
  "application/x-ndjson": async (chunks) => ({ columns: null, rows: readLines(chunks) }),
};

/** The rows of a list, as they arrive. Throws {@link Refused}, also while they are read. */
export async function readUpload(request: Request, watch: (bytes: Uint8Array) => unknown): Promise<Upload> {
  const [type = "", ...parameters] = (request.headers.get("content-type") ?? "").toLowerCase().split(";").map((part) => part.trim());
  const read = READERS[type];
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice(8).replaceAll('"', "");
  if (!read || (charset !== undefined && charset !== "utf-8" && charset !== "utf8"))
    throw new Refused(415, `The list has to be in UTF-8, with Content-Type: ${Object.keys(READERS).join(", ")}.`, "unsupported_media_type");
  return read(chunksOf((request.body ?? []) as AsyncIterable<Uint8Array>, watch));
}
