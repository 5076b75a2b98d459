import { EnrichmentError, misuse, refusal } from "./error.js";
import { inform, requestOf } from "./transport.js";
import type { Balance, EnrichmentRequest, ManyOptions, ManyResult, Outcome, Progress, Run } from "./types.js";

/** The longest that a row waits for room in a budget, in milliseconds; what takes longer ends the run. */
const LONGEST_WAIT_MS = 60_000;

/** How long no row begins after a 429 that does not say when, in milliseconds. */
const UNTOLD_WAIT_MS = 1000;

/** How late a row may begin, as timers are, without the next ones being later for it, in milliseconds. */
const LATE_MS = 10;

/** What any other row would end in too; after `wasm_failed` the run's own budget is gone. */
const FATAL = ["wasm_failed", "invalid_token", "invalid_options", "token_in_browser", "insufficient_credits", "budget_exceeded"];

/** What a run has of its client. */
export interface Lines {
  /** One lookup within the run, of which no hook hears; rejected with what failed. */
  look(fields: unknown[], signal: AbortSignal): Promise<Outcome>;
  /** What of the wallet the run has to do with. */
  balance(): Balance;
}

/** A row that began, until its result is read. */
interface Row {
  controller: AbortController;
  result?: ManyResult;
}

/**
 * Looks up one after the other what a source gives.
 *
 * @param begin checks the options of the client and the run, at the first read
 * @param tell lets the hooks hear how a row ended
 */
