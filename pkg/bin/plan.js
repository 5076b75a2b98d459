/** The verb `plan`: what a list comes to, before anything is sent. */

import { LIST_HELP, LIST_OPTIONS, planRecord, planText, readList, told } from './list.js';
import { EXIT_CODES, exitCodeOf, planningClient, refuseToken, survivePipes } from './service.js';
import { readOptions, UsageError } from './usage.js';

const HELP = `Usage: phone-enrichment plan LIST.csv [options]

Tells who is on a list, who twice, who is known already, what is wrong with the rest, and what it can
cost at most. Nothing is sent, and no token is needed.

Options:
  --ladder            for lookups with the ladder, which take a row if any of its identifiers is good
${LIST_HELP}  --data FOLDER       where answers are kept; default: .phone-enrichment in the working directory
  --json              one JSON line on stdout, and nothing else
  --help              this text

${EXIT_CODES}`;

const OPTIONS = {
  ladder: { value: false },
  ...LIST_OPTIONS,
  data: { value: true },
  json: { value: false },
  help: { value: false },
};

/** @type {import('./usage.js').Verb} */
export const verb = {
  summary: 'what a list comes to and costs at most; sends nothing',
  async run(words) {
    refuseToken(words);
    const { list, help, json, ...options } = readOptions(words, /** @type {any} */ (OPTIONS), ['list']);
    if (help) {
      process.stdout.write(HELP);
      return 0;
    }
    if (list === undefined) throw new UsageError('no list is named');
    survivePipes();
    try {
      // Whoever only looks makes no folder.
      const client = await planningClient(options);
      const { plan, most } = await readList(list, client, options);
      process.stdout.write(`${json ? JSON.stringify(planRecord(plan, most)) : planText(list, plan, most)}\n`);
      return 0;
    } catch (error) {
      return told(error, exitCodeOf);
    }
  },
};
