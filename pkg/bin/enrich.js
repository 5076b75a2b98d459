/** The verb `enrich`: a list with what became of each row. */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, realpath, rename, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { cellOf } from './csv.js';
import { lineText, LIST_HELP, LIST_OPTIONS, planRecord, planText, readList, rowsOf, told } from './list.js';
import {
  confirmed, dataOf, EXIT_CODES, exitCodeOf, FAILED, INCOMPLETE, INTERRUPTED, isTerminal, LIMIT_OPTION, makeData, onInterrupt, onlineClient, OUT_OF_CREDITS,
  planningClient, refuseToken, SERVICE_HELP, SERVICE_OPTIONS, survivePipes, TOKEN_HELP,
} from './service.js';
import { integerOption, plural, printable, readOptions, UsageError } from './usage.js';

const HELP = `Usage: phone-enrichment enrich LIST.csv -o OUT.csv [options]

Plans the list, says what it can cost at most, asks, looks everybody up once, and writes the list
again with what became of each row: status, phone, e164, email, charge, credits, code, message. A
column whose name is taken is called enrichment_… . Each found person costs 5 credits, everything
else is free, and whoever is in the data folder is not asked again.

Each answer is in the data folder before it counts, so that after a crash --resume goes on where it
was: who is known is free, and who was being asked for when it died is in doubt, listed, and never
asked again by itself.

Options:
  -o, --out FILE      the list to write; it must not be there yet, unless with --resume
  --resume            goes on with a list that was begun with the same data folder
  --limit CREDITS     the most to spend; what is left then is not asked for
  --yes               does not ask; without a terminal, this or --limit is required
  --ladder            tries the next identifier of a row after a not-found
  --concurrency N     how many are out at once, 1 to 256; default 5
  --per-second N      at most so many a second, such as 10 or 0.5
${LIST_HELP}${SERVICE_HELP}  --json              JSON lines on stdout: a plan, each result (of a row's two, the later counts), a summary
  --help              this text

Ctrl-C begins no more rows, lets what is out finish, and writes the list. Once more ends at once:
what was out is then in doubt.

A spreadsheet computes nothing in the list that is written: a cell that begins with = + - @ has an
apostrophe in front, unless it is a phone. Only its owner can read the file.

${TOKEN_HELP}
${EXIT_CODES}`;

const OPTIONS = {
  out: { value: true, short: 'o' },
  resume: { value: false },
  limit: LIMIT_OPTION,
  yes: { value: false },
  ladder: { value: false },
  concurrency: { value: true, read: integerOption('concurrency', 1, 256) },
  'per-second': {
    value: true,
    read: (/** @type {string} */ text) => {
      if (!/^\d+(\.\d+)?$/.test(text) || !(Number(text) > 0)) throw new UsageError('--per-second is a number above 0');
      return Number(text);
    },
  },
  ...LIST_OPTIONS,
  ...SERVICE_OPTIONS,
  json: { value: false },
  help: { value: false },
};

const COLUMNS = ['status', 'phone', 'e164', 'email', 'charge', 'credits', 'code', 'message'];

/** How often a run says how far it is: on a terminal, and where lines stay. In milliseconds. */
const BAR_MS = 100;
const LINE_MS = 10_000;
/** How often it is looked whether everything that was out has finished, in milliseconds. */
const LOOK_MS = 50;
/** How long what was given up on is waited for, in milliseconds: the client itself lets it finish for a minute. */
const LONGEST_WAIT_MS = 65_000;

const pause = (/** @type {number} */ ms) => new Promise((resolved) => setTimeout(resolved, ms));

/** @typedef {{ status: string, phone?: string, e164?: string | null, email?: string | null, charge: string, credits: number, source?: string, code: string, message: string }} Ending */

/** @param {any} result @param {number} price @returns {Ending} */
function endingOf({ outcome, error }, price) {
  if (outcome) {
    const { status, results, message = '', meta } = outcome;
    return { status, ...results, charge: meta.charge, credits: meta.credits, source: meta.source, code: '', message };
  }
  const { code, charge, message } = error;
  return { status: statusOf(error), charge, credits: charge === 'confirmed' ? price : 0, code, message };
}

