/**
 * The book of people: whom the vendor knows, by which identifiers, and what it answers for each.
 *
 * Every name is invented. Addresses live under example.com, .org and .net; phone numbers come from
 * the ranges that regulators keep for fiction (555-01xx, Ofcom 7946 0xxx and 7700 900xxx, ACMA
 * 5550 xxxx and 0491 57x xxx, ARCEP 01 99 00 and 06 39 98, BNetzA 30 23125, PTS 08-465 004).
 * The one exception is the documented sample, which is quoted as documented.
 */

/** @typedef {import('./index.js').Person} Person */
/** @typedef {import('./index.js').PersonInput} PersonInput */
/** @typedef {import('./index.js').Identifier} Identifier */

/** The four accepted combinations, the strongest first. @type {readonly Identifier[]} */
const IDENTIFIERS = Object.freeze(['linkedin_url', 'email', 'name_company', 'name_website']);

/**
 * id, first name, last name, company, web site, phone, exceptions.
 * Unless an exception says otherwise the slug is the id, the e-mail is first.last of the id at the
 * web site, the bonus e-mail is that e-mail, and all four combinations find the person.
 *
 * @typedef {Omit<PersonInput, 'id'> & { slug?: string }} Exceptions
 * @type {[string, string, string, string, string, string | null, Exceptions?][]}
 */
