/**
 * The sandbox's own endpoints under /__sandbox/: what was charged, what was asked, and orders for the next requests.
 *
 * They are for whoever runs the sandbox, not for any web page that happens to be open on the same machine:
 * a request with a foreign Origin is refused unless `cors` allows it, and on a loopback address so is a
 * request under another host's name (DNS rebinding).
 */

import { isPreflight } from './cors.js';
import { createFaultScript, FAULTS } from './faults.js';
import { checkCredits } from './ledger.js';
import { ENDPOINTS } from './vendor.js';

export const CONTROL_PATH = '/__sandbox/';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;
const ROWS_AT_ONCE = 500;

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {{ book: ReturnType<typeof import('./people.js').createBook>,
 *           ledger: ReturnType<typeof import('./ledger.js').createLedger>,
 *           log: ReturnType<typeof import('./request-log.js').createRequestLog>,
 *           cors: ReturnType<typeof import('./cors.js').createCors>,
 *           state: { seed: number, script: ReturnType<typeof createFaultScript> },
 *           host: string, reset: () => void }} parts
 */
export function createControl({ book, ledger, log, cors, state, host, reset }) {
  const boundToLoopback = LOOPBACK.test(host) || host === '::1';

  /** @type {Record<string, Record<string, (body: unknown) => unknown>>} */
  const table = {
    '': { GET: () => index() },
    ledger: { GET: () => ledger.list() },
    requests: { GET: () => log.list() },
    people: { GET: () => book.list() },
    wallet: { GET: () => ledger.wallet() },
    faults: {
      GET: () => state.script.list(),
      PUT: (body) => {
        const { rules, seed = state.seed } = Array.isArray(body) ? { rules: body } : asObject(body, ['rules', 'seed']);
        state.script = createFaultScript(rules, { seed });
        return state.script.list();
      },
    },
    credits: {
      GET: () => ({ credits: ledger.balance }),
      PUT: (body) => {
        const { credits } = typeof body === 'number' ? { credits: body } : asObject(body, ['credits']);
        ledger.setBalance(checkCredits(credits));
        return { credits: ledger.balance };
      },
    },
    reset: {
      POST: () => {
        reset();
        return ledger.wallet();
      },
    },
  };

  function index() {
    return {
      sandbox: 'phone-enrichment',
      endpoints: ENDPOINTS.map(({ name, path, price }) => ({ name, method: 'POST', path, credits: price })),
      control: Object.entries(table).flatMap(([name, methods]) => Object.keys(methods).map((method) => `${method} ${CONTROL_PATH}${name}`)),
      wallet: ledger.wallet(),
      requests_forgotten: log.forgotten,
      faults: Object.entries(FAULTS).map(([fault, { charge, parameters, says }]) => ({ fault, charge, parameters: Object.keys(parameters), says })),
    };
  }

  /** @param {import('node:http').IncomingMessage} req */
  function guard(req) {
    const { origin, host: named = '' } = req.headers;
    if (boundToLoopback && !LOOPBACK.test(named.replace(/:\d+$/, ''))) throw new Refused(403, 'the sandbox answers under its own name only');
    const own = origin === `http://${named}`;
    if (origin !== undefined && !own && !cors.allows(origin)) throw new Refused(403, 'this origin may not steer the sandbox');
    // A page can ask without an Origin (an image, a frame); the browser still says where it comes from.
    if (origin === undefined && /^(?:cross|same)-site$/.test(String(req.headers['sec-fetch-site'])) && !cors.any) {
      throw new Refused(403, 'other sites may not steer the sandbox');
    }
  }

  return {
    /**
     * @param {import('node:http').IncomingMessage} req
     * @param {import('node:http').ServerResponse} res
     * @param {string} path
     * @param {string} query
     * @param {Buffer[] | null} chunks null when the client gave up
     * @param {boolean} tooLarge
     */
    async answer(req, res, path, query, chunks, tooLarge) {
      if (chunks === null) return;
      try {
        if (tooLarge) throw new Refused(413, 'the body is too large');
        guard(req);
        if (req.headers.origin !== undefined) cors.mark(res, req.headers.origin);
        const name = path.slice(CONTROL_PATH.length).replace(/\/$/, '');
        if (!Object.hasOwn(table, name)) throw new Refused(404, `there is no ${CONTROL_PATH}${name}; see ${CONTROL_PATH}`);
        const methods = table[name];
        if (isPreflight(req)) {
          res.writeHead(204, { ...cors.grant(req, Object.keys(methods).join(', ')), 'Access-Control-Allow-Headers': 'content-type' });
          res.end();
          return;
        }
        if (!Object.hasOwn(methods, req.method)) {
          res.setHeader('Allow', Object.keys(methods).join(', '));
          throw new Refused(405, `${CONTROL_PATH}${name} takes ${Object.keys(methods).join(', ')}`);
        }
        const result = methods[req.method](req.method === 'PUT' ? parse(chunks) : undefined);
        if (Array.isArray(result)) await sendRows(res, slice(result, query));
        else sendJson(res, 200, result);
      } catch (error) {
        if (res.headersSent) return void res.destroy();
        const status = error instanceof Refused ? error.status : error instanceof TypeError || error instanceof RangeError ? 400 : 500;
        sendJson(res, status, { error: error.message });
      }
    },
  };
}

/** @param {Buffer[]} chunks */
function parse(chunks) {
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refused(400, 'the body is not JSON');
  }
}

/** @param {unknown} body @param {string[]} keys @returns {any} */
function asObject(body, keys) {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw new Refused(400, `the body is an object with ${keys.join(', ')}`);
  for (const key of Object.keys(body)) if (!keys.includes(key)) throw new Refused(400, `the body has no "${key}"; it has ${keys.join(', ')}`);
  return body;
}

/** @param {unknown[]} rows @param {string} query `?offset=&limit=` */
function slice(rows, query) {
  const asked = new URLSearchParams(query.slice(1));
  const number = (name, fallback) => {
    if (!asked.has(name)) return fallback;
    const value = Number(asked.get(name));
    if (!Number.isSafeInteger(value) || value < 0) throw new Refused(400, `${name} is an integer from 0`);
    return value;
  };
  const offset = number('offset', 0);
  return rows.slice(offset, offset + number('limit', rows.length));
}

/** @param {import('node:http').ServerResponse} res */
function sendJson(res, status, body) {
  const text = `${JSON.stringify(body, null, 2)}\n`;
  res.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', 'Content-Length': Buffer.byteLength(text) });
  res.end(text);
}

/** A list goes out in portions: a hundred thousand rows need not be one text in memory. */
async function sendRows(res, rows) {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  res.write('[');
  for (let at = 0; at < rows.length && !res.destroyed; at += ROWS_AT_ONCE) {
    const portion = rows.slice(at, at + ROWS_AT_ONCE).map((row) => JSON.stringify(row)).join(',\n');
    if (!res.write(at === 0 ? portion : `,\n${portion}`)) {
      await new Promise((resolve) => {
        const go = () => {
          res.off('drain', go).off('close', go);
          resolve(undefined);
        };
        res.once('drain', go).once('close', go);
      });
    }
  }
  res.end(']\n');
}