/** @param {any} error */
function statusOf({ code, charge }) {
  if (charge !== 'none') return 'in_doubt';
  if (['budget_exceeded', 'insufficient_credits', 'aborted'].includes(code)) return 'not_asked';
  return code === 'suppressed' ? 'suppressed' : 'failed';
}

/** @type {import('./usage.js').Verb} */
export const verb = {
  summary: 'a list, with a phone beside everybody who is found',
  async run(words) {
    refuseToken(words);
    const { list, ...options } = readOptions(words, /** @type {any} */ (OPTIONS), ['list']);
    if (options.help) {
      process.stdout.write(HELP);
      return 0;
    }
    if (list === undefined) throw new UsageError('no list is named');
    if (options.out === undefined) throw new UsageError('-o is missing: the list to write');
    const asks = !options.yes;
    if (asks && options.limit === undefined && !isTerminal()) throw new UsageError('without a terminal, --yes or --limit is required');
    survivePipes();
    try {
      return await enrich(list, options);
    } catch (error) {
      return told(error, exitCodeOf);
    }
  },
};

/** @param {string} list @param {Record<string, any>} options */
async function enrich(list, options) {
  const { json, ladder } = options;
  const out = resolve(options.out);
  const note = await noteOf(list, out, options);
  // What is on the wire: credits stay set aside also where the service only asked to wait.
  const wire = { requests: 0 };
  const client = await onlineClient(options, {
    fetch: async (/** @type {Request} */ request, /** @type {RequestInit} */ init) => {
      wire.requests += 1;
      return fetch(request, init).finally(() => (wire.requests -= 1));
    },
  });
  const { bytes, plan, most } = await readList(list, await planningClient(options), options);
  const width = await widthOf(bytes, plan);
  const emit = (/** @type {object} */ record) => void process.stdout.write(`${JSON.stringify(record)}\n`);
  const say = (/** @type {string} */ line) => void process.stderr.write(`${line}\n`);

  if (json) emit(planRecord(plan, most));
  else say(planText(list, plan, most));
  // Never more than was said, whatever expires in the store meanwhile.
  const budget = Math.min(options.limit ?? Infinity, most);
  if (budget > 0 && !options.yes && isTerminal() && !(await confirmed(`Spend up to ${plural(budget, 'credit')}?`))) {
    say('Nothing was sent.');
    return INTERRUPTED;
  }

  // Whatever can be wrong with the file is wrong before anything is paid for. Two that write one list have a part each.
  const unfinished = `${out}.${process.pid}.part`;
  const create = () => open(unfinished, 'w', 0o600).catch((error) => {
    throw new UsageError(`${printable(options.out)} can't be written (${error.code})`);
  });
  await (await create()).close();
  await unlink(unfinished);
  await clean(out);
  try {
    await makeData(dataOf(options));
    await mkdir(dirname(note), { recursive: true, mode: 0o700 });
    await writeFile(note, `${JSON.stringify({ list: resolve(list), out, begun: new Date().toISOString() })}\n`, { mode: 0o600 });
    const { endings, stopped, isInterrupted, progress, wallet } = await look(client, plan, { ...options, budget, most, wire, emit, say });
    const part = await create();
    const sums = await write(part, { bytes, plan, width, endings, stopped })
      .then((sums) => part.sync().then(() => sums))
      .finally(() => part.close());
    await rename(unfinished, out);

    const code = isInterrupted ? INTERRUPTED : exitCode(stopped, sums);
    const summary = {
      event: 'summary', out, rows: plan.rows, people: plan.people, ...sums.people, invalid: plan.invalid, duplicates: plan.duplicates,
      spent: progress.spent, possible: sums.people.in_doubt * plan.price, remaining_credits: wallet, stopped: stopped?.code ?? null, exit: code,
    };
    if (json) emit(summary);
    else process.stdout.write(`${summaryText(summary, sums, options, stopped)}\n`);
    return code;
  } catch (error) {
    say('What was paid for is in the data folder: --resume goes on, and pays for nobody twice.');
    throw error;
  } finally {
    await unlink(unfinished).catch(() => {});
  }
}

