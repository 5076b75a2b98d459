/**
 * The faults to order: one table that names them, says when they strike, whether the wallet is charged,
 * and which parameters they take; and the script that picks the fault for a request.
 */

import { ENDPOINTS } from './vendor.js';
import { slugOf } from './people.js';

/**
 * When a fault strikes:
 * - `before`: instead of any handling, so nothing is judged and nothing charged;
 * - `any`: on any answer, refusals included;
 * - `ok`: on answers with 200; a refusal (4xx) goes out as it is;
 * - `found`: on answers that carry a result.
 * @typedef {'before' | 'any' | 'ok' | 'found'} Stage
 */

/** @typedef {(value: any) => string | null} Check what is wrong with a parameter, or null */

/** @type {(least: number, most: number) => Check} */
const integer = (least, most) => (value) =>
  Number.isSafeInteger(value) && value >= least && value <= most ? null : `is an integer from ${least} to ${most}`;
/** @type {(choices: readonly unknown[]) => Check} */
const oneOf = (choices) => (value) => (choices.includes(value) ? null : `is one of ${choices.join(', ')}`);
/** @type {Check} */
const flag = (value) => (typeof value === 'boolean' ? null : 'is true or false');
/** @type {Check} */
const headerText = (value) => (typeof value === 'string' && /^[\x20-\x7e]*$/.test(value) ? null : 'is a text that fits a header');

const DAY_MS = 86_400_000;
const milliseconds = integer(0, DAY_MS);
/** @type {Check} */
const millisecondsOrRange = (value) => {
  if (!Array.isArray(value)) return milliseconds(value);
  const fits = value.length === 2 && value.every((end) => milliseconds(end) === null) && value[0] <= value[1];
  return fits ? null : 'is milliseconds, or [least, most]';
};
/** @type {Check} */
const anyJson = (value) => (value === undefined ? 'is any JSON value, or a text' : null);

/** What each variant of `wrong_types` does to the answer; `found` variants need a result to spoil. */
export const WRONG_TYPES = Object.freeze({
  phone_number: { stage: 'found', spoil: (body) => ({ ...body, results: { ...body.results, phone: 15551234567 } }) },
  phone_null: { stage: 'found', spoil: (body) => ({ ...body, results: { ...body.results, phone: null } }) },
  phone_empty: { stage: 'found', spoil: (body) => ({ ...body, results: { ...body.results, phone: '' } }) },
  phone_object: { stage: 'found', spoil: (body) => ({ ...body, results: { ...body.results, phone: { number: body.results.phone } } }) },
  phone_array: { stage: 'found', spoil: (body) => ({ ...body, results: { ...body.results, phone: [body.results.phone] } }) },
  email_number: { stage: 'found', spoil: (body) => ({ ...body, results: { ...body.results, email: 7 } }) },
  results_array: { stage: 'found', spoil: (body) => ({ ...body, results: [body.results] }) },
  results_null: { stage: 'found', spoil: (body) => ({ ...body, results: null }) },
  results_text: { stage: 'found', spoil: (body) => ({ ...body, results: JSON.stringify(body.results) }) },
  results_missing: { stage: 'found', spoil: ({ results, ...body }) => body },
  success_missing: { stage: 'ok', spoil: ({ success, ...body }) => body },
  success_false: { stage: 'ok', spoil: (body) => ({ ...body, success: false }) },
  success_text: { stage: 'ok', spoil: (body) => ({ ...body, success: 'true' }) },
  status_missing: { stage: 'ok', spoil: ({ status, ...body }) => body },
  status_unknown: { stage: 'ok', spoil: (body) => ({ ...body, status: 'pending' }) },
  status_number: { stage: 'ok', spoil: (body) => ({ ...body, status: 200 }) },
  credits_text: { stage: 'ok', spoil: (body) => ({ ...body, remaining_credits: String(body.remaining_credits) }) },
  credits_missing: { stage: 'ok', spoil: ({ remaining_credits, ...body }) => body },
  credits_null: { stage: 'ok', spoil: (body) => ({ ...body, remaining_credits: null }) },
  credits_negative: { stage: 'ok', spoil: (body) => ({ ...body, remaining_credits: -5 }) },
  credits_fraction: { stage: 'ok', spoil: (body) => ({ ...body, remaining_credits: body.remaining_credits + 0.5 }) },
  // JSON.stringify cannot write "95.0"; the marker is replaced when the text is made.
  credits_integral_float: { stage: 'ok', spoil: (body) => ({ ...body, remaining_credits: `@float:${body.remaining_credits}` }) },
  body_array: { stage: 'ok', spoil: (body) => [body] },
  body_text: { stage: 'ok', spoil: (body) => JSON.stringify(body) },
  body_null: { stage: 'ok', spoil: () => null },
});

