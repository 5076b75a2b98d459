import { start, type List } from "#lists-glue";

import { broken, EnrichmentError, isEnrichmentError, misuse, refusal } from "../error.js";
import { requireOptions } from "../options.js";
import { inform, membersOf, wire } from "../transport.js";
import type { Client, EnrichmentRequest, Issue, Lookup, LookupKind, Store } from "../types.js";

/** A list: a file, a stream of its bytes or its text, the text itself, or objects whose members are its columns. */
export type PlanSource =
  | Blob
  | ReadableStream<Uint8Array | string>
  | Uint8Array
  | string
  | Iterable<object>
  | AsyncIterable<object>;

/** How far a plan is. */
export interface PlanProgress {
  /** Bytes that were read; of objects, how many. */
  done: number;
  /** How many there are, where that is known. */
  total: number | null;
}

/** What a column can be read as; `full_name` is first and last name in one. */
export type PlanField = keyof EnrichmentRequest | "full_name";

export interface PlanOptions {
  /** The client that the people will be looked up with: who is in its store, in doubt or suppressed is then known. Nothing is sent. */
  client?: Client | undefined;
  /** What columns hold, by their header, or by their place from `"0"`; `null` for those that are not to be read. */
  columns?: Record<string, PlanField | null> | undefined;
  /** By default found out by the first 64 kB. */
  delimiter?: "," | ";" | "\t" | undefined;
  /** Which record the header is, from 1, and 0 if there is none; by default found out by the first 50. */
  header?: number | undefined;
  /**
   * What the list is written in, as `TextDecoder` calls it. By default UTF-8, UTF-16 where its mark stands in front, and
   * windows-1252 where it is neither.
   */
  encoding?: string | undefined;
  /** Plans for lookups with the ladder: a row is good if any of its identifiers is. */
  ladder?: boolean | undefined;
  /** Gives up; the source is closed. */
  signal?: AbortSignal | undefined;
  /** Hears how far the plan is, a few times in a second. What it throws is ignored. */
  onProgress?: ((progress: PlanProgress) => void) | undefined;
}

/** A column of the list. */
export interface PlanColumn {
  header: string;
  /** The first three values. */
  values: string[];
  /** What it is read as, or `null` if it is not read. */
  field: PlanField | null;
  /**
   * Why: the caller said so, the layout of a known tool, its name, or its values where there is no header; or, where it is
   * not read, that its name is known but its values are something else, that another column comes before it, or that its
   * name is not known.
   */
  why: "caller" | "layout" | "name" | "values" | "unlike" | "other" | "unknown";
}

/** What is worth a look in a row that can be looked up all the same. */
export type PlanFlag = "name_split" | "name_not_split" | "other_column" | "short_row" | "shared_identifier";

/** What becomes of a row. */
export interface PlannedRow {
  /** Its place, from 0. */
  row: number;
  /** The line that it begins in, from 1; `null` for objects. */
  line: number | null;
  /**
   * The first of a person: `unique`, `known` (in the store, so free), `unknown` (may have been charged before, so it won't be
   * sent) or `suppressed`. Or a `duplicate` of it, `invalid`, or `blank`.
   */
  kind: "unique" | "known" | "unknown" | "suppressed" | "duplicate" | "invalid" | "blank";
  /** For a duplicate: the first row of the person. */
  of: number | null;
  /** The strongest identifier of the row. */
  lookup: LookupKind | null;
  /** Everything that is wrong with it. */
  issues: Issue[];
  flags: PlanFlag[];
}

/** Somebody to look up, and the rows that it is for. */
export interface PlannedPerson {
  request: EnrichmentRequest;
  kind: "unique" | "known" | "unknown";
  rows: number[];
}