const ROWS = [
  // The vendor's documented sample.
  ['johndoe', 'John', 'Doe', 'Acme', 'acme.com', '+1 555-123-4567', { email: 'john.doe@acme.com' }],

  // Ordinary people, each with another spelling of a number.
  ['jane-doe', 'Jane', 'Doe', 'Acme', 'acme.example.com', '+1 212-555-0101'],
  ['marcus-bell', 'Marcus', 'Bell', 'Acme', 'acme.example.com', '+1 (212) 555-0102'],
  ['ines-carvalho', 'Ines', 'Carvalho', 'Acme', 'acme.example.com', '+12125550103'],
  ['tom-okafor', 'Tom', 'Okafor', 'Acme', 'acme.example.com', '+1.212.555.0104'],
  ['priya-raman', 'Priya', 'Raman', 'Globex Trading', 'globex.example.com', '(415) 555-0105'],
  ['leo-hartmann', 'Leo', 'Hartmann', 'Globex Trading', 'globex.example.com', '415-555-0106'],
  ['sara-lindqvist', 'Sara', 'Lindqvist', 'Globex Trading', 'globex.example.com', '08-465 004 17'],
  ['emma-fjord', 'Emma', 'Fjord', 'Globex Trading', 'globex.example.com', '+46 8 465 004 18'],
  ['oliver-grant', 'Oliver', 'Grant', 'Harbour & Sons', 'harbour.example.org', '+44 20 7946 0101'],
  ['amelia-stone', 'Amelia', 'Stone', 'Harbour & Sons', 'harbour.example.org', '+44 (0)20 7946 0102'],
  ['harry-nolan', 'Harry', 'Nolan', 'Harbour & Sons', 'harbour.example.org', '020 7946 0103'],
  ['isla-reeve', 'Isla', 'Reeve', 'Harbour & Sons', 'harbour.example.org', '(020) 7946-0104'],
  ['noah-whitlock', 'Noah', 'Whitlock', 'Harbour & Sons', 'harbour.example.org', '00 44 20 7946 0105'],
  ['grace-ashby', 'Grace', 'Ashby', 'Harbour & Sons', 'harbour.example.org', '+447700900106'],
  ['jack-mercer', 'Jack', 'Mercer', 'Southern Cross Foods', 'southerncross.example.net', '+61 2 5550 0107'],
  ['chloe-banksia', 'Chloe', 'Banksia', 'Southern Cross Foods', 'southerncross.example.net', '(02) 5550 0108'],
  ['liam-corella', 'Liam', 'Corella', 'Southern Cross Foods', 'southerncross.example.net', '0491 570 006'],
  ['camille-duret', 'Camille', 'Duret', 'Atelier Duret', 'atelier-duret.example.com', '+33 1 99 00 01 10'],
  ['hugo-marchand', 'Hugo', 'Marchand', 'Atelier Duret', 'atelier-duret.example.com', '01.99.00.01.11'],
  ['lucie-perrin', 'Lucie', 'Perrin', 'Atelier Duret', 'atelier-duret.example.com', '+33 6 39 98 01 12'],
  ['jonas-weidner', 'Jonas', 'Weidner', 'Nordlicht GmbH', 'nordlicht.example.net', '+49 30 23125 013'],
  ['klara-vogt', 'Klara', 'Vogt', 'Nordlicht GmbH', 'nordlicht.example.net', '030/23125-014'],
  ['felix-brandt', 'Felix', 'Brandt', 'Nordlicht GmbH', 'nordlicht.example.net', '+49 (30) 23125-015'],
  // The separators below are no-break spaces (U+00A0) and non-breaking hyphens (U+2011).
  ['nora-field', 'Nora', 'Field', 'Initech', 'initech.example.org', '+44\u00a020\u00a07946\u00a00116'],
  ['owen-park', 'Owen', 'Park', 'Initech', 'initech.example.org', '+1\u2011303\u2011555\u20110117'],
  ['ruth-ellery', 'Ruth', 'Ellery', 'Initech', 'initech.example.org', '+1 (303) 555-0118 ext. 42'],
  ['paul-dunmore', 'Paul', 'Dunmore', 'Initech', 'initech.example.org', '+1 303 555 0119 / +1 303 555 0120'],
  ['vera-holm', 'Vera', 'Holm', 'Initech', 'initech.example.org', 'tel:+1-303-555-0121'],
  ['ada-quill', 'Ada', 'Quill', 'Initech', 'initech.example.org', ' +1 303 555 0122 '],

  // Names and slugs beyond ASCII.
  ['zoe-lefevre', 'Zoé', 'Lefèvre', 'Café Étoile', 'cafe-etoile.example.com', '+33 1 99 00 01 30', { slug: 'zoé-lefèvre' }],
  ['bjorn-osterberg', 'Björn', 'Österberg', 'Ångström Labs', 'angstrom.example.org', '+46 8 465 004 31', { slug: 'björn-österberg' }],
  ['anna-muller', 'Anna', 'Müller', 'Nordlicht GmbH', 'nordlicht.example.net', '+49 30 23125 032', { slug: 'anna-müller-9b1a' }],
  ['wang-xiaoming', '小明', '王', '示例公司', 'shili.example.com', '+1 628-555-0133', { slug: '王小明' }],
  ['olga-primerova', 'Ольга', 'Примерова', 'Пример', 'primer.example.net', '+1 628-555-0134', { slug: 'ольга-примерова' }],
  ['layla-mithal', 'ليلى', 'مثال', 'شركة مثال', 'mithal.example.org', '+1 628-555-0135', { slug: 'ليلى-مثال' }],
  ['yuki-rei', '有希', '例', '例株式会社', 'rei.example.com', '+1 628-555-0136', { slug: '例有希' }],
  ['dilek-isik', 'Dilek', 'Işık', 'Örnek', 'ornek.example.com', '+1 628-555-0137', { slug: 'dilek-işık' }],
  ['sean-o-casey', 'Seán', "O'Casey", 'Harbour & Sons', 'harbour.example.org', '+44 20 7946 0138', { email: "sean.o'casey@harbour.example.org" }],
  ['mary-anne-st-clair', 'Mary-Anne', 'St. Clair', 'Harbour & Sons', 'harbour.example.org', '+44 20 7946 0139', { email: 'mary-anne.st.clair+work@harbour.example.org' }],

  // Known by one identifier and not by the others: what a second try with another one is for.
  ['only-linkedin', 'Orla', 'Linkwood', 'Umbra', 'umbra.example.com', '+1 206-555-0140', { found_by: ['linkedin_url'] }],
  ['only-email', 'Emil', 'Postman', 'Umbra', 'umbra.example.com', '+1 206-555-0141', { found_by: ['email'] }],
  ['only-company', 'Cora', 'Firmin', 'Umbra', 'umbra.example.com', '+1 206-555-0142', { found_by: ['name_company'] }],
  ['only-website', 'Webb', 'Siteley', 'Umbra', 'umbra.example.com', '+1 206-555-0143', { found_by: ['name_website'] }],
  ['not-linkedin', 'Nell', 'Offgrid', 'Umbra', 'umbra.example.com', '+1 206-555-0144', { found_by: ['email', 'name_company', 'name_website'] }],
  ['names-only', 'Nadia', 'Plain', 'Umbra', 'umbra.example.com', '+1 206-555-0145', { found_by: ['name_company', 'name_website'] }],
  ['linkedin-or-email', 'Lou', 'Eitherly', 'Umbra', 'umbra.example.com', '+1 206-555-0146', { found_by: ['linkedin_url', 'email'] }],

  // Known, but without a phone: a free "not found", whatever the identifier.
  ['no-phone-1', 'Nico', 'Silent', 'Quiet Works', 'quiet.example.org', null],
  ['no-phone-2', 'Nina', 'Silent', 'Quiet Works', 'quiet.example.org', null],
  ['no-phone-3', 'Nils', 'Silent', 'Quiet Works', 'quiet.example.org', null],
  ['no-phone-4', 'Noor', 'Silent', 'Quiet Works', 'quiet.example.org', null, { bonus_email: null }],
  ['no-phone-5', 'Ned', 'Silent', 'Quiet Works', 'quiet.example.org', null, { bonus_email: '' }],

  // The bonus e-mail missing, null and "": three ways to say that there is none.
  ['bonus-missing-1', 'Mia', 'Bonham', 'Tidewater', 'tidewater.example.net', '+1 503-555-0150', { bonus_email: undefined }],
  ['bonus-missing-2', 'Max', 'Bonham', 'Tidewater', 'tidewater.example.net', '+1 503-555-0151', { bonus_email: undefined }],
  ['bonus-null-1', 'Ivy', 'Nuland', 'Tidewater', 'tidewater.example.net', '+1 503-555-0152', { bonus_email: null }],
  ['bonus-null-2', 'Ian', 'Nuland', 'Tidewater', 'tidewater.example.net', '+1 503-555-0153', { bonus_email: null }],
  ['bonus-empty-1', 'Eve', 'Blankley', 'Tidewater', 'tidewater.example.net', '+1 503-555-0154', { bonus_email: '' }],
  ['bonus-empty-2', 'Ely', 'Blankley', 'Tidewater', 'tidewater.example.net', '+1 503-555-0155', { bonus_email: '' }],
  ['bonus-other', 'Otto', 'Private', 'Tidewater', 'tidewater.example.net', '+1 503-555-0156', { bonus_email: 'otto.private@example.com' }],

  // The same name at two companies, and the same company name under two sites.
  ['sam-taylor-north', 'Sam', 'Taylor', 'Northwind', 'northwind.example.com', '+1 718-555-0160'],
  ['sam-taylor-south', 'Sam', 'Taylor', 'Southwind', 'southwind.example.com', '+1 718-555-0161'],
  ['alex-morgan-us', 'Alex', 'Morgan', 'Twin Pines', 'twinpines-us.example.com', '+1 718-555-0162', { found_by: ['linkedin_url', 'email', 'name_website'] }],
  ['alex-morgan-uk', 'Alex', 'Morgan', 'Twin Pines', 'twinpines-uk.example.com', '+44 20 7946 0163', { found_by: ['linkedin_url', 'email', 'name_website'] }],

  // A slug in mixed case and an address in mixed case: both match without regard to it.
  ['mixed-case', 'Mika', 'Upton', 'Northwind', 'northwind.example.com', '+1 718-555-0164', { slug: 'Mika-Upton-4F2', email: 'Mika.Upton@Northwind.example.com' }],
];