/**
 * The note that a list was begun with this data folder. Going on with another folder would pay for everybody again.
 *
 * @param {string} list
 * @param {string} out
 * @param {Record<string, any>} options
 */
async function noteOf(list, out, options) {
  const [from, to] = await Promise.all([list, out].map((path) => realpath(path).catch(() => resolve(path))));
  if (from === to) throw new UsageError('the list to write is the one that is read');
  const place = join(await realpath(dirname(out)).catch(() => dirname(out)), out.slice(dirname(out).length));
  const note = join(dataOf(options), 'runs', `${createHash('sha256').update(place).digest('hex').slice(0, 32)}.json`);
  if (options.resume && !existsSync(note)) {
    throw new UsageError('there is nothing to go on with: no such list was begun with this data folder, and who was paid for elsewhere would be paid for again');
  }
  if (!options.resume && existsSync(out)) throw new UsageError(`${printable(options.out)} is there already: --resume goes on with it, or name another`);
  return note;
}

/**
 * Removes what was half written by a process that is no more: there are phones in it.
 *
 * @param {string} out
 */
async function clean(out) {
  for (const name of await readdir(dirname(out))) {
    const pid = name.startsWith(`${basename(out)}.`) ? /^\.(\d+)\.part$/.exec(name.slice(basename(out).length))?.[1] : undefined;
    if (pid === undefined) continue;
    try {
      process.kill(Number(pid), 0);
    } catch (/** @type {any} */ error) {
      if (error.code === 'ESRCH') await unlink(join(dirname(out), name)).catch(() => {});
    }
  }
}

/**
 * How many cells the widest record has.
 *
 * @param {Uint8Array} bytes
 * @param {any} plan
 */
async function widthOf(bytes, plan) {
  let width = plan.columns.length;
  for await (const cells of plan.cells(bytes)) width = Math.max(width, cells.length);
  return width;
}

/**
 * Looks everybody up who may be asked for.
 *
 * @param {any} client
 * @param {any} plan
 * @param {Record<string, any>} options
 */
async function look(client, plan, { budget, most, ladder, concurrency, 'per-second': perSecond, wire, json, emit, say }) {
  /** By the first row of each person. @type {Map<number, Ending & { rows: number[], request: object }>} */
  const endings = new Map();
  let isInterrupted = false;
  let isOver = false;

  // Whoever is in doubt is among them, and is not sent: but another run may just be asking.
  const run = client.enrichMany(plan.requests(), { budget, ladder, concurrency, perSecond, ordered: false });
  const bar = progressBar(run, { total: most / plan.price + plan.known + plan.unknown, budget, say });

  /**
   * Ends the run once nothing is out: rows may still wait for their turn, for room in the budget, or for the service. An
   * answer that is being kept at that moment is found in the store later.
   */
  async function settle() {
    for (let last = -1; !isOver; await pause(LOOK_MS)) {
      const { done } = run.progress;
      if (wire.requests === 0 && done === last) run.abort();
      last = done;
    }
  }
  const calm = onInterrupt(
    () => {
      isInterrupted = true;
      bar.clear();
      say('Stopping: no more rows begin, what is out finishes. Once more ends at once.');
      run.pause();
      settle();
    },
    () => say('\nEnded at once. What was out may have been charged, and is in doubt; --resume goes on with the rest.'),
  );

  const keep = (/** @type {object} */ request, /** @type {number[]} */ rows, /** @type {Ending} */ ending) => {
    endings.set(rows[0], { ...ending, rows, request });
    if (json) emit({ event: 'result', row: rows[0], line: plan.page(rows[0], 1)[0].line, rows, ...ending });
  };
  /** @type {any} */
  let stopped;
  try {
    for await (const result of run) keep(result.request, plan.rowsOf(result.request), endingOf(result, plan.price));
  } catch (error) {
    if (error?.name !== 'EnrichmentError') throw error;
    stopped = error;
  } finally {
    isOver = true;
    bar.close();
  }
  if (isInterrupted) stopped ??= { code: 'aborted', message: 'Interrupted.' };

  const doubtful = [...endings.values()].filter(({ status, code }) => code !== 'outcome_unknown' && (status === 'in_doubt' || code === 'aborted'));
  if (doubtful.length > 0) {
    // What took too long was left to finish: its answer may be there by now.
    for (const end = Date.now() + LONGEST_WAIT_MS; client.balance().reserved > 0 && Date.now() < end; ) await pause(LOOK_MS);
    for (const [{ request, rows }, outcome] of await answersOf(client, doubtful, ladder)) {
      // It was this run that asked, so that it was this run that paid.
      const isFound = outcome.status === 'success';
      keep(request, rows, { ...endingOf({ outcome }, plan.price), charge: isFound ? 'confirmed' : 'none', credits: isFound ? plan.price : 0 });
    }
  }
  calm();
  return { endings, stopped, isInterrupted, progress: run.progress, wallet: client.balance().remaining_credits };
}