/** What a list comes to. Every row is counted once: `rows` are `people`, `duplicates`, `invalid` and `blank` together. */
export interface Plan {
  rows: number;
  /** Different people, of whom some are `known`, `unknown` or `suppressed`. */
  people: number;
  duplicates: number;
  invalid: number;
  blank: number;
  /** People whose answer is in the store of the client: they are free. */
  known: number;
  /** People for whom an earlier request may have been charged: they are not asked for again. */
  unknown: number;
  suppressed: number;
  /** Rows that are worth a look. */
  flagged: number;
  /** Credits charged for each who is found. */
  price: number;
  /** What it costs if everybody is found. */
  most_credits: number;
  /** The same with the ladder, which also takes rows that have an invalid identifier beside a valid one. */
  most_credits_with_ladder: number;
  columns: PlanColumn[];
  /** The tool that writes such lists, where it is known. */
  layout: string | null;
  delimiter: string;
  encoding: string;
  /** Which record the header is, from 1, or `null` if there is none. */
  header: number | null;
  /** How many rows have each issue, by its code. */
  issues: Record<string, number>;
  /** Everybody who can be looked up, in the order of the list, each once. */
  everybody(): AsyncGenerator<PlannedPerson, void, undefined>;
  /** Their requests, for `client.enrichMany`. */
  requests(): AsyncGenerator<EnrichmentRequest, void, undefined>;
  /** The rows that a request of {@link Plan.requests} or {@link Plan.everybody} is for. */
  rowsOf(request: EnrichmentRequest): number[];
  /** What becomes of some rows, from a place on. */
  page(from: number, count: number): PlannedRow[];
  /**
   * The cells of every row, in order, for whoever writes the list again with what became of each. A plan does not hold its
   * list: the same source is given once more, and read by the same reader. A row that was too long to be read has no cells.
   *
   * @throws {EnrichmentError} `invalid_list`, at the first row that is none of the plan.
   */
  cells(source: PlanSource): AsyncGenerator<string[], void, undefined>;
}

/**
 * Tells who is on a list, who is on it twice, what is wrong with the rest, and what looking everybody up can cost. Nothing is
 * sent. It works in small steps, with pauses in between, and holds a hundred bytes for each person, not the list.
 *
 * @throws {EnrichmentError} `invalid_list` if it is no list of people, with the reason, and the line, in `issues`. What the
 * source throws comes as it is: a file that is changed, cut short or removed while it is read is a `NotReadableError` or
 * `NotFoundError` of the platform, and never a shorter list.
 */
export type PlanList = (source: PlanSource, options?: PlanOptions) => Promise<Plan>;

const OPTIONS: Record<keyof PlanOptions, string> = {
  client: "object",
  columns: "object",
  delimiter: "string",
  header: "number",
  encoding: "string",
  ladder: "boolean",
  signal: "AbortSignal",
  onProgress: "function",
};

/** What `tell` takes. */
const SUMMARY = 0;
const ROWS = 1;
const PEOPLE = 2;
const ASK = 3;

/** How many bytes the core takes at once: a few milliseconds of work. */
const PIECE = 131_072;
/** How long the core works without a pause, in milliseconds. */
const TURN_MS = 10;
/** How many people come at once. */
const PAGE = 500;
/** How many people are looked for at once: more would hold up a page. */
const ASKED = 100;
/** How many objects tell the columns. */
const MOST_SAMPLED = 1000;

