/** The verb `lookup`: one person. */

import { EXIT_CODES, exitCodeOf, INTERRUPTED, LIMIT_OPTION, onInterrupt, onlineClient, PERSON_HELP, PERSON_OPTIONS, refuseToken, requestOf, SERVICE_HELP, SERVICE_OPTIONS, survivePipes, TOKEN_HELP } from './service.js';
import { plural, printable, readOptions, UsageError } from './usage.js';

const HELP = `Usage: phone-enrichment lookup <who> [options]

Looks one person's phone up. Who is found costs 5 credits, who is not is free, and who was asked
for before is answered from the data folder, free.

Who, of whose identifiers the strongest alone is sent:
${PERSON_HELP}
Options:
  --ladder            tries the next identifier after a not-found
  --force             asks although an earlier request may have been charged: it may cost again
  --limit CREDITS     the most to spend
${SERVICE_HELP}  --json              one JSON line on stdout, and nothing else
  --help              this text

${TOKEN_HELP}
${EXIT_CODES}`;

const OPTIONS = {
  ...PERSON_OPTIONS,
  ladder: { value: false },
  force: { value: false },
  limit: LIMIT_OPTION,
  ...SERVICE_OPTIONS,
  json: { value: false },
  help: { value: false },
};

/** @type {import('./usage.js').Verb} */
export const verb = {
  summary: 'one person, by LinkedIn address, e-mail, or name and company',
  async run(words) {
    refuseToken(words);
    const options = readOptions(words, /** @type {any} */ (OPTIONS), []);
    if (options.help) {
      process.stdout.write(HELP);
      return 0;
    }
    const request = requestOf(options);
    if (Object.keys(request).length === 0) throw new UsageError('nobody is named');
    survivePipes();
    const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);
    const client = await onlineClient(options, { budget: { total: options.limit } });
    // A request that is out may be charged: whoever interrupts is still told what became of it.
    let isInterrupted = false;
    const calm = onInterrupt(() => {
      isInterrupted = true;
      process.stderr.write('Waiting for the answer, which may be charged. Once more ends at once, and leaves it in doubt.\n');
    });
    try {
      const { ladder, force } = options;
      const outcome = await client.enrichPhone(request, { ladder, force });
      say(options.json ? JSON.stringify(outcome) : outcomeText(outcome));
      return isInterrupted ? INTERRUPTED : 0;
    } catch (error) {
      const { isEnrichmentError } = await import('../dist/index.js');
      if (!isEnrichmentError(error)) throw error;
      const { code, charge, message, issues, retryable, retryAfterMs, lookupId } = error;
      if (options.json) say(JSON.stringify({ status: 'error', code, charge, message, issues, retryable, retryAfterMs, lookupId }));
      else process.stderr.write(`${[`phone-enrichment: ${code}: ${printable(message)}`, ...issueLines(issues), chargeText(error)].join('\n')}\n`);
      return isInterrupted ? INTERRUPTED : exitCodeOf(error);
    } finally {
      calm();
    }
  },
};

/** @param {any[] | undefined} issues */
const issueLines = (issues = []) => issues.map(({ field, code, message, fix }) => `  ${[field, code].filter(Boolean).join(': ')}: ${printable([message, fix].filter(Boolean).join(' '))}`);

/** @param {any} error */
function chargeText({ code, charge }) {
  if (charge === 'none') return 'Nothing was charged.';
  if (code === 'outcome_unknown') return 'Nothing was sent now. To ask again whatever it costs: --force';
  return 'It may have been charged. Asked again, nothing is sent, unless with --force.';
}

/** @param {any} outcome */
function outcomeText({ status, results, message, meta, remaining_credits }) {
  const lines = status === 'success'
    ? [`phone    ${printable(results.phone)}`, `e164     ${results.e164 ?? '-'}`, `email    ${printable(results.email ?? '-')}`]
    : [`not found: ${printable(message)}`];
  lines.push(`charge   ${meta.charge}, ${plural(meta.credits, 'credit')}${meta.source === 'cache' ? ', known before' : ''}`);
  if (remaining_credits !== null) lines.push(`wallet   ${plural(remaining_credits, 'credit')}`);
  return lines.join('\n');
}
