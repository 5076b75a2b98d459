/** What goes over the wire: plain answers, and the spoiled ones that faults ask for. */

import { WRONG_TYPES } from './faults.js';
import { BASE_PATH } from './vendor.js';

/** Where the fault `redirect` leads: a trap with a false result that is never charged. */
export const TRAP_PATH = `${BASE_PATH}/redirected/`;

export const TRAP_BODY = {
  success: true,
  status: 'success',
  results: { phone: '+1 900-555-0199', email: 'trap@example.com' },
  remaining_credits: 999999,
};

/** @typedef {{ status: number, headers: Record<string, string | number>, body: string | Buffer }} Answer */

/** @returns {Answer} */
export function jsonAnswer(status, body, headers = {}) {
  return { status, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** @returns {Answer} */
export function htmlAnswer(status, body, headers = {}) {
  return { status, headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8' }, body };
}

const SERVER_ERROR = '<!doctype html>\n<html lang="en">\n<head>\n  <title>Server Error (500)</title>\n</head>\n<body>\n  <h1>Server Error (500)</h1><p></p>\n</body>\n</html>\n';
const BAD_GATEWAY = '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';
const PORTAL = '<!doctype html>\n<html><head><title>Sign in</title></head><body><h1>Please sign in to continue</h1></body></html>\n';

/**
 * The answer that stands in for any handling.
 * @param {import('./faults.js').Rule} fault
 * @returns {Answer | 'drop'}
 */
export function answerInstead({ name, rule }) {
  switch (name) {
    case 'drop':
      return 'drop';
    case '500':
      return htmlAnswer(500, SERVER_ERROR);
    case '502':
      return htmlAnswer(502, BAD_GATEWAY);
    case '429': {
      /** @type {Record<string, string>} */
      const headers = {};
      if (rule.retryAfterDate !== undefined) {
        headers['Retry-After'] = new Date(Date.now() + rule.retryAfterDate * 1000).toUTCString();
      } else if (rule.retryAfter !== undefined) {
        headers['Retry-After'] = String(rule.retryAfter);
      }
      return jsonAnswer(429, { detail: 'Request was throttled.' }, headers);
    }
    case 'redirect':
      return htmlAnswer(rule.status ?? 307, '', { Location: rule.to ?? TRAP_PATH });
    case 'status':
      return typeof rule.body === 'string' ? htmlAnswer(rule.status, rule.body) : jsonAnswer(rule.status, rule.body ?? {});
    default:
      throw new Error(`the fault "${name}" does not stand in for handling`);
  }
}

/**
 * The answer after handling, spoiled as the fault says. Faults of the wire alone leave it as it is.
 * @param {import('./faults.js').Rule} fault
 * @param {Answer} answer
 * @param {any} body what the answer was made of
 * @returns {Answer | 'drop'}
 */
export function spoiledAnswer({ name, rule }, answer, body) {
  switch (name) {
    case 'charge_then_drop':
      return 'drop';
    case 'charge_then_500':
      return htmlAnswer(rule.status ?? 500, SERVER_ERROR.replaceAll('500', String(rule.status ?? 500)));
    case 'html_200':
      return htmlAnswer(200, PORTAL);
    case 'empty_200':
      return { ...answer, body: '' };
    case 'wrong_content_type': {
      const { 'Content-Type': _, ...headers } = answer.headers;
      if (rule.contentType !== null) headers['Content-Type'] = rule.contentType ?? 'text/plain';
      return { ...answer, headers };
    }
    case 'bom':
      return { ...answer, body: `\ufeff${answer.body}` };
    case 'duplicate_keys':
      return { ...answer, body: withDuplicateKeys(body) };
    case 'wrong_types': {
      const spoiled = JSON.stringify(WRONG_TYPES[rule.variant ?? 'phone_number'].spoil(body));
      return { ...answer, body: spoiled.replace(/"@float:(-?\d+)"/, '$1.0') };
    }
    case 'missing_phone': {
      const { phone, ...others } = body.results;
      return { ...answer, body: JSON.stringify({ ...body, results: phone === undefined ? {} : others }) };
    }
    default:
      return answer;
  }
}

/** @param {unknown} value */
function withDuplicateKeys(value) {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const falsehood = (truth) => {
    if (typeof truth === 'number') return '0';
    if (typeof truth === 'boolean') return String(!truth);
    return truth === 'success' ? '"not_found"' : truth === 'not_found' ? '"success"' : '"+1 900-555-0198"';
  };
  const members = Object.entries(value).flatMap(([key, truth]) => {
    const name = JSON.stringify(key);
    return [`${name}:${falsehood(truth)}`, `${name}:${withDuplicateKeys(truth)}`];
  });
  return `{${members.join(',')}}`;
}

/**
 * Sends an answer whole.
 * @param {import('node:http').ServerResponse} res
 * @param {Answer} answer
 */
export function send(res, { status, headers, body }) {
  headers['Content-Length'] = Buffer.byteLength(body);
  res.writeHead(status, headers);
  res.end(body);
}

const HUGE_BYTES = 1024 * 1024;
const PADDING = Buffer.alloc(64 * 1024, 'x');

/**
 * Sends an answer in the manner of the faults `cut_body`, `drip` and `huge`; any other goes out whole.
 * @param {import('node:http').ServerResponse} res
 * @param {Answer} answer
 * @param {import('./faults.js').Rule} fault
 * @param {(ms: number) => Promise<void>} wait
 * @returns {Promise<'cut' | void>} `cut` when the sandbox itself ended the connection
 */
export async function sendFaulty(res, answer, { name, rule }, wait) {
  const { status, headers } = answer;
  const bytes = Buffer.from(answer.body);
  if (name === 'cut_body') {
    const kept = Math.min(rule.keep ?? Math.floor(bytes.length / 2), Math.max(0, bytes.length - 1));
    res.writeHead(status, { ...headers, 'Content-Length': bytes.length });
    res.flushHeaders();
    // The connection goes only when the bytes are out, or the client would see less than was ordered.
    if (kept > 0) await written(res, bytes.subarray(0, kept));
    return 'cut';
  }
  if (name === 'drip') {
    res.writeHead(status, { ...headers, 'Content-Length': bytes.length });
    res.flushHeaders();
    const step = rule.bytes ?? 1;
    for (let at = 0; at < bytes.length && !res.destroyed; at += step) {
      await wait(rule.ms ?? 10);
      res.write(bytes.subarray(at, at + step));
    }
    res.end();
    return undefined;
  }
  if (name === 'huge') {
    const total = Math.max(rule.bytes ?? HUGE_BYTES, bytes.length);
    // The padding is one more member at the end, so a client that reads a prefix sees the whole answer in it.
    const head = Buffer.concat([bytes.subarray(0, -1), Buffer.from(',"padding":"')]);
    const tail = Buffer.from(rule.cut ? 'xx' : '"}');
    let padding = Math.max(0, total - head.length - tail.length);
    res.writeHead(status, rule.chunked ? headers : { ...headers, 'Content-Length': head.length + padding + tail.length });
    res.write(head);
    while (padding > 0 && !res.destroyed) {
      const part = PADDING.subarray(0, Math.min(padding, PADDING.length));
      padding -= part.length;
      await written(res, part);
    }
    res.end(tail);
    return undefined;
  }
  send(res, answer);
  return undefined;
}

/**
 * Resolves when the bytes have left for the system, or the connection is gone.
 * @param {import('node:http').ServerResponse} res
 * @param {Buffer} bytes
 * @returns {Promise<void>}
 */
function written(res, bytes) {
  return new Promise((resolve) => {
    if (res.destroyed || res.socket === null) return resolve();
    const done = () => {
      res.off('close', done);
      resolve();
    };
    res.once('close', done);
    res.write(bytes, done);
    return undefined;
  });
}
