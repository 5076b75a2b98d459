#!/usr/bin/env node
/** The command `phone-enrichment`: a table of verbs, each a module of its own with a summary and a `run`. */

import { verb as enrich } from './enrich.js';
import { verb as erase } from './erase.js';
import { verb as lookup } from './lookup.js';
import { verb as plan } from './plan.js';
import { verb as sandbox } from './sandbox.js';
import { UsageError } from './usage.js';

/** @type {Record<string, import('./usage.js').Verb>} */
const VERBS = { lookup, plan, enrich, erase, sandbox };

const HELP = `Usage: phone-enrichment <verb> [options]

Verbs:
${Object.entries(VERBS).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`).join('\n')}

phone-enrichment <verb> --help says more about a verb.
`;

/** @param {string[]} words @returns {Promise<number>} the exit code */
async function main([name, ...rest]) {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    if (name === undefined) throw new UsageError('a verb is missing');
    if (!Object.hasOwn(VERBS, name)) throw new UsageError(`unknown verb "${name}"`);
    return await VERBS[name].run(rest);
  } catch (error) {
    if (!(error instanceof UsageError)) {
      process.stderr.write(`phone-enrichment: ${error?.message ?? error}\n`);
      return 1;
    }
    const help = Object.hasOwn(VERBS, name ?? '') ? `phone-enrichment ${name} --help` : 'phone-enrichment --help';
    process.stderr.write(`phone-enrichment: ${error.message}\nTry: ${help}\n`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
