/**
 * The HTTP server: it takes each request through the vendor's judgement, the wallet and the ordered faults,
 * and writes down what happened. No input may bring it down.
 */

import { createServer } from 'node:http';
import { answerInstead, htmlAnswer, jsonAnswer, send, sendFaulty, spoiledAnswer, TRAP_BODY, TRAP_PATH } from './answers.js';
import { createClock } from './clock.js';
import { CONTROL_PATH } from './control.js';
import { isPreflight } from './cors.js';
import { createFaultScript, factsOf, ruleFromHeader } from './faults.js';
import { MOST_REQUEST_BYTES, readBody } from './request-body.js';
import { redacted } from './tokens.js';
import { answerBody, checkFields, ENDPOINTS, judge, NOT_FOUND_PATH, refusal } from './vendor.js';

/** Bytes of an oversized request that are still read, so that the client gets to see the 413. */
const MOST_DRAINED_BYTES = 16 * 1024 * 1024;
const DRAIN_MS = 2000;

const ENDPOINT_AT = new Map(ENDPOINTS.map((endpoint) => [endpoint.path, endpoint]));
const WITHOUT_SLASH = new Set(ENDPOINTS.map(({ path }) => path.slice(0, -1)));
const TOO_LARGE = refusal(413, { detail: `The request is larger than ${MOST_REQUEST_BYTES} bytes.` });