/**
 * What the store has of people by now; nothing is sent.
 *
 * @param {any} client
 * @param {any[]} people
 * @param {boolean} ladder
 */
async function answersOf(client, people, ladder) {
  /** @type {[any, any][]} */
  const answers = [];
  const run = client.enrichMany(people.map(({ request }) => request), { budget: 0, ladder });
  try {
    for await (const { index, outcome } of run) if (outcome) answers.push([people[index], outcome]);
  } catch (error) {
    if (error?.name !== 'EnrichmentError') throw error;
  }
  return answers;
}

/**
 * How far the run is: a bar on a terminal, a line now and then elsewhere.
 *
 * @param {any} run
 * @param {{ total: number, budget: number, say: (line: string) => void }} about
 */
function progressBar(run, { total, budget, say }) {
  const began = Date.now();
  const isBar = Boolean(process.stderr.isTTY);
  const clear = () => void (isBar && process.stderr.write('\r\u001b[K'));
  const show = () => {
    const { done, found, notFound, failed, spent } = run.progress;
    const share = total > 0 ? Math.min(done / total, 1) : 1;
    const left = done > 0 && done < total ? `, ${Math.ceil(((Date.now() - began) / done) * (total - done) / 1000)} s left` : '';
    const numbers = `${done} of ${total}: ${found} found, ${notFound} not found, ${failed} failed, ${spent} of at most ${plural(budget, 'credit')}${left}`;
    if (!isBar) return say(numbers);
    const filled = Math.round(share * 20);
    process.stderr.write(`\r[${'#'.repeat(filled)}${'-'.repeat(20 - filled)}] ${numbers}`.slice(0, process.stderr.columns || 80) + '\u001b[K');
  };
  const timer = setInterval(show, isBar ? BAR_MS : LINE_MS);
  return {
    clear,
    close() {
      clearInterval(timer);
      clear();
    },
  };
}

/**
 * Writes the list again, each row with what became of it.
 *
 * @param {import('node:fs/promises').FileHandle} file
 * @param {{ bytes: Uint8Array, plan: any, width: number, endings: Map<number, any>, stopped: any }} list
 */
async function write(file, { bytes, plan, width, endings, stopped }) {
  const { delimiter } = plan;
  const people = { found: 0, not_found: 0, failed: 0, in_doubt: 0, not_asked: 0, suppressed: 0, known: 0 };
  /** @type {number[]} */
  const doubtful = [];
  const lineOf = (/** @type {string[]} */ cells, /** @type {unknown[]} */ more) =>
    `${[...Array.from({ length: width }, (_, at) => cells[at] ?? ''), ...more.map((value) => String(value ?? ''))].map((cell) => cellOf(cell, delimiter)).join(delimiter)}\r\n`;

  /** @type {string[]} */
  const names = plan.header === null ? Array.from({ length: width }, (_, at) => `column ${at + 1}`) : plan.columns.map((/** @type {any} */ { header }) => header);
  const taken = new Set(names.map((name) => name.toLowerCase()));
  const own = COLUMNS.map((name) => {
    for (let free = name, count = 1; ; count += 1, free = `enrichment_${name}${count > 2 ? `_${count - 1}` : ''}`) if (!taken.has(free)) return free;
  });
  // A spreadsheet takes UTF-8 for something else without its mark, unless the list did without as well.
  let chunk = (plan.encoding !== 'utf-8' || (bytes[0] === 0xef && bytes[1] === 0xbb) ? '\ufeff' : '') + lineOf(names, own);
  const rows = rowsOf(plan);
  for await (const cells of plan.cells(bytes)) {
    const row = /** @type {any} */ (rows.next().value);
    const ending = rowEnding(row, endings, stopped, plan);
    if (['unique', 'known', 'unknown', 'suppressed'].includes(row.kind)) {
      const counted = ending.status === 'success' ? 'found' : /** @type {keyof typeof people} */ (ending.status);
      people[counted] += 1;
      if (ending.source === 'cache') people.known += 1;
      if (ending.status === 'in_doubt') doubtful.push(row.line);
    }
    chunk += lineOf(cells, COLUMNS.map((name) => /** @type {any} */ (ending)[name]));
    if (chunk.length >= 65_536) {
      await file.write(chunk);
      chunk = '';
    }
  }
  await file.write(chunk);
  return { people, doubtful, invalid: plan.invalid };
}

