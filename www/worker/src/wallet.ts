// The wallet: the one place where lookups meet. It holds the callers, the limits, the ledger, what was found and what is in
// doubt, and lets the client talk to the vendor.
import { DurableObject } from "cloudflare:workers";
import { createClient, isEnrichmentError, type Client, type EnrichmentRequest, type Outcome, type Store } from "phone-enrichment";
import { failed, found, FREE, invalid, NOT_FOUND, refusal, told, UNKNOWN_CALLER, type Answer, type Cost, type Told } from "./answer.ts";
import { ADMIN, ADMIN_SCOPES, digestOf, newKey, sameDigest, type Caller, type Proof, type Scope } from "./callers.ts";
import { jobOf, type Env } from "./env.ts";
import { migrate, WALLET_TABLES } from "./schema.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How long the vendor may take. A caller is answered before that; whatever comes later is still kept and settled. */
const VENDOR_MS = 60_000;
/** How long a caller waits by default, as the vendor's own clients would. */
const DEADLINE_MS = 20_000;
/** How long an idempotency key is remembered. */
const REPEAT_MS = DAY_MS;
/** How long the ledger and the audit log go back. */
const BOOKS_MS = 400 * DAY_MS;
/** Answers from the cache are written into the audit log together, so that a read stays a read. */
const AUDIT_AFTER_MS = 1_000;
/** Expired records are swept together, once in so long. They are never given out, swept or not. */
const SWEEP_MS = 10 * MINUTE_MS;
/** How many names of people are kept in memory: a lookup asks for the same one several times. */
const MOST_NAMES = 1000;
/** How many people are kept in mind as asked for. */
const MOST_ASKED = 100_000;
/** Credits: what the vendor takes for a phone. */
const PRICE = 5;

/** How a lookup ended: with the vendor's word, now or kept, or without. */
export type Ending = { outcome: Outcome; cost: Cost; remaining: number | null } | { failure: Told };

export interface LookupOptions {
  /** The person's canonical key, where the request was checked already. */
  key?: string | undefined;
  /** The caller's idempotency key. */
  repeat?: string | undefined;
  /** Ask although an earlier lookup may have been charged. */
  force?: boolean | undefined;
}

/** What the wallet knows of a person before anybody pays. */
export type Known = "known" | "unknown" | "suppressed" | "new";

interface Asking extends LookupOptions {
  job?: string | undefined;
  ladder?: boolean | undefined;
}

/** A line of the ledger that is not settled yet. */
interface Held {
  id: number;
  at: number;
  credits: number;
}

interface AuditEntry {
  caller: string;
  action: string;
  subject?: string | undefined;
  charge?: string | undefined;
  credits?: number | undefined;
  detail?: string | undefined;
}

const answerOf = (ending: Ending): Answer => ("failure" in ending ? failed(ending.failure) : found(ending.outcome, ending.cost, ending.remaining));

const dayOf = (at: number) => Math.floor(at / DAY_MS);

