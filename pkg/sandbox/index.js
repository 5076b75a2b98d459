/**
 * The sandbox: a stand-in for the vendor on a port of one's own, with a wallet and a ledger of its own.
 * It shares no code with the client it judges.
 */

import { createControl } from './control.js';
import { createCors } from './cors.js';
import { createFaultScript, FAULTS, WRONG_TYPES } from './faults.js';
import { createLedger } from './ledger.js';
import { createBook, generatedPerson } from './people.js';
import { createRequestLog } from './request-log.js';
import { copyOf, createSandboxServer } from './server.js';
import { createTokens } from './tokens.js';
import { BASE_PATH } from './vendor.js';

export { generatedPerson };

/** The names of the faults, with whether each charges. See index.d.ts. */
export const faultKinds = Object.freeze(Object.fromEntries(
  Object.entries(FAULTS).map(([name, { stage, charge, parameters, says }]) => [
    name,
    Object.freeze({ stage, charge, parameters: Object.freeze(Object.keys(parameters)), says }),
  ]),
));

export const wrongTypeVariants = Object.freeze(Object.keys(WRONG_TYPES));

const OPTIONS = ['host', 'port', 'token', 'tokens', 'credits', 'cors', 'people', 'faults', 'seed', 'log', 'detail402', 'onRequest'];

/** @param {import('./index.js').SandboxOptions} [options] @returns {Promise<import('./index.js').Sandbox>} */
export async function startSandbox(options = {}) {
  for (const key of Object.keys(options)) {
    if (!OPTIONS.includes(key)) throw new TypeError(`the sandbox has no option "${key}"; it has ${OPTIONS.join(', ')}`);
  }
  const { host = '127.0.0.1', port = 0, credits = 100, seed = 1, detail402 = false, onRequest = null } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new TypeError('port is an integer from 0 to 65535');
  if (typeof host !== 'string' || host === '') throw new TypeError('host is a host name or an address');
  if (onRequest !== null && typeof onRequest !== 'function') throw new TypeError('onRequest is a function');

  const book = createBook(options.people);
  const ledger = createLedger(credits);
  const tokens = createTokens(options.token, options.tokens);
  const cors = createCors(options.cors);
  const log = createRequestLog(options.log);
  const state = { seed, script: createFaultScript(options.faults, { seed }) };
  const reset = () => {
    ledger.reset();
    tokens.reset();
    log.reset();
    state.script = createFaultScript(options.faults, { seed });
  };
  const control = createControl({ book, ledger, log, cors, state, host, reset });
  const server = createSandboxServer({ book, ledger, tokens, cors, log, state, control, detail402, onRequest });
  const bound = await server.listen(port, host);

  const reachable = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  const origin = `http://${reachable}:${bound}`;
  /** @type {Promise<void> | null} */
  let closed = null;
  return {
    url: `${origin}${BASE_PATH}`,
    origin,
    host,
    port: bound,
    token: tokens.main,
    tokens: tokens.list(),
    ledger: () => ledger.list(),
    requests: () => log.list().map(copyOf),
    people: () => book.list(),
    wallet: () => ledger.wallet(),
    faults: () => state.script.list(),
    setFaults(rules, { seed: another = seed } = {}) {
      state.script = createFaultScript(rules, { seed: another });
    },
    setCredits: (amount) => ledger.setBalance(amount),
    reset,
    idle: () => server.idle(),
    close: () => (closed ??= server.close()),
  };
}
