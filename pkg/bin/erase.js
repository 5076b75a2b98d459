/** The verb `erase`: what is kept of a person, or of everybody. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { confirmed, dataOf, EXIT_CODES, exitCodeOf, hasData, INTERRUPTED, isTerminal, offlineClient, PERSON_HELP, PERSON_OPTIONS, refuseToken, requestOf } from './service.js';
import { plural, printable, readOptions, UsageError } from './usage.js';

const HELP = `Usage: phone-enrichment erase <who> [options]
       phone-enrichment erase --all [options]

Removes what the data folder has of a person, under every identifier that is named and those that
came with the answer; or everything. Lists that were written stay. Whoever is erased is no longer
known: looked up again, it costs again, also where an earlier request is in doubt.

Who:
${PERSON_HELP}
Options:
  --all               everybody
  --yes               does not ask before everything goes
  --data FOLDER       default: .phone-enrichment in the working directory
  --json              one JSON line on stdout, and nothing else
  --help              this text

${EXIT_CODES}`;

const OPTIONS = {
  ...PERSON_OPTIONS,
  all: { value: false },
  yes: { value: false },
  data: { value: true },
  json: { value: false },
  help: { value: false },
};

/** @type {import('./usage.js').Verb} */
export const verb = {
  summary: 'removes what is kept of a person, or of everybody',
  async run(words) {
    refuseToken(words);
    const options = readOptions(words, /** @type {any} */ (OPTIONS), []);
    if (options.help) {
      process.stdout.write(HELP);
      return 0;
    }
    const request = requestOf(options);
    const isAll = options.all === true;
    if (isAll === Object.keys(request).length > 0) throw new UsageError(isAll ? '--all and a person exclude each other' : 'nobody is named');
    const data = dataOf(options);
    const say = (/** @type {object} */ result, /** @type {string} */ text) => void process.stdout.write(`${options.json ? JSON.stringify(result) : text}\n`);
    if (!hasData(data)) {
      say({ removed: 0 }, 'Nothing is kept there.');
      return 0;
    }
    if (isAll && !options.yes) {
      if (!isTerminal()) throw new UsageError('without a terminal, --all needs --yes');
      if (!(await confirmed('Erase everything that was paid for?'))) {
        process.stderr.write('Nothing was erased.\n');
        return INTERRUPTED;
      }
    }
    const client = await offlineClient(options);
    try {
      if (isAll) {
        await client.forgetAll();
        await rm(join(data, 'runs'), { recursive: true, force: true });
        say({ removed: 'all' }, 'Everything is erased.');
        return 0;
      }
      const { removed } = await client.forget(request);
      say({ removed }, `${plural(removed, 'record')} erased.`);
      return 0;
    } catch (error) {
      if (error?.code === undefined) throw error;
      const issues = (error.issues ?? []).map((/** @type {any} */ { field, code, message }) => `\n  ${field}: ${code}: ${printable(message)}`).join('');
      process.stderr.write(`phone-enrichment: ${printable(error.message)}${issues}\n`);
      return exitCodeOf(error);
    }
  },
};