export function many(
  requests: Iterable<EnrichmentRequest> | AsyncIterable<EnrichmentRequest>,
  { concurrency = 5, perSecond = Infinity, budget = 0, ordered = true, signal, onProgress }: ManyOptions,
  begin: () => Promise<Lines>,
  tell: (ending: Promise<Outcome>) => Promise<Outcome>,
): Run {
  const counts = { done: 0, found: 0, notFound: 0, failed: 0, cached: 0, total: Array.isArray(requests) ? requests.length : null };
  /** Rows that are out or not read yet, in the order of the source. */
  const rows: Row[] = [];
  const interval = 1000 / perSecond;
  let lines: Lines | undefined;
  let paused = false;
  /** Why nothing more is to be sent. */
  let stopped: EnrichmentError | undefined;
  /** What the source threw. */
  let thrown: [unknown] | undefined;
  /** The source is done with. */
  let over = false;
  let pulling = false;
  /** When the next row may begin, in milliseconds since 1970. */
  let due = 0;
  /** How long it takes from the end of one row to the next, and when the last one was, in milliseconds. */
  let pace = 0;
  let last = 0;
  /** Rows that wait for room in a budget, one behind the other, and how many ends they made use of: each gives room for one. */
  let waiting = 0;
  let line = Promise.resolve();
  let used = 0;

  let ring = () => {};
  let rung: Promise<void>;
  const change = () => {
    ring();
    rung = new Promise((resolve) => (ring = resolve));
  };
  change();

  /** Waits until something is so, and looks again when anything changes or the time has come. */
  const until = async (isSo: () => boolean, at = () => 0) => {
    while (!isSo()) {
      const left = Math.min(at() - Date.now(), LONGEST_WAIT_MS);
      const timer = left > 0 ? setTimeout(change, left) : undefined;
      await rung;
      clearTimeout(timer);
    }
  };

  const progress = (): Progress => {
    const { spent = 0, reserved = 0, possible = 0 } = lines?.balance() ?? {};
    const { done, total } = counts;
    const eta = total === null || !done || stopped ? null : Math.round((total - done) * pace);
    return { ...counts, spent, reserved, possible, eta };
  };

  const abort = (cause?: unknown) => {
    stopped ??= refusal("aborted", "The run was aborted.", { cause });
    for (const { controller } of rows) controller.abort(cause);
    change();
  };

  async function attempt(fields: unknown[], signal: AbortSignal): Promise<Outcome> {
    for (;;) {
      // It never began: whatever the row that stopped the run may have cost, this one is free.
      if (stopped) throw new EnrichmentError({ ...stopped, message: stopped.message, charge: "none", lookupId: "" });
      const before = counts.done;
      try {
        return await lines!.look(fields, signal);
      } catch (error) {
        const { code, retryAfterMs } = error as EnrichmentError;
        if (code !== "budget_exceeded" || !(retryAfterMs! <= LONGEST_WAIT_MS)) throw error;
        const at = Date.now() + retryAfterMs!;
        waiting++;
        await (line = line.then(async () => {
          await until(() => !!stopped || (!paused && (counts.done > Math.max(used, before) || Date.now() >= at)), () => at);
          used = Math.min(Math.max(used, before) + 1, counts.done);
          waiting--;
        }));
      }
    }
  }

  async function work(row: Row, index: number, request: EnrichmentRequest): Promise<void> {
    try {
      const outcome = await tell(attempt(requestOf(request), row.controller.signal));
      row.result = { index, request, outcome };
      counts[outcome.status === "success" ? "found" : "notFound"]++;
      if (outcome.meta.source === "cache") counts.cached++;
      // The pace is that of requests.
      if (!outcome.meta.attempts) due -= interval;
    } catch (thrown) {
      const error = thrown as EnrichmentError;
      row.result = { index, request, error };
      counts.failed++;
      if (FATAL.includes(error.code)) stopped ??= error;
      if (error.code === "rate_limited") due = Math.max(due, Date.now() + (error.retryAfterMs ?? UNTOLD_WAIT_MS));
    }
    const now = Date.now();
    pace += (now - last - pace) / Math.min(++counts.done, 100);
    last = now;
    change();
    if (onProgress) inform(onProgress, progress());
  }

  /** Begins rows, as long as there are any, and there is room for them. */
  async function feed(): Promise<void> {
    try {
      const open = (requests as any)?.[Symbol.asyncIterator] ?? (requests as any)?.[Symbol.iterator];
      if (typeof open !== "function") throw misuse("requests must be iterable.");
      const source: Iterator<EnrichmentRequest> | AsyncIterator<EnrichmentRequest> = open.call(requests);
      for (let index = 0; ; index++) {
        await until(() => !!stopped || (!paused && !waiting && rows.length < concurrency && Date.now() >= due), () => due);
        if (stopped) {
          await source.return?.();
          break;
        }
        due = Math.max(due, Date.now() - LATE_MS) + interval;
        const next = source.next();
        pulling = "then" in next;
        const { done, value } = await next;
        pulling = false;
        if (done) break;
        const row = { controller: new AbortController() };
        rows.push(row);
        // It may have taken its time.
        await until(() => !!stopped || !paused);
        work(row, index, value);
      }
    } catch (cause) {
      thrown = [cause];
    }
    pulling = false;
    over = true;
    change();
  }

  async function* read(): AsyncGenerator<ManyResult, void, undefined> {
    const aborted = () => abort(signal!.reason);
    // The core takes the budget as 32 bits without a sign, and would make something else of anything else.
    if (!(concurrency % 1 === 0 && concurrency >= 1 && concurrency <= 256 && budget >>> 0 === budget && perSecond > 0))
      throw misuse("concurrency must be 1 to 256, budget whole credits, perSecond above 0.");
    lines = await begin();
    signal?.addEventListener("abort", aborted);
    if (signal?.aborted) aborted();
    last = Date.now();
    const feeding = feed();
    try {
      for (;;) {
        let at = -1;
        const find = () => (at = ordered ? (rows[0]?.result ? 0 : -1) : rows.findIndex(({ result }) => result)) >= 0;
        await until(() => find() || (over && rows.length === 0));
        if (at < 0) break;
        const [{ result }] = rows.splice(at, 1) as [Row];
        change();
        yield result!;
      }
    } finally {
      signal?.removeEventListener("abort", aborted);
      // Whoever breaks off gives up on what is out.
      if (!over || rows.length > 0) abort();
      // A source that is asked for its next row can't be closed before it answers.
      if (!pulling) await feeding;
    }
    if (stopped || thrown) throw stopped ?? thrown![0];
  }

  const results = read();
  return {
    get progress() {
      return progress();
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      last = Date.now();
      change();
    },
    abort,
    [Symbol.asyncIterator]: () => results,
  };
}