/** @returns {Person[]} */
function builtInPeople() {
  return ROWS.map(([id, first_name, last_name, company_name, company_website, phone, exceptions = {}]) => {
    const email = exceptions.email ?? `${id.replaceAll('-', '.')}@${company_website}`;
    /** @type {PersonInput} */
    const input = {
      id, first_name, last_name, company_name, company_website, phone, email,
      linkedin_slug: exceptions.slug ?? id,
    };
    const bonus = 'bonus_email' in exceptions ? exceptions.bonus_email : email;
    if (bonus !== undefined) input.bonus_email = bonus;
    if (exceptions.found_by) input.found_by = exceptions.found_by;
    return person(input);
  });
}

const TEXT_FIELDS = ['linkedin_slug', 'email', 'first_name', 'last_name', 'company_name', 'company_website'];
const PERSON_FIELDS = new Set(['id', 'phone', 'bonus_email', 'found_by', 'linkedin_url', ...TEXT_FIELDS]);

/**
 * One entry of the book, complete and frozen.
 * @param {PersonInput} input
 * @returns {Person}
 */
function person(input) {
  if (input === null || typeof input !== 'object') throw new TypeError('a person is an object');
  for (const key of Object.keys(input)) {
    if (!PERSON_FIELDS.has(key)) throw new TypeError(`a person has no field "${key}"`);
  }
  if (typeof input.id !== 'string' || input.id === '') throw new TypeError('a person needs an id, a text');
  for (const field of TEXT_FIELDS) {
    const value = input[field];
    if (value !== undefined && value !== null && typeof value !== 'string') {
      throw new TypeError(`person ${input.id}: ${field} is a text, or absent`);
    }
  }
  for (const field of ['phone', 'bonus_email']) {
    const value = input[field];
    if (value !== undefined && value !== null && typeof value !== 'string') {
      throw new TypeError(`person ${input.id}: ${field} is a text, null, or absent`);
    }
  }
  const possible = IDENTIFIERS.filter((identifier) => keyOf(identifier, input) !== null);
  const found_by = input.found_by ?? possible;
  for (const identifier of found_by) {
    if (!possible.includes(identifier)) {
      throw new TypeError(`person ${input.id}: found_by "${identifier}" lacks the fields it needs, or is unknown`);
    }
  }
  /** @type {any} */
  const entry = { id: input.id };
  for (const field of TEXT_FIELDS) entry[field] = input[field] ?? null;
  entry.linkedin_url = entry.linkedin_slug === null
    ? null
    : `https://www.linkedin.com/in/${encodeURIComponent(entry.linkedin_slug)}`;
  entry.phone = input.phone ?? null;
  if (input.bonus_email !== undefined) entry.bonus_email = input.bonus_email;
  entry.found_by = Object.freeze([...found_by]);
  return Object.freeze(entry);
}