const LONGEST = 256 * 1024 * 1024;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * `charge`: `never`, or `when_found`: exactly as the request would be charged without the fault.
 * Every `ok` or `found` fault but charge_then_… also takes `charge: false`: the answer is given as though the
 * work had not been done.
 *
 * @type {Record<string, { stage: Stage, charge: 'never' | 'when_found', parameters: Record<string, Check>,
 *                         needs?: string[], says: string }>}
 */
export const FAULTS = {
  delay: {
    stage: 'any',
    charge: 'when_found',
    parameters: { ms: millisecondsOrRange, before: oneOf(['handling', 'answer']) },
    needs: ['ms'],
    says: 'waits ms milliseconds (or [least, most]) before "handling" (the default) or before the "answer"; goes together with any other fault',
  },
  drop: {
    stage: 'before',
    charge: 'never',
    parameters: { reset: flag },
    says: 'destroys the connection before handling; reset: with a TCP reset instead of an end',
  },
  charge_then_drop: {
    stage: 'ok',
    charge: 'when_found',
    parameters: { reset: flag },
    says: 'does the work, then destroys the connection without an answer',
  },
  500: {
    stage: 'before',
    charge: 'never',
    parameters: {},
    says: 'a server fault instead of handling, as HTML the way Django shows it',
  },
  charge_then_500: {
    stage: 'ok',
    charge: 'when_found',
    parameters: { status: integer(500, 599) },
    says: 'does the work, then answers 500 (or another 5xx status)',
  },
  502: {
    stage: 'before',
    charge: 'never',
    parameters: {},
    says: 'the HTML page of a gateway that did not reach the service',
  },
  429: {
    stage: 'before',
    charge: 'never',
    parameters: {
      retryAfter: (value) => (typeof value === 'number' ? integer(0, Number.MAX_SAFE_INTEGER)(value) : headerText(value)),
      retryAfterDate: integer(-DAY_MS, DAY_MS),
    },
    says: 'too many requests; retryAfter: seconds, or any text verbatim; retryAfterDate: an HTTP date that many seconds ahead; neither: no Retry-After',
  },
  status: {
    stage: 'before',
    charge: 'never',
    parameters: { status: integer(200, 599), body: anyJson },
    needs: ['status'],
    says: 'any status with any body (JSON, or a text sent as text/html) instead of handling',
  },
  redirect: {
    stage: 'before',
    charge: 'never',
    parameters: {
      status: oneOf(REDIRECTS),
      to: (value) => (typeof value === 'string' && /^\/(?!\/)[\x21-\x7e]*$/.test(value) ? null : 'is a path on the sandbox'),
    },
    says: '307 (or 301, 302, 303, 308) to a trap on the sandbox which answers a false result; the request log shows whether the token arrived there',
  },
  cut_body: {
    stage: 'any',
    charge: 'when_found',
    parameters: { keep: integer(0, LONGEST) },
    says: 'declares the whole Content-Length, sends keep bytes (default: half), then destroys the connection',
  },
  drip: {
    stage: 'any',
    charge: 'when_found',
    parameters: { ms: milliseconds, bytes: integer(1, LONGEST) },
    says: 'sends the headers at once, then bytes (default 1) of the body every ms milliseconds (default 10)',
  },
  cors_refused: {
    stage: 'any',
    charge: 'when_found',
    parameters: {},
    says: 'the answer without CORS headers; with match.method "OPTIONS" the preflight is refused instead',
  },
  html_200: {
    stage: 'ok',
    charge: 'when_found',
    parameters: {},
    says: '200 with a page of HTML, as a captive portal or a proxy gives',
  },
  empty_200: { stage: 'ok', charge: 'when_found', parameters: {}, says: '200 with an empty body' },
  wrong_content_type: {
    stage: 'ok',
    charge: 'when_found',
    parameters: { contentType: (value) => (value === null ? null : headerText(value)) },
    says: 'the right body as text/plain, as contentType, or (null) without any',
  },
  bom: { stage: 'ok', charge: 'when_found', parameters: {}, says: 'the right body behind a byte order mark' },
  duplicate_keys: {
    stage: 'ok',
    charge: 'when_found',
    parameters: {},
    says: 'each key twice, first with a false value; the last one is right',
  },
  huge: {
    stage: 'ok',
    charge: 'when_found',
    parameters: { bytes: integer(1, LONGEST), chunked: flag, cut: flag },
    says: 'the right body padded to bytes (default 1 MiB) of valid JSON; chunked: without a length; cut: the JSON never ends',
  },
  wrong_types: {
    stage: 'ok',
    charge: 'when_found',
    parameters: { variant: oneOf(Object.keys(WRONG_TYPES)) },
    says: 'a field missing or of another type, by variant (default phone_number)',
  },
  missing_phone: {
    stage: 'found',
    charge: 'when_found',
    parameters: {},
    says: 'a found answer without the paid field: results.phone, or results.email on the e-mail endpoint',
  },
};