/** Lets everything else have its turn: a timer of zero would wait for longer in a browser. */
function pause(): Promise<void> {
  const { EdgeRuntime, setImmediate, MessageChannel } = globalThis as { EdgeRuntime?: string; setImmediate?: (done: () => void) => void; MessageChannel?: typeof globalThis.MessageChannel };
  return new Promise((resolve) => {
    // What is there of Node at the edge throws.
    if (setImmediate && !EdgeRuntime) return setImmediate(resolve);
    if (!MessageChannel) return void setTimeout(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

const encoder = new TextEncoder();

/** A text in pieces, none of which ends within a letter. */
function* piecesOf(text: string): Generator<Uint8Array, void, undefined> {
  for (let begin = 0, end; begin < text.length; begin = end) {
    end = begin + PIECE / 4;
    if ((text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++;
    yield encoder.encode(text.slice(begin, end));
  }
}

/** What the core reads itself: several releases of Node read it as Latin-1. */
const OWN = "windows-1252";

/** Bytes as UTF-8: what is in another encoding that the caller names, or that its first two bytes tell, is written anew. */
async function* decoded(chunks: AsyncIterable<Uint8Array | string>, label: string | undefined, told: (encoding: string) => void): AsyncGenerator<Uint8Array, void, undefined> {
  let decoder = label === undefined || label === OWN ? undefined : new TextDecoder(label);
  let first: Uint8Array | undefined = label === undefined ? new Uint8Array() : undefined;
  for await (const chunk of chunks) {
    if (typeof chunk === "string") {
      yield* piecesOf(chunk);
      continue;
    }
    if (!ArrayBuffer.isView(chunk)) throw misuse("The source gives neither bytes nor text.");
    let bytes = chunk;
    if (first) {
      bytes = new Uint8Array(first.length + chunk.length);
      bytes.set(first);
      bytes.set(chunk, first.length);
      if (bytes.length < 2) {
        first = bytes;
        continue;
      }
      first = undefined;
      const mark = bytes[0]! * 256 + bytes[1]!;
      if (mark === 0xfffe || mark === 0xfeff) {
        decoder = new TextDecoder(mark === 0xfffe ? "utf-16le" : "utf-16be");
        told(decoder.encoding);
      }
    }
    for (let begin = 0; begin < bytes.length; begin += PIECE) {
      const piece = bytes.subarray(begin, begin + PIECE);
      yield decoder ? encoder.encode(decoder.decode(piece, { stream: true })) : piece;
    }
  }
  if (first) yield first;
  if (decoder) yield encoder.encode(decoder.decode());
}

/** What a stream gives; it is closed when nobody wants more. Iterating it is not possible everywhere. */
async function* read<T>(stream: ReadableStream<T>, signal: AbortSignal | undefined): AsyncGenerator<T, void, undefined> {
  const reader = stream.getReader();
  // What is waited for then ends.
  const close = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", close);
  try {
    for (let next; !(next = await reader.read()).done; ) yield next.value;
  } finally {
    signal?.removeEventListener("abort", close);
    close();
  }
}

/** How much of a file is read at once. */
const SLICE = 1 << 20;

/**
 * A file as a stream of slices, the next of which is read while one is worked on. Each slice fails where the file is no longer
 * what was chosen; the file's own stream just ends where it was cut short meanwhile, and its size is 0 once it has gone.
 */
function sliced(blob: Blob): ReadableStream<Uint8Array> {
  const { size } = blob;
  let begin = 0;
  return new ReadableStream({
    async pull(controller) {
      if (begin < size) controller.enqueue(new Uint8Array(await blob.slice(begin, (begin += SLICE)).arrayBuffer()));
      else controller.close();
    },
  });
}

async function* once<T>(value: T): AsyncGenerator<T, void, undefined> {
  yield value;
}

const quoted = (value: unknown) => {
  const text = value === undefined || value === null ? "" : String(value);
  // Always quoted: a line without anything would be none.
  return `"${text.replaceAll('"', '""')}"`;
};

/** Objects as a list of which nothing has to be guessed. */
async function* written(objects: Iterable<object> | AsyncIterable<object>, columns: string[], count: () => void): AsyncGenerator<Uint8Array, void, undefined> {
  const names = new Set(columns);
  let sample: Record<string, unknown>[] | undefined = [];
  let text = "";
  const lineOf = (object: Record<string, unknown>) => [...names].map((name) => quoted(object[name])).join() + "\n";
  const begin = () => {
    text = [...names].map(quoted).join() + "\n" + sample!.map(lineOf).join("");
    sample = undefined;
  };
  let index = 0;
  for await (const object of objects as AsyncIterable<Record<string, unknown>>) {
    if (typeof object !== "object" || object === null) throw misuse("The source gives something that is no object.");
    for (const name of Object.keys(object)) {
      if (sample) names.add(name);
      else if (!names.has(name)) throw refusal("invalid_list", `Object ${index} has a member that none of the first ${MOST_SAMPLED} has: name it in columns.`);
    }
    index++;
    count();
    if (sample) {
      sample.push(object);
      if (sample.length === MOST_SAMPLED) begin();
    } else text += lineOf(object);
    if (text.length >= PIECE / 4) {
      yield* piecesOf(text);
      text = "";
    }
  }
  if (sample) begin();
  if (index > 0) yield* piecesOf(text);
}

function kindOf(source: PlanSource): { isObjects: boolean; isStream: boolean; isBlob: boolean } {
  const isStream = typeof (source as ReadableStream)?.getReader === "function";
  const isBlob = !isStream && typeof (source as Blob)?.arrayBuffer === "function";
  const isIterable = typeof source === "object" && source !== null && (Symbol.iterator in source || Symbol.asyncIterator in source);
  const isObjects = isIterable && !isStream && !isBlob && !ArrayBuffer.isView(source);
  if (!isObjects && !isStream && !isBlob && typeof source !== "string" && !ArrayBuffer.isView(source)) throw misuse("The source must be a file, a stream, a text, bytes or objects.");
  return { isObjects, isStream, isBlob };
}

/**
 * What a store has under so many names: all of them are waited for, and asked for at once if it can tell of many. Of those that
 * are not among its `keys` it has nothing, and is not asked.
 */
function atOnce(store: Store, count: number, keys: ReadonlySet<string> | undefined): Pick<Store, "get"> {
  const isThere = (name: string) => !keys || keys.has(name);
  if (!store.getMany) return { get: (name) => (isThere(name) ? store.get(name) : undefined) };
  const names: string[] = [];
  let ask!: (values: unknown) => void;
  const values = new Promise<unknown>((resolve) => (ask = resolve));
  return {
    async get(name) {
      const place = isThere(name) ? names.push(name) - 1 : undefined;
      if (--count === 0) ask(names.length > 0 ? store.getMany!(names) : []);
      const all = (await values) as unknown[];
      // Nothing must be taken for missing of which the store did not say so.
      if (all.length !== names.length) throw new TypeError("The store's getMany gives something else than a value for each key.");
      return place === undefined ? undefined : all[place];
    },
  };
}

/** How many keys of a store are looked through for each person, at most: beyond that, to ask for people takes no longer. */
const KEYS = 4;

/** All keys of a store, if it tells them and they are not too many: whoever is under none of them need not be looked for. */
async function keysOf(store: Store, people: number): Promise<Set<string> | undefined> {
  // What is not read back at once may not be listed at once, either.
  if (!store.keys || store.readsOwnWrites === false) return undefined;
  const keys = new Set<string>();
  try {
    for await (const key of store.keys()) if (keys.add(key).size > people * KEYS) return undefined;
  } catch {
    // What is wrong with it is told by whoever looks for somebody.
    return undefined;
  }
  return keys;
}

class Given {
  constructor(request: EnrichmentRequest) {
    return request;
  }
}

/**
 * The rows of a request, held by the request itself where nobody sees them: a `WeakMap` of half a million holds up a page for
 * a tenth of a second whenever its garbage is cleared.
 */
class Rows extends Given {
  #rows: number[];
  constructor({ request, rows }: PlannedPerson) {
    super(request);
    this.#rows = rows;
  }
  static of = (request: EnrichmentRequest) => (#rows in request ? (request as Rows).#rows : []);
}

/** A planner of lists, with the WebAssembly from `source`, which is asked at the first one. */
export function planner(source: () => Promise<WebAssembly.Module | BufferSource>): PlanList {
  let module: WebAssembly.Module | undefined;

  /** An instance for each list: when the plan is gone, so is all that it held. */
  async function begin() {
    try {
      const glue = await start(module ?? (await source()));
      ({ module } = glue);
      return glue.List;
    } catch (cause) {
      throw refusal("wasm_unavailable", "WebAssembly could not start; see cause. Under a content security policy, script-src needs 'wasm-unsafe-eval'.", { cause });
    }
  }

  return async (given, options = {}) => {
    requireOptions(options, OPTIONS);
    const { client, columns = {}, delimiter, header, encoding, ladder, signal, onProgress } = options;
    const { isObjects, isBlob } = kindOf(given);
    if (client && typeof client.begin !== "function") throw misuse("client must be a client of this package.");
    if (header !== undefined && !(header % 1 === 0 && header >= 0 && header <= 50)) throw misuse("header must be 0 to 50.");
    if (delimiter !== undefined && ![",", ";", "\t"].includes(delimiter)) throw misuse("delimiter must be a comma, a semicolon or a tab.");
    let read_as: string | undefined;
    try {
      if (encoding !== undefined) read_as = new TextDecoder(encoding).encoding;
    } catch (cause) {
      throw misuse("encoding is none that is known here.", cause);
    }
    const Core = await begin();

    let broke: unknown;
    /** Whatever the core throws is a trap, after which nothing of it is used again. */
    const run = <T>(work: () => T): T => {
      try {
        if (broke === undefined) return work();
      } catch (cause) {
        broke = cause ?? "trap";
      }
      throw new EnrichmentError(broken(broke));
    };
    const flat = Object.entries(columns).flatMap(([name, field]) => [name, field]);
    const size = isBlob ? (given as Blob).size : ((given as Uint8Array | string | object[]).length ?? 0) * (isObjects ? 64 : 1);
    const list: List = run(() => new Core(wire([delimiter, header, +!!ladder, +isObjects, +(read_as === OWN), size, ...flat])));
    const tell = (what: number, from = 0, count = 0) => run(() => JSON.parse(list.tell(what, from >>> 0, count >>> 0)));
    const refuse = (issue: string) => {
      if (!issue) return;
      const problem: Issue = JSON.parse(issue);
      const { message, fix, line } = problem;
      throw refusal("invalid_list", `${message}${line ? ` (Line ${line}.)` : ""} ${fix}`, { issues: [problem] });
    };

    let done = 0;
    const total = isBlob ? (given as Blob).size : Array.isArray(given) || ArrayBuffer.isView(given) ? (given as { length: number }).length : null;
    let turn = performance.now();
    const look = () => {
      if (signal?.aborted) throw refusal("aborted", "The plan was aborted.", { cause: signal.reason });
    };
    /** Lets others have their turn, if it is time. */
    const rest = async (tells = true) => {
      if (performance.now() - turn > TURN_MS) {
        if (onProgress && tells) inform(onProgress, { done, total });
        await pause();
        turn = performance.now();
      }
      look();
    };

    const label = read_as;
    /** The source in UTF-8, as the core takes it. */
    const piecesIn = (source: PlanSource, count: (read: number) => void) => {
      const { isObjects, isStream, isBlob } = kindOf(source);
      if (isObjects) return written(source as Iterable<object>, Object.keys(columns), () => count(1));
      const chunks = isBlob || isStream ? read(isBlob ? sliced(source as Blob) : (source as ReadableStream<Uint8Array>), signal) : once(source as string | Uint8Array);
      const counted = async function* () {
        for await (const chunk of chunks) {
          yield chunk;
          count(chunk.length);
        }
      };
      return decoded(counted(), label, (name) => (read_as = name));
    };

    look();
    for await (const piece of piecesIn(given, (read) => (done += read))) {
      refuse(run(() => list.feed(piece)));
      await rest();
    }
    look();
    refuse(run(() => list.end()));
    while (!run(() => list.settle(50_000))) await rest();

    const { people } = tell(SUMMARY);
    const known = client && (await client.begin());
    const keys = known && (await keysOf(known.kept.store, people));
    if (known && (known.suppress || keys?.size !== 0)) {
      const { kept, suppress } = known;
      for (let from = 0, entries: Lookup[][]; (entries = tell(ASK, from, ASKED)).length > 0; from += ASKED) {
        let records: unknown[][];
        try {
          const each = <T>(what: (lookup: Lookup) => Promise<T>) => Promise.all(entries.map((rungs) => Promise.all(rungs.map(what))));
          // Whoever may not be asked for is not even looked for.
          const suppressed = new Set<Lookup>();
          if (suppress) await each(async (lookup) => (await suppress(lookup)) && suppressed.add(lookup));
          const stored = atOnce(kept.store, entries.flat().length - suppressed.size, keys);
          records = await each(async (lookup) => (suppressed.has(lookup) ? true : (await kept.get(lookup.key, stored))?.record));
        } catch (cause) {
          if (isEnrichmentError(cause)) throw cause;
          throw refusal("store_failed", "The store or the suppress function failed; see cause.", { cause });
        }
        const now = Date.now();
        records.forEach((rungs, entry) =>
          rungs.forEach((record, rung) => {
            const isSuppressed = record === true;
            if (record !== undefined && !run(() => list.told(from + entry, rung, now, isSuppressed, isSuppressed ? "" : wire(membersOf(record))))) throw refusal("store_failed", "What the store has can't be read.");
          }),
        );
        await rest();
      }
    }
    if (onProgress) inform(onProgress, { done, total });

    const summary = tell(SUMMARY);
    async function* everybody(): AsyncGenerator<PlannedPerson, void, undefined> {
      for (let from: number | null = 0; from !== null; ) {
        const { people, next }: { people: PlannedPerson[]; next: number | null } = tell(PEOPLE, from, PAGE);
        for (const person of people) {
          new Rows(person);
          yield person;
        }
        from = next;
      }
    }
    return {
      ...summary,
      encoding: read_as ?? summary.encoding,
      everybody,
      async *requests() {
        for await (const { request } of everybody()) yield request;
      },
      rowsOf: Rows.of,
      page: (from, count) => tell(ROWS, from, count),
      async *cells(source) {
        if (kindOf(source).isObjects !== isObjects) throw misuse("The source must be that of the plan.");
        const again = run(() => list.again());
        let isOver = false;
        const rows = (bytes?: Uint8Array): string[][] => {
          isOver = bytes === undefined;
          const read = run(() => list.cells(again, bytes));
          if (read.startsWith("{")) refuse(read);
          return JSON.parse(read);
        };
        try {
          for await (const piece of piecesIn(source, () => {})) {
            yield* rows(piece);
            await rest(false);
          }
          yield* rows();
        } finally {
          if (!isOver && broke === undefined) run(() => list.cells(again));
        }
      },
    };
  };
}
