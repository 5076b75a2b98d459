/** The command, started for real. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PATIENCE_MS, sandboxFor } from './harness.js';

const COMMAND = fileURLToPath(new URL('../../pkg/bin/phone-enrichment.js', import.meta.url));

/** @param {import('node:test').TestContext} t */
function start(t, ...words) {
  const child = spawn(process.execPath, [COMMAND, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const run = { child, out: '', err: '', ended: once(child, 'close').then(([code]) => code) };
  child.stdout.on('data', (text) => { run.out += text; });
  child.stderr.on('data', (text) => { run.err += text; });
  /** Waits for the output to match. */
  run.until = async (pattern) => {
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    for (;;) {
      const match = pattern.exec(run.out);
      if (match !== null) {
        clearTimeout(late);
        return match;
      }
      await Promise.race([once(child.stdout, 'data'), run.ended.then((code) => { throw new Error(`ended with ${code}: ${run.err}`); })]);
    }
  };
  return run;
}

const lookup = (url, token, body) => fetch(`${url}/external/phone/enrichment/`, {
  method: 'POST',
  headers: { authorization: `Token ${token}`, 'content-type': 'application/json', connection: 'close' },
  body: JSON.stringify(body),
});

describe('phone-enrichment sandbox', { concurrency: 4 }, () => {
  test('says where it is, with three curl examples that do as they say', async (t) => {
    const run = start(t, 'sandbox');
    const [, url] = await run.until(/base URL {2}(\S+)/);
    await run.until(/Ctrl-C ends it/);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/backend\/api\/v1$/);
    assert.match(run.out, /ledger {4}http:\/\/127\.0\.0\.1:\d+\/__sandbox\/ledger/);
    const [, token] = /token {5}(\S+)/.exec(run.out);
    const bodies = [...run.out.matchAll(/curl -s (\S+)\/external\/phone\/enrichment\/ \\\n.*\n\s+-d '(.*)'/g)];
    assert.equal(bodies.length, 3);
    const statuses = [];
    for (const [, base, body] of bodies) {
      if (statuses.length === 2) {
        const [, credits, amount] = /curl -s -X PUT (\S+) -d (\d+)/.exec(run.out);
        await fetch(credits, { method: 'PUT', body: amount });
      }
      const response = await lookup(base, token, JSON.parse(body));
      statuses.push([response.status, (await response.json()).status]);
    }
    assert.deepEqual(statuses, [[200, 'success'], [200, 'not_found'], [402, undefined]]);
  });

  test('prints a line for each request and sums up at Ctrl-C', async (t) => {
    const run = start(t, 'sandbox', '--token', 'mine', '--credits', '12', '--people=3');
    const [, url] = await run.until(/base URL {2}(\S+)/);
    await lookup(url, 'mine', { email: 'person-00003@example.com' });
    await lookup(url, 'mine', { email: 'person-00003@example.com' });
    await lookup(url, 'mine', { email: 'person-00004@example.com' });
    await lookup(url, 'wrong', { email: 'person-00004@example.com' });
    await run.until(/402 {2}free/);
    await run.until(/401 {2}free/);
    assert.match(run.out, /POST {2}\/backend\/api\/v1\/external\/phone\/enrichment\/ {2}200 {2}charged 5 credits {2}person-00003 {2}\d+ ms/);
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 0);
    assert.match(run.out, /Closed\. 2 charges, 10 credits spent, 2 credits left\. 1 charge hit someone already charged\.\n$/);
    assert.equal(run.err, '');
  });

  test('--json prints one line at the start and one at the end', async (t) => {
    const run = start(t, 'sandbox', '--json', '--credits', '5', '--cors=https://app.example.com');
    const [line] = await run.until(/^.*\n/);
    const { url, token, port, control } = JSON.parse(line);
    assert.equal(url, `http://127.0.0.1:${port}/backend/api/v1`);
    const response = await fetch(`${control}wallet`, { headers: { origin: 'https://app.example.com' } });
    assert.equal(response.headers.get('access-control-allow-origin'), 'https://app.example.com');
    await lookup(url, token, { email: 'jane.doe@acme.example.com' });
    run.child.kill('SIGTERM');
    assert.equal(await run.ended, 0);
    assert.deepEqual(run.out.trim().split('\n').map((text) => JSON.parse(text)).slice(1), [{ spent: 5, charges: 1, double_charges: 0, credits: 0 }]);
  });

  test('a port in use ends it with code 1', async (t) => {
    const { port } = await sandboxFor(t);
    const run = start(t, 'sandbox', '--port', String(port));
    assert.equal(await run.ended, 1);
    assert.match(run.err, /^phone-enrichment: .*EADDRINUSE/);
    assert.equal(run.out, '');
  });
});

describe('phone-enrichment', { concurrency: 4 }, () => {
  const helps = [[['--help'], /Verbs:\n(?: {2}.*\n)* {2}sandbox/], [['-h'], /Verbs:/], [['help'], /Verbs:/], [['sandbox', '--help'], /--credits N/]];
  for (const [words, pattern] of helps) {
    test(`${words.join(' ')} explains, with code 0`, async (t) => {
      const run = start(t, ...words);
      assert.equal(await run.ended, 0);
      assert.match(run.out, pattern);
      assert.equal(run.err, '');
    });
  }

  const wrong = [
    [[], /a verb is missing/],
    [['enrcih'], /unknown verb "enrcih"/],
    [['constructor'], /unknown verb "constructor"/],
    [['sandbox', '--prot', '3'], /unknown option "--prot"/],
    [['sandbox', 'extra'], /unexpected "extra"/],
    [['sandbox', '--port'], /--port needs a value/],
    [['sandbox', '--port', '--json'], /--port needs a value/],
    [['sandbox', '--port', 'http'], /--port is an integer/],
    [['sandbox', '--port', '65536'], /--port is an integer/],
    [['sandbox', '--credits', '-5'], /--credits is an integer/],
    [['sandbox', '--people', '1.5'], /--people is an integer/],
    [['sandbox', '--json=yes'], /--json takes no value/],
    [['sandbox', '--port', '1', '--port', '2'], /--port is given twice/],
    [['sandbox', '--cors=app.example.com'], /"app.example.com" is not an origin/],
    [['sandbox', '--token', 'two words'], /visible ASCII/],
  ];
  for (const [words, pattern] of wrong) {
    test(`"${words.join(' ')}" is refused with code 2 and a word of help`, async (t) => {
      const run = start(t, ...words);
      assert.equal(await run.ended, 2);
      assert.match(run.err, pattern);
      assert.match(run.err, /Try: phone-enrichment .*--help/);
      assert.equal(run.out, '');
    });
  }
});
