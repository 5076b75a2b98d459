/** What the tests share: a sandbox that ends with its test, and requests byte by byte, without a client in between. */

import net from 'node:net';
import { startSandbox } from '../../pkg/sandbox/index.js';

/** Longer than any test should wait: a sandbox that hangs is a failure, not a pause. */
export const PATIENCE_MS = 15_000;

export const PHONE = '/external/phone/enrichment/';
export const EMAIL = '/external/email/enrichment/';

/** A person with a phone, one without, and nobody. */
export const JANE = { email: 'jane.doe@acme.example.com' };
export const SILENT = { email: 'no.phone.1@quiet.example.org' };
export const NOBODY = { email: 'nobody@example.com' };

export const FOUND_JANE = {
  success: true,
  status: 'success',
  results: { phone: '+1 212-555-0101', email: 'jane.doe@acme.example.com' },
  remaining_credits: 95,
};

/**
 * @param {import('node:test').TestContext} t
 * @param {import('../../pkg/sandbox/index.js').SandboxOptions} [options]
 */
export async function sandboxFor(t, options) {
  const sandbox = await startSandbox(options);
  t.after(() => sandbox.close());
  return sandbox;
}

/**
 * Waits until something holds, however busy the machine is.
 * @param {() => boolean} holds
 */
export async function until(holds) {
  const begun = performance.now();
  while (!holds()) {
    if (performance.now() - begun > PATIENCE_MS) throw new Error(`still not so: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/**
 * A request with fetch, as most clients send it.
 * @param {import('../../pkg/sandbox/index.js').Sandbox} sandbox
 * @param {unknown} body an object is sent as JSON, a text or bytes as they are
 */
export async function ask(sandbox, body, { path = PHONE, method = 'POST', headers = {}, ...more } = {}) {
  const sent = { authorization: `Token ${sandbox.token}`, 'content-type': 'application/json', ...headers };
  for (const name of Object.keys(sent)) if (sent[name] === null) delete sent[name];
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(`${sandbox.url}${path}`, { method, headers: sent, body: raw, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS), ...more });
  const text = await response.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}

/**
 * A lookup over a socket of its own, told as the bytes that came and how they ended.
 * @param {import('../../pkg/sandbox/index.js').Sandbox} sandbox
 * @param {unknown} body
 * @param {{ path?: string, method?: string, headers?: Record<string, string> }} [how]
 */
export function askRaw(sandbox, body, { path = `/backend/api/v1${PHONE}`, method = 'POST', headers = {} } = {}) {
  const text = JSON.stringify(body);
  const lines = {
    Host: `127.0.0.1:${sandbox.port}`,
    Authorization: `Token ${sandbox.token}`,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return sendRaw(sandbox, `${method} ${path} HTTP/1.1\r\n${head}\r\n${text}`);
}

/**
 * Any bytes at all.
 * @returns {Promise<{ bytes: number, status: number | null, headers: Record<string, string>, body: Buffer,
 *                     whole: boolean, reset: boolean, arrivals: number[] }>}
 */
export function sendRaw(sandbox, bytes, { leaveAfterMs = null } = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(sandbox.port, '127.0.0.1');
    const chunks = [];
    const arrivals = [];
    let reset = false;
    let hung = null;
    socket.setNoDelay(true);
    const impatience = setTimeout(() => socket.destroy((hung = new Error('the sandbox hangs'))), PATIENCE_MS);
    socket.on('connect', () => {
      socket.write(bytes);
      if (leaveAfterMs !== null) setTimeout(() => socket.destroy(), leaveAfterMs);
    });
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      arrivals.push(performance.now());
    });
    socket.on('error', (error) => {
      if (error.code === 'ECONNRESET') reset = true;
    });
    socket.on('close', () => {
      clearTimeout(impatience);
      if (hung !== null) reject(hung);
      else resolve({ ...parse(Buffer.concat(chunks)), reset, arrivals });
    });
  });
}

/** @param {Buffer} bytes */
function parse(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { bytes: bytes.length, status: null, headers: {}, body: Buffer.alloc(0), whole: false };
  const [first, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  let body = bytes.subarray(end + 4);
  let whole = body.length === Number(headers['content-length']);
  if (headers['transfer-encoding'] === 'chunked') ({ body, whole } = dechunk(body));
  return { bytes: bytes.length, status: Number(first.split(' ')[1]), headers, body, whole };
}

/** @param {Buffer} bytes */
function dechunk(bytes) {
  const parts = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return { body: Buffer.concat(parts), whole: false };
    const length = parseInt(bytes.toString('latin1', at, line), 16);
    if (length === 0) return { body: Buffer.concat(parts), whole: true };
    parts.push(bytes.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
}
