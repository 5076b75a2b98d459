// A job: the rows of one list, what became of each, and which of them are out.
import { DurableObject } from "cloudflare:workers";
import type { Charge, EnrichmentRequest, ErrorCode, Issue } from "phone-enrichment";
import { requestOf, type Column } from "./columns.ts";
import { walletOf, type Env, type Slice } from "./env.ts";
import { JOB_TABLES, migrate } from "./schema.ts";
import type { Input } from "./uploads.ts";

/** Rows that are looked up together. */
const SLICE_ROWS = 20;
/** Slices in the queue at most; more are sent when half of them are settled. */
const MOST_OUT = 50;
/** A slice that was sent so long ago and never settled is sent again. */
const STALE_MS = 10 * 60_000;
/** When the queue did not take slices, they are offered again after this. */
const OFFER_AGAIN_MS = 30_000;
/** An upload that did not end by then never will. */
const UPLOAD_MS = 60 * 60_000;
/** How long a job is kept, whatever its state. */
const KEPT_MS = 30 * 86_400_000;
/** Characters of rows that are read at once, about. */
const PAGE = 1_000_000;
const PAGE_ROWS = 1000;

/** `uploading` is seen by nobody: the list is not whole yet. */
export type JobState = "uploading" | "planned" | "running" | "paused" | "cancelled" | "done";
export type Command = "start" | "pause" | "resume" | "cancel" | "force";

/** What each command makes of each state. A state that is not there refuses it; one that leads to itself was commanded already. */
const COMMANDS: Record<Command, Partial<Record<JobState, JobState>>> = {
  start: { planned: "running", running: "running" },
  pause: { running: "paused", paused: "paused" },
  resume: { paused: "running", running: "running" },
  cancel: { planned: "cancelled", running: "cancelled", paused: "cancelled", cancelled: "cancelled" },
  force: { running: "running", paused: "paused", done: "running" },
};

/** Why a job paused by itself: a limit, or what every other row would meet too. */
export type Reason = ErrorCode | "wallet_per_day" | "key_per_day" | "key_per_minute" | "job_budget";

export type RowState = "invalid" | "duplicate" | "waiting" | "sent" | "found" | "not_found" | "failed" | "unknown" | "erased";

/** What came of a row. */
export interface RowAnswer {
  phone?: string;
  e164?: string | null;
  email?: string | null;
  charge: Charge;
  credits: number;
  /** It was known before. */
  cached?: boolean;
  code?: string;
  message?: string;
  issues?: Issue[];
}

/** A row that is to be kept, judged already. */
export interface NewRow {
  line: number;
  /** As JSON. */
  input: string;
  /** `null` for a row that names nobody. */
  person: string | null;
  keys: string[];
  /** Of a row that names nobody: why not. */
  answer: RowAnswer | null;
}

/** A claimed slice: rows that whoever has it is to look up and settle. */
export interface Claim {
  ladder: boolean;
  rows: { number: number; request: EnrichmentRequest; force: boolean }[];
}

/** What became of a claimed row; `waiting` puts it back. */
export interface Verdict {
  number: number;
  state: "found" | "not_found" | "failed" | "unknown" | "waiting";
  answer: RowAnswer | null;
  /** The key of an e-mail that came with the answer. */
  key?: string | undefined;
}

/** What rows that were put back mean for the others: the job pauses, or the slice comes again after so long. */
export interface PutBack {
  reason: Reason;
  pause: boolean;
  afterMs: number;
}

/** A row with what came of it; a duplicate has the answer of the row that it repeats. */
export interface StoredRow {
  number: number;
  /** An {@link Input}, as JSON. */
  input: string | null;
  state: RowState;
  sameAs: number | null;
  /** A {@link RowAnswer}, as JSON. */
  answer: string | null;
}

/** What the wallet knew of the people when the list came. */
export interface Foreseen {
  known: number;
  suppressed: number;
  unknown: number;
  issues: Record<string, number>;
  price: number;
}

export interface Plan extends Foreseen {
  rows: number;
  people: number;
  duplicates: number;
  invalid: number;
  /** What the job costs if everybody is found who is not known yet. */
  most_credits: number;
}

export interface Summary {
  id: string;
  state: JobState;
  reason: Reason | null;
  name: string | null;
  ladder: boolean;
  made_at: number;
  budget: number | null;
  body: string | null;
  plan: Plan | null;
  columns: Column[] | null;
  progress: { done: number; found: number; not_found: number; failed: number; cached: number; unknown: number; waiting: number; sent: number; erased: number };
  version: number;
}

