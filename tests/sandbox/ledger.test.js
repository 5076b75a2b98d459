/** The ledger and the request log: what was charged, to whom, by which request; and everything that was asked. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startSandbox } from '../../pkg/sandbox/index.js';
import { ask, askRaw, EMAIL, JANE, NOBODY, PHONE, sandboxFor, sendRaw, until } from './harness.js';

const control = async (sandbox, name, { method = 'GET', body, headers } = {}) => {
  const response = await fetch(`${sandbox.origin}/__sandbox/${name}`, { method, body, headers });
  return { status: response.status, json: await response.json() };
};

describe('the ledger', () => {
  test('a charge says who, when, what for, how much, what is left, and which request caused it', async (t) => {
    const sandbox = await sandboxFor(t);
    const before = Date.now();
    await ask(sandbox, NOBODY);
    await ask(sandbox, JANE);
    const [charge, ...others] = sandbox.ledger();
    assert.equal(others.length, 0);
    const { at, at_ms, ...rest } = charge;
    assert.deepEqual(rest, {
      id: 'charge_000001',
      request_id: 'request_000002',
      person_id: 'jane-doe',
      endpoint: 'phone',
      credits: 5,
      balance_after: 95,
      matched_by: 'email',
      body: JANE,
    });
    assert.equal(new Date(at_ms).toISOString(), at);
    assert.ok(at_ms >= before && at_ms <= Date.now());
  });

  test('it adds up with the wallet, and its entries cannot be changed', async (t) => {
    const sandbox = await sandboxFor(t);
    await ask(sandbox, JANE);
    await ask(sandbox, JANE, { path: EMAIL });
    await ask(sandbox, JANE);
    assert.deepEqual(sandbox.wallet(), { credits: 89, spent: 11, charges: 3, double_charges: 1 });
    assert.equal(sandbox.ledger().reduce((sum, { credits }) => sum + credits, 0), 11);
    assert.throws(() => { sandbox.ledger()[0].credits = 0; }, TypeError);
    assert.throws(() => { sandbox.ledger()[0].body.email = 'x'; }, TypeError);
    sandbox.ledger().pop();
    assert.equal(sandbox.ledger().length, 3);
  });
});

describe('the request log', () => {
  test('holds each request, charged or not, with what was answered', async (t) => {
    const sandbox = await sandboxFor(t);
    await ask(sandbox, JANE, { path: `${PHONE}?a=1` });
    await ask(sandbox, NOBODY);
    await ask(sandbox, {});
    await ask(sandbox, JANE, { path: '/elsewhere' });
    await sandbox.idle();
    assert.deepEqual(
      sandbox.requests().map(({ id, method, path, body, status, charged, charge_id, credits, person_id, matched_by, aborted, faults }) =>
        ({ id, method, path, body, status, charged, charge_id, credits, person_id, matched_by, aborted, faults })),
      [
        { id: 'request_000001', method: 'POST', path: `/backend/api/v1${PHONE}?a=1`, body: JANE, status: 200, charged: true, charge_id: 'charge_000001', credits: 5, person_id: 'jane-doe', matched_by: 'email', aborted: false, faults: [] },
        { id: 'request_000002', method: 'POST', path: `/backend/api/v1${PHONE}`, body: NOBODY, status: 200, charged: false, charge_id: null, credits: 0, person_id: null, matched_by: 'email', aborted: false, faults: [] },
        { id: 'request_000003', method: 'POST', path: `/backend/api/v1${PHONE}`, body: {}, status: 400, charged: false, charge_id: null, credits: 0, person_id: null, matched_by: null, aborted: false, faults: [] },
        { id: 'request_000004', method: 'POST', path: '/backend/api/v1/elsewhere', body: JANE, status: 404, charged: false, charge_id: null, credits: 0, person_id: null, matched_by: null, aborted: false, faults: [] },
      ],
    );
    for (const { took_ms } of sandbox.requests()) assert.ok(took_ms >= 0);
  });

  test('never shows more of a token than its last four characters', async (t) => {
    const secret = 'abcdefghijklmnop1234';
    const sandbox = await sandboxFor(t, { token: secret });
    const sent = [`Token ${secret}`, `Bearer ${secret}`, secret, `Token  ${secret}`, `Token ${secret} `, 'Token short', `${secret} x`];
    for (const authorization of sent) await ask(sandbox, JANE, { headers: { authorization, cookie: secret } });
    const shown = JSON.stringify([sandbox.requests(), sandbox.ledger(), (await control(sandbox, 'requests')).json]);
    assert.ok(!shown.includes('efgh') && !shown.includes('mnop') && !shown.includes('short'), shown);
    assert.equal(sandbox.requests()[0].headers.authorization, 'Token …1234');
    assert.equal(sandbox.requests()[5].headers.authorization, 'Token …');
  });

  test('a request whose client left is handled and charged all the same, and says so', async (t) => {
    const sandbox = await sandboxFor(t, { faults: [{ fault: 'delay', ms: 150 }] });
    const leaving = new AbortController();
    const asked = assert.rejects(ask(sandbox, JANE, { signal: leaving.signal }), { name: 'AbortError' });
    await until(() => sandbox.requests()[0]?.faults.length === 1);
    leaving.abort();
    await asked;
    assert.equal(sandbox.wallet().spent, 0, 'not yet');
    await sandbox.idle();
    const [{ aborted, charged, status }] = sandbox.requests();
    assert.deepEqual({ aborted, charged, status }, { aborted: true, charged: true, status: 200 });
    assert.equal(sandbox.wallet().spent, 5);
  });

  test('a request that never arrived whole is neither handled nor charged', async (t) => {
    const sandbox = await sandboxFor(t);
    const text = JSON.stringify(JANE);
    await sendRaw(sandbox, `POST /backend/api/v1${PHONE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token ${sandbox.token}\r\n`
      + `Content-Type: application/json\r\nContent-Length: ${text.length + 1}\r\n\r\n${text}`, { leaveAfterMs: 30 });
    await until(() => sandbox.requests().length === 1);
    await sandbox.idle();
    const [{ aborted, charged, status, body }] = sandbox.requests();
    assert.deepEqual({ aborted, charged, status, body }, { aborted: true, charged: false, status: null, body: null });
    assert.equal(sandbox.ledger().length, 0);
  });

  test('changing what it returned changes nothing in it', async (t) => {
    const sandbox = await sandboxFor(t);
    await ask(sandbox, JANE);
    const [record] = sandbox.requests();
    record.charged = false;
    record.headers.host = 'x';
    record.faults.push('x');
    assert.equal(sandbox.requests()[0].charged, true);
    assert.notEqual(sandbox.requests()[0].headers.host, 'x');
    assert.deepEqual(sandbox.requests()[0].faults, []);
  });

  test('a bound keeps the latest, and none keeps none; the ledger stays complete', async (t) => {
    for (const [log, ids] of [[3, ['request_000006', 'request_000007', 'request_000008']], [false, []], [0, []]]) {
      const sandbox = await sandboxFor(t, { log });
      for (let n = 0; n < 8; n += 1) await ask(sandbox, JANE);
      assert.deepEqual(sandbox.requests().map(({ id }) => id), ids);
      assert.equal(sandbox.ledger().length, 8);
      assert.equal((await control(sandbox, '')).json.requests_forgotten, 8 - ids.length);
    }
  });

  test('a large or nested body is kept as text, within a bound', async (t) => {
    const sandbox = await sandboxFor(t);
    await ask(sandbox, { ...JANE, more: { nested: 1 } });
    await ask(sandbox, { ...JANE, more: 'x'.repeat(100_000) });
    await ask(sandbox, 'not json');
    const [nested, large, text] = sandbox.requests().map(({ body }) => body);
    assert.equal(nested, JSON.stringify({ ...JANE, more: { nested: 1 } }));
    assert.equal(large.length, 16384);
    assert.equal(text, 'not json');
    assert.equal(sandbox.ledger()[0].body, nested);
  });

  test('onRequest hears of each request when it is over', async (t) => {
    const heard = [];
    const sandbox = await sandboxFor(t, { onRequest: (record) => heard.push([record.id, record.status, record.took_ms !== null]) });
    await ask(sandbox, JANE);
    await ask(sandbox, {});
    await sandbox.idle();
    assert.deepEqual(heard, [['request_000001', 200, true], ['request_000002', 400, true]]);
  });
});

describe('the control over HTTP', () => {
  test('the lists are the same as from the handle', async (t) => {
    const sandbox = await sandboxFor(t, { people: 1200 });
    await ask(sandbox, JANE);
    await ask(sandbox, NOBODY);
    await sandbox.idle();
    for (const name of ['ledger', 'requests', 'people', 'wallet', 'faults']) {
      assert.deepEqual((await control(sandbox, name)).json, JSON.parse(JSON.stringify(sandbox[name]())), name);
    }
    assert.deepEqual((await control(sandbox, 'credits')).json, { credits: 95 });
  });

  test('offset and limit cut a list', async (t) => {
    const sandbox = await sandboxFor(t);
    const all = sandbox.people().map(({ id }) => id);
    assert.deepEqual((await control(sandbox, 'people?offset=2&limit=3')).json.map(({ id }) => id), all.slice(2, 5));
    assert.deepEqual((await control(sandbox, 'people?offset=1000')).json, []);
    assert.equal((await control(sandbox, 'people?limit=-1')).status, 400);
  });

  test('it does not appear in the request log', async (t) => {
    const sandbox = await sandboxFor(t);
    await control(sandbox, 'requests');
    assert.deepEqual(sandbox.requests(), []);
  });

  test('the index names every endpoint and every fault with its charge', async (t) => {
    const { status, json } = await control(await sandboxFor(t), '');
    assert.equal(status, 200);
    for (const line of ['GET /__sandbox/ledger', 'PUT /__sandbox/faults', 'PUT /__sandbox/credits', 'POST /__sandbox/reset']) {
      assert.ok(json.control.includes(line), line);
    }
    assert.equal(json.faults.find(({ fault }) => fault === 'charge_then_drop').charge, 'when_found');
  });

  test('credits are set by a number or an object', async (t) => {
    const sandbox = await sandboxFor(t);
    assert.deepEqual((await control(sandbox, 'credits', { method: 'PUT', body: '4' })).json, { credits: 4 });
    assert.deepEqual((await control(sandbox, 'credits', { method: 'PUT', body: '{"credits":50}' })).json, { credits: 50 });
    assert.equal(sandbox.wallet().credits, 50);
  });

  test('faults are set by a list, or with a seed by an object', async (t) => {
    const sandbox = await sandboxFor(t);
    const put = (body) => control(sandbox, 'faults', { method: 'PUT', body: JSON.stringify(body) });
    assert.deepEqual((await put([{ fault: '500', times: 1 }])).json, [{ fault: '500', times: 1, struck: 0 }]);
    assert.equal((await ask(sandbox, JANE)).status, 500);
    assert.equal((await ask(sandbox, JANE)).status, 200);
    assert.equal(sandbox.faults()[0].struck, 1);
    assert.equal((await put({ seed: 9, rules: [] })).status, 200);
    assert.deepEqual(sandbox.faults(), []);
  });

  test('reset goes back to the start', async (t) => {
    const sandbox = await sandboxFor(t, { credits: 20, faults: [{ fault: 'bom', times: 1 }], tokens: [{ token: 'small', kind: 'test', dailyCap: 1 }] });
    const headers = { authorization: 'Token small' };
    await ask(sandbox, JANE, { headers });
    assert.equal((await ask(sandbox, JANE, { headers })).status, 429);
    assert.equal((await control(sandbox, 'reset', { method: 'POST' })).status, 200);
    assert.deepEqual(sandbox.wallet(), { credits: 20, spent: 0, charges: 0, double_charges: 0 });
    assert.deepEqual([sandbox.ledger(), sandbox.requests()], [[], []]);
    assert.equal(sandbox.faults()[0].struck, 0);
    assert.equal((await ask(sandbox, JANE, { headers })).status, 200);
  });

  const wrong = [
    ['nowhere', {}, 404],
    ['ledger/extra', {}, 404],
    ['constructor', {}, 404],
    ['ledger', { method: 'DELETE' }, 405],
    ['reset', {}, 405],
    ['credits', { method: 'PUT', body: '{' }, 400],
    ['credits', { method: 'PUT', body: '1.5' }, 400],
    ['credits', { method: 'PUT', body: '{"amount":5}' }, 400],
    ['credits', { method: 'PUT', body: 'null' }, 400],
    ['faults', { method: 'PUT', body: '[{"fault":"nonsense"}]' }, 400],
    ['faults', { method: 'PUT', body: '"drop"' }, 400],
    ['faults', { method: 'PUT', body: 'x'.repeat(1024 * 1024 + 1) }, 413],
  ];
  for (const [name, how, status] of wrong) {
    test(`${how.method ?? 'GET'} ${name} ${(how.body ?? '').slice(0, 30)} is refused with ${status} and changes nothing`, async (t) => {
      const sandbox = await sandboxFor(t);
      const answered = await control(sandbox, name, how);
      assert.equal(answered.status, status);
      assert.equal(typeof answered.json.error, 'string');
      assert.equal(sandbox.wallet().credits, 100);
      assert.deepEqual(sandbox.faults(), []);
    });
  }

  const foreign = { Origin: 'https://evil.example.com' };
  const guarded = [
    ['a page of another origin', foreign, false, 403],
    ['a page without an origin', { Origin: 'null' }, false, 403],
    ['an image on another site', { 'Sec-Fetch-Site': 'cross-site' }, false, 403],
    ['another name for this address', { Host: 'evil.example.com' }, false, 403],
    ['another name, even with cors', { Host: 'evil.example.com' }, true, 403],
    ['a page of an origin that cors lists', { Origin: 'https://app.example.com' }, ['https://app.example.com'], 200],
    ['a page of another origin than cors lists', foreign, ['https://app.example.com'], 403],
    ['any page when cors allows all', foreign, true, 200],
    ['localhost', { Host: 'localhost:1234' }, false, 200],
    ['the IPv6 loopback', { Host: '[::1]:1234' }, false, 200],
    ['a page served by the sandbox itself', { Host: 'localhost:1234', Origin: 'http://localhost:1234' }, false, 200],
  ];
  for (const [what, headers, cors, status] of guarded) {
    test(`${what} with cors ${JSON.stringify(cors)} is answered ${status}`, async (t) => {
      const sandbox = await sandboxFor(t, { cors });
      const answered = await askRaw(sandbox, 7, { method: 'PUT', path: '/__sandbox/credits', headers });
      assert.equal(answered.status, status);
      assert.equal(sandbox.wallet().credits, status === 200 ? 7 : 100);
    });
  }
});

describe('options', () => {
  const wrong = [
    [{ prot: 1 }, /no option "prot"/],
    [{ port: 'x' }, /port is an integer/],
    [{ port: 70000 }, /port is an integer/],
    [{ host: '' }, /host is/],
    [{ credits: 1.5 }, /credits is an integer/],
    [{ token: 'two words' }, /visible ASCII/],
    [{ tokens: [{ token: 'x', kind: 'stolen' }] }, /kind of a token/],
    [{ tokens: [{ token: 'x', kind: 'test', dailyCap: -1 }] }, /dailyCap/],
    [{ cors: 'https://a.example.com' }, /cors is/],
    [{ cors: ['a.example.com'] }, /not an origin/],
    [{ cors: ['https://a.example.com/'] }, /not an origin/],
    [{ log: -1 }, /log is/],
    [{ onRequest: 1 }, /onRequest/],
    [{ faults: [{ fault: 'x' }] }, /unknown fault "x"/],
    [{ faults: {} }, /list of rules/],
  ];
  for (const [options, message] of wrong) {
    test(`${JSON.stringify(options)} is refused`, async () => {
      await assert.rejects(startSandbox(options), (error) => error instanceof TypeError && message.test(error.message));
    });
  }

  test('a port in use is refused with the system\'s error', async (t) => {
    const { port } = await sandboxFor(t);
    await assert.rejects(startSandbox({ port }), { code: 'EADDRINUSE' });
  });
});
