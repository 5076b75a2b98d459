/** The verb `sandbox`: the stand-in for the service, in a terminal. */

import { startSandbox } from '../sandbox/index.js';
import { integerOption, plural, readOptions, UsageError } from './usage.js';

const HELP = `Usage: phone-enrichment sandbox [options]

Starts a stand-in for the phone-enrichment service on this machine, with a wallet, a ledger
and people of its own. Nothing leaves the machine and nothing costs money. Ctrl-C ends it.

Options:
  --port N            port to listen on; default: a free one
  --host ADDRESS      address to bind; default 127.0.0.1, which other machines cannot reach
  --token TEXT        the token to accept; default: a fixed one that is no secret
  --credits N         credits in the wallet; default 100
  --people N          add N generated people, person-00001 and so on; default 0
  --cors[=ORIGINS]    let any web page call, or those of a comma-separated list of origins
  --json              one JSON line at the start (url, token, port) and one at the end, nothing else
  --help              this text
`;

const OPTIONS = {
  port: { value: true, read: integerOption('port', 0, 65535) },
  host: { value: true },
  token: { value: true },
  credits: { value: true, read: integerOption('credits', 0, Number.MAX_SAFE_INTEGER) },
  people: { value: true, read: integerOption('people', 0, 1_000_000) },
  cors: { value: 'optional', read: (text) => (text === null ? true : text.split(',').map((origin) => origin.trim())) },
  json: { value: false },
  help: { value: false },
};

/** @type {import('./usage.js').Verb} */
export const verb = {
  summary: 'a stand-in for the service, with a wallet and faults to order',
  async run(words) {
    const { help, json, ...options } = readOptions(words, /** @type {any} */ (OPTIONS));
    if (help) {
      process.stdout.write(HELP);
      return 0;
    }
    const say = (line) => process.stdout.write(`${line}\n`);
    const sandbox = await startSandbox({
      ...options,
      onRequest: json ? undefined : (record) => say(lineOf(record)),
    }).catch((error) => {
      throw error instanceof TypeError || error instanceof RangeError ? new UsageError(error.message) : error;
    });
    // Heard before the first line is out: a program may end us as soon as it has read it.
    const ended = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
    });
    // Whoever read our output is gone; that is no reason to fail.
    process.stdout.on('error', () => {});

    if (json) say(JSON.stringify({ url: sandbox.url, token: sandbox.token, port: sandbox.port, control: `${sandbox.origin}/__sandbox/` }));
    else say(greeting(sandbox));

    await ended;
    await sandbox.close();
    const { spent, charges, credits, double_charges } = sandbox.wallet();
    if (json) say(JSON.stringify({ spent, charges, double_charges, credits }));
    else {
      say(`\nClosed. ${plural(charges, 'charge')}, ${plural(spent, 'credit')} spent, ${plural(credits, 'credit')} left.`
        + (double_charges > 0 ? ` ${plural(double_charges, 'charge')} hit someone already charged.` : ''));
    }
    return 0;
  },
};

/** @param {import('../sandbox/index.js').Sandbox} sandbox */
function greeting({ url, token, origin, wallet }) {
  const curl = (body) => `  curl -s ${url}/external/phone/enrichment/ \\
    -H 'Authorization: Token ${token}' -H 'Content-Type: application/json' \\
    -d '${JSON.stringify(body)}'`;
  return `Sandbox for phone-enrichment: no real service, no real money.

  base URL  ${url}
  token     ${token}
  wallet    ${plural(wallet().credits, 'credit')}
  ledger    ${origin}/__sandbox/ledger
  control   ${origin}/__sandbox/

Found, for 5 credits:
${curl({ linkedin_url: 'https://www.linkedin.com/in/johndoe' })}

Not found, free:
${curl({ email: 'nobody@example.com' })}

Out of credits:
  curl -s -X PUT ${origin}/__sandbox/credits -d 4
${curl({ email: 'jane.doe@acme.example.com' })}

Ctrl-C ends it.
`;
}

/** @param {import('../sandbox/index.js').RequestRecord} record */
function lineOf({ at, method, path, status, credits, person_id, faults, aborted, took_ms }) {
  const parts = [
    at.slice(11, 23),
    method,
    // The path is the caller's text: nothing in it may steer the terminal.
    path.replace(/[^\x20-\x7e]/g, '?').slice(0, 200),
    status ?? 'no answer',
    credits > 0 ? `charged ${plural(credits, 'credit')}` : 'free',
  ];
  if (person_id !== null) parts.push(person_id);
  if (faults.length > 0) parts.push(`fault ${faults.join(' + ')}`);
  if (aborted) parts.push('client left');
  return `${parts.join('  ')}  ${took_ms} ms`;
}
