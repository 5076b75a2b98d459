/** What a browser asks before and after: preflights, allowed origins, exposed headers. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask, askRaw, JANE, PHONE, sandboxFor } from './harness.js';

const APP = 'https://app.example.com';
const OTHER = 'https://other.example.com';

const preflight = (sandbox, origin, headers = {}) => askRaw(sandbox, '', {
  method: 'OPTIONS',
  headers: {
    Authorization: '', 'Content-Length': '2', Origin: origin,
    'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization,content-type', ...headers,
  },
});

describe('a preflight', () => {
  const table = [
    [true, APP, '*'],
    [true, 'null', '*'],
    [[APP], APP, APP],
    [['chrome-extension://abcdefghijklmnop'], 'chrome-extension://abcdefghijklmnop', 'chrome-extension://abcdefghijklmnop'],
    [[APP], OTHER, null],
    [[APP], 'null', null],
    [[APP], `${APP}:8443`, null],
    [[], APP, null],
    [false, APP, null],
  ];
  for (const [cors, origin, allowed] of table) {
    test(`from ${origin} with cors ${JSON.stringify(cors)} is ${allowed === null ? 'refused' : 'granted'}, without a token`, async (t) => {
      const sandbox = await sandboxFor(t, { cors });
      const { status, headers } = await preflight(sandbox, origin);
      assert.equal(headers['access-control-allow-origin'], allowed ?? undefined);
      if (allowed === null) assert.equal(status, 403);
      else {
        assert.equal(status, 204);
        assert.equal(headers['access-control-allow-methods'], 'POST, OPTIONS');
        assert.equal(headers['access-control-allow-headers'], 'authorization, content-type');
        assert.equal(headers['access-control-max-age'], '600');
      }
      if (Array.isArray(cors)) assert.equal(headers.vary, 'Origin');
    });
  }

  test('allows no header beyond authorization and content-type', async (t) => {
    const { headers } = await preflight(await sandboxFor(t, { cors: true }), APP, { 'Access-Control-Request-Headers': 'idempotency-key' });
    assert.ok(!headers['access-control-allow-headers'].includes('idempotency-key'));
  });

  test('grants access to the private network when asked, and only then', async (t) => {
    const sandbox = await sandboxFor(t, { cors: true });
    const asked = await preflight(sandbox, APP, { 'Access-Control-Request-Private-Network': 'true' });
    assert.equal(asked.headers['access-control-allow-private-network'], 'true');
    assert.equal((await preflight(sandbox, APP)).headers['access-control-allow-private-network'], undefined);
  });

  test('is in the request log, and free', async (t) => {
    const sandbox = await sandboxFor(t, { cors: true });
    await preflight(sandbox, APP);
    assert.deepEqual(sandbox.requests().map(({ method, path, status }) => [method, path, status]), [['OPTIONS', `/backend/api/v1${PHONE}`, 204]]);
    assert.equal(sandbox.ledger().length, 0);
  });

  test('can be refused by order, while the request itself is not', async (t) => {
    const sandbox = await sandboxFor(t, { cors: true, faults: [{ fault: 'cors_refused', match: { method: 'OPTIONS' } }] });
    const refused = await preflight(sandbox, APP);
    assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [403, undefined]);
    const { headers } = await ask(sandbox, JANE, { headers: { origin: APP } });
    assert.equal(headers.get('access-control-allow-origin'), '*');
  });

  test('is not struck by a rule about lookups', async (t) => {
    const sandbox = await sandboxFor(t, { cors: true, faults: [{ fault: 'drop' }] });
    assert.equal((await preflight(sandbox, APP)).status, 204);
  });

  test('of the control allows its methods', async (t) => {
    const sandbox = await sandboxFor(t, { cors: [APP] });
    const { status, headers } = await askRaw(sandbox, '', {
      method: 'OPTIONS', path: '/__sandbox/faults', headers: { Origin: APP, 'Access-Control-Request-Method': 'PUT' },
    });
    assert.deepEqual([status, headers['access-control-allow-methods'], headers['access-control-allow-headers']], [204, 'GET, PUT', 'content-type']);
  });
});

describe('an answer', () => {
  const table = [[true, APP, '*'], [[APP], APP, APP], [[APP], OTHER, null], [[APP], 'null', null], [false, APP, null], [true, null, null]];
  for (const [cors, origin, allowed] of table) {
    test(`to ${origin} with cors ${JSON.stringify(cors)} names ${allowed ?? 'no origin'}, whatever its status`, async (t) => {
      const sandbox = await sandboxFor(t, { cors });
      for (const [body, authorization] of [[JANE, `Token ${sandbox.token}`], [JANE, 'Token nobody'], [{}, `Token ${sandbox.token}`]]) {
        const { headers } = await ask(sandbox, body, { headers: { origin, authorization } });
        assert.equal(headers.get('access-control-allow-origin'), allowed);
        assert.equal(headers.get('access-control-expose-headers'), allowed === null ? null : 'Retry-After');
      }
    });
  }

  test('struck by cors_refused lacks the headers although it is charged', async (t) => {
    const sandbox = await sandboxFor(t, { cors: true, faults: [{ fault: 'cors_refused', times: 1 }] });
    const { headers, json } = await ask(sandbox, JANE, { headers: { origin: APP } });
    assert.equal(headers.get('access-control-allow-origin'), null);
    assert.equal(json.status, 'success');
    assert.equal(sandbox.wallet().spent, 5);
    assert.equal((await ask(sandbox, JANE, { headers: { origin: APP } })).headers.get('access-control-allow-origin'), '*');
  });

  test('with any other fault has them, so that a page can read it', async (t) => {
    const sandbox = await sandboxFor(t, { cors: [APP], faults: [{ fault: '429', retryAfter: 1 }] });
    const { headers } = await ask(sandbox, JANE, { headers: { origin: APP } });
    assert.equal(headers.get('access-control-allow-origin'), APP);
  });
});
