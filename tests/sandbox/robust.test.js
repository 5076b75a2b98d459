/** Whatever is sent, the sandbox stays up, charges nothing it should not, and closes when told. */

import assert from 'node:assert/strict';
import net from 'node:net';
import { describe, test } from 'node:test';
import { startSandbox } from '../../pkg/sandbox/index.js';
import { ask, JANE, PHONE, sandboxFor, sendRaw, until } from './harness.js';

const MIB = 1024 * 1024;
const post = (sandbox, head, body = '') => `POST /backend/api/v1${PHONE} HTTP/1.1\r\nHost: localhost\r\n`
  + `Authorization: Token ${sandbox.token}\r\nContent-Type: application/json\r\n${head}\r\n\r\n${body}`;

describe('odd input', () => {
  const odd = [
    ['no HTTP at all', () => 'hello\r\n\r\n', 400],
    ['the start of TLS', () => Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]), 400],
    ['a header without a colon', () => 'GET / HTTP/1.1\r\nnonsense\r\n\r\n', 400],
    ['two lengths', (sandbox) => post(sandbox, 'Content-Length: 2\r\nContent-Length: 3', '{}'), 400],
    ['a length that is no number', (sandbox) => post(sandbox, 'Content-Length: two', '{}'), 400],
    ['a length and chunks', (sandbox) => post(sandbox, 'Content-Length: 2\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), 400],
    ['headers beyond all bounds', (sandbox) => post(sandbox, `X-Large: ${'x'.repeat(100_000)}\r\nContent-Length: 0`), 431],
    ['HTTP/1.0 without a Host', () => 'GET /x HTTP/1.0\r\n\r\n', 404],
    ['a broken percent sign in the path', () => 'GET /%E0%A4%A HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404],
    ['a path of slashes', () => 'GET ////// HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404],
    ['an asterisk', () => 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404],
    ['a very long path', () => `GET /${'a'.repeat(10_000)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, 404],
    ['a control path that is none', () => 'GET /__sandbox/%00/../x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 404],
    ['an upgrade', (sandbox) => post(sandbox, 'Connection: Upgrade, close\r\nUpgrade: websocket\r\nContent-Length: 2', '{}'), 400],
    ['an expectation to continue', (sandbox) => post(sandbox, 'Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2', '{}'), 100],
  ];
  for (const [what, bytes, status] of odd) {
    test(`${what} is answered ${status}, and the next request is served`, async (t) => {
      const sandbox = await sandboxFor(t);
      assert.equal((await sendRaw(sandbox, bytes(sandbox))).status, status);
      assert.equal((await ask(sandbox, JANE)).status, 200);
      assert.equal(sandbox.ledger().length, 1);
    });
  }

  const bodies = [
    ['arrays a hundred thousand deep', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['objects a hundred thousand deep in a field nobody knows', `{"email":"jane.doe@acme.example.com","x":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`],
    ['a __proto__', '{"__proto__":{"email":"jane.doe@acme.example.com"}}'],
    ['lone surrogates', '{"email":"\\ud800@example.com","first_name":"\\udfff"}'],
    ['a null byte in a slug', '{"linkedin_url":"https://linkedin.com/in/a%00b\\u0000"}'],
    ['a name of half a mebibyte', JSON.stringify({ first_name: 'a '.repeat(250_000), last_name: 'b', company_name: 'c' })],
    ['an e-mail of a mebibyte of dots', JSON.stringify({ email: `a@${'.'.repeat(MIB - 100)}` })],
    ['a slug of digits', JSON.stringify({ email: `person-${'9'.repeat(500)}@example.com` })],
  ];
  for (const [what, body] of bodies) {
    test(`${what} in the body does no harm, nor to the logs`, async (t) => {
      const sandbox = await sandboxFor(t, { people: 10 });
      const { status } = await ask(sandbox, body);
      assert.ok([200, 400].includes(status), String(status));
      const shown = await fetch(`${sandbox.origin}/__sandbox/requests`);
      assert.equal((await shown.json()).length, 1);
      assert.equal((await ask(sandbox, JANE)).status, 200);
    });
  }
});

describe('sizes', () => {
  test('a request of a mebibyte is read, one byte more is 413 and free', async (t) => {
    const sandbox = await sandboxFor(t);
    const padded = (bytes) => JSON.stringify({ ...JANE, padding: 'x'.repeat(bytes - JSON.stringify({ ...JANE, padding: '' }).length) });
    assert.equal((await ask(sandbox, padded(MIB))).status, 200);
    assert.equal((await ask(sandbox, padded(MIB + 1))).status, 413);
    assert.equal(sandbox.ledger().length, 1);
  });

  test('a request without end is cut off', async (t) => {
    const sandbox = await sandboxFor(t);
    const socket = net.connect(sandbox.port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    socket.write(post(sandbox, 'Transfer-Encoding: chunked'));
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', pour).on('connect', pour).resume();
    await new Promise((resolve) => socket.once('close', resolve));
    await sandbox.idle();
    const [{ status, body, charged }] = sandbox.requests();
    assert.deepEqual({ status, body, charged }, { status: 413, body: null, charged: false });
  });

  test('a body in many small pieces is read whole', async (t) => {
    const sandbox = await sandboxFor(t);
    const text = JSON.stringify(JANE);
    const pieces = [...text].map((letter) => `1\r\n${letter}\r\n`).join('');
    assert.equal((await sendRaw(sandbox, post(sandbox, 'Connection: close\r\nTransfer-Encoding: chunked', `${pieces}0\r\n\r\n`))).status, 200);
  });
});

describe('closing', () => {
  test('ends kept-alive connections, slow answers and half-sent requests at once', async () => {
    const sandbox = await startSandbox({ faults: [{ fault: 'delay', ms: 60_000, match: { person: 'jane-doe' } }, { fault: 'drip', ms: 60_000, match: { person: 'marcus-bell' } }] });
    const warnings = [];
    const hear = (warning) => warnings.push(warning);
    process.on('warning', hear);
    await ask(sandbox, {});
    const pending = [ask(sandbox, JANE), ask(sandbox, { email: 'marcus.bell@acme.example.com' })].map((asked) => assert.rejects(asked));
    const half = sendRaw(sandbox, post(sandbox, 'Content-Length: 100', '{'));
    await until(() => sandbox.requests().length === 4 && sandbox.ledger().length === 1);
    const begun = performance.now();
    await Promise.all([sandbox.close(), sandbox.close()]);
    assert.ok(performance.now() - begun < 2000);
    await Promise.all([...pending, half]);
    await assert.rejects(ask(sandbox, JANE));
    assert.equal(sandbox.ledger().length, 1, 'the dripped one; the ledger can still be read');
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('warning', hear);
    assert.deepEqual(warnings, []);
  });

  test('many clients that leave at once do no harm', async (t) => {
    const sandbox = await sandboxFor(t, { people: 100, credits: 10_000, faults: [{ fault: 'delay', ms: [0, 30] }, { fault: 'huge', bytes: 400_000, probability: 0.5 }] });
    await Promise.allSettled(Array.from({ length: 100 }, (_, n) => ask(sandbox, { email: `person-${String(n + 1).padStart(5, '0')}@example.com` },
      { signal: AbortSignal.timeout(5 + (n % 40)) })));
    await sandbox.idle();
    for (const { aborted, charged, body, took_ms } of sandbox.requests()) {
      assert.notEqual(took_ms, null);
      assert.equal(charged, body !== null, `aborted: ${aborted}`);
    }
    sandbox.setFaults([]);
    assert.equal((await ask(sandbox, JANE)).status, 200);
  });

  test('an onRequest that throws does no harm', async (t) => {
    const sandbox = await sandboxFor(t, { onRequest: () => { throw new Error('mine'); } });
    const warned = new Promise((resolve) => process.once('warning', resolve));
    assert.equal((await ask(sandbox, JANE)).status, 200);
    assert.match((await warned).message, /onRequest threw: mine/);
    assert.equal((await ask(sandbox, JANE)).status, 200);
  });
});