/** @param {string} target the request line's target: a path, or an absolute URL as proxies send it */
function splitTarget(target) {
  let path = target;
  if (path.charCodeAt(0) !== 47) path = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/is.exec(path)?.[1] || path;
  const query = path.search(/[?#]/);
  return query < 0 ? { path, query: '' } : { path: path.slice(0, query), query: path.slice(query) };
}

/** @param {import('node:http').IncomingHttpHeaders} headers */
function shownHeaders(headers) {
  const shown = { ...headers };
  if (shown.authorization !== undefined) shown.authorization = redacted(shown.authorization);
  for (const secret of ['cookie', 'proxy-authorization']) if (shown[secret] !== undefined) shown[secret] = '…';
  return shown;
}

/**
 * A record of its own for the caller; the body is frozen and may be shared.
 * @param {import('./index.js').RequestRecord} record
 */
export const copyOf = (record) => ({ ...record, headers: { ...record.headers }, faults: [...record.faults] });

/**
 * @param {{ book: ReturnType<typeof import('./people.js').createBook>,
 *           ledger: ReturnType<typeof import('./ledger.js').createLedger>,
 *           tokens: ReturnType<typeof import('./tokens.js').createTokens>,
 *           cors: ReturnType<typeof import('./cors.js').createCors>,
 *           log: ReturnType<typeof import('./request-log.js').createRequestLog>,
 *           state: { script: ReturnType<typeof import('./faults.js').createFaultScript> },
 *           control: ReturnType<typeof import('./control.js').createControl>,
 *           detail402: boolean,
 *           onRequest: ((record: import('./index.js').RequestRecord) => void) | null }} parts
 */
export function createSandboxServer({ book, ledger, tokens, cors, log, state, control, detail402, onRequest }) {
  const clock = createClock();
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  let lastRequest = 0;
  let active = 0;
  /** @type {(() => void)[]} */
  let waitingForIdle = [];

  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 60_000, headersTimeout: 30_000, noDelay: true });
  server.on('connection', (socket) => {
    // A connection that was on its way when the sandbox closed would keep it waiting.
    if (!server.listening) socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A client that resets its connection is no news.
    socket.on('error', () => {});
  });
  server.on('clientError', (error, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    const status = { HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large', ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout' }[error.code]
      ?? '400 Bad Request';
    return void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });

  server.on('request', (req, res) => {
    const { path, query } = splitTarget(req.url);
    if (path === CONTROL_PATH.slice(0, -1) || path.startsWith(CONTROL_PATH)) {
      collect(req, (chunks, tooLarge) => {
        control.answer(req, res, path, query, chunks, tooLarge).catch(() => res.destroy());
      });
      return;
    }

    const now = Date.now();
    lastRequest += 1;
    const token = tokens.read(req.headers.authorization);
    /** @type {import('./index.js').RequestRecord} */
    const record = {
      id: `request_${String(lastRequest).padStart(6, '0')}`,
      at: new Date(now).toISOString(),
      at_ms: now,
      method: req.method,
      path: path + query,
      headers: shownHeaders(req.headers),
      token: token === null ? null : token.kind,
      body: null,
      person_id: null,
      matched_by: null,
      status: null,
      faults: [],
      charged: false,
      charge_id: null,
      credits: 0,
      aborted: false,
      took_ms: null,
    };
    log.add(record);
    active += 1;

    // A request is over when both the handling and the connection's part in it are.
    let open = 2;
    const over = () => {
      open -= 1;
      if (open > 0) return;
      record.took_ms = Date.now() - now;
      active -= 1;
      if (onRequest !== null) {
        try {
          onRequest(copyOf(record));
        } catch (error) {
          process.emitWarning(`the sandbox's onRequest threw: ${error?.message ?? error}`);
        }
      }
      if (active === 0 && waitingForIdle.length > 0) {
        const waiting = waitingForIdle;
        waitingForIdle = [];
        for (const resolve of waiting) resolve();
      }
    };
    const exchange = { req, res, path, query, token, record, endedByUs: false };
    res.once('close', () => {
      record.aborted = !res.writableFinished && !exchange.endedByUs;
      over();
    });
    collect(req, (chunks, tooLarge) => {
      // Nothing half-read is handled: the service, too, sees a request only when it is whole.
      if (chunks === null) return over();
      return handle(exchange, chunks, tooLarge).catch((error) => {
        if (!clock.stopped) process.emitWarning(`the sandbox failed on a request: ${error?.stack ?? error}`);
        exchange.endedByUs = true;
        res.destroy();
      }).then(over);
    });
  });

  /**
   * Reads a request to its end, to the cap, or to the client's giving up (null).
   * @param {import('node:http').IncomingMessage} req
   * @param {(chunks: Buffer[] | null, tooLarge: boolean) => void} done
   */
  function collect(req, done) {
    /** @type {Buffer[]} */
    let chunks = [];
    let bytes = 0;
    let told = false;
    const tell = (result, tooLarge) => {
      if (told) return;
      told = true;
      done(result, tooLarge);
    };
    req.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes <= MOST_REQUEST_BYTES) return void chunks.push(chunk);
      chunks = [];
      if (!told) {
        const timer = setTimeout(() => req.destroy(), DRAIN_MS);
        req.once('close', () => clearTimeout(timer));
      }
      tell([], true);
      if (bytes > MOST_DRAINED_BYTES) req.destroy();
      return undefined;
    });
    req.on('end', () => tell(chunks, false));
    req.on('error', () => {});
    req.on('close', () => tell(null, false));
  }

  /** @param {{ req: import('node:http').IncomingMessage, res: import('node:http').ServerResponse, path: string, query: string, token: any, record: import('./index.js').RequestRecord, endedByUs: boolean }} exchange */
  async function handle(exchange, chunks, tooLarge) {
    const { req, res, path, query, token, record } = exchange;
    const { method } = req;
    const body = readBody(chunks, req.headers['content-type']);
    record.body = body.kept;

    const endpoint = ENDPOINT_AT.get(path) ?? null;
    const script = scriptFor(req, endpoint);
    if (script instanceof TypeError) return answer(exchange, refused(refusal(400, { error: `X-Sandbox-Fault: ${script.message}` })));

    let facts = null;
    if (script !== null) {
      const { errors, fields } = checkFields(body.json);
      const person = errors === null ? book.find(fields).person : null;
      facts = factsOf(method, path, fields, person);
      const { delayMs, fault, names } = script.before(facts);
      record.faults.push(...names);
      if (delayMs > 0) await clock.wait(delayMs);
      if (fault !== null) {
        const instead = answerInstead(fault);
        return instead === 'drop' ? drop(exchange, fault.rule.reset) : answer(exchange, instead);
      }
    }

    if (isPreflight(req)) return preflight(exchange, script, facts);

    const verdict = endpoint === null ? NOT_FOUND_PATH
      : tooLarge ? TOO_LARGE
        : judge({ endpoint, method, token, body, balance: ledger.balance, detail402, find: book.find });
    const after = script === null ? null : script.after(facts, verdict.kind);
    if (after !== null) record.faults.push(...after.names);
    const fault = after?.fault ?? null;

    let plain;
    let json = null;
    if (endpoint === null) plain = elsewhere(path, query);
    else if (verdict.kind === 'refused') plain = refused(verdict);
    else {
      record.person_id = verdict.person?.id ?? null;
      record.matched_by = verdict.matched_by;
      if (token.kind === 'test') token.used += 1;
      if (verdict.kind === 'found' && fault?.withoutCharge !== true) charge(record, endpoint, verdict);
      json = answerBody(endpoint, verdict, ledger.balance);
      plain = jsonAnswer(200, json);
    }

    if (after !== null && after.delayMs > 0) await clock.wait(after.delayMs);
    if (fault === null) return answer(exchange, plain);
    const spoiled = spoiledAnswer(fault, plain, json);
    if (spoiled === 'drop') return drop(exchange, fault.rule.reset);
    return answer(exchange, spoiled, fault);
  }

  function scriptFor(req, endpoint) {
    const header = req.headers['x-sandbox-fault'];
    if (header !== undefined && endpoint !== null) {
      try {
        return createFaultScript([ruleFromHeader(String(header))]);
      } catch (error) {
        return error;
      }
    }
    return state.script.isEmpty ? null : state.script;
  }

  function charge(record, endpoint, { person, matched_by }) {
    const { id } = ledger.charge({
      person_id: person.id,
      endpoint: endpoint.name,
      credits: endpoint.price,
      request_id: record.id,
      matched_by,
      body: record.body,
    });
    record.charged = true;
    record.charge_id = id;
    record.credits = endpoint.price;
  }

  /** Paths other than the two endpoints. */
  function elsewhere(path, query) {
    if (path === TRAP_PATH) return jsonAnswer(200, TRAP_BODY);
    // As Django's CommonMiddleware does it; a client that follows arrives as a GET without a body.
    if (WITHOUT_SLASH.has(path)) return htmlAnswer(301, '', { Location: `${path}/${query}` });
    return refused(NOT_FOUND_PATH);
  }

  function preflight(exchange, script, facts) {
    const { req, res, record } = exchange;
    const after = script === null ? null : script.after(facts, 'refused');
    if (after !== null) record.faults.push(...after.names);
    const spoiled = after?.fault?.name === 'cors_refused';
    if (!spoiled && cors.allows(req.headers.origin)) {
      cors.mark(res, req.headers.origin);
      record.status = 204;
      res.writeHead(204, cors.grant(req, 'POST, OPTIONS'));
      return void res.end();
    }
    return answer(exchange, jsonAnswer(403, { detail: 'The sandbox does not allow this origin.' }), after?.fault ?? null);
  }

  /** @param {import('./vendor.js').Refusal} refusal */
  function refused({ status, body, headers }) {
    return jsonAnswer(status, body, headers);
  }

  async function answer(exchange, content, fault = null) {
    const { req, res, record } = exchange;
    record.status = content.status;
    if (res.destroyed) return;
    if (fault?.name !== 'cors_refused') cors.mark(res, req.headers.origin);
    if (fault === null) return send(res, content);
    if (await sendFaulty(res, content, fault, clock.wait) === 'cut') {
      exchange.endedByUs = true;
      res.socket?.destroySoon();
    }
  }

  function drop(exchange, reset = false) {
    exchange.endedByUs = !exchange.res.destroyed;
    const { socket } = exchange.req;
    if (reset && typeof socket.resetAndDestroy === 'function') socket.resetAndDestroy();
    else socket.destroy();
  }

  return {
    /** @param {number} port @param {string} host @returns {Promise<number>} the port bound */
    listen: (port, host) => new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        server.on('error', () => {});
        resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
      });
    }),
    /** Resolves when no request is being handled or answered. @returns {Promise<void>} */
    idle: () => (active === 0 ? Promise.resolve() : new Promise((resolve) => waitingForIdle.push(resolve))),
    /** @returns {Promise<void>} */
    close: () => new Promise((resolve) => {
      clock.stop();
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }),
  };
}