export class Wallet extends DurableObject<Env> {
  readonly #sql: SqlStorage;
  readonly #client: Client;
  /** The same records, and not a credit to spend: tells what is known. */
  readonly #reader: Client;
  readonly #hmac: Promise<CryptoKey>;
  /** Whoever is being looked up: the end of the queue for each. */
  readonly #turns = new Map<string, Promise<void>>();
  /** Those of the people who were asked for since the object started: of others there is probably nothing yet. */
  readonly #asked = new Set<string>();
  /** Stands before the first of them: a new one would step over everybody who went before, each time. */
  readonly #firstAsked = this.#asked.values();
  /** Names of people in the tables, by their keys, of the latest few who were asked for. */
  readonly #names = new Map<string, Promise<string>>();
  /** The tables of the same names, which are small: changed after them, and read anew when the object starts. */
  readonly #facts: Map<string, SqlStorageValue>;
  readonly #callers = new Map<string, Caller & { digest: string }>();
  /** Whether anybody is suppressed: nobody is looked for among none. */
  #anySuppressed: boolean;
  /** What is to be written into the audit log together. */
  #heard: AuditEntry[] = [];
  #sweepAt: number | null | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    migrate(ctx.storage, WALLET_TABLES);
    this.#facts = new Map(this.#sql.exec<{ name: string; value: SqlStorageValue }>("SELECT name, value FROM facts").toArray().map(({ name, value }) => [name, value]));
    this.#readCallers();
    this.#anySuppressed = this.#sql.exec("SELECT 1 FROM suppressed LIMIT 1").toArray().length > 0;
    let secret = this.#facts.get("secret") as string | undefined;
    if (secret === undefined) {
      secret = Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0")).join("");
      this.#setFact("secret", secret);
    }
    this.#hmac = crypto.subtle.importKey("raw", new TextEncoder().encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    // Whatever was out when this object last ended may have been charged; what the client claimed says so too.
    const cutOff: { failure: Told } = { failure: { code: "outcome_unknown", charge: "possible" } };
    this.#sql.exec(
      "UPDATE repeats SET ended = ? WHERE ended IS NULL AND EXISTS (SELECT 1 FROM ledger WHERE state = 'held' AND ledger.caller = repeats.caller AND person = request)",
      JSON.stringify(cutOff),
    );
    // Rows written would count those of the index, too.
    const { open } = this.#sql.exec<{ open: number }>("SELECT COUNT(*) AS open FROM ledger WHERE state = 'held'").one();
    this.#sql.exec("UPDATE ledger SET state = 'unknown' WHERE state = 'held'");
    if (open) this.#audit({ caller: "wallet", action: "restarted", detail: `${open} lookups were out` });

    const shared = {
      token: () => env.VENDOR_TOKEN,
      baseUrl: env.VENDOR_URL,
      store: this.#records(),
      storeSecret: secret,
      suppress: ({ key }: { key: string }) => this.#anySuppressed && this.#nameOf(key).then((person) => this.#isSuppressed(person)),
      timeoutMs: VENDOR_MS,
    };
    this.#client = createClient({
      ...shared,
      onAnomaly: ({ expected, remaining_credits }) => this.#audit({ caller: "wallet", action: "anomaly", detail: `expected ${expected} credits, the vendor has ${remaining_credits}` }),
      onWarning: ({ code }) => this.#audit({ caller: "wallet", action: "warning", detail: code }),
    });
    this.#reader = createClient({ ...shared, budget: { total: 0 } });
  }

  // Lookups

  /** One lookup for a caller, answered in the vendor's form within the deadline. */
  async lookup(proof: Proof, request: EnrichmentRequest, options: LookupOptions): Promise<Answer> {
    const caller = await this.#caller(proof, "lookup");
    if ("status" in caller) return caller;
    return this.#inTime(this.#repeatable(caller, request, options));
  }

  /** The rows of a slice of a job, all at once, for whoever made the job. */
  async lookupRows(job: string, requests: EnrichmentRequest[], options: { ladder: boolean; force: boolean }): Promise<Ending[]> {
    const [row] = this.#sql.exec<{ caller: string }>("SELECT caller FROM jobs WHERE id = ?", job).toArray();
    const caller = row && this.#callerBy(row.caller);
    if (!caller?.scopes.includes("jobs")) return requests.map(() => ({ failure: { code: "forbidden", charge: "none" } }));
    return Promise.all(requests.map((request) => this.#ending(caller, request, { ...options, job })));
  }

  /** What is known of each, for a plan: free, and nothing is sent. */
  async known(requests: EnrichmentRequest[]): Promise<Known[]> {
    return Promise.all(
      requests.map(async (request) => {
        const read = await this.#read(request);
        if ("outcome" in read) return "known";
        const { code } = read.failure;
        return code === "outcome_unknown" ? "unknown" : code === "suppressed" ? "suppressed" : "new";
      }),
    );
  }

  /** A caller is never left without an answer, which a browser would take for leave to send again. */
  async #inTime(answering: Promise<Answer>): Promise<Answer> {
    let timer: ReturnType<typeof setTimeout>;
    const late = new Promise<Answer>((resolve) => {
      timer = setTimeout(() => resolve(failed({ code: "timeout", charge: "possible" })), this.env.DEADLINE_MS ?? DEADLINE_MS);
    });
    return Promise.race([answering, late]).finally(() => clearTimeout(timer));
  }

  /** The same key again gives the first answer again; with another person it is a mistake. */
  async #repeatable(caller: Caller, request: EnrichmentRequest, options: LookupOptions): Promise<Answer> {
    const { repeat } = options;
    if (repeat === undefined) return answerOf(await this.#ending(caller, request, options));
    const key = await this.#keyOf(request, options);
    if (typeof key !== "string") return failed(key);
    const person = await this.#nameOf(key);
    const first = () => this.#sql.exec<{ request: string; ended: string | null }>("SELECT request, ended FROM repeats WHERE caller = ? AND key = ? AND at > ?", caller.id, repeat, Date.now() - REPEAT_MS).toArray()[0];
    const before = first();
    if (before && before.request !== person) return refusal(422, "This Idempotency-Key was used for another request.", "idempotency_key_reused");
    if (!before) this.#sql.exec("INSERT OR REPLACE INTO repeats (caller, key, request, at) VALUES (?, ?, ?, ?)", caller.id, repeat, person, Date.now());
    this.#sweep(Date.now() + REPEAT_MS);
    const ending = await this.#ending(caller, request, options, () => {
      const ended = first()?.ended;
      return ended ? (JSON.parse(ended) as { cost: Cost; remaining: number | null } | { failure: Told }) : undefined;
    });
    const answer = answerOf(ending);
    if (ending.again) answer.headers["idempotency-replayed"] = "true";
    return answer;
  }

  /** What becomes of a request: one at a time for a person, so that whoever comes second finds what the first one left. */
  async #ending(
    caller: Caller,
    request: EnrichmentRequest,
    asking: Asking,
    before?: () => { cost: Cost; remaining: number | null } | { failure: Told } | undefined,
  ): Promise<Ending & { again?: boolean }> {
    const key = await this.#keyOf(request, asking);
    if (typeof key !== "string") return { failure: key };
    const person = await this.#nameOf(key);
    const release = await this.#turn(person);
    try {
      const first = before?.();
      // Of what was cut off the answer may be there all the same.
      if (first && "failure" in first && first.failure.code !== "outcome_unknown") return { ...first, again: true };
      // Whoever was never asked for is not looked for first: what is kept after all is found on the way, and costs nothing.
      const isSentAtOnce = !first && (asking.force || !this.#asked.has(person));
      let held = isSentAtOnce ? this.#hold(caller, person, asking.job) : undefined;
      if (first || (!asking.force && (!held || "code" in held))) {
        const kept = await this.#read(request);
        if (first && "failure" in first) return "outcome" in kept ? kept : { ...first, again: true };
        if (first) return "outcome" in kept ? { outcome: kept.outcome, ...first, again: true } : { failure: { code: "outcome_unknown", charge: "none" }, again: true };
        if ("outcome" in kept || kept.failure.code !== "budget_exceeded") {
          this.#hear({ caller: caller.id, action: "lookup", subject: asking.job, charge: "none", credits: 0, detail: "outcome" in kept ? "kept" : kept.failure.code });
          if ("failure" in kept && asking.repeat !== undefined) this.#forgetRepeat(caller, asking.repeat);
          return kept;
        }
      }
      held ??= this.#hold(caller, person, asking.job);
      this.#asked.add(person);
      if (this.#asked.size > MOST_ASKED) this.#asked.delete(this.#firstAsked.next().value!);
      return await this.#pay(caller, request, held, asking);
    } finally {
      release();
    }
  }

  /** The canonical key of whoever is asked for, or what is wrong with the request. */
  async #keyOf(request: EnrichmentRequest, { key }: LookupOptions): Promise<string | Told> {
    if (key !== undefined) return key;
    const checked = await this.#client.check(request);
    return checked.ok ? checked.lookup.key : { code: "invalid_request", charge: "none", issues: checked.issues };
  }

  /** What is kept of a person; a failure that says why there is nothing. */
  async #read(request: EnrichmentRequest): Promise<Ending> {
    try {
      const outcome = await this.#reader.enrichPhone(request);
      return { outcome, cost: { charge: "none", credits: 0, source: "cache" }, remaining: this.#remaining() };
    } catch (error) {
      if (!isEnrichmentError(error)) throw error;
      return { failure: told(error) };
    }
  }

  /** Sends, once the price is set aside, and settles: each a transaction of its own, so that an end in between leaves a trace. */
  async #pay(caller: Caller, request: EnrichmentRequest, held: Held | Told, { job, ladder, force, repeat }: Asking): Promise<Ending> {
    if ("code" in held) {
      if (repeat !== undefined) this.#forgetRepeat(caller, repeat);
      this.#hear({ caller: caller.id, action: "lookup", subject: job, charge: "none", credits: 0, detail: held.limit ?? held.code });
      return { failure: held };
    }
    let ending: Ending;
    /** The vendor said so just now, whatever balance it tells with it. */
    let isEmpty = false;
    try {
      const outcome = await this.#client.enrichPhone(request, { ladder: ladder ?? false, force: force ?? false });
      const { charge, credits, source } = outcome.meta;
      ending = { outcome, cost: { charge, credits, source }, remaining: outcome.remaining_credits ?? this.#remaining() };
    } catch (error) {
      ending = { failure: isEnrichmentError(error) ? told(error) : { code: "wasm_failed", charge: "possible" } };
      if (!isEnrichmentError(error)) console.error("a lookup failed in an unknown way:", (error as Error | undefined)?.name);
      isEmpty = isEnrichmentError(error) && error.code === "insufficient_credits" && error.status === 402;
    }
    this.#settle(held, caller, job, repeat, ending);
    if (isEmpty) this.#setFact("breaker", Date.now());
    return ending;
  }

  // Money

  /** Sets the price aside, or says which limit has no room. */
  #hold(caller: Caller, person: string, job: string | undefined): Held | Told {
    return this.ctx.storage.transactionSync(() => {
      const now = Date.now();
      const day = dayOf(now);
      if (this.#facts.get("breaker") !== undefined) return { code: "insufficient_credits", charge: "none", required: PRICE, balance: this.#remaining() };
      const full = (limit: Told["limit"], retryAfterMs?: number): Told => ({ code: "budget_exceeded", charge: "none", limit, retryAfterMs });
      const tomorrow = (day + 1) * DAY_MS - now;
      const spent = new Map(this.#sql.exec<{ caller: string; credits: number }>("SELECT caller, credits FROM days WHERE day = ? AND caller IN ('', ?)", day, caller.id).toArray().map(({ caller, credits }) => [caller, credits]));
      // A limit that was never set, or that is no number, has room for nothing.
      if (!((spent.get("") ?? 0) + PRICE <= Number(this.env.WALLET_PER_DAY))) return full("wallet_per_day", tomorrow);
      if (caller.perDay !== null && (spent.get(caller.id) ?? 0) + PRICE > caller.perDay) return full("key_per_day", tomorrow);
      if (caller.perMinute !== null) {
        const lately = this.#sql.exec<{ at: number; credits: number }>("SELECT at, credits FROM ledger WHERE caller = ? AND at > ? ORDER BY at", caller.id, now - MINUTE_MS).toArray();
        let over = lately.reduce((sum, { credits }) => sum + credits, PRICE) - caller.perMinute;
        if (over > 0) {
          const enough = lately.find(({ credits }) => (over -= credits) <= 0);
          return full("key_per_minute", enough ? enough.at + MINUTE_MS - now : undefined);
        }
      }
      if (job !== undefined) {
        const [row] = this.#sql.exec<{ budget: number | null; credits: number }>("SELECT budget, credits FROM jobs WHERE id = ?", job).toArray();
        if (!row || row.credits + PRICE > (row.budget ?? 0)) return full("job");
      }
      this.#count(day, caller.id, job, PRICE);
      const { id } = this.#sql
        .exec<{ id: number }>("INSERT INTO ledger (at, caller, job, person, credits, state) VALUES (?, ?, ?, ?, ?, 'held') RETURNING id", now, caller.id, job ?? null, person, PRICE)
        .one();
      return { id, at: now, credits: PRICE };
    });
  }

  /** What was set aside is spent, given back, or in doubt; and all that goes with it. */
  #settle(held: Held, caller: Caller, job: string | undefined, repeat: string | undefined, ending: Ending): void {
    this.ctx.storage.transactionSync(() => {
      const cost: Cost = "failure" in ending ? { ...FREE, charge: ending.failure.charge } : ending.cost;
      // What an earlier lookup left in doubt is in the ledger already: this one sent nothing.
      if (cost.charge === "none" || ("failure" in ending && ending.failure.code === "outcome_unknown")) this.#giveBack(held, caller.id, job);
      else if (cost.charge === "confirmed") {
        this.#sql.exec("UPDATE ledger SET state = 'spent', credits = ? WHERE id = ?", cost.credits, held.id);
        this.#count(dayOf(held.at), caller.id, job, cost.credits - held.credits);
      } else this.#sql.exec("UPDATE ledger SET state = 'unknown' WHERE id = ?", held.id);
      if (repeat !== undefined) {
        const { remaining = null } = ending as { remaining?: number | null };
        if ("failure" in ending && cost.charge === "none") this.#forgetRepeat(caller, repeat);
        else this.#sql.exec("UPDATE repeats SET ended = ? WHERE caller = ? AND key = ?", JSON.stringify("failure" in ending ? { failure: ending.failure } : { cost, remaining }), caller.id, repeat);
      }
      this.#audit({
        caller: caller.id,
        action: "lookup",
        subject: job,
        charge: cost.charge,
        credits: cost.credits,
        detail: "failure" in ending ? ending.failure.code : ending.outcome.status,
      });
    });
    const remaining = "failure" in ending ? ending.failure.balance : ending.cost.source === "network" ? ending.outcome.remaining_credits : null;
    if (typeof remaining === "number") this.#seen(remaining);
  }

  #giveBack({ id, at, credits }: Held, caller: string, job: string | undefined): void {
    this.#sql.exec("DELETE FROM ledger WHERE id = ?", id);
    this.#count(dayOf(at), caller, job, -credits);
  }

  /** Adds to the sums that limits are held against: the caller's, everybody's, and the job's. */
  #count(day: number, caller: string, job: string | undefined, credits: number): void {
    if (!credits) return;
    this.#sql.exec("INSERT INTO days VALUES (?1, ?2, ?3), (?1, '', ?3) ON CONFLICT DO UPDATE SET credits = credits + excluded.credits", day, caller, credits);
    if (job !== undefined) this.#sql.exec("UPDATE jobs SET credits = credits + ? WHERE id = ?", credits, job);
  }

  /** The vendor said what is left. With enough for a lookup, lookups are let through again. */
  #seen(remaining: number): void {
    this.#setFact("balance", `${remaining} ${Date.now()}`);
    if (remaining >= PRICE && this.#facts.has("breaker")) this.#dropFact("breaker");
  }

  /** What the vendor said last: credits left, and when, in milliseconds since 1970. */
  #balance(): [remaining: number | null, at: number | null] {
    const [remaining, at] = String(this.#facts.get("balance") ?? "").split(" ");
    return at === undefined ? [null, null] : [Number(remaining), Number(at)];
  }

  #remaining(): number | null {
    return this.#balance()[0];
  }

  /** What is left, what was spent, and what limits there are. */
  async balance(proof: Proof): Promise<Answer> {
    const caller = await this.#caller(proof);
    if ("status" in caller) return caller;
    const day = dayOf(Date.now());
    const [remaining, at] = this.#balance();
    const sums = this.#sql
      .exec<{ state: string; mine: number; credits: number }>(
        "SELECT state, caller = ? AS mine, SUM(credits) AS credits FROM ledger WHERE at >= ? GROUP BY state, mine",
        caller.id,
        day * DAY_MS,
      )
      .toArray();
    const sum = (state: string, mine: boolean) => sums.filter((row) => row.state === state && (!mine || row.mine)).reduce((all, { credits }) => all + credits, 0);
    const today = (mine: boolean, limit: number | null) => ({ spent: sum("spent", mine), held: sum("held", mine), unknown: sum("unknown", mine), limit });
    return {
      status: 200,
      headers: {},
      body: {
        remaining_credits: remaining,
        as_of: at === null ? null : new Date(at).toISOString(),
        is_open: this.#facts.get("breaker") === undefined,
        price: PRICE,
        today: today(false, this.env.WALLET_PER_DAY),
        caller: { id: caller.id, name: caller.name, scopes: caller.scopes, per_minute: caller.perMinute, today: today(true, caller.perDay) },
      },
    };
  }

  /** Lets lookups through again after the vendor said that there is no credit left. */
  async reopen(proof: Proof): Promise<Answer> {
    const caller = await this.#caller(proof, "admin");
    if ("status" in caller) return caller;
    this.#dropFact("breaker");
    this.#client.closeBreaker();
    this.#audit({ caller: caller.id, action: "reopened" });
    return { status: 200, headers: {}, body: { is_open: true } };
  }

  /** Lookups of which nobody knows whether they were charged, the oldest first. */
  async doubts(proof: Proof, after: number, limit: number): Promise<Answer> {
    const caller = await this.#caller(proof, "admin");
    if ("status" in caller) return caller;
    const doubts = this.#sql
      .exec<{ id: number; at: number; caller: string; job: string | null; credits: number }>(
        "SELECT id, at, caller, job, credits FROM ledger WHERE state = 'unknown' AND id > ? ORDER BY id LIMIT ?",
        after,
        limit,
      )
      .toArray();
    return { status: 200, headers: {}, body: { doubts: doubts.map((doubt) => ({ ...doubt, at: new Date(doubt.at).toISOString() })) } };
  }

  /** A person decides what became of a lookup in doubt. */
  async decide(proof: Proof, id: number, charged: boolean): Promise<Answer> {
    const caller = await this.#caller(proof, "admin");
    if ("status" in caller) return caller;
    return this.ctx.storage.transactionSync(() => {
      const [row] = this.#sql
        .exec<{ at: number; credits: number; caller: string; job: string | null }>("SELECT at, credits, caller, job FROM ledger WHERE id = ? AND state = 'unknown'", id)
        .toArray();
      if (!row) return NOT_FOUND;
      if (charged) this.#sql.exec("UPDATE ledger SET state = 'spent' WHERE id = ?", id);
      else this.#giveBack({ id, ...row }, row.caller, row.job ?? undefined);
      this.#audit({ caller: caller.id, action: "decided", subject: String(id), charge: charged ? "confirmed" : "none", credits: charged ? row.credits : 0 });
      return { status: 200, headers: {}, body: { id, charged } };
    });
  }

  // Callers

  /** Whoever is behind a key, if it may do what it asks for; else the answer that says why not. */
  async #caller({ id, digest }: Proof, scope?: Scope): Promise<Caller | Answer> {
    const caller = this.#callerBy(id);
    const known = id === ADMIN ? await adminDigest(this.env) : this.#callers.get(id)?.digest;
    if (!caller || known === undefined || !sameDigest(known, digest)) return UNKNOWN_CALLER;
    if (scope && !caller.scopes.includes(scope)) return refusal(403, `This key is not for that: it needs the scope "${scope}".`, "wrong_scope");
    return caller;
  }

  /** A caller whose key was not revoked. */
  #callerBy(id: string): Caller | undefined {
    return id === ADMIN ? { id, name: ADMIN, scopes: ADMIN_SCOPES, perMinute: null, perDay: null } : this.#callers.get(id);
  }

  #readCallers(): void {
    this.#callers.clear();
    const rows = this.#sql
      .exec<{ id: string; name: string; digest: string; scopes: string; per_minute: number | null; per_day: number | null }>(
        "SELECT id, name, digest, scopes, per_minute, per_day FROM callers WHERE revoked_at IS NULL",
      )
      .toArray();
    for (const { id, name, digest, scopes, per_minute, per_day } of rows)
      this.#callers.set(id, { id, name, digest, scopes: scopes.split(" ") as Scope[], perMinute: per_minute, perDay: per_day });
  }

  /** A new key, told this once. */
  async makeKey(proof: Proof, { name, scopes, per_minute, per_day }: { name: string; scopes: Scope[]; per_minute: number | null; per_day: number | null }): Promise<Answer> {
    const caller = await this.#caller(proof, "admin");
    if ("status" in caller) return caller;
    const { id, key } = newKey();
    const digest = await digestOf(key);
    if (this.#sql.exec("SELECT 1 FROM callers WHERE name = ?", name).toArray().length) return refusal(409, "There is a key of this name.", "name_taken");
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec("INSERT INTO callers (id, name, digest, scopes, per_minute, per_day, made_at) VALUES (?, ?, ?, ?, ?, ?, ?)", id, name, digest, scopes.join(" "), per_minute, per_day, Date.now());
      this.#audit({ caller: caller.id, action: "key made", subject: id });
    });
    this.#readCallers();
    try {
      await this.env.CALLERS.put(id, digest);
    } catch {
      this.#sql.exec("DELETE FROM callers WHERE id = ?", id);
      this.#readCallers();
      return refusal(503, "The directory of keys can't be written; no key was made. Try again.", "directory_failed");
    }
    return { status: 201, headers: {}, body: { id, name, scopes, per_minute, per_day, key } };
  }

  async keys(proof: Proof): Promise<Answer> {
    const caller = await this.#caller(proof, "admin");
    if ("status" in caller) return caller;
    const rows = this.#sql
      .exec<{ id: string; name: string; scopes: string; per_minute: number | null; per_day: number | null; made_at: number; revoked_at: number | null }>(
        "SELECT id, name, scopes, per_minute, per_day, made_at, revoked_at FROM callers ORDER BY made_at",
      )
      .toArray();
    const date = (at: number | null) => at && new Date(at).toISOString();
    return { status: 200, headers: {}, body: { keys: rows.map((row) => ({ ...row, scopes: row.scopes.split(" "), made_at: date(row.made_at), revoked_at: date(row.revoked_at) })) } };
  }

  /** From this moment on the key is nobody's. */
  async revokeKey(proof: Proof, id: string): Promise<Answer> {
    const caller = await this.#caller(proof, "admin");
    if ("status" in caller) return caller;
    const { rowsWritten } = this.#sql.exec("UPDATE callers SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", Date.now(), id);
    if (!rowsWritten) return NOT_FOUND;
    this.#readCallers();
    this.#audit({ caller: caller.id, action: "key revoked", subject: id });
    // The directory may be late, or fail: the wallet has the last word.
    await this.env.CALLERS.delete(id).catch(() => {});
    return { status: 200, headers: {}, body: { id, revoked: true } };
  }

  // Jobs

  /** Notes who made a job. */
  async openJob(proof: Proof, job: string): Promise<Answer | undefined> {
    const caller = await this.#caller(proof, "jobs");
    if ("status" in caller) return caller;
    this.#sql.exec("INSERT INTO jobs (id, caller, made_at) VALUES (?, ?, ?)", job, caller.id, Date.now());
    this.#audit({ caller: caller.id, action: "job made", subject: job });
    return undefined;
  }

  /** Why a caller may not touch a job, if it may not: somebody else's job is no job. */
  async refuseJob(proof: Proof, job: string): Promise<Answer | undefined> {
    const caller = await this.#caller(proof, "jobs");
    if ("status" in caller) return caller;
    const mine = this.#sql.exec("SELECT 1 FROM jobs WHERE id = ? AND caller = ?", job, caller.id).toArray().length;
    return mine ? undefined : NOT_FOUND;
  }

  /** The most that a job may spend, in credits. */
  async setJobBudget(job: string, budget: number): Promise<void> {
    this.#sql.exec("UPDATE jobs SET budget = ? WHERE id = ?", budget, job);
  }

  /** What a job has spent, in credits, in doubt and set aside included. */
  async jobCredits(job: string): Promise<number> {
    return this.#sql.exec<{ credits: number }>("SELECT credits FROM jobs WHERE id = ?", job).toArray()[0]?.credits ?? 0;
  }

  /** The jobs of a caller, the latest first. */
  async jobs(proof: Proof): Promise<Answer | string[]> {
    const caller = await this.#caller(proof, "jobs");
    if ("status" in caller) return caller;
    return this.#sql.exec<{ id: string }>("SELECT id FROM jobs WHERE caller = ? ORDER BY made_at DESC LIMIT 100", caller.id).toArray().map(({ id }) => id);
  }

  async closeJob(job: string): Promise<void> {
    this.#sql.exec("DELETE FROM jobs WHERE id = ?", job);
  }

  // People

  /** Removes what is kept of a person, under every identifier that is known to be the same person's, jobs included. */
  async erase(proof: Proof, request: EnrichmentRequest, suppress: boolean): Promise<Answer> {
    const caller = await this.#caller(proof, "erase");
    if ("status" in caller) return caller;
    const checked = await this.#client.check(request);
    if (!checked.ok) return invalid(checked.issues);
    // The e-mail that came with an answer is theirs too.
    const kept = await this.#read(request);
    const email = "outcome" in kept && kept.outcome.status === "success" ? kept.outcome.results.email : null;
    const linked = email === null ? undefined : await this.#client.check({ email });
    let { removed } = await this.#client.forget(request);
    const keys = [...new Set([...checked.ladder, ...(linked?.ok ? linked.ladder : [])].map(({ key }) => key))];
    for (const key of keys) {
      const person = await this.#nameOf(key);
      this.ctx.storage.transactionSync(() => {
        // What it cost stays in the books, without whom it was for.
        this.#sql.exec("UPDATE ledger SET person = '' WHERE person = ?", person);
        this.#sql.exec("DELETE FROM repeats WHERE request = ?", person);
        if (suppress) this.#sql.exec("INSERT OR IGNORE INTO suppressed VALUES (?, ?)", person, Date.now());
      });
      this.#anySuppressed ||= suppress;
    }
    const jobs = this.#sql.exec<{ id: string }>("SELECT id FROM jobs").toArray();
    for (const { id } of jobs) removed += await jobOf(this.env, id).erase(keys);
    this.#audit({ caller: caller.id, action: suppress ? "erased and suppressed" : "erased", detail: `${removed} records` });
    return { status: 200, headers: {}, body: { removed, suppressed: suppress } };
  }

  #isSuppressed(person: string): boolean {
    return this.#sql.exec("SELECT 1 FROM suppressed WHERE person = ?", person).toArray().length > 0;
  }

  // Books

  /** Who did what, the oldest first. */
  async audit(proof: Proof, after: number, limit: number): Promise<Answer> {
    const caller = await this.#caller(proof, "audit");
    if ("status" in caller) return caller;
    this.#flush();
    const entries = this.#sql
      .exec<{ id: number; at: number; caller: string; action: string; subject: string | null; charge: string | null; credits: number | null; detail: string | null }>(
        "SELECT * FROM audit WHERE id > ? ORDER BY id LIMIT ?",
        after,
        limit,
      )
      .toArray();
    return { status: 200, headers: {}, body: { entries: entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })) } };
  }

  #audit({ caller, action, subject, charge, credits, detail }: AuditEntry, at = Date.now()): void {
    this.#sql.exec(
      "INSERT INTO audit (at, caller, action, subject, charge, credits, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
      at,
      caller,
      action,
      subject ?? null,
      charge ?? null,
      credits ?? null,
      detail ?? null,
    );
  }

  /** Goes into the audit log a little later: it cost nothing, and whoever asked need not wait for the disk. */
  #hear(entry: AuditEntry): void {
    if (this.#heard.push(entry) === 1) setTimeout(() => this.#flush(), AUDIT_AFTER_MS);
  }

  #flush(): void {
    const heard = this.#heard;
    this.#heard = [];
    if (heard.length) this.ctx.storage.transactionSync(() => heard.forEach((entry) => this.#audit(entry)));
  }

  // Storage

  /** The client's store: a table of this object, which nobody else writes. */
  #records(): Store {
    // Nobody waits for the disk here, since nothing gets out before it: the runtime holds back requests to the vendor and
    // answers to callers until what was written before them is durable.
    return {
      // What SQLite took without an error is there.
      readsOwnWrites: false,
      get: (name) => this.#sql.exec<{ value: string }>("SELECT value FROM records WHERE name = ? AND (expires_at IS NULL OR expires_at > ?)", name, Date.now()).toArray()[0]?.value,
      set: (name, value, ttlMs) => {
        const end = ttlMs === undefined ? null : Date.now() + ttlMs;
        this.#sql.exec("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", name, value, end);
        if (end !== null) this.#sweep(end);
      },
      delete: (name) => void this.#sql.exec("DELETE FROM records WHERE name = ?", name),
      keys: () => this.#sql.exec<{ name: string }>("SELECT name FROM records").toArray().map(({ name }) => name),
      lock: (name) => this.#turn(name),
    };
  }

  /** Waits until nobody else has it; resolves to what gives it back. */
  async #turn(name: string): Promise<() => void> {
    const before = this.#turns.get(name);
    let release!: () => void;
    const mine = new Promise<void>((resolve) => (release = resolve));
    this.#turns.set(name, mine);
    await before;
    return () => {
      if (this.#turns.get(name) === mine) this.#turns.delete(name);
      release();
    };
  }

  /** The one alarm: it is set for what ends first, and never sooner than the next sweep. */
  #sweep(end: number): void {
    const at = Math.max(end, Date.now() + SWEEP_MS);
    if (this.#sweepAt !== undefined && this.#sweepAt !== null && this.#sweepAt <= at) return;
    this.#sweepAt = at;
    void this.ctx.storage.getAlarm().then((set) => (set === null || set > at ? this.ctx.storage.setAlarm(at) : void (this.#sweepAt = set)));
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#sweepAt = null;
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec("DELETE FROM records WHERE expires_at <= ?", now);
      this.#sql.exec("DELETE FROM repeats WHERE at <= ?", now - REPEAT_MS);
      this.#sql.exec("DELETE FROM ledger WHERE at <= ? AND state = 'spent'", now - BOOKS_MS);
      this.#sql.exec("DELETE FROM days WHERE day <= ?", dayOf(now - BOOKS_MS));
      this.#sql.exec("DELETE FROM audit WHERE at <= ?", now - BOOKS_MS);
    });
    const { end } = this.#sql.exec<{ end: number | null }>("SELECT MIN(end) AS end FROM (SELECT MIN(expires_at) AS end FROM records UNION ALL SELECT MIN(at) + ? FROM repeats)", REPEAT_MS).one();
    if (end !== null) this.#sweep(end);
  }

  #setFact(name: string, value: SqlStorageValue): void {
    this.#sql.exec("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value);
    this.#facts.set(name, value);
  }

  #dropFact(name: string): void {
    this.#sql.exec("DELETE FROM facts WHERE name = ?", name);
    this.#facts.delete(name);
  }

  #forgetRepeat(caller: Caller, key: string): void {
    this.#sql.exec("DELETE FROM repeats WHERE caller = ? AND key = ? AND ended IS NULL", caller.id, key);
  }

  /** The name of a person in this object's tables: nobody can tell from it who it is. */
  #nameOf(key: string): Promise<string> {
    let name = this.#names.get(key);
    if (!name) {
      if (this.#names.size >= MOST_NAMES) this.#names.delete(this.#names.keys().next().value!);
      this.#names.set(key, (name = this.#madeName(key)));
    }
    return name;
  }

  async #madeName(key: string): Promise<string> {
    const name = new Uint8Array(await crypto.subtle.sign("HMAC", await this.#hmac, new TextEncoder().encode(key)));
    return Array.from(name.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

/** The digest of the administrator's key, if there is one that nobody can guess. */
export async function adminDigest({ ADMIN_KEY }: Env): Promise<string | undefined> {
  return ADMIN_KEY?.length >= 32 ? digestOf(ADMIN_KEY) : undefined;
}