const MATCHERS = ['person', 'email', 'slug', 'endpoint', 'method', 'path', 'nth'];
const RULE_KEYS = ['fault', 'match', 'times', 'probability', 'seed', 'charge'];

const asList = (value) => (value === undefined ? null : Array.isArray(value) ? value : [value]);

/**
 * @param {any} rule as the caller gave it
 * @param {number} at
 * @param {number} seed
 */
function compile(rule, at, seed) {
  const fail = (problem) => {
    throw new TypeError(`fault rule ${at + 1}: ${problem}`);
  };
  if (rule === null || typeof rule !== 'object' || Array.isArray(rule)) fail('a rule is an object');
  const name = String(rule.fault);
  if (!Object.hasOwn(FAULTS, name)) fail(`unknown fault "${name}"; known are ${Object.keys(FAULTS).join(', ')}`);
  const kind = FAULTS[name];
  for (const key of Object.keys(rule)) {
    if (RULE_KEYS.includes(key)) continue;
    if (!Object.hasOwn(kind.parameters, key)) {
      const known = Object.keys(kind.parameters);
      fail(`fault "${name}" takes no "${key}"${known.length > 0 ? `; it takes ${known.join(', ')}` : ''}`);
    }
    const problem = kind.parameters[key](rule[key]);
    if (problem !== null) fail(`"${key}" of fault "${name}" ${problem}`);
  }
  for (const key of kind.needs ?? []) if (!(key in rule)) fail(`fault "${name}" needs "${key}"`);

  let stage = kind.stage;
  if (name === 'delay') stage = rule.before === 'answer' ? 'any' : 'before';
  if (name === 'wrong_types') stage = WRONG_TYPES[rule.variant ?? 'phone_number'].stage;
  if (rule.charge !== undefined) {
    if (typeof rule.charge !== 'boolean') fail('"charge" is true or false');
    if (stage === 'before' || stage === 'any' || name.startsWith('charge_then_')) fail(`fault "${name}" takes no "charge"`);
  }

  const { match = {}, times = Infinity, probability = 1 } = rule;
  if (match === null || typeof match !== 'object') fail('"match" is an object');
  for (const key of Object.keys(match)) {
    if (!MATCHERS.includes(key)) fail(`"match" knows no "${key}"; it knows ${MATCHERS.join(', ')}`);
  }
  const nth = asList(match.nth);
  if (nth !== null && !nth.every((n) => Number.isSafeInteger(n) && n >= 1)) fail('"match.nth" is an integer from 1, or a list of them');
  for (const key of ['person', 'email', 'slug', 'endpoint', 'method', 'path']) {
    if (match[key] !== undefined && !asList(match[key]).every((value) => typeof value === 'string')) {
      fail(`"match.${key}" is a text, or a list of texts`);
    }
  }
  if (times !== Infinity && (!Number.isSafeInteger(times) || times < 0)) fail('"times" is an integer from 0');
  if (typeof probability !== 'number' || !(probability >= 0 && probability <= 1)) fail('"probability" is a number from 0 to 1');
  if (rule.seed !== undefined && !Number.isSafeInteger(rule.seed)) fail('"seed" is an integer');

  const lowered = (value) => asList(value)?.map((text) => text.trim().normalize('NFC').toLowerCase()) ?? null;
  return {
    /** @type {any} */
    rule: structuredClone(rule),
    name,
    stage,
    withoutCharge: rule.charge === false,
    people: asList(match.person),
    emails: lowered(match.email),
    slugs: lowered(match.slug),
    endpoints: asList(match.endpoint),
    methods: asList(match.method)?.map((text) => text.toUpperCase()) ?? null,
    paths: asList(match.path),
    nth,
    times,
    probability,
    seed: `${rule.seed ?? seed}|${at}`,
    /** Requests that matched the rest of the rule. */
    seen: 0,
    struck: 0,
    /** How often each subject drew a lot, for rules with a probability. */
    draws: new Map(),
  };
}

/** @typedef {ReturnType<typeof compile>} Rule */

/**
 * What a rule can ask about a request.
 * @typedef {{ method: string, path: string, endpoint: 'phone' | 'email' | null, person: string | null,
 *             email: string | null, slug: string | null, subject: string }} Facts
 */

/**
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string>} fields
 * @param {import('./index.js').Person | null} person
 * @returns {Facts}
 */