/** @param {any} row @param {Map<number, any>} endings @param {any} stopped @param {any} plan @returns {Ending} */
function rowEnding({ row, kind, of, issues }, endings, stopped, plan) {
  const free = { charge: 'none', credits: 0, code: '', message: '' };
  if (kind === 'blank') return { ...free, status: 'blank' };
  if (kind === 'suppressed') return { ...free, status: 'suppressed' };
  if (kind === 'invalid') {
    return {
      ...free,
      status: 'invalid',
      code: [...new Set(issues.map((/** @type {any} */ issue) => issue.code))].join(' '),
      message: issues.map((/** @type {any} */ { message, fix }) => [message, fix].filter(Boolean).join(' ')).join(' '),
    };
  }
  if (kind === 'duplicate') {
    const [first] = plan.page(of, 1);
    const ending = rowEnding(first, endings, stopped, plan);
    // Paid for once, and said so once.
    return { ...ending, charge: ending.charge === 'confirmed' ? 'none' : ending.charge, credits: 0, code: ending.code || 'duplicate', message: ending.message || `The same person as in line ${first.line}.` };
  }
  const ending = endings.get(row);
  if (ending) return ending;
  if (kind === 'unknown') return { ...free, status: 'in_doubt', charge: 'possible', code: 'outcome_unknown', message: 'An earlier request for this person may have been charged; it was not sent again.' };
  return { ...free, status: 'not_asked', code: stopped?.code ?? 'aborted', message: 'The run ended before this row.' };
}

/** @param {any} stopped @param {any} sums */
function exitCode(stopped, { people, invalid }) {
  if (stopped && ['insufficient_credits', 'budget_exceeded'].includes(stopped.code)) return OUT_OF_CREDITS;
  if (stopped) return FAILED;
  return people.failed + people.in_doubt + people.not_asked + people.suppressed + invalid > 0 ? INCOMPLETE : 0;
}

/** @param {any} summary @param {any} sums @param {Record<string, any>} options @param {any} stopped */
function summaryText({ found, not_found, failed, in_doubt, not_asked, invalid, known, spent, possible, remaining_credits }, { doubtful }, { out }, stopped) {
  const lines = [`${found} found, ${not_found} not found, ${failed} failed, ${in_doubt} in doubt, ${not_asked} not asked, ${invalid} invalid; ${known} were known.`];
  lines.push(`${plural(spent, 'credit')} spent${possible ? `, up to ${possible} more in doubt` : ''}${remaining_credits === null ? '' : `, ${remaining_credits} left`}.`);
  if (doubtful.length > 0) lines.push(`In doubt, and not asked again by itself: ${lineText(doubtful)}. To ask again whatever it costs: phone-enrichment lookup --force`);
  if (failed > 0) lines.push('Who failed was not charged; --resume asks again.');
  if (stopped) lines.push(`It ended early: ${stopped.code}: ${printable(stopped.message)} --resume goes on.`);
  lines.push(`Written: ${printable(out)}`);
  return lines.join('\n');
}
