/** Which web pages may talk to the sandbox, and the headers that tell their browsers so. */

const MAX_AGE_SECONDS = 600;

/** @param {boolean | string[]} [option] true: any origin; a list: these; false: none */
export function createCors(option = false) {
  if (typeof option !== 'boolean' && !Array.isArray(option)) throw new TypeError('cors is true, false, or a list of origins');
  const listed = Array.isArray(option) ? new Set(option) : null;
  for (const origin of listed ?? []) {
    if (typeof origin !== 'string' || !/^[a-z][a-z0-9+.-]*:\/\/[^/\s?#@]+$/.test(origin)) {
      throw new TypeError(`"${origin}" is not an origin: scheme://host, with a port if any, and no path`);
    }
  }

  return {
    any: option === true,
    /** @param {string} origin */
    allows: (origin) => option === true || (listed?.has(origin) ?? false),
    /**
     * Headers for an answer, to be set before it is written.
     * @param {import('node:http').ServerResponse} res
     * @param {string | undefined} origin
     */
    mark(res, origin) {
      if (listed !== null) res.setHeader('Vary', 'Origin');
      if (origin === undefined || !this.allows(origin)) return;
      res.setHeader('Access-Control-Allow-Origin', option === true ? '*' : origin);
      res.setHeader('Access-Control-Expose-Headers', 'Retry-After');
    },
    /**
     * @param {import('node:http').IncomingMessage} req
     * @param {string} methods
     * @returns {Record<string, string>} the headers of a granted preflight
     */
    grant(req, methods) {
      /** @type {Record<string, string>} */
      const headers = {
        'Access-Control-Allow-Methods': methods,
        'Access-Control-Allow-Headers': 'authorization, content-type',
        'Access-Control-Max-Age': String(MAX_AGE_SECONDS),
      };
      // Chrome asks this of a loopback server before a page from a public address may reach it.
      if (req.headers['access-control-request-private-network'] === 'true') {
        headers['Access-Control-Allow-Private-Network'] = 'true';
      }
      return headers;
    },
  };
}

/** @param {import('node:http').IncomingMessage} req */
export function isPreflight(req) {
  return req.method === 'OPTIONS'
    && req.headers.origin !== undefined
    && req.headers['access-control-request-method'] !== undefined;
}