interface JobRow extends Record<string, SqlStorageValue> {
  id: string;
  name: string | null;
  ladder: number;
  made_at: number;
  state: JobState;
  reason: Reason | null;
  budget: number | null;
  columns: string | null;
  body: string | null;
  plan: string | null;
  version: number;
}

const IN_DOUBT: RowAnswer = {
  charge: "possible",
  credits: 0,
  code: "outcome_unknown",
  message: "The lookup may have been sent and charged, and nobody knows how it ended. It is not sent again by itself.",
};
const UNDELIVERED: RowAnswer = { charge: "none", credits: 0, code: "undelivered", message: "The row never got as far as a lookup; nothing was charged. Put it into a new job." };

export class Job extends DurableObject<Env> {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    migrate(ctx.storage, JOB_TABLES);
  }

  // Making

  /** Begins a job whose rows are about to come; `false` if it was begun before. */
  async begin(id: string, name: string | null, ladder: boolean): Promise<boolean> {
    if (this.#job()) return false;
    this.#sql.exec("INSERT INTO job (one, id, name, ladder, made_at, state) VALUES (1, ?, ?, ?, ?, 'uploading')", id, name, Number(ladder), Date.now());
    await this.#setAlarm();
    return true;
  }

  /** Keeps rows, and says which of them are about somebody whom no row before is about. */
  async add(rows: NewRow[]): Promise<boolean[]> {
    return this.ctx.storage.transactionSync(() => {
      if (this.#job()?.state !== "uploading") throw new Error("The job takes no more rows.");
      let { number } = this.#sql.exec<{ number: number }>("SELECT COALESCE(MAX(number), 0) AS number FROM rows").one();
      let people = this.#counts().waiting ?? 0;
      return rows.map(({ line, input, person, keys, answer }) => {
        const [same] = person === null ? [] : this.#sql.exec<{ number: number }>("SELECT number FROM rows WHERE person = ?", person).toArray();
        const isNew = person !== null && !same;
        const state: RowState = isNew ? "waiting" : same ? "duplicate" : "invalid";
        this.#sql.exec(
          "INSERT INTO rows (number, line, input, person, same_as, keys, state, slice, answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          ++number,
          line,
          input,
          isNew ? person : null,
          same?.number ?? null,
          keys.length ? `\n${keys.join("\n")}\n` : null,
          state,
          isNew ? Math.floor(people++ / SLICE_ROWS) : null,
          answer && JSON.stringify(answer),
        );
        return isNew;
      });
    });
  }

  /** The list is whole: what it would cost, and who is in it. */
  async seal(columns: Column[] | null, body: string, foreseen: Foreseen): Promise<Summary> {
    this.ctx.storage.transactionSync(() => {
      const { waiting = 0, duplicate = 0, invalid = 0 } = this.#counts();
      const { known, suppressed, unknown, issues, price } = foreseen;
      const plan: Plan = { rows: waiting + duplicate + invalid, people: waiting, duplicates: duplicate, known, invalid, suppressed, unknown, price, most_credits: (waiting - known - suppressed - unknown) * price, issues };
      this.#sql.exec("INSERT INTO slices (number) SELECT DISTINCT slice FROM rows WHERE slice IS NOT NULL");
      this.#sql.exec("UPDATE job SET state = 'planned', columns = ?, body = ?, plan = ?, version = 1", columns && JSON.stringify(columns), body, JSON.stringify(plan));
    });
    await this.#setAlarm();
    return (await this.summary())!;
  }

  // Commands

  /** How the job is; `undefined` if there is none. */
  async summary(): Promise<Summary | undefined> {
    const job = this.#job();
    if (!job) return undefined;
    const { found = 0, not_found = 0, failed = 0, unknown = 0, waiting = 0, sent = 0, erased = 0, cached = 0 } = this.#counts();
    return {
      id: job.id,
      state: job.state,
      reason: job.reason,
      name: job.name,
      ladder: job.ladder === 1,
      made_at: job.made_at,
      budget: job.budget,
      body: job.body,
      plan: job.plan === null ? null : (JSON.parse(job.plan) as Plan),
      columns: job.columns === null ? null : (JSON.parse(job.columns) as Column[]),
      progress: { done: found + not_found + failed + unknown, found, not_found, failed, cached, unknown, waiting, sent, erased },
      version: job.version,
    };
  }

  /** Obeys a command, or says in which state it can't. `budget` is set with it, in the wallet first. */
  async command(command: Exclude<Command, "force">, budget?: number): Promise<{ done: boolean; summary: Summary } | undefined> {
    const before = this.#job();
    if (!before) return undefined;
    const mayStart = !(command === "start" && before.state === "running" && before.budget !== budget);
    if (COMMANDS[command][before.state] === undefined || !mayStart) return { done: false, summary: (await this.summary())! };
    if (budget !== undefined && budget !== before.budget) await walletOf(this.env).setJobBudget(before.id, budget);
    // The wallet took its time: it is the state of now that counts.
    const done = this.ctx.storage.transactionSync(() => {
      const now = this.#job();
      const next = now && COMMANDS[command][now.state];
      if (!now || next === undefined) return false;
      if (next !== now.state) this.#sql.exec("UPDATE job SET state = ?, reason = NULL, version = version + 1", next);
      if (budget !== undefined) this.#sql.exec("UPDATE job SET budget = ?", budget);
      this.#endIfDone();
      return true;
    });
    await this.#feed();
    const summary = await this.summary();
    return summary && { done, summary };
  }

  /** A person decides that rows in doubt are asked again, although it may cost again: those of them that are. */
  async force(numbers: number[]): Promise<{ done: boolean; summary: Summary; forced: number[] } | undefined> {
    const job = this.#job();
    if (!job) return undefined;
    const next = COMMANDS.force[job.state];
    const forced: number[] = [];
    if (next !== undefined) {
      this.ctx.storage.transactionSync(() => {
        for (const number of numbers) {
          const [row] = this.#sql
            .exec<{ number: number; slice: number }>(
              "UPDATE rows SET state = 'waiting', force = 1, answer = NULL WHERE number = (SELECT COALESCE(same_as, number) FROM rows WHERE number = ?) AND state = 'unknown' RETURNING number, slice",
              number,
            )
            .toArray();
          if (!row) continue;
          forced.push(row.number);
          this.#sql.exec("UPDATE slices SET state = 'ready' WHERE number = ?", row.slice);
        }
        if (forced.length) this.#sql.exec("UPDATE job SET state = ?, version = version + 1", next);
      });
      await this.#feed();
    }
    return { done: next !== undefined, summary: (await this.summary())!, forced };
  }

  /** Removes the job, unless it runs. */
  async remove(): Promise<JobState | undefined> {
    const job = this.#job();
    if (!job) return undefined;
    if (job.state !== "running") await this.#wipe();
    return job.state;
  }

  // Slices

  /** Gives out the rows of a slice that are not settled; `undefined` if there is nothing to do now. */
  async claim(slice: number): Promise<Claim | undefined> {
    return this.ctx.storage.transactionSync(() => {
      const job = this.#job();
      if (!job) return undefined;
      if (job.state !== "running") {
        // It is sent again when the job is resumed. A cancelled one never is, and whoever had these rows is gone.
        this.#sql.exec("UPDATE slices SET state = 'ready' WHERE number = ? AND state = 'sent'", slice);
        if (job.state === "cancelled") this.#doubt(slice);
        return undefined;
      }
      // Those that are out already are given out again: whoever had them may be gone, and the wallet pays for nobody twice.
      const rows = this.#sql
        .exec<{ number: number; input: string; force: number }>("SELECT number, input, force FROM rows WHERE slice = ? AND state IN ('waiting', 'sent') ORDER BY number", slice)
        .toArray();
      if (!rows.length) return undefined;
      this.#sql.exec("UPDATE rows SET state = 'sent', force = 0 WHERE slice = ? AND state IN ('waiting', 'sent')", slice);
      this.#sql.exec("UPDATE slices SET state = 'sent', sent_at = ? WHERE number = ?", Date.now(), slice);
      this.#sql.exec("UPDATE job SET version = version + 1");
      const columns = job.columns === null ? null : (JSON.parse(job.columns) as Column[]);
      return {
        ladder: job.ladder === 1,
        rows: rows.map(({ number, input, force }) => {
          const given = JSON.parse(input) as Input;
          return { number, request: columns ? requestOf(given as string[], columns) : (given as EnrichmentRequest), force: force === 1 };
        }),
      };
    });
  }

  /** Keeps what became of claimed rows. Whatever of it is known already changes nothing. */
  async settle(slice: number, verdicts: Verdict[], putBack?: PutBack): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      const job = this.#job();
      if (!job) return;
      for (const verdict of verdicts) this.#settleRow(verdict);
      const open = this.#sql.exec("SELECT 1 FROM rows WHERE slice = ? AND state IN ('waiting', 'sent') LIMIT 1", slice).toArray().length > 0;
      if (!open) this.#sql.exec("UPDATE slices SET state = 'done' WHERE number = ?", slice);
      else if (putBack) {
        this.#sql.exec("UPDATE slices SET state = ?, sent_at = ?, put_back = ? WHERE number = ?", putBack.pause ? "ready" : "sent", Date.now() + putBack.afterMs, putBack.reason, slice);
        if (putBack.pause) this.#pause(putBack.reason);
      }
      this.#sql.exec("UPDATE job SET version = version + 1");
      this.#endIfDone();
    });
    await this.#feed();
  }

  /**
   * The queue gave a slice up. What may have been sent is in doubt; what was put back for a limit of the vendor's pauses
   * the job; and what never came as far as that is told to have failed, so that the job ends. Says what it did, in rows.
   */
  async bury(slice: number): Promise<{ unknown: number; failed: number; waiting: number }> {
    const buried = this.ctx.storage.transactionSync(() => {
      const job = this.#job();
      const [entry] = this.#sql.exec<{ state: string; put_back: Reason | null }>("SELECT state, put_back FROM slices WHERE number = ?", slice).toArray();
      if (!job || !entry || entry.state === "done") return { unknown: 0, failed: 0, waiting: 0 };
      const unknown = this.#doubt(slice);
      let failed = 0;
      if (entry.put_back === null && job.state === "running")
        failed = this.#sql.exec("UPDATE rows SET state = 'failed', answer = ? WHERE slice = ? AND state = 'waiting' RETURNING number", JSON.stringify(UNDELIVERED), slice).toArray().length;
      const waiting = this.#sql.exec("SELECT 1 FROM rows WHERE slice = ? AND state = 'waiting'", slice).toArray().length;
      this.#sql.exec("UPDATE slices SET state = ?, put_back = NULL WHERE number = ?", waiting ? "ready" : "done", slice);
      if (waiting && entry.put_back !== null && entry.put_back !== "key_per_minute") this.#pause(entry.put_back);
      this.#sql.exec("UPDATE job SET version = version + 1");
      this.#endIfDone();
      return { unknown, failed, waiting };
    });
    await this.#feed();
    return buried;
  }

  // Results

  /** Some rows after one, in order, with what came of each. */
  async page(after: number): Promise<StoredRow[]> {
    const rows = this.#sql.exec<{ number: number; input: string | null; state: RowState; sameAs: number | null; answer: string | null }>(
      `SELECT rows.number, rows.input, rows.same_as AS sameAs, COALESCE(first.state, rows.state) AS state, COALESCE(first.answer, rows.answer) AS answer
       FROM rows LEFT JOIN rows AS first ON first.number = rows.same_as WHERE rows.number > ? ORDER BY rows.number LIMIT ?`,
      after,
      PAGE_ROWS,
    );
    const page: StoredRow[] = [];
    let length = 0;
    for (const row of rows) {
      page.push(row);
      if ((length += (row.input?.length ?? 0) + (row.answer?.length ?? 0)) > PAGE) break;
    }
    return page;
  }

  /** Removes what is in rows about whoever has one of these keys, and in those that repeat them. The rows stay, as erased. */
  async erase(keys: string[]): Promise<number> {
    return this.ctx.storage.transactionSync(() => {
      const erased = this.#sql
        .exec(
          `UPDATE rows SET input = NULL, person = NULL, keys = NULL, answer = NULL, state = 'erased', same_as = NULL, force = 0
           WHERE state <> 'erased' AND COALESCE(same_as, number) IN (
             SELECT COALESCE(same_as, number) FROM rows, json_each(?) AS key WHERE keys IS NOT NULL AND instr(keys, char(10) || key.value || char(10)) > 0
           ) RETURNING number`,
          JSON.stringify(keys),
        )
        .toArray().length;
      if (erased) {
        this.#sql.exec("UPDATE slices SET state = 'done' WHERE state <> 'done' AND number NOT IN (SELECT slice FROM rows WHERE slice IS NOT NULL AND state IN ('waiting', 'sent'))");
        this.#sql.exec("UPDATE job SET version = version + 1");
        this.#endIfDone();
      }
      return erased;
    });
  }

  override async alarm(): Promise<void> {
    const job = this.#job();
    if (!job) return;
    const now = Date.now();
    if (now >= job.made_at + (job.state === "uploading" ? UPLOAD_MS : KEPT_MS)) {
      await walletOf(this.env).closeJob(job.id);
      return this.#wipe();
    }
    this.ctx.storage.transactionSync(() => {
      const stale = this.#sql.exec<{ number: number }>("UPDATE slices SET state = 'ready' WHERE state = 'sent' AND sent_at <= ? RETURNING number", now - STALE_MS).toArray();
      if (job.state === "cancelled") for (const { number } of stale) this.#doubt(number);
    });
    await this.#feed();
  }

  #job(): JobRow | undefined {
    return this.#sql.exec<JobRow>("SELECT * FROM job").toArray()[0];
  }

  #counts(): Partial<Record<RowState | "cached", number>> {
    return Object.fromEntries(this.#sql.exec<{ state: string; rows: number }>("SELECT state, rows FROM counts").toArray().map(({ state, rows }) => [state, rows]));
  }

  /** Which states of a row each verdict may replace. An answer ends a doubt; nothing else does. */
  #settleRow({ number, state, answer, key }: Verdict): void {
    const text = answer && JSON.stringify(answer);
    const replaces = { found: "sent waiting unknown", not_found: "sent waiting unknown", failed: "sent waiting", unknown: "sent waiting", waiting: "sent" }[state].split(" ");
    const changed = this.#sql
      .exec(
        `UPDATE rows SET state = ?1, answer = ?2, force = 0, keys = CASE WHEN ?3 IS NULL THEN keys ELSE keys || ?3 || char(10) END
         WHERE number = ?4 AND state IN (SELECT value FROM json_each(?5)) RETURNING number`,
        state,
        text,
        key ?? null,
        number,
        JSON.stringify(replaces),
      )
      .toArray().length;
    if (changed && answer?.cached) this.#sql.exec("INSERT INTO counts VALUES ('cached', 1) ON CONFLICT DO UPDATE SET rows = rows + 1");
    // Of two that had the row, the one that paid may come later than the one that found what was paid for.
    if (!changed && state === "found" && answer?.charge === "confirmed") this.#sql.exec("UPDATE rows SET answer = ? WHERE number = ? AND state = 'found'", text, number);
  }

  /** Rows of a slice that are out, and of which nobody will say what became of them. */
  #doubt(slice: number): number {
    return this.#sql.exec("UPDATE rows SET state = 'unknown', answer = ? WHERE slice = ? AND state = 'sent' RETURNING number", JSON.stringify(IN_DOUBT), slice).toArray().length;
  }

  #pause(reason: Reason): void {
    this.#sql.exec("UPDATE job SET state = 'paused', reason = ? WHERE state = 'running'", reason);
  }

  #endIfDone(): void {
    if (this.#sql.exec("SELECT 1 FROM slices WHERE state IN ('ready', 'sent') LIMIT 1").toArray().length) return;
    this.#sql.exec("UPDATE job SET state = 'done', version = version + 1 WHERE state = 'running'");
  }

  /** Sends slices, if the job runs and few enough are out. */
  async #feed(): Promise<void> {
    const slices = this.ctx.storage.transactionSync(() => {
      if (this.#job()?.state !== "running") return [];
      const out = this.#sql.exec<{ out: number }>("SELECT COUNT(*) AS out FROM slices WHERE state = 'sent'").one().out;
      if (out > MOST_OUT / 2) return [];
      return this.#sql
        .exec<{ number: number }>("UPDATE slices SET state = 'sent', sent_at = ? WHERE number IN (SELECT number FROM slices WHERE state = 'ready' ORDER BY number LIMIT ?) RETURNING number", Date.now(), MOST_OUT - out)
        .toArray()
        .map(({ number }) => number);
    });
    let offerAt: number | undefined;
    if (slices.length) {
      const { id: job } = this.#job()!;
      try {
        await this.env.SLICES.sendBatch(slices.map((slice) => ({ body: { id: crypto.randomUUID(), job, slice } satisfies Slice })));
      } catch {
        // Whether some are in the queue after all makes no difference: whoever comes second finds nothing to do.
        for (const slice of slices) this.#sql.exec("UPDATE slices SET state = 'ready' WHERE number = ? AND state = 'sent'", slice);
        offerAt = Date.now() + OFFER_AGAIN_MS;
      }
    }
    await this.#setAlarm(offerAt);
  }

  /** The one alarm, for what comes first: the end of the job, a slice of which nothing is heard, or another try. */
  async #setAlarm(also = Infinity): Promise<void> {
    const job = this.#job();
    if (!job) return;
    const oldest = this.#sql.exec<{ at: number | null }>("SELECT MIN(sent_at) AS at FROM slices WHERE state = 'sent'").one().at;
    const end = job.made_at + (job.state === "uploading" ? UPLOAD_MS : KEPT_MS);
    const at = Math.max(Date.now() + 1, Math.min(end, also, oldest === null ? Infinity : oldest + STALE_MS));
    const set = await this.ctx.storage.getAlarm();
    // One that rings too early only looks, and sets the next.
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }

  async #wipe(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    // Whoever still settles a row of it finds an empty job, not an error.
    migrate(this.ctx.storage, JOB_TABLES);
  }
}
