/** A list, read once and planned: what `plan` prints is what `enrich` does. */

import { readFile } from 'node:fs/promises';
import { integerOption, plural, printable, UsageError } from './usage.js';

const FIELDS = ['linkedin_url', 'email', 'first_name', 'last_name', 'company_name', 'company_website', 'full_name'];
/** How many rows of the plan are looked at together. */
const PAGE = 1000;
/** How many lines are named for each thing that is wrong. */
const EXAMPLES = 3;

/** Delimiters by the names that a shell takes without quotation marks. */
const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t' };

export const LIST_HELP = `  --column "HEADER=FIELD"
                      what a column holds, where that is not found out; more than once.
                      FIELD: ${FIELDS.slice(0, 4).join(', ')},
                      ${FIELDS.slice(4).join(', ')}, or nothing, for a
                      column that is not to be read
  --header-row N      which record the header is, from 1; 0 if there is none
  --delimiter NAME    ${Object.keys(DELIMITERS).join(', ')}
  --encoding NAME     what the list is written in, such as windows-1252 or shift_jis
`;

/** How a list is read, where that is not found out by itself. */
export const LIST_OPTIONS = {
  column: {
    value: true,
    many: true,
    read: (/** @type {string} */ text) => {
      const equals = text.lastIndexOf('=');
      const field = text.slice(equals + 1);
      if (equals < 1 || (field !== '' && !FIELDS.includes(field))) throw new UsageError(`--column is "HEADER=FIELD", with one of ${FIELDS.join(', ')}, or nothing`);
      return [text.slice(0, equals), field || null];
    },
  },
  // `--header` is how people try to hand over a token.
  'header-row': { value: true, read: integerOption('header-row', 0, 50) },
  delimiter: {
    value: true,
    read: (/** @type {string} */ text) => {
      const delimiter = Object.entries(DELIMITERS).find((pair) => pair.includes(text))?.[1];
      if (delimiter === undefined) throw new UsageError(`--delimiter is one of ${Object.keys(DELIMITERS).join(', ')}`);
      return delimiter;
    },
  },
  encoding: {
    value: true,
    read: (/** @type {string} */ text) => {
      try {
        return new TextDecoder(text).encoding;
      } catch {
        throw new UsageError('--encoding is none that is known here; try utf-8 or windows-1252');
      }
    },
  },
};

/**
 * @param {string} path
 * @param {any} client that the people will be looked up with
 * @param {Record<string, any>} options
 */
export async function readList(path, client, { ladder, column: columns = [], 'header-row': header, delimiter, encoding }) {
  const { planList } = await import('../dist/lists/index.js');
  // All of it at once: whoever writes into the file meanwhile does not change what is confirmed, paid and written.
  const bytes = await readFile(path).catch((error) => {
    throw new UsageError(`the list can't be read (${error.code ?? error.message})`);
  });
  const plan = await planList(bytes, { client, ladder, columns: Object.fromEntries(columns), header, delimiter, encoding });
  for (const [name] of columns) {
    const isThere = plan.columns.some(({ header }, index) => header.trim() === name.trim() || String(index) === name);
    if (!isThere) throw new UsageError(`--column: the list has no column "${printable(name)}"`);
  }
  return { bytes, plan, most: ladder ? plan.most_credits_with_ladder : plan.most_credits };
}

/** @param {any} plan @returns {Generator<any, void, undefined>} what becomes of each row */
export function* rowsOf(plan) {
  for (let from = 0; from < plan.rows; from += PAGE) yield* plan.page(from, PAGE);
}

/**
 * Where something is wrong or in doubt, with a few lines of each.
 *
 * @param {any} plan
 */
function findingsOf(plan) {
  /** @type {Map<string, { code: string, rows: number, lines: number[], message: string, fix: string | null }>} */
  const invalid = new Map();
  const doubtful = [];
  if (plan.invalid === 0 && plan.unknown === 0) return { invalid: [], doubtful };
  for (const { kind, line, issues } of rowsOf(plan)) {
    if (kind === 'unknown') doubtful.push(line);
    if (kind !== 'invalid') continue;
    for (const code of new Set(issues.map((/** @type {any} */ issue) => issue.code))) {
      const { message, fix } = issues.find((/** @type {any} */ issue) => issue.code === code);
      const finding = invalid.get(code) ?? { code, rows: 0, lines: [], message, fix };
      finding.rows += 1;
      if (finding.lines.length < EXAMPLES) finding.lines.push(line);
      invalid.set(code, finding);
    }
  }
  return { invalid: [...invalid.values()].sort((one, other) => other.rows - one.rows), doubtful };
}

/** The plan for programs. @param {any} plan @param {number} most */
export function planRecord(plan, most) {
  const { rows, people, duplicates, blank, known, suppressed, price, columns, layout, delimiter, encoding, header } = plan;
  const { invalid, doubtful } = findingsOf(plan);
  return {
    event: 'plan', rows, people, duplicates, blank, known, suppressed, invalid: plan.invalid, in_doubt: plan.unknown, price, most_credits: most,
    issues: invalid, in_doubt_lines: doubtful, layout, delimiter, encoding, header,
    columns: columns.map((/** @type {any} */ column) => ({ header: column.header, field: column.field, why: column.why })),
  };
}

/** @param {number[]} lines @param {number} count how many there are */
export const lineText = (lines, count = lines.length) =>
  `line${count === 1 ? '' : 's'} ${lines.slice(0, EXAMPLES).join(', ')}${count > EXAMPLES ? ', …' : ''}`;

/** The plan for people. @param {string} path @param {any} plan @param {number} most */
export function planText(path, plan, most) {
  const { invalid, doubtful } = findingsOf(plan);
  const lines = [`${printable(path)}: ${plural(plan.rows, 'row')}${plan.layout ? `, as ${plan.layout} writes them` : ''}`];
  for (const { header, field } of plan.columns) if (field) lines.push(`  column      ${printable(header) || '(without a name)'} = ${field}`);
  lines.push(`  people      ${plan.people}`, `  duplicates  ${plan.duplicates}`, `  known       ${plan.known}${plan.known ? ', free' : ''}`);
  if (plan.suppressed) lines.push(`  suppressed  ${plan.suppressed}`);
  lines.push(`  in doubt    ${plan.unknown}${plan.unknown ? `, may have been charged and won't be asked again: ${lineText(doubtful)}` : ''}`);
  lines.push(`  invalid     ${plan.invalid}`);
  for (const { code, rows, lines: where, message, fix } of invalid) {
    lines.push(`    ${rows} ${code}, ${lineText(where, rows)}: ${printable([message, fix].filter(Boolean).join(' '))}`);
  }
  if (plan.blank) lines.push(`  blank       ${plan.blank}`);
  lines.push(`Costs ${plural(most, 'credit')} at most, if everybody is found.`);
  return lines.join('\n');
}

/** Ends the command for an error of the package, or lets another one pass. @param {any} error @param {(error: any) => number} codeOf */
export function told(error, codeOf) {
  if (error?.name !== 'EnrichmentError') throw error;
  process.stderr.write(`phone-enrichment: ${error.code}: ${printable(error.message)}\n`);
  return codeOf(error);
}