export function factsOf(method, path, fields, person) {
  const lowered = (text) => text.normalize('NFC').toLowerCase();
  const slug = fields.linkedin_url === undefined ? null : slugOf(fields.linkedin_url);
  return {
    method,
    path,
    endpoint: ENDPOINTS.find((endpoint) => endpoint.path === path)?.name ?? null,
    person: person?.id ?? null,
    email: fields.email === undefined ? null : lowered(fields.email),
    slug: slug === null ? null : lowered(slug),
    subject: person?.id ?? lowered(JSON.stringify(fields)),
  };
}

/** @param {Rule} rule @param {Facts} facts */
function matches(rule, facts) {
  if (rule.struck >= rule.times) return false;
  // Unless a rule says otherwise it is about lookups: neither preflights nor other paths.
  if (rule.methods === null ? facts.method === 'OPTIONS' : !rule.methods.includes(facts.method)) return false;
  if (rule.paths === null ? facts.endpoint === null : !rule.paths.includes(facts.path)) return false;
  if (rule.endpoints !== null && !rule.endpoints.includes(facts.endpoint)) return false;
  if (rule.people !== null && !rule.people.includes(facts.person)) return false;
  if (rule.emails !== null && !rule.emails.includes(facts.email)) return false;
  if (rule.slugs !== null && !rule.slugs.includes(facts.slug)) return false;
  rule.seen += 1;
  if (rule.nth !== null && !rule.nth.includes(rule.seen)) return false;
  return rule.probability === 1 || draw(rule, facts.subject) < rule.probability;
}

/**
 * A number in [0, 1) from the seed, the person and how often that person came: the order in which
 * concurrent requests happen to arrive does not change who is struck.
 * @param {Rule} rule
 * @param {string} subject
 */
function draw(rule, subject) {
  const turn = (rule.draws.get(subject) ?? 0) + 1;
  rule.draws.set(subject, turn);
  return hash(`${rule.seed}|${subject}|${turn}`) / 2 ** 32;
}

/** FNV-1a with the finisher of MurmurHash3: 32 well-mixed bits. */
function hash(text) {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** @param {Rule} rule @param {string} subject */
function delayOf(rule, subject) {
  const { ms } = rule.rule;
  if (!Array.isArray(ms)) return ms;
  const [least, most] = ms;
  return least + Math.floor((hash(`${rule.seed}|delay|${subject}|${rule.struck}`) / 2 ** 32) * (most - least + 1));
}

const STAGES_OF_ANSWER = { refused: ['any'], not_found: ['any', 'ok'], found: ['any', 'ok', 'found'] };

/** @param {readonly import('./index.js').FaultRule[]} [rules] @param {{ seed?: number }} [options] */
export function createFaultScript(rules = [], { seed = 1 } = {}) {
  if (!Array.isArray(rules)) throw new TypeError('faults is a list of rules');
  if (!Number.isSafeInteger(seed)) throw new TypeError('the seed of a fault script is an integer');
  const compiled = rules.map((rule, at) => compile(rule, at, seed));

  /** Rules are asked in order: all delays that match add up, the first other fault that matches strikes. */
  function pick(stages, facts) {
    let delayMs = 0;
    const names = [];
    for (const rule of compiled) {
      if (!stages.includes(rule.stage) || !matches(rule, facts)) continue;
      rule.struck += 1;
      names.push(rule.name);
      if (rule.name !== 'delay') return { delayMs, fault: rule, names };
      delayMs += delayOf(rule, facts.subject);
    }
    return { delayMs, fault: null, names };
  }

  return {
    isEmpty: compiled.length === 0,
    /** @param {Facts} facts */
    before: (facts) => pick(['before'], facts),
    /** @param {Facts} facts @param {'refused' | 'not_found' | 'found'} kind */
    after: (facts, kind) => pick(STAGES_OF_ANSWER[kind], facts),
    list: () => compiled.map(({ rule, struck }) => ({ ...structuredClone(rule), struck })),
  };
}

/**
 * The fault ordered by a request's own header: `X-Sandbox-Fault: drip; ms=5; bytes=2`.
 * @param {string} header
 * @returns {import('./index.js').FaultRule}
 */
export function ruleFromHeader(header) {
  const [fault, ...parts] = header.split(';').map((part) => part.trim());
  /** @type {any} */
  const rule = { fault };
  for (const part of parts) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const key = equals < 0 ? part : part.slice(0, equals).trim();
    if (key === 'match' || key === 'times' || key === 'probability' || key === 'seed' || key === 'fault') {
      throw new TypeError(`"${key}" has no meaning for a single request`);
    }
    const value = equals < 0 ? 'true' : part.slice(equals + 1).trim();
    try {
      rule[key] = JSON.parse(value);
    } catch {
      rule[key] = value;
    }
  }
  return rule;
}
