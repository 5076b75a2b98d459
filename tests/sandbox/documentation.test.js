/** What the README says is what the sandbox does. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { faultKinds, wrongTypeVariants } from '../../pkg/sandbox/index.js';
import { ask, sandboxFor } from './harness.js';

const readme = await readFile(new URL('../../pkg/sandbox/README.md', import.meta.url), 'utf8');
const types = await readFile(new URL('../../pkg/sandbox/index.d.ts', import.meta.url), 'utf8');

const section = (title) => readme.split(`## ${title}\n`)[1].split('\n## ')[0];
const rows = (text) => text.split('\n').filter((line) => /^\| `/.test(line)).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
const names = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);

describe('the README', () => {
  test('lists every fault with its charge, its stage and its parameters', () => {
    const stages = { before: 'instead', any: 'any answer', ok: '200', found: 'a result' };
    const told = rows(section('Faults')).map(([fault, charged, strikes, parameters]) =>
      [names(fault)[0], charged, strikes, names(parameters).filter((name) => /^[a-z]+$/i.test(name) && !['handling', 'answer'].includes(name))]);
    const true_ = Object.entries(faultKinds).map(([fault, { charge, stage, parameters }]) =>
      [fault, charge === 'never' ? 'never' : 'when found', stages[stage], [...parameters]]);
    assert.deepEqual(told.sort(), true_.sort());
    assert.match(readme, new RegExp(`one of ${wrongTypeVariants.length} wrong fields`));
  });

  test('names people who are in the book', async (t) => {
    const sandbox = await sandboxFor(t, { people: 1 });
    const ids = new Set(sandbox.people().map(({ id }) => id));
    const named = rows(section('People')).flatMap(([who]) => names(who)).filter((name) => name !== '-2');
    assert.ok(named.length > 15);
    for (const name of named) assert.ok(ids.has(name), name);
    const ordinary = sandbox.people().findIndex(({ id }) => id === 'only-linkedin') - 1;
    assert.match(readme, new RegExp(`\`jane-doe\` and ${ordinary - 1} more`));
  });

  test('lists every option', () => {
    const told = rows(section('Start')).flatMap(([option]) => names(option)).sort();
    const body = types.split('export interface SandboxOptions {')[1].split('\n}')[0];
    assert.deepEqual(told, [...body.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name).sort());
  });

  test('orders a script that is understood, and control paths that exist', async (t) => {
    const sandbox = await sandboxFor(t);
    const script = /setFaults\((\[.*?\]), \{ seed: 42 \}\)/s.exec(readme)[1];
    sandbox.setFaults(new Function(`return ${script}`)(), { seed: 42 });
    for (const [, path] of section('Over HTTP').matchAll(/`GET(?:`, `PUT)? (\/__sandbox\/\w*)/g)) {
      assert.equal((await fetch(`${sandbox.origin}${path}`)).status, 200, path);
    }
    const body = /-d '(\[.*?\])'/.exec(readme)[1];
    assert.equal((await fetch(`${sandbox.origin}/__sandbox/faults`, { method: 'PUT', body })).status, 200);
    assert.equal((await ask(sandbox, { email: 'jane.doe@acme.example.com' })).status, 500);
    assert.equal(sandbox.wallet().spent, 5);
  });
});

test('the type file lists the variants of wrong_types that exist', () => {
  const told = types.split('export type WrongTypesVariant =')[1].split(';')[0];
  assert.deepEqual([...told.matchAll(/'(\w+)'/g)].map(([, name]) => name), [...wrongTypeVariants]);
});
