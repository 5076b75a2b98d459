/** Every fault: its verdict on the charge, read in the ledger, and its shape, read at the wire. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faultKinds, generatedPerson, wrongTypeVariants } from '../../pkg/sandbox/index.js';
import { ask, askRaw, EMAIL, FOUND_JANE, JANE, NOBODY, PHONE, sandboxFor, until } from './harness.js';

const jsonOf = ({ body }) => JSON.parse(body.toString());

/**
 * One row per shape a fault can take: the rule, what a lookup that would be found sees, and whether it costs.
 * The charge is written here by hand, apart from the table in the sandbox, and the two are compared.
 */
const ROWS = [
  { rule: { fault: 'delay', ms: 40 }, charged: true, sees: (seen) => {
    assert.deepEqual(jsonOf(seen), FOUND_JANE);
    assert.ok(seen.took >= 38, `${seen.took} ms`);
  } },
  { rule: { fault: 'delay', ms: [30, 50], before: 'answer' }, charged: true, sees: (seen) => {
    assert.deepEqual(jsonOf(seen), FOUND_JANE);
    assert.ok(seen.took >= 28, `${seen.took} ms`);
  } },
  { rule: { fault: 'drop' }, charged: false, sees: ({ bytes }) => assert.equal(bytes, 0) },
  { rule: { fault: 'drop', reset: true }, charged: false, sees: ({ bytes, reset }) => assert.deepEqual({ bytes, reset }, { bytes: 0, reset: true }) },
  { rule: { fault: 'charge_then_drop' }, charged: true, sees: ({ bytes }) => assert.equal(bytes, 0) },
  { rule: { fault: 'charge_then_drop', reset: true }, charged: true, sees: ({ bytes, reset }) => assert.deepEqual({ bytes, reset }, { bytes: 0, reset: true }) },
  { rule: { fault: '500' }, charged: false, sees: ({ status, headers, body }) => {
    assert.equal(status, 500);
    assert.match(headers['content-type'], /^text\/html/);
    assert.match(body.toString(), /Server Error \(500\)/);
  } },
  { rule: { fault: 500 }, charged: false, sees: ({ status }) => assert.equal(status, 500) },
  { rule: { fault: 'charge_then_500' }, charged: true, sees: ({ status }) => assert.equal(status, 500) },
  { rule: { fault: 'charge_then_500', status: 504 }, charged: true, sees: ({ status }) => assert.equal(status, 504) },
  { rule: { fault: '502' }, charged: false, sees: ({ status, body }) => {
    assert.equal(status, 502);
    assert.match(body.toString(), /<h1>502 Bad Gateway<\/h1>/);
  } },
  { rule: { fault: '429', retryAfter: 2 }, charged: false, sees: ({ status, headers }) => assert.deepEqual([status, headers['retry-after']], [429, '2']) },
  { rule: { fault: '429', retryAfter: 'soon' }, charged: false, sees: ({ headers }) => assert.equal(headers['retry-after'], 'soon') },
  { rule: { fault: '429', retryAfterDate: 60 }, charged: false, sees: ({ headers }) => {
    assert.match(headers['retry-after'], /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
    const ahead = Date.parse(headers['retry-after']) - Date.now();
    assert.ok(ahead > 50_000 && ahead <= 60_000, `${ahead} ms`);
  } },
  { rule: { fault: 429 }, charged: false, sees: ({ status, headers }) => assert.deepEqual([status, headers['retry-after']], [429, undefined]) },
  { rule: { fault: 'status', status: 403, body: { detail: 'No.' } }, charged: false, sees: (seen) => {
    assert.equal(seen.status, 403);
    assert.deepEqual(jsonOf(seen), { detail: 'No.' });
  } },
  { rule: { fault: 'status', status: 503, body: 'closed' }, charged: false, sees: ({ status, headers, body }) => {
    assert.deepEqual([status, body.toString()], [503, 'closed']);
    assert.match(headers['content-type'], /^text\/html/);
  } },
  ...[undefined, 301, 302, 303, 307, 308].map((status) => (
    { rule: { fault: 'redirect', ...(status ? { status } : {}) }, charged: false, sees: (seen) => {
      assert.equal(seen.status, status ?? 307);
      assert.equal(seen.headers.location, '/backend/api/v1/redirected/');
    } })),
  { rule: { fault: 'redirect', to: '/elsewhere' }, charged: false, sees: ({ headers }) => assert.equal(headers.location, '/elsewhere') },
  { rule: { fault: 'cut_body' }, charged: true, sees: ({ status, headers, body, whole }) => {
    const length = JSON.stringify(FOUND_JANE).length;
    assert.deepEqual([status, headers['content-length'], whole], [200, String(length), false]);
    assert.equal(body.toString(), JSON.stringify(FOUND_JANE).slice(0, Math.floor(length / 2)));
  } },
  { rule: { fault: 'cut_body', keep: 10 }, charged: true, sees: ({ body }) => assert.equal(body.length, 10) },
  { rule: { fault: 'cut_body', keep: 0 }, charged: true, sees: ({ status, body }) => assert.deepEqual([status, body.length], [200, 0]) },
  { rule: { fault: 'cut_body', keep: 9999 }, charged: true, sees: ({ whole, body }) => {
    assert.equal(whole, false);
    assert.equal(body.length, JSON.stringify(FOUND_JANE).length - 1);
  } },
  { rule: { fault: 'drip', ms: 2, bytes: 4 }, charged: true, sees: (seen) => {
    assert.deepEqual(jsonOf(seen), FOUND_JANE);
    assert.ok(seen.arrivals.length >= 10, `${seen.arrivals.length} arrivals`);
    assert.ok(seen.took >= 2 * 30);
  } },
  { rule: { fault: 'cors_refused' }, charged: true, sees: (seen) => assert.deepEqual(jsonOf(seen), FOUND_JANE) },
  { rule: { fault: 'html_200' }, charged: true, sees: ({ status, headers, body }) => {
    assert.equal(status, 200);
    assert.match(headers['content-type'], /^text\/html/);
    assert.match(body.toString(), /^<!doctype html>/);
  } },
  { rule: { fault: 'html_200', charge: false }, charged: false, sees: ({ status }) => assert.equal(status, 200) },
  { rule: { fault: 'empty_200' }, charged: true, sees: ({ status, headers, body }) => assert.deepEqual([status, headers['content-length'], body.length], [200, '0', 0]) },
  { rule: { fault: 'empty_200', charge: false }, charged: false, sees: ({ body }) => assert.equal(body.length, 0) },
  { rule: { fault: 'wrong_content_type' }, charged: true, sees: (seen) => {
    assert.equal(seen.headers['content-type'], 'text/plain');
    assert.deepEqual(jsonOf(seen), FOUND_JANE);
  } },
  { rule: { fault: 'wrong_content_type', contentType: 'application/xml' }, charged: true, sees: ({ headers }) => assert.equal(headers['content-type'], 'application/xml') },
  { rule: { fault: 'wrong_content_type', contentType: null }, charged: true, sees: ({ headers }) => assert.equal(headers['content-type'], undefined) },
  { rule: { fault: 'bom' }, charged: true, sees: ({ body }) => {
    assert.deepEqual([...body.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
    assert.deepEqual(JSON.parse(body.subarray(3).toString()), FOUND_JANE);
  } },
  { rule: { fault: 'duplicate_keys' }, charged: true, sees: (seen) => {
    assert.deepEqual(jsonOf(seen), FOUND_JANE);
    for (const key of ['success', 'status', 'results', 'phone', 'remaining_credits']) {
      assert.equal(seen.body.toString().split(`"${key}":`).length, 3, `${key} twice`);
    }
  } },
  { rule: { fault: 'huge' }, charged: true, sees: (seen) => {
    assert.deepEqual([seen.body.length, seen.headers['content-length'], seen.whole], [1024 * 1024, String(1024 * 1024), true]);
    const { padding, ...answer } = jsonOf(seen);
    assert.deepEqual(answer, FOUND_JANE);
  } },
  { rule: { fault: 'huge', bytes: 300_000, chunked: true }, charged: true, sees: (seen) => {
    assert.deepEqual([seen.body.length, seen.headers['content-length'], seen.whole], [300_000, undefined, true]);
    assert.equal(jsonOf(seen).status, 'success');
  } },
  { rule: { fault: 'huge', bytes: 200_000, cut: true }, charged: true, sees: (seen) => {
    assert.equal(seen.body.length, 200_000);
    assert.ok(seen.body.toString().startsWith(JSON.stringify(FOUND_JANE).slice(0, -1)));
    assert.throws(() => jsonOf(seen), SyntaxError);
  } },
  { rule: { fault: 'missing_phone' }, charged: true, sees: (seen) => assert.deepEqual(jsonOf(seen), { ...FOUND_JANE, results: { email: JANE.email } }) },
  { rule: { fault: 'wrong_types' }, charged: true, sees: (seen) => assert.equal(jsonOf(seen).results.phone, 15551234567) },
  ...[
    ['phone_number', (body) => assert.equal(body.results.phone, 15551234567)],
    ['phone_null', (body) => assert.equal(body.results.phone, null)],
    ['phone_empty', (body) => assert.equal(body.results.phone, '')],
    ['phone_object', (body) => assert.deepEqual(body.results.phone, { number: '+1 212-555-0101' })],
    ['phone_array', (body) => assert.deepEqual(body.results.phone, ['+1 212-555-0101'])],
    ['email_number', (body) => assert.equal(body.results.email, 7)],
    ['results_array', (body) => assert.deepEqual(body.results, [FOUND_JANE.results])],
    ['results_null', (body) => assert.equal(body.results, null)],
    ['results_text', (body) => assert.equal(typeof body.results, 'string')],
    ['results_missing', (body) => assert.ok(!('results' in body))],
    ['success_missing', (body) => assert.ok(!('success' in body))],
    ['success_false', (body) => assert.equal(body.success, false)],
    ['success_text', (body) => assert.equal(body.success, 'true')],
    ['status_missing', (body) => assert.ok(!('status' in body))],
    ['status_unknown', (body) => assert.equal(body.status, 'pending')],
    ['status_number', (body) => assert.equal(body.status, 200)],
    ['credits_text', (body) => assert.equal(body.remaining_credits, '95')],
    ['credits_missing', (body) => assert.ok(!('remaining_credits' in body))],
    ['credits_null', (body) => assert.equal(body.remaining_credits, null)],
    ['credits_negative', (body) => assert.equal(body.remaining_credits, -5)],
    ['credits_fraction', (body) => assert.equal(body.remaining_credits, 95.5)],
    ['credits_integral_float', (body, text) => assert.ok(text.includes('"remaining_credits":95.0}'))],
    ['body_array', (body) => assert.deepEqual(body, [FOUND_JANE])],
    ['body_text', (body) => assert.equal(typeof body, 'string')],
    ['body_null', (body) => assert.equal(body, null)],
  ].map(([variant, check]) => (
    { rule: { fault: 'wrong_types', variant }, charged: true, sees: (seen) => check(jsonOf(seen), seen.body.toString()) })),
];

describe('each fault, on a lookup that would be found', () => {
  for (const { rule, charged, sees } of ROWS) {
    test(`${JSON.stringify(rule)} ${charged ? 'is charged' : 'is free'}`, async (t) => {
      const sandbox = await sandboxFor(t, { faults: [rule] });
      const begun = performance.now();
      const seen = await askRaw(sandbox, JANE);
      sees({ ...seen, took: performance.now() - begun });
      await sandbox.idle();
      assert.equal(sandbox.ledger().length, charged ? 1 : 0);
      assert.equal(sandbox.wallet().credits, charged ? 95 : 100);
      const [record] = sandbox.requests();
      assert.deepEqual(record.faults, [String(rule.fault)]);
      assert.equal(record.charged, charged);
      assert.equal(record.status, seen.status);
      assert.equal(record.aborted, false, 'it was the sandbox that ended it');
      assert.equal(sandbox.faults()[0].struck, 1);
    });
  }

  test('no fault and no variant is left out above, and each charges as its table says', () => {
    assert.deepEqual(new Set(ROWS.map(({ rule }) => String(rule.fault))), new Set(Object.keys(faultKinds)));
    assert.deepEqual(ROWS.map(({ rule }) => rule.variant).filter(Boolean), wrongTypeVariants);
    for (const { rule, charged } of ROWS) {
      if (rule.charge === undefined) assert.equal(charged, faultKinds[rule.fault].charge === 'when_found', String(rule.fault));
    }
  });
});

describe('each fault, on a lookup that would not be found', () => {
  for (const { rule } of ROWS) {
    test(`${JSON.stringify(rule)} is free`, async (t) => {
      const sandbox = await sandboxFor(t, { faults: [rule] });
      const seen = await askRaw(sandbox, NOBODY);
      assert.equal(sandbox.ledger().length, 0);
      const strikes = sandbox.faults()[0].struck === 1;
      const needsResult = rule.fault === 'missing_phone' || (rule.fault === 'wrong_types' && /^(phone|results|email)/.test(rule.variant ?? 'phone'));
      assert.equal(strikes, !needsResult);
      if (needsResult) assert.equal(jsonOf(seen).status, 'not_found');
    });
  }
});

describe('each fault, on a lookup that is refused', () => {
  const refusals = [
    ['with 402', { credits: 4 }, JANE, {}, 402],
    ['with 401', {}, JANE, { Authorization: 'Token nobody' }, 401],
    ['with 400', {}, {}, {}, 400],
  ];
  for (const { rule } of ROWS) {
    test(`${JSON.stringify(rule)} is free, and spoils the refusal only if it is about the wire`, async (t) => {
      for (const [what, options, body, headers, status] of refusals) {
        const sandbox = await sandboxFor(t, { ...options, faults: [rule] });
        const seen = await askRaw(sandbox, body, { headers });
        assert.equal(sandbox.ledger().length, 0, what);
        const { stage } = faultKinds[rule.fault];
        assert.equal(sandbox.faults()[0].struck, stage === 'before' || stage === 'any' ? 1 : 0, what);
        if (stage !== 'before') assert.equal(seen.status, status, what);
        if (stage === 'ok' || stage === 'found') assert.equal(seen.whole, true, what);
      }
    });
  }
});

describe('which request a rule strikes', () => {
  const struckBy = async (t, rules, bodies, options = {}) => {
    const sandbox = await sandboxFor(t, { credits: 10_000, people: 300, faults: rules, ...options });
    const struck = [];
    for (const body of bodies) struck.push((await ask(sandbox, body, body.path ? { path: body.path } : {})).status !== 200);
    return struck;
  };
  const marcus = { email: 'marcus.bell@acme.example.com' };
  const johnByUrl = { linkedin_url: 'https://www.linkedin.com/in/johndoe' };
  const tables = [
    ['any, without a match', {}, [JANE, marcus, NOBODY], [true, true, true]],
    ['the first two', { times: 2 }, [JANE, marcus, JANE], [true, true, false]],
    ['none', { times: 0 }, [JANE], [false]],
    ['a person, by any identifier', { match: { person: 'johndoe' } }, [johnByUrl, { email: 'john.doe@acme.com' }, JANE], [true, true, false]],
    ['several people', { match: { person: ['johndoe', 'jane-doe'] } }, [johnByUrl, JANE, marcus], [true, true, false]],
    ['an e-mail in any case, also an unknown one', { match: { email: 'NOBODY@example.com' } }, [NOBODY, JANE], [true, false]],
    ['a slug', { match: { slug: 'JohnDoe' } }, [johnByUrl, { email: 'john.doe@acme.com' }], [true, false]],
    ['an encoded slug', { match: { slug: 'zoé-lefèvre' } }, [{ linkedin_url: 'https://linkedin.com/in/zo%C3%A9-lef%C3%A8vre' }], [true]],
    ['the second', { match: { nth: 2 } }, [JANE, marcus, JANE], [false, true, false]],
    ['the first and third of a person', { match: { person: 'jane-doe', nth: [1, 3] } }, [marcus, JANE, JANE, marcus, JANE, JANE], [false, true, false, false, true, false]],
    ['one endpoint', { match: { endpoint: 'email' } }, [JANE, { ...JANE, path: EMAIL }], [false, true]],
    ['one path', { match: { path: `/backend/api/v1${EMAIL}` } }, [JANE, { ...JANE, path: EMAIL }], [false, true]],
    ['one method', { match: { method: 'GET' } }, [JANE], [false]],
    ['nobody, at probability 0', { probability: 0 }, [JANE, marcus], [false, false]],
  ];
  for (const [what, rule, bodies, expected] of tables) {
    test(what, async (t) => assert.deepEqual(await struckBy(t, [{ fault: '500', ...rule }], bodies), expected));
  }

  test('another path, when the rule names it', async (t) => {
    const sandbox = await sandboxFor(t, { faults: [{ fault: '502', match: { path: '/backend/api/v1/other' } }] });
    assert.equal((await ask(sandbox, JANE, { path: '/other' })).status, 502);
    assert.equal((await ask(sandbox, JANE)).status, 200);
  });

  test('rules are asked in order, and the first that matches strikes', async (t) => {
    const sandbox = await sandboxFor(t, { faults: [{ fault: '429', times: 1 }, { fault: '500', times: 1 }] });
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await ask(sandbox, JANE)).status);
    assert.deepEqual(statuses, [429, 500, 200]);
  });

  test('delays add up and go together with another fault', async (t) => {
    const sandbox = await sandboxFor(t, { faults: [
      { fault: 'delay', ms: 20 }, { fault: 'delay', ms: 20, before: 'answer' }, { fault: 'charge_then_500' },
    ] });
    const begun = performance.now();
    assert.equal((await ask(sandbox, JANE)).status, 500);
    assert.ok(performance.now() - begun >= 38);
    assert.deepEqual(sandbox.requests()[0].faults, ['delay', 'delay', 'charge_then_500']);
    assert.equal(sandbox.wallet().spent, 5);
  });

  test('with a delay before handling the charge comes after it, before the answer ahead of it', async (t) => {
    for (const [before, spentMeanwhile] of [['handling', 0], ['answer', 5]]) {
      const sandbox = await sandboxFor(t, { faults: [{ fault: 'delay', ms: 80, before }] });
      const asked = ask(sandbox, JANE);
      await until(() => sandbox.requests()[0]?.faults.length === 1);
      assert.equal(sandbox.wallet().spent, spentMeanwhile, before);
      await asked;
      assert.equal(sandbox.wallet().spent, 5);
    }
  });

  test('a probability strikes about its share, the same for a seed whatever the order of arrival', async (t) => {
    const rule = { fault: '500', probability: 0.3 };
    const people = Array.from({ length: 80 }, (_, n) => generatedPerson(n + 1).email);
    const struck = async (rules, seed, order) => {
      const sandbox = await sandboxFor(t, { people: people.length, credits: 10_000, faults: rules, seed });
      const answers = await Promise.all(order.map(async (email) => [email, (await ask(sandbox, { email })).status]));
      return answers.filter(([, status]) => status === 500).map(([email]) => email).sort();
    };
    const first = await struck([rule], 7, people);
    assert.ok(first.length > 14 && first.length < 36, `${first.length} of 80`);
    assert.deepEqual(await struck([rule], 7, [...people].reverse()), first);
    assert.notDeepEqual(await struck([rule], 8, people), first);
    assert.deepEqual(await struck([{ ...rule, seed: 7 }], 8, people), first);
  });

  test('a person draws anew at each request', async (t) => {
    const struck = await struckBy(t, [{ fault: '500', probability: 0.5 }], Array(40).fill(JANE));
    const share = struck.filter(Boolean).length;
    assert.ok(share > 8 && share < 32, `${share} of 40`);
  });

  test('setFaults replaces the script, and [] ends all faults', async (t) => {
    const sandbox = await sandboxFor(t, { faults: [{ fault: '500' }] });
    sandbox.setFaults([{ fault: '502' }]);
    assert.equal((await ask(sandbox, JANE)).status, 502);
    sandbox.setFaults([]);
    assert.equal((await ask(sandbox, JANE)).status, 200);
  });

  const wrong = [
    [{ fault: 'explode' }, /rule 1: unknown fault "explode"/],
    [{}, /unknown fault "undefined"/],
    [{ fault: 'constructor' }, /unknown fault/],
    [{ fault: 'delay' }, /needs "ms"/],
    [{ fault: 'delay', ms: -1 }, /"ms" of fault "delay"/],
    [{ fault: 'delay', ms: [5, 1] }, /"ms" of fault "delay"/],
    [{ fault: 'delay', ms: 1, before: 'lunch' }, /one of handling, answer/],
    [{ fault: 'drop', ms: 1 }, /takes no "ms"/],
    [{ fault: 'drop', charge: true }, /takes no "charge"/],
    [{ fault: 'charge_then_drop', charge: false }, /takes no "charge"/],
    [{ fault: 'cut_body', charge: false }, /takes no "charge"/],
    [{ fault: 'bom', charge: 'no' }, /"charge" is true or false/],
    [{ fault: 'bom', times: 1.5 }, /"times"/],
    [{ fault: 'bom', probability: 2 }, /"probability"/],
    [{ fault: 'bom', match: { who: 'x' } }, /"match" knows no "who"/],
    [{ fault: 'bom', match: { nth: 0 } }, /"match.nth"/],
    [{ fault: 'bom', match: { person: 5 } }, /"match.person"/],
    [{ fault: 'redirect', to: 'https://evil.example.com/' }, /a path on the sandbox/],
    [{ fault: 'redirect', to: '//evil.example.com/' }, /a path on the sandbox/],
    [{ fault: 'status', status: 99 }, /"status" of fault "status"/],
    [{ fault: '429', retryAfter: 'a\r\nb' }, /fits a header/],
    [{ fault: 'wrong_types', variant: 'x' }, /one of phone_number/],
    ['drop', /a rule is an object/],
  ];
  for (const [rule, message] of wrong) {
    test(`${JSON.stringify(rule)} is refused, and the old script stays`, async (t) => {
      const sandbox = await sandboxFor(t, { faults: [{ fault: '500' }] });
      assert.throws(() => sandbox.setFaults([rule]), (error) => error instanceof TypeError && message.test(error.message));
      assert.equal((await ask(sandbox, JANE)).status, 500);
    });
  }
});

describe('a fault ordered by a request\'s own header', () => {
  const how = (order) => ({ headers: { 'X-Sandbox-Fault': order } });

  test('strikes that request only', async (t) => {
    const sandbox = await sandboxFor(t);
    assert.equal((await askRaw(sandbox, JANE, how('charge_then_drop'))).bytes, 0);
    assert.equal(sandbox.wallet().spent, 5);
    assert.equal((await askRaw(sandbox, JANE)).status, 200);
  });

  test('takes parameters', async (t) => {
    const sandbox = await sandboxFor(t);
    assert.equal((await askRaw(sandbox, JANE, how('429; retryAfter=soon'))).headers['retry-after'], 'soon');
    assert.equal((await askRaw(sandbox, JANE, how('cut_body; keep=3'))).body.length, 3);
    assert.equal((await askRaw(sandbox, JANE, how('huge; bytes=5000; chunked'))).headers['transfer-encoding'], 'chunked');
  });

  test('comes before the script', async (t) => {
    const sandbox = await sandboxFor(t, { faults: [{ fault: '500' }] });
    assert.equal((await askRaw(sandbox, JANE, how('502'))).status, 502);
  });

  test('a wrong order is refused with 400, free', async (t) => {
    const sandbox = await sandboxFor(t);
    for (const order of ['explode', 'delay', 'drop; ms=1', '500; times=3']) {
      const seen = await askRaw(sandbox, JANE, how(order));
      assert.equal(seen.status, 400, order);
      assert.match(jsonOf(seen).error, /^X-Sandbox-Fault: /);
    }
    assert.equal(sandbox.ledger().length, 0);
  });
});

describe('the trap behind a redirect', () => {
  test('shows in the log whether the token arrived, answers a false result, and is free', async (t) => {
    const sandbox = await sandboxFor(t, { faults: [{ fault: 'redirect' }] });
    const followed = await ask(sandbox, JANE, { redirect: 'follow' });
    assert.equal(followed.json.results.email, 'trap@example.com');
    await askRaw(sandbox, JANE, { path: '/backend/api/v1/redirected/', headers: { Authorization: '' } });
    const [order, arrived, without] = sandbox.requests();
    assert.equal(order.status, 307);
    assert.deepEqual([arrived.method, arrived.path, arrived.token], ['POST', '/backend/api/v1/redirected/', 'live']);
    assert.equal(without.token, 'unknown');
    assert.equal(sandbox.ledger().length, 0);
  });
});

describe('on the e-mail endpoint', () => {
  test('missing_phone takes the e-mail away, which is what is paid for there', async (t) => {
    const sandbox = await sandboxFor(t, { faults: [{ fault: 'missing_phone' }] });
    assert.deepEqual((await ask(sandbox, JANE, { path: EMAIL })).json.results, {});
    assert.equal(sandbox.wallet().spent, 1);
  });

  test('a charging fault takes the price of that endpoint', async (t) => {
    const sandbox = await sandboxFor(t, { faults: [{ fault: 'charge_then_500' }] });
    await ask(sandbox, JANE, { path: EMAIL });
    await ask(sandbox, JANE, { path: PHONE });
    assert.deepEqual(sandbox.ledger().map(({ credits }) => credits), [1, 5]);
  });
});