const SYLLABLES = ['ba', 'ce', 'di', 'fo', 'gu', 'ha', 'ke', 'li', 'mo', 'nu'];

/**
 * The n-th person of the endless rule: slug `person-00001`, e-mail `person-00001@example.com`.
 * The last name spells the number in syllables, since a careful client may refuse digits in names.
 * @param {number} n 1 or more
 * @returns {Person}
 */
export function generatedPerson(n) {
  if (!Number.isSafeInteger(n) || n < 1) throw new RangeError('the number of a generated person is an integer from 1');
  const digits = String(n).padStart(5, '0');
  const spelled = [...digits].map((digit) => SYLLABLES[digit]).join('');
  const email = `person-${digits}@example.com`;
  // 799 area codes with the hundred numbers 555-0100 to 555-0199 each; after 79,900 people they repeat.
  const area = 201 + (Math.floor(n / 100) % 799);
  return person({
    id: `person-${digits}`,
    linkedin_slug: `person-${digits}`,
    email,
    first_name: 'Person',
    last_name: spelled[0].toUpperCase() + spelled.slice(1),
    company_name: `Company ${digits}`,
    company_website: `company-${digits}.example.com`,
    phone: `+1 ${area}-555-01${String(n % 100).padStart(2, '0')}`,
    bonus_email: email,
  });
}

/** @param {string} text */
const folded = (text) => text.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase();

/**
 * The slug in a profile address, or null when it is not one: case, scheme, country host,
 * query and trailing slash do not matter, percent-encoding is undone.
 * @param {string} address
 * @returns {string | null}
 */
export function slugOf(address) {
  let url;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`);
  } catch {
    return null;
  }
  if (url.hostname !== 'linkedin.com' && !url.hostname.endsWith('.linkedin.com')) return null;
  const [, section, slug] = url.pathname.split('/');
  if (section?.toLowerCase() !== 'in' || !slug) return null;
  try {
    return decodeURIComponent(slug);
  } catch {
    return slug;
  }
}

/** @param {string} address */
function hostOf(address) {
  try {
    const { hostname } = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`);
    return hostname.replace(/^www\./, '').replace(/\.$/, '');
  } catch {
    return folded(address);
  }
}

/**
 * What the index knows a combination of fields by, or null when the fields do not suffice.
 * @param {Identifier} identifier
 * @param {{ linkedin_slug?: string | null, email?: string | null, first_name?: string | null,
 *           last_name?: string | null, company_name?: string | null, company_website?: string | null }} fields
 */
