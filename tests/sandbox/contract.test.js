/** The vendor's contract, row by row, read at the wire. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask, askRaw, EMAIL, FOUND_JANE, JANE, NOBODY, PHONE, sandboxFor, sendRaw, SILENT } from './harness.js';

const NO_COMBINATION = { error: 'Provide linkedin_url, email, or first_name + last_name + (company_name OR company_website).' };

describe('a lookup that is answered', () => {
  test('the documented sample is found with the documented bytes, for 5 credits', async (t) => {
    const sandbox = await sandboxFor(t);
    const { status, headers, text } = await ask(sandbox, { linkedin_url: 'https://www.linkedin.com/in/johndoe' });
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'application/json');
    assert.equal(text, '{"success":true,"status":"success","results":{"phone":"+1 555-123-4567","email":"john.doe@acme.com"},"remaining_credits":95}');
    assert.deepEqual(sandbox.wallet(), { credits: 95, spent: 5, charges: 1, double_charges: 0 });
  });

  test('a person nobody knows is not found with the documented bytes, free', async (t) => {
    const sandbox = await sandboxFor(t);
    const { status, text } = await ask(sandbox, NOBODY);
    assert.equal(status, 200);
    assert.equal(text, '{"success":true,"status":"not_found","message":"Phone not found","remaining_credits":100}');
    assert.equal(sandbox.ledger().length, 0);
  });

  test('a person without a phone is not found, free', async (t) => {
    const sandbox = await sandboxFor(t);
    assert.equal((await ask(sandbox, SILENT)).json.status, 'not_found');
    assert.equal(sandbox.wallet().credits, 100);
  });

  test('the e-mail endpoint costs 1 credit and answers only the e-mail', async (t) => {
    const sandbox = await sandboxFor(t);
    const { text } = await ask(sandbox, JANE, { path: EMAIL });
    assert.equal(text, '{"success":true,"status":"success","results":{"email":"jane.doe@acme.example.com"},"remaining_credits":99}');
    assert.equal((await ask(sandbox, NOBODY, { path: EMAIL })).text,
      '{"success":true,"status":"not_found","message":"Email not found","remaining_credits":99}');
    assert.deepEqual(sandbox.ledger().map(({ endpoint, credits }) => [endpoint, credits]), [['email', 1]]);
  });

  test('the e-mail endpoint finds someone without a phone, and not someone without an e-mail', async (t) => {
    const sandbox = await sandboxFor(t);
    assert.equal((await ask(sandbox, SILENT, { path: EMAIL })).json.status, 'success');
    assert.equal((await ask(sandbox, { email: 'bonus.null.1@tidewater.example.net' }, { path: EMAIL })).json.status, 'not_found');
    assert.equal(sandbox.wallet().spent, 1);
  });

  for (const [id, expected] of [
    ['bonus-missing-1', { phone: '+1 503-555-0150' }],
    ['bonus-null-1', { phone: '+1 503-555-0152', email: null }],
    ['bonus-empty-1', { phone: '+1 503-555-0154', email: '' }],
  ]) {
    test(`the bonus e-mail of ${id} is answered as the book has it`, async (t) => {
      const sandbox = await sandboxFor(t);
      assert.deepEqual((await ask(sandbox, { linkedin_url: `https://linkedin.com/in/${id}` })).json.results, expected);
    });
  }

  test('asking again for the same person is charged again', async (t) => {
    const sandbox = await sandboxFor(t);
    for (const left of [95, 90, 85]) assert.equal((await ask(sandbox, JANE)).json.remaining_credits, left);
    assert.deepEqual(sandbox.wallet(), { credits: 85, spent: 15, charges: 3, double_charges: 2 });
  });

  test('many lookups at once never spend a credit twice', async (t) => {
    const sandbox = await sandboxFor(t, { people: 60, credits: 150 });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) =>
      ask(sandbox, { email: `person-${String(n + 1).padStart(5, '0')}@example.com` })));
    assert.equal(answers.filter(({ status }) => status === 200).length, 30);
    assert.equal(answers.filter(({ status }) => status === 402).length, 30);
    const left = sandbox.ledger().map(({ balance_after }) => balance_after);
    assert.deepEqual(left, Array.from({ length: 30 }, (_, n) => 145 - 5 * n));
  });
});

describe('who asks', () => {
  const live = 'sandbox-token-not-a-secret';
  const refused = [
    ['no Authorization header', null],
    ['an empty one', ''],
    ['the scheme word alone', 'Token'],
    ['the token alone', live],
    ['the scheme Bearer', `Bearer ${live}`],
    ['the scheme in lower case', `token ${live}`],
    ['two spaces', `Token  ${live}`],
    ['a token nobody knows', 'Token nobody'],
    ['a token with something after it', `Token ${live} x`],
    ['an expired token', 'Token sandbox-expired-token'],
    ['a revoked token', 'Token sandbox-revoked-token'],
  ];
  for (const [what, authorization] of refused) {
    test(`${what} is refused with 401, free`, async (t) => {
      const sandbox = await sandboxFor(t);
      const { status, text, headers } = await ask(sandbox, JANE, { headers: { authorization } });
      assert.equal(status, 401);
      assert.equal(text, '{"detail":"Invalid token."}');
      assert.equal(headers.get('www-authenticate'), 'Token');
      assert.equal(sandbox.ledger().length, 0);
    });
  }

  test('the token is asked before the fields, the method and the wallet', async (t) => {
    const sandbox = await sandboxFor(t, { credits: 0 });
    const headers = { authorization: null };
    assert.equal((await ask(sandbox, '{', { headers })).status, 401);
    assert.equal((await ask(sandbox, undefined, { headers, method: 'GET' })).status, 401);
    assert.equal((await ask(sandbox, JANE, { headers })).status, 401);
  });

  test('tokens of one\'s own work, and the log tells what kind came', async (t) => {
    const sandbox = await sandboxFor(t, { token: 'mine', tokens: ['other', { token: 'gone', kind: 'revoked' }] });
    assert.equal(sandbox.token, 'mine');
    for (const [token, status] of [['mine', 200], ['other', 200], ['gone', 401], ['sandbox-test-token', 401]]) {
      assert.equal((await ask(sandbox, NOBODY, { headers: { authorization: `Token ${token}` } })).status, status);
    }
    assert.deepEqual(sandbox.requests().map(({ token }) => token), ['live', 'live', 'revoked', 'unknown']);
  });

  test('a test token answers 429 when its daily cap is used up, free; refusals do not use it up', async (t) => {
    const sandbox = await sandboxFor(t, { tokens: [{ token: 'small', kind: 'test', dailyCap: 2, retryAfter: 3600 }] });
    const headers = { authorization: 'Token small' };
    assert.equal((await ask(sandbox, {}, { headers })).status, 400);
    assert.equal((await ask(sandbox, JANE, { headers })).status, 200);
    assert.equal((await ask(sandbox, NOBODY, { headers })).status, 200);
    const capped = await ask(sandbox, JANE, { headers });
    assert.equal(capped.status, 429);
    assert.equal(capped.headers.get('retry-after'), '3600');
    assert.equal(sandbox.ledger().length, 1);
    assert.equal((await ask(sandbox, JANE)).status, 200, 'the live token goes on');
  });
});

describe('which fields', () => {
  const accepted = [
    ['a profile address', { linkedin_url: 'https://www.linkedin.com/in/jane-doe' }, 'linkedin_url'],
    ['an e-mail', JANE, 'email'],
    ['a name and a company', { first_name: 'Jane', last_name: 'Doe', company_name: 'Acme' }, 'name_company'],
    ['a name and a web site', { first_name: 'Jane', last_name: 'Doe', company_website: 'acme.example.com' }, 'name_website'],
  ];
  for (const [what, body, identifier] of accepted) {
    test(`${what} is enough`, async (t) => {
      const sandbox = await sandboxFor(t);
      assert.deepEqual((await ask(sandbox, body)).json, FOUND_JANE);
      assert.equal(sandbox.ledger()[0].matched_by, identifier);
    });
  }

  const insufficient = [
    ['nothing', {}],
    ['no body at all', undefined],
    ['a first name', { first_name: 'Jane' }],
    ['a name', { first_name: 'Jane', last_name: 'Doe' }],
    ['a company', { company_name: 'Acme', company_website: 'acme.example.com' }],
    ['a first name and a company', { first_name: 'Jane', company_name: 'Acme' }],
    ['a last name and a web site', { last_name: 'Doe', company_website: 'acme.example.com' }],
    ['blank fields', { linkedin_url: '', email: '  ' }],
    ['fields of other names', { linkedin: 'https://www.linkedin.com/in/jane-doe', mail: JANE.email }],
    ['a field named as a method of objects is', { constructor: 'x', toString: 'y' }],
  ];
  for (const [what, body] of insufficient) {
    test(`${what} is not enough: 400 with the documented text`, async (t) => {
      const sandbox = await sandboxFor(t);
      const { status, json } = await ask(sandbox, body);
      assert.equal(status, 400);
      assert.deepEqual(json, NO_COMBINATION);
    });
  }

  const malformed = [
    [{ email: 7 }, { email: ['Not a valid string.'] }],
    [{ email: ['a@example.com'] }, { email: ['Not a valid string.'] }],
    [{ email: { a: 1 }, first_name: true }, { email: ['Not a valid string.'], first_name: ['Not a valid string.'] }],
    [{ linkedin_url: null }, { linkedin_url: ['This field may not be null.'] }],
    [{ ...JANE, company_name: 3 }, { company_name: ['Not a valid string.'] }],
    ...['jane', 'jane@', '@acme.example.com', 'jane@acme', 'jane doe@acme.example.com', 'jane@acme..com', 'jane..doe@acme.com',
      'jane@@acme.com', '.jane@acme.com', 'jane.@acme.com', 'jane@.acme.com', 'jane@acme.com.', `${'j'.repeat(250)}@a.com`, 'jane@127.0.0.1']
      .map((email) => [{ email }, { email: ['Enter a valid email address.'] }]),
    ...['johndoe', 'ftp://linkedin.com/in/johndoe', 'https://', 'not a url', 'https://[x'].map((linkedin_url) =>
      [{ linkedin_url }, { linkedin_url: ['Enter a valid URL.'] }]),
    [[JANE], { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] }],
    ['"text"', { non_field_errors: ['Invalid data. Expected a dictionary, but got str.'] }],
    ['null', { non_field_errors: ['Invalid data. Expected a dictionary, but got NoneType.'] }],
  ];
  for (const [body, errors] of malformed) {
    test(`${(typeof body === 'string' ? body : JSON.stringify(body)).slice(0, 60)} is refused with a map of fields`, async (t) => {
      const sandbox = await sandboxFor(t);
      const { status, json } = await ask(sandbox, body);
      assert.equal(status, 400);
      assert.deepEqual(json, errors);
      assert.equal(sandbox.ledger().length, 0);
    });
  }

  test('fields the API does not know are ignored', async (t) => {
    const sandbox = await sandboxFor(t);
    assert.equal((await ask(sandbox, { ...JANE, nickname: { deep: [1] } })).status, 200);
  });

  const broken = [
    ['broken JSON', '{"email":', 'JSON parse error - Expecting value: line 1 column 1 (char 0)'],
    ['a form', 'email=jane', 'JSON parse error - Expecting value: line 1 column 1 (char 0)'],
    ['a byte order mark', '\ufeff{}', 'JSON parse error - Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)'],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), "JSON parse error - 'utf-8' codec can't decode bytes: invalid start byte"],
  ];
  for (const [what, body, detail] of broken) {
    test(`${what} is refused with 400 and a parse error`, async (t) => {
      const { status, json } = await ask(await sandboxFor(t), body);
      assert.equal(status, 400);
      assert.deepEqual(json, { detail });
    });
  }

  for (const [type, shown] of [['text/plain', 'text/plain'], ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'], ['application/jsonp', 'application/jsonp']]) {
    test(`a body as ${type} is refused with 415`, async (t) => {
      const { status, json } = await ask(await sandboxFor(t), JANE, { headers: { 'content-type': type } });
      assert.equal(status, 415);
      assert.deepEqual(json, { detail: `Unsupported media type "${shown}" in request.` });
    });
  }

  test('application/json with a charset, in any case, is accepted', async (t) => {
    const { status } = await ask(await sandboxFor(t), JANE, { headers: { 'content-type': 'Application/JSON; charset=utf-8' } });
    assert.equal(status, 200);
  });
});

describe('the wallet', () => {
  test('below the price the answer is 402, before any work, and nothing is deducted', async (t) => {
    const sandbox = await sandboxFor(t, { credits: 4 });
    for (const body of [JANE, NOBODY]) {
      const { status, text } = await ask(sandbox, body);
      assert.equal(status, 402);
      assert.equal(text, '{"error":"Insufficient credits."}');
    }
    assert.deepEqual(sandbox.wallet(), { credits: 4, spent: 0, charges: 0, double_charges: 0 });
    assert.equal((await ask(sandbox, JANE, { path: EMAIL })).status, 200, 'the cheaper endpoint still works');
  });

  test('at exactly the price the lookup is answered and the wallet is empty', async (t) => {
    const sandbox = await sandboxFor(t, { credits: 5 });
    assert.equal((await ask(sandbox, JANE)).json.remaining_credits, 0);
    assert.equal((await ask(sandbox, JANE)).status, 402);
  });

  test('bad fields are refused as such even when the wallet is empty', async (t) => {
    assert.equal((await ask(await sandboxFor(t, { credits: 0 }), {})).status, 400);
  });

  test('detail402 adds what is required and what is there', async (t) => {
    const sandbox = await sandboxFor(t, { credits: 3, detail402: true });
    assert.equal((await ask(sandbox, JANE)).text, '{"error":"Insufficient credits.","required":5,"balance":3}');
  });

  test('setCredits fills and empties it', async (t) => {
    const sandbox = await sandboxFor(t, { credits: 0 });
    sandbox.setCredits(7);
    assert.equal((await ask(sandbox, JANE)).json.remaining_credits, 2);
    assert.throws(() => sandbox.setCredits(1.5), TypeError);
  });
});

describe('where to', () => {
  test('a POST without the trailing slash is redirected, body dropped, free', async (t) => {
    const sandbox = await sandboxFor(t);
    const { status, headers, text } = await ask(sandbox, JANE, { path: PHONE.slice(0, -1) });
    assert.equal(status, 301);
    assert.equal(headers.get('location'), '/backend/api/v1/external/phone/enrichment/');
    assert.equal(text, '');
    assert.equal(sandbox.ledger().length, 0);
  });

  test('a client that follows that redirect arrives as a GET without a body: 405', async (t) => {
    const sandbox = await sandboxFor(t);
    const { status } = await ask(sandbox, JANE, { path: PHONE.slice(0, -1), redirect: 'follow' });
    assert.equal(status, 405);
    assert.deepEqual(sandbox.requests().map(({ method, status: answered, body }) => [method, answered, body]),
      [['POST', 301, JANE], ['GET', 405, null]]);
    assert.equal(sandbox.ledger().length, 0);
  });

  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    test(`${method} is refused with 405`, async (t) => {
      const { status, json, headers } = await ask(await sandboxFor(t), undefined, { method });
      assert.equal(status, 405);
      assert.deepEqual(json, { detail: `Method "${method}" not allowed.` });
      assert.equal(headers.get('allow'), 'POST, OPTIONS');
    });
  }

  test('HEAD is refused with 405 and no body', async (t) => {
    const { status, text } = await ask(await sandboxFor(t), undefined, { method: 'HEAD' });
    assert.deepEqual([status, text], [405, '']);
  });

  for (const path of ['/', '/external/phone/', `${PHONE}/`, `${PHONE}x`, '/external/fax/enrichment/', '/../../external/phone/enrichment/']) {
    test(`${path} under the base URL is 404`, async (t) => {
      const { status, json } = await ask(await sandboxFor(t), JANE, { path });
      assert.equal(status, 404);
      assert.deepEqual(json, { detail: 'Not found.' });
    });
  }

  test('the endpoints do not exist outside the base URL', async (t) => {
    const sandbox = await sandboxFor(t);
    assert.equal((await askRaw(sandbox, JANE, { path: PHONE })).status, 404);
    assert.equal(sandbox.ledger().length, 0);
  });

  test('a query after the path does no harm', async (t) => {
    assert.equal((await ask(await sandboxFor(t), JANE, { path: `${PHONE}?page=1` })).status, 200);
  });

  test('the absolute form of a target, as proxies send it, is understood', async (t) => {
    const sandbox = await sandboxFor(t);
    const { status } = await askRaw(sandbox, JANE, { path: `${sandbox.url}${PHONE}` });
    assert.equal(status, 200);
  });

  test('several requests on one connection are each answered', async (t) => {
    const sandbox = await sandboxFor(t);
    const body = JSON.stringify(NOBODY);
    const one = (connection) => `POST /backend/api/v1${PHONE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token ${sandbox.token}\r\n`
      + `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: ${connection}\r\n\r\n${body}`;
    await sendRaw(sandbox, one('keep-alive') + one('keep-alive') + one('close'));
    assert.deepEqual(sandbox.requests().map(({ status }) => status), [200, 200, 200]);
  });
});
