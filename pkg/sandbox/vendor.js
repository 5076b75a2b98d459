/**
 * The vendor's contract as a judgement: given a request, what would the service answer, and at what price?
 * Nothing here has an effect; the server charges and answers by what is returned.
 */

import { strongest } from './people.js';

/** Path under which the API lives; part of the URL a client is given. */
export const BASE_PATH = '/backend/api/v1';

/** @typedef {{ name: 'phone' | 'email', path: string, price: number, missing: string }} Endpoint */

/** @type {readonly Endpoint[]} */
export const ENDPOINTS = [
  { name: 'phone', path: `${BASE_PATH}/external/phone/enrichment/`, price: 5, missing: 'Phone not found' },
  { name: 'email', path: `${BASE_PATH}/external/email/enrichment/`, price: 1, missing: 'Email not found' },
];

const FIELDS = ['linkedin_url', 'email', 'first_name', 'last_name', 'company_name', 'company_website'];

const NO_COMBINATION = 'Provide linkedin_url, email, or first_name + last_name + (company_name OR company_website).';

/**
 * @typedef {{ kind: 'refused', status: number, headers?: Record<string, string>, body: object }} Refusal
 * @typedef {{ kind: 'found' | 'not_found', person: import('./index.js').Person | null,
 *             matched_by: import('./index.js').Identifier }} Answered
 */

/** @returns {Refusal} */
export function refusal(status, body, headers) {
  return { kind: 'refused', status, body, headers };
}

export const NOT_FOUND_PATH = refusal(404, { detail: 'Not found.' });

/**
 * The order of the questions is Django REST Framework's: who asks, how often, by which method,
 * in which form, with which fields; then the wallet, and only then the book.
 *
 * @param {{ endpoint: Endpoint, method: string, token: ReturnType<ReturnType<typeof import('./tokens.js').createTokens>['read']>,
 *           body: import('./request-body.js').Body, balance: number, detail402: boolean,
 *           find: (fields: Record<string, string>) => { person: import('./index.js').Person | null,
 *                                                       matched_by: import('./index.js').Identifier | null } }} asked
 * @returns {Refusal | Answered}
 */
export function judge({ endpoint, method, token, body, balance, detail402, find }) {
  if (token === null || (token.kind !== 'live' && token.kind !== 'test')) {
    return refusal(401, { detail: 'Invalid token.' }, { 'WWW-Authenticate': 'Token' });
  }
  if (token.kind === 'test' && token.used >= token.dailyCap) {
    return refusal(429, { detail: 'Request was throttled.' },
      token.retryAfter === null ? undefined : { 'Retry-After': String(token.retryAfter) });
  }
  if (method !== 'POST') {
    return refusal(405, { detail: `Method "${method}" not allowed.` }, { Allow: 'POST, OPTIONS' });
  }
  if (body.mediaType !== 'application/json') {
    return refusal(415, { detail: `Unsupported media type "${body.contentType}" in request.` });
  }
  if (body.broken) return refusal(400, { detail: `JSON parse error - ${body.broken}` });

  const checked = checkFields(body.json);
  if (checked.errors !== null) return refusal(400, checked.errors);
  if (strongest(checked.fields) === null) return refusal(400, { error: NO_COMBINATION });
  if (balance < endpoint.price) {
    return refusal(402, {
      error: 'Insufficient credits.',
      ...(detail402 ? { required: endpoint.price, balance } : {}),
    });
  }

  const { person, matched_by } = find(checked.fields);
  return { kind: person !== null && paidResult(endpoint, person) ? 'found' : 'not_found', person, matched_by };
}

/**
 * The field the endpoint is paid for, or a falsy value when the vendor does not have it.
 * @param {Endpoint} endpoint
 * @param {import('./index.js').Person} person
 */
function paidResult(endpoint, person) {
  return endpoint.name === 'phone' ? person.phone : person.bonus_email;
}

/**
 * The documented body of a 200.
 * @param {Endpoint} endpoint
 * @param {Answered} answered
 * @param {number} remaining_credits
 */
export function answerBody(endpoint, { kind, person }, remaining_credits) {
  if (kind === 'not_found') {
    return { success: true, status: 'not_found', message: endpoint.missing, remaining_credits };
  }
  /** @type {Record<string, string | null>} */
  const results = {};
  if (endpoint.name === 'phone') results.phone = person.phone;
  if ('bonus_email' in person) results.email = person.bonus_email;
  return { success: true, status: 'success', results, remaining_credits };
}

/** @param {string} text */
function isEmail(text) {
  if (text.length > 254) return false;
  return /^[^\s@"(),:;<>[\\\]]+@[^\s@"(),:;<>[\\\]]+\.[^\s@.\d][^\s@.]+$/u.test(text) && !/\.\.|@\.|^\.|\.@/.test(text);
}

/** @param {string} text */
function isAddress(text) {
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
    return /^https?:$/.test(url.protocol) && url.hostname.includes('.');
  } catch {
    return false;
  }
}

/**
 * All fields are texts; a blank one counts as not given, fields the API does not know are ignored.
 * @param {unknown} json
 * @returns {{ errors: Record<string, string[]> | null, fields: Record<string, string> }}
 */
export function checkFields(json) {
  /** @type {Record<string, string>} */
  const fields = {};
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    const kind = json === null ? 'NoneType' : Array.isArray(json) ? 'list'
      : { string: 'str', boolean: 'bool', number: 'float' }[typeof json];
    return { errors: { non_field_errors: [`Invalid data. Expected a dictionary, but got ${kind}.`] }, fields };
  }
  /** @type {Record<string, string[]> | null} */
  let errors = null;
  const refuse = (field, message) => ((errors ??= {})[field] = [message]);
  for (const field of FIELDS) {
    const value = Object.hasOwn(json, field) ? json[field] : undefined;
    if (value === undefined) continue;
    if (value === null) refuse(field, 'This field may not be null.');
    else if (typeof value !== 'string') refuse(field, 'Not a valid string.');
    else {
      const text = value.trim();
      if (text === '') continue;
      if (field === 'email' && !isEmail(text)) refuse(field, 'Enter a valid email address.');
      else if (field === 'linkedin_url' && !isAddress(text)) refuse(field, 'Enter a valid URL.');
      else fields[field] = text;
    }
  }
  return { errors, fields };
}