function keyOf(identifier, fields) {
  const { linkedin_slug, email, first_name, last_name, company_name, company_website } = fields;
  switch (identifier) {
    case 'linkedin_url':
      return linkedin_slug ? `in:${folded(linkedin_slug)}` : null;
    case 'email':
      return email ? `at:${folded(email)}` : null;
    case 'name_company':
      return first_name && last_name && company_name
        ? `co:${folded(first_name)}\n${folded(last_name)}\n${folded(company_name)}` : null;
    case 'name_website':
      return first_name && last_name && company_website
        ? `ws:${folded(first_name)}\n${folded(last_name)}\n${hostOf(company_website)}` : null;
    default:
      return null;
  }
}

/** Largest number of generated people. */
const MOST_GENERATED = 1_000_000;

/**
 * The book a sandbox is started with.
 * @param {import('./index.js').PeopleOption} [option]
 */
export function createBook(option) {
  const { own, generated, builtIn } = readPeopleOption(option);
  const mine = own.map(person);
  const mineIds = new Set(mine.map(({ id }) => id));
  if (mineIds.size !== mine.length) throw new TypeError('two of the people have the same id');
  // A caller's own person comes first, and takes the place of a built-in one with the same id or identifier.
  const listed = [...mine, ...(builtIn ? builtInPeople().filter(({ id }) => !mineIds.has(id)) : [])];
  /** @type {Map<string, Person>} */
  const index = new Map();
  listed.forEach((entry, at) => {
    for (const identifier of entry.found_by) {
      const key = keyOf(identifier, entry);
      const other = index.get(key);
      if (other === undefined) index.set(key, entry);
      else if (at < mine.length || mine.length === 0) {
        throw new TypeError(`people "${other.id}" and "${entry.id}" are both found by the same ${identifier}`);
      }
    }
  });

  /**
   * Generated people are made when asked for, so a million of them cost nothing at the start.
   * @param {string} key
   */
  function generatedBy(key) {
    const digits = /^(?:in:person-(\d+)|at:person-(\d+)@example\.com|co:.*\ncompany (\d+)|ws:.*\ncompany-(\d+)\.example\.com)$/s.exec(key);
    if (digits === null) return null;
    const n = Number(digits[1] ?? digits[2] ?? digits[3] ?? digits[4]);
    if (!(n >= 1 && n <= generated)) return null;
    const candidate = generatedPerson(n);
    return IDENTIFIERS.some((identifier) => keyOf(identifier, candidate) === key) ? candidate : null;
  }

  return {
    /**
     * Whom these fields name. The strongest identifier present decides; there is no second try with a weaker one.
     * @param {Record<string, string>} fields trimmed texts, absent where empty
     * @returns {{ matched_by: Identifier | null, person: Person | null }}
     */
    find(fields) {
      const asked = strongest(fields);
      if (asked === null) return { matched_by: null, person: null };
      const key = asked === 'linkedin_url'
        ? keyOf(asked, { linkedin_slug: slugOf(fields.linkedin_url) })
        : keyOf(asked, fields);
      if (key === null) return { matched_by: asked, person: null };
      return { matched_by: asked, person: index.get(key) ?? generatedBy(key) };
    },
    /** @returns {Person[]} */
    list() {
      return [...listed, ...Array.from({ length: generated }, (_, at) => generatedPerson(at + 1))];
    },
  };
}

/**
 * The strongest accepted combination that is complete, or null.
 * @param {Record<string, string>} fields
 * @returns {Identifier | null}
 */
export function strongest(fields) {
  if (fields.linkedin_url) return 'linkedin_url';
  if (fields.email) return 'email';
  if (fields.first_name && fields.last_name) {
    if (fields.company_name) return 'name_company';
    if (fields.company_website) return 'name_website';
  }
  return null;
}

/** @param {import('./index.js').PeopleOption} [option] */
function readPeopleOption(option = 0) {
  const full = typeof option === 'number' ? { generated: option } : Array.isArray(option) ? { own: option } : option;
  if (full === null || typeof full !== 'object') throw new TypeError('people is a number, a list of people, or { own, generated, builtIn }');
  for (const key of Object.keys(full)) {
    if (!['own', 'generated', 'builtIn'].includes(key)) throw new TypeError(`people has no option "${key}"`);
  }
  const { own = [], generated = 0, builtIn = true } = full;
  if (!Array.isArray(own)) throw new TypeError('people.own is a list of people');
  if (!Number.isSafeInteger(generated) || generated < 0 || generated > MOST_GENERATED) {
    throw new RangeError(`the number of generated people is an integer from 0 to ${MOST_GENERATED}`);
  }
  return { own, generated, builtIn };
}
