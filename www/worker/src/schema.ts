// The tables of the objects, version by version. What is here once is never changed: what comes later is added below.

/** Brings the tables up to date: each step and its number in one transaction. */
export function migrate(storage: DurableObjectStorage, steps: readonly string[]): void {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS version (steps INTEGER NOT NULL)");
  const [row] = sql.exec<{ steps: number }>("SELECT steps FROM version").toArray();
  const done = row?.steps ?? 0;
  if (done > steps.length) throw new Error(`The tables are of a later version (${done}) than this Worker knows (${steps.length}); deploy the later one again.`);
  for (const [index, step] of steps.entries()) {
    if (index < done) continue;
    storage.transactionSync(() => {
      sql.exec(step);
      sql.exec("DELETE FROM version");
      sql.exec("INSERT INTO version VALUES (?)", index + 1);
    });
  }
}

export const WALLET_TABLES = [
  `
  -- Whoever may call. Of a key only its digest is here.
  CREATE TABLE callers (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, scopes TEXT NOT NULL,
    per_minute INTEGER, per_day INTEGER, made_at INTEGER NOT NULL, revoked_at INTEGER
  ) WITHOUT ROWID;

  -- What the client keeps: claims and answers, under names that say nothing about anybody.
  CREATE TABLE records (name TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER) WITHOUT ROWID;
  CREATE INDEX records_by_end ON records (expires_at) WHERE expires_at IS NOT NULL;

  -- Every credit that was spent, may have been, or is set aside. What turns out to be free is removed.
  CREATE TABLE ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, caller TEXT NOT NULL, job TEXT, person TEXT NOT NULL,
    credits INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('held', 'spent', 'unknown'))
  );
  CREATE INDEX ledger_by_caller ON ledger (caller, at);
  CREATE INDEX ledger_in_doubt ON ledger (state, person) WHERE state <> 'spent';

  -- Their sums, by day (UTC) and caller, and by job: what limits are held against.
  CREATE TABLE days (day INTEGER NOT NULL, caller TEXT NOT NULL, credits INTEGER NOT NULL, PRIMARY KEY (day, caller)) WITHOUT ROWID;
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY, caller TEXT NOT NULL, made_at INTEGER NOT NULL, budget INTEGER, credits INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  CREATE INDEX jobs_by_caller ON jobs (caller, made_at);

  -- What a caller asked for under an idempotency key, and how it ended. No answer is here: those are among the records.
  CREATE TABLE repeats (
    caller TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, at INTEGER NOT NULL, ended TEXT, PRIMARY KEY (caller, key)
  ) WITHOUT ROWID;
  CREATE INDEX repeats_by_time ON repeats (at);

  CREATE TABLE suppressed (person TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

  -- Who did what, without a word about whom.
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, caller TEXT NOT NULL, action TEXT NOT NULL,
    subject TEXT, charge TEXT, credits INTEGER, detail TEXT
  );

  CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  `,
] as const;

export const JOB_TABLES = [
  `
  -- The job itself, once it was begun.
  CREATE TABLE job (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL, name TEXT, ladder INTEGER NOT NULL, made_at INTEGER NOT NULL,
    -- Why a paused job is paused, if no person did it.
    state TEXT NOT NULL, reason TEXT, budget INTEGER,
    -- The list: its columns as JSON if it was a CSV, and its digest.
    columns TEXT, body TEXT,
    -- What the wallet knew when the job was made, as JSON.
    plan TEXT,
    -- Goes up with every change that can be seen.
    version INTEGER NOT NULL DEFAULT 0
  );

  CREATE TABLE rows (
    number INTEGER PRIMARY KEY,
    line INTEGER NOT NULL,
    -- As it was given, as JSON, so that the answer can stand beside it.
    input TEXT,
    -- The fingerprint of whom the row is about, the same for every spelling: only where nobody before is about the same.
    person TEXT,
    -- Of a duplicate: the row that is looked up in its stead.
    same_as INTEGER,
    -- Every key of whom the row is about, a line each, so that it is found when that person is to be erased.
    keys TEXT,
    state TEXT NOT NULL CHECK (state IN ('invalid', 'duplicate', 'waiting', 'sent', 'found', 'not_found', 'failed', 'unknown', 'erased')),
    slice INTEGER,
    -- A person decided that it is asked although it may cost again. It holds for one claim.
    force INTEGER NOT NULL DEFAULT 0,
    -- What came of it, as JSON.
    answer TEXT
  );
  CREATE UNIQUE INDEX rows_by_person ON rows (person) WHERE person IS NOT NULL;
  CREATE INDEX rows_by_slice ON rows (slice) WHERE slice IS NOT NULL;

  -- How many rows there are in each state, so that nobody counts a hundred thousand of them.
  CREATE TABLE counts (state TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TRIGGER rows_come AFTER INSERT ON rows BEGIN
    INSERT INTO counts VALUES (new.state, 1) ON CONFLICT DO UPDATE SET rows = rows + 1;
  END;
  CREATE TRIGGER rows_change AFTER UPDATE OF state ON rows WHEN old.state <> new.state BEGIN
    UPDATE counts SET rows = rows - 1 WHERE state = old.state;
    INSERT INTO counts VALUES (new.state, 1) ON CONFLICT DO UPDATE SET rows = rows + 1;
  END;

  -- Some rows to be looked up together: ready to be sent, sent to the queue (or to be there at that time), or done.
  CREATE TABLE slices (
    number INTEGER PRIMARY KEY, state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'sent', 'done')), sent_at INTEGER,
    -- Why rows of it were put back last, where it was a limit.
    put_back TEXT
  );
  CREATE INDEX slices_by_state ON slices (state, number);
  `,
] as const;
