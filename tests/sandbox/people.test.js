/** The book of people: who is in it, and by what they are found. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { generatedPerson, startSandbox } from '../../pkg/sandbox/index.js';
import { ask, sandboxFor } from './harness.js';

/** The request that names a person by one identifier. */
const requestBy = {
  linkedin_url: ({ linkedin_url }) => ({ linkedin_url }),
  email: ({ email }) => ({ email }),
  name_company: ({ first_name, last_name, company_name }) => ({ first_name, last_name, company_name }),
  name_website: ({ first_name, last_name, company_website }) => ({ first_name, last_name, company_website }),
};

/** Whom the log says a request named. */
async function named(sandbox, body) {
  const { status } = await ask(sandbox, body);
  assert.equal(status, 200);
  return sandbox.requests().at(-1).person_id;
}

describe('the built-in book', () => {
  test('has at least sixty people, all with invented addresses', async (t) => {
    const people = (await sandboxFor(t)).people();
    assert.ok(people.length >= 60, `${people.length} people`);
    for (const { id, email, company_website } of people) {
      if (id === 'johndoe') continue; // quoted from the documentation
      assert.match(company_website, /^[a-z-]+\.example\.(com|org|net)$/);
      assert.match(email, /^[a-z0-9.'+-]+@[a-z-]+\.example\.(com|org|net)$/i);
    }
  });

  test('shows phones in at least ten spellings', async (t) => {
    const spellings = new Set((await sandboxFor(t)).people()
      .filter(({ phone }) => phone !== null).map(({ phone }) => phone.replace(/\d+/g, '9')));
    assert.ok(spellings.size >= 10, `${spellings.size} spellings`);
  });

  test('finds each person by exactly the identifiers it says', async (t) => {
    const sandbox = await sandboxFor(t, { credits: 10_000 });
    for (const [identifier, request] of Object.entries(requestBy)) {
      const people = sandbox.people();
      const before = sandbox.requests().length;
      await Promise.all(people.map((person) => ask(sandbox, request(person))));
      const found = new Map(sandbox.requests().slice(before).map(({ body, person_id }) => [JSON.stringify(body), person_id]));
      for (const person of people) {
        // Two people of one name at one company cannot be told apart, which is why neither is found by it.
        const expected = person.found_by.includes(identifier) ? person.id : null;
        assert.equal(found.get(JSON.stringify(request(person))), expected, `${person.id} by ${identifier}`);
      }
    }
  });

  test('has people known by each single identifier, people without a phone, and each kind of bonus e-mail', async (t) => {
    const people = (await sandboxFor(t)).people();
    for (const identifier of Object.keys(requestBy)) {
      assert.ok(people.some(({ found_by }) => found_by.length === 1 && found_by[0] === identifier), identifier);
    }
    assert.ok(people.filter(({ phone }) => phone === null).length >= 5);
    assert.ok(people.some((person) => !('bonus_email' in person)));
    for (const bonus of [null, '']) assert.ok(people.some(({ bonus_email }) => bonus_email === bonus));
  });
});

describe('matching', () => {
  const same = [
    ['an e-mail in capitals', { email: 'JANE.DOE@ACME.EXAMPLE.COM' }, 'jane-doe'],
    ['an e-mail with spaces around', { email: ' jane.doe@acme.example.com ' }, 'jane-doe'],
    ['an e-mail that the book has in mixed case', { email: 'mika.upton@northwind.example.com' }, 'mixed-case'],
    ['a slug in capitals', { linkedin_url: 'https://www.linkedin.com/in/JANE-DOE' }, 'jane-doe'],
    ['a slug the book has in mixed case', { linkedin_url: 'https://www.linkedin.com/in/mika-upton-4f2' }, 'mixed-case'],
    ['a profile of a country host', { linkedin_url: 'https://de.linkedin.com/in/jane-doe' }, 'jane-doe'],
    ['a profile over http, with slash and query', { linkedin_url: 'http://linkedin.com/in/jane-doe/?trk=x#about' }, 'jane-doe'],
    ['a profile without a scheme', { linkedin_url: 'www.linkedin.com/in/jane-doe' }, 'jane-doe'],
    ['a profile with a section behind the slug', { linkedin_url: 'https://www.linkedin.com/in/jane-doe/details/skills' }, 'jane-doe'],
    ['a percent-encoded slug', { linkedin_url: 'https://www.linkedin.com/in/zo%C3%A9-lef%C3%A8vre' }, 'zoe-lefevre'],
    ['a percent-encoded slug in capitals', { linkedin_url: 'https://www.linkedin.com/in/ZO%C3%89-LEF%C3%88VRE' }, 'zoe-lefevre'],
    ['a slug in plain Unicode', { linkedin_url: 'https://www.linkedin.com/in/王小明' }, 'wang-xiaoming'],
    ['a slug in decomposed Unicode', { linkedin_url: `https://www.linkedin.com/in/${encodeURIComponent('zoé-lefèvre'.normalize('NFD'))}` }, 'zoe-lefevre'],
    ['a name in capitals', { first_name: 'ZOÉ', last_name: 'LEFÈVRE', company_name: 'CAFÉ ÉTOILE' }, 'zoe-lefevre'],
    ['a name with odd spaces', { first_name: ' Oliver', last_name: 'Grant ', company_name: 'Harbour  &  Sons' }, 'oliver-grant'],
    ['a web site with scheme, www and path', { first_name: 'Jane', last_name: 'Doe', company_website: 'https://www.Acme.example.com/about' }, 'jane-doe'],
    ['the same name at another site', { first_name: 'Alex', last_name: 'Morgan', company_website: 'twinpines-uk.example.com' }, 'alex-morgan-uk'],
  ];
  for (const [what, body, id] of same) {
    test(`${what} finds ${id}`, async (t) => assert.equal(await named(await sandboxFor(t), body), id));
  }

  const other = [
    ['a company page', { linkedin_url: 'https://www.linkedin.com/company/jane-doe' }],
    ['a profile elsewhere', { linkedin_url: 'https://linkedin.com.example.com/in/jane-doe' }],
    ['a host that only ends like it', { linkedin_url: 'https://notlinkedin.com/in/jane-doe' }],
    ['a slug that is a prefix', { linkedin_url: 'https://www.linkedin.com/in/jane' }],
    ['a slug with a broken percent sign', { linkedin_url: 'https://www.linkedin.com/in/jane%ZZdoe' }],
    ['the name in the wrong order', { first_name: 'Doe', last_name: 'Jane', company_name: 'Acme' }],
    ['the right name at the wrong company', { first_name: 'Jane', last_name: 'Doe', company_name: 'Globex Trading' }],
  ];
  for (const [what, body] of other) {
    test(`${what} finds nobody`, async (t) => assert.equal(await named(await sandboxFor(t), body), null));
  }

  const strongest = [
    [{ linkedin_url: 'https://www.linkedin.com/in/jane-doe', email: 'marcus.bell@acme.example.com' }, 'jane-doe'],
    [{ email: 'marcus.bell@acme.example.com', first_name: 'Jane', last_name: 'Doe', company_name: 'Acme' }, 'marcus-bell'],
    [{ first_name: 'Sam', last_name: 'Taylor', company_name: 'Northwind', company_website: 'southwind.example.com' }, 'sam-taylor-north'],
    [{ linkedin_url: 'https://www.linkedin.com/in/nobody-at-all', email: 'jane.doe@acme.example.com' }, null],
    [{ linkedin_url: '', email: 'jane.doe@acme.example.com' }, 'jane-doe'],
  ];
  for (const [body, id] of strongest) {
    test(`of ${Object.keys(body).join(', ')} the strongest decides: ${id}`, async (t) => {
      assert.equal(await named(await sandboxFor(t), body), id);
    });
  }
});

describe('generated people', () => {
  test('are found by all four combinations, up to the number asked for', async (t) => {
    const sandbox = await sandboxFor(t, { people: 5000, credits: 100_000 });
    for (const n of [1, 42, 4999, 5000]) {
      for (const request of Object.values(requestBy)) {
        assert.equal(await named(sandbox, request(generatedPerson(n))), `person-${String(n).padStart(5, '0')}`);
      }
    }
    for (const request of Object.values(requestBy)) assert.equal(await named(sandbox, request(generatedPerson(5001))), null);
    assert.equal(await named(sandbox, { email: 'person-1@example.com' }), null, 'the digits are padded');
    assert.equal(await named(sandbox, { email: 'person-00000@example.com' }), null);
  });

  test('follow the rule the documentation gives', () => {
    assert.deepEqual(generatedPerson(123), {
      id: 'person-00123',
      linkedin_slug: 'person-00123',
      linkedin_url: 'https://www.linkedin.com/in/person-00123',
      email: 'person-00123@example.com',
      first_name: 'Person',
      last_name: 'Babacedifo',
      company_name: 'Company 00123',
      company_website: 'company-00123.example.com',
      phone: '+1 202-555-0123',
      bonus_email: 'person-00123@example.com',
      found_by: ['linkedin_url', 'email', 'name_company', 'name_website'],
    });
  });

  test('have phones of their own, until they repeat after 79,900', () => {
    const phones = new Set(Array.from({ length: 4990 }, (_, n) => generatedPerson(16 * n + 1).phone));
    assert.equal(phones.size, 4990);
    assert.equal(generatedPerson(79_901).phone, generatedPerson(1).phone);
  });

  test('a million of them cost nothing at the start', async (t) => {
    const begun = performance.now();
    const sandbox = await sandboxFor(t, { people: 1_000_000 });
    assert.ok(performance.now() - begun < 2000);
    assert.equal(await named(sandbox, { email: 'person-1000000@example.com' }), 'person-1000000');
  });
});

describe('people of one\'s own', () => {
  const mine = { id: 'mine', email: 'me@example.org', phone: '+1 202-555-0199' };

  test('join the book', async (t) => {
    const sandbox = await sandboxFor(t, { people: [mine] });
    assert.deepEqual((await ask(sandbox, { email: 'me@example.org' })).json.results, { phone: '+1 202-555-0199' });
    assert.equal(await named(sandbox, { email: 'jane.doe@acme.example.com' }), 'jane-doe');
  });

  test('take the place of a built-in person with the same id or identifier', async (t) => {
    const sandbox = await sandboxFor(t, {
      people: [{ ...mine, id: 'jane-doe' }, { id: 'other-john', linkedin_slug: 'johndoe', phone: '1' }],
    });
    assert.equal(await named(sandbox, { email: 'jane.doe@acme.example.com' }), null);
    assert.equal(await named(sandbox, { linkedin_url: 'https://linkedin.com/in/johndoe' }), 'other-john');
  });

  test('can be the only ones', async (t) => {
    const sandbox = await sandboxFor(t, { people: { own: [mine], builtIn: false, generated: 2 } });
    assert.deepEqual(sandbox.people().map(({ id }) => id), ['mine', 'person-00001', 'person-00002']);
  });

  const wrong = [
    ['two with one id', [mine, { ...mine, email: 'b@example.org' }], /same id/],
    ['two with one e-mail', [mine, { ...mine, id: 'b' }], /both found by the same email/],
    ['one without an id', [{ email: 'a@example.org' }], /needs an id/],
    ['a field nobody knows', [{ ...mine, mail: 'x' }], /no field "mail"/],
    ['a phone that is a number', [{ ...mine, phone: 5 }], /phone is a text/],
    ['found_by without the fields', [{ ...mine, found_by: ['linkedin_url'] }], /lacks the fields/],
    ['a negative number', -1, /from 0 to/],
    ['a text', 'all', /people is a number/],
    ['an unknown option', { number: 3 }, /no option "number"/],
  ];
  for (const [what, people, message] of wrong) {
    test(`${what} is refused at the start`, async () => {
      await assert.rejects(startSandbox({ people }), message);
    });
  }
});
