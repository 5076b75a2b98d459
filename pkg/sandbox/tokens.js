/** The tokens the sandbox knows, their kinds, and the daily cap of the test kind. */

/** Not a secret: it opens nothing but a sandbox. */
const DEFAULT_TOKEN = 'sandbox-token-not-a-secret';

const DEFAULT_CAP = 10;
const KINDS = ['live', 'test', 'expired', 'revoked'];

/** Offered by every sandbox that is not given a list of its own. @type {import('./index.js').TokenOption[]} */
const OFFERED = [
  { token: 'sandbox-test-token', kind: 'test' },
  { token: 'sandbox-expired-token', kind: 'expired' },
  { token: 'sandbox-revoked-token', kind: 'revoked' },
];

/**
 * @param {string} [main] the live token that the handle hands out
 * @param {(string | import('./index.js').TokenOption)[]} [others]
 */
export function createTokens(main = DEFAULT_TOKEN, others = OFFERED) {
  /** @type {Map<string, { kind: 'live' | 'test' | 'expired' | 'revoked', dailyCap: number,
   *                       retryAfter: number | string | null, day: string, used: number }>} */
  const known = new Map();
  if (!Array.isArray(others)) throw new TypeError('tokens is a list');
  for (const other of [...others, main]) {
    const option = typeof other === 'string' ? { token: other } : other;
    const { token, kind = 'live', dailyCap = DEFAULT_CAP, retryAfter = null } = option ?? {};
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
      throw new TypeError('a token is a text of visible ASCII characters without spaces');
    }
    if (!KINDS.includes(kind)) throw new TypeError(`the kind of a token is one of ${KINDS.join(', ')}`);
    if (!Number.isSafeInteger(dailyCap) || dailyCap < 0) throw new TypeError('dailyCap is an integer from 0: lookups a day');
    if (retryAfter !== null && !/^[\x20-\x7e]*$/.test(String(retryAfter))) {
      throw new TypeError('retryAfter is seconds, or a text for the Retry-After header');
    }
    known.set(token, { kind, dailyCap, retryAfter, day: '', used: 0 });
  }

  return {
    main,
    list: () => [...known].map(([token, { kind }]) => ({ token, kind })),
    /**
     * @param {string | undefined} authorization the header
     * @returns {{ kind: 'live' | 'test' | 'expired' | 'revoked' | 'unknown', used: number, dailyCap: number,
     *             retryAfter: number | string | null, day: string } | null} null when there is no header at all
     */
    read(authorization) {
      if (authorization === undefined) return null;
      const entry = authorization.startsWith('Token ') ? known.get(authorization.slice(6)) : undefined;
      if (entry === undefined) return { kind: 'unknown', used: 0, dailyCap: 0, retryAfter: null, day: '' };
      // The cap is daily by the calendar of UTC.
      const today = entry.kind === 'test' ? new Date().toISOString().slice(0, 10) : '';
      if (entry.day !== today) {
        entry.day = today;
        entry.used = 0;
      }
      return entry;
    },
    reset() {
      for (const entry of known.values()) entry.used = 0;
    },
  };
}

/**
 * An authorization header as the request log shows it: the scheme word and the token's last four characters.
 * @param {string} authorization
 */
export function redacted(authorization) {
  const secret = authorization.slice(authorization.lastIndexOf(' ') + 1);
  const scheme = /^([A-Za-z]{1,16}) /.exec(authorization)?.[1];
  // Four characters of a text of eight or fewer would be half the secret.
  const shown = `…${secret.length > 8 ? secret.slice(-4) : ''}`;
  return scheme === undefined ? shown : `${scheme} ${shown}`;
}
