/** What every verb that looks people up has in common: whom, with which token, where, and what is kept in which folder. */

import { existsSync } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { integerOption, UsageError } from './usage.js';

const TOKEN = 'ENRICHMENT_TOKEN';
const TOKEN_FILE = 'ENRICHMENT_TOKEN_FILE';
/** No token is longer; whoever names a wrong file does not wait for all of it. */
const LONGEST_TOKEN = 16_384;
/** What is shorter stands in other words by accident. */
const SHORTEST_SECRET = 6;
/** The most credits that the core counts. */
const MOST_CREDITS = 2 ** 32 - 1;

/** Exit codes, the same for every verb. */
export const FAILED = 1;
const WRONG = 2;
export const INCOMPLETE = 3;
export const OUT_OF_CREDITS = 4;
export const INTERRUPTED = 130;

export const EXIT_CODES = `Exit codes:
  0    all is well; who is not found was answered, too
  1    failed; what was paid for is kept
  2    called wrongly, or the request or the list is not valid; nothing was sent
  3    some have no answer: not valid, failed, or in doubt, which may have been charged
  4    out of credits, or of what --limit allows
  130  interrupted, or not confirmed
`;

export const SERVICE_HELP = `  --token-file FILE   a file with the token, which nobody else may read (chmod 600)
  --base-url URL      your own server, or the sandbox; default: the service
  --data FOLDER       where answers are kept, so that nobody is paid for twice;
                      default: .phone-enrichment in the working directory
`;

export const TOKEN_HELP = `The token is read from the variable ${TOKEN}, or from the file that --token-file or
${TOKEN_FILE} names, never from the command line, which other users of the machine can see
and a shell remembers. With --base-url it may be left out.
`;

export const SERVICE_OPTIONS = {
  'token-file': { value: true },
  'base-url': { value: true },
  data: { value: true },
};

export const LIMIT_OPTION = { value: true, read: integerOption('limit', 0, MOST_CREDITS) };

/** Which member of a request each option is. */
const MEMBERS = {
  linkedin: 'linkedin_url',
  email: 'email',
  'first-name': 'first_name',
  'last-name': 'last_name',
  company: 'company_name',
  website: 'company_website',
};

export const PERSON_HELP = `  --linkedin URL      the address of the profile
  --email ADDRESS
  --first-name NAME --last-name NAME with --company NAME or --website DOMAIN
`;

export const PERSON_OPTIONS = Object.fromEntries(Object.keys(MEMBERS).map((name) => [name, { value: true }]));

/** @param {Record<string, any>} options */
export const requestOf = (options) =>
  Object.fromEntries(Object.entries(MEMBERS).filter(([name]) => options[name] !== undefined).map(([name, member]) => [member, options[name]]));

/** Options by which people try to hand over a token. */
const SECRETS = /^--?(t|((api|access|auth|bearer|live)[-_]?)?(token|key|secret)|auth|authorization|bearer|password|header)(=|$)/i;

/**
 * Refuses a token among the words, without repeating it.
 *
 * @param {string[]} words
 */
export function refuseToken(words) {
  const token = process.env[TOKEN]?.trim();
  if (words.some((word) => SECRETS.test(word) || (token && token.length >= SHORTEST_SECRET && word.includes(token)))) {
    throw new UsageError(`a token is never taken from the command line, which other users of the machine can see and a shell remembers: use ${TOKEN} or --token-file`);
  }
}

/** @param {string} path */
async function tokenIn(path) {
  const quoted = `'${path.replaceAll("'", "'\\''")}'`;
  const file = await open(path, 'r').catch((error) => {
    throw new UsageError(`the token file can't be read (${error.code})`);
  });
  try {
    // Of what was opened, not of what lies there a moment later.
    const stat = await file.stat();
    if (stat.isDirectory()) throw new UsageError('the token file is a folder');
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      throw new UsageError(`others may read or write the token file. Do: chmod 600 ${quoted}`);
    }
    if (stat.size > LONGEST_TOKEN) throw new UsageError('the token file is too long to hold a token alone');
    const token = (await file.readFile('utf8')).trim();
    if (token === '') throw new UsageError('the token file is empty');
    return token;
  } finally {
    await file.close();
  }
}

/**
 * The token; nothing where one's own server may do without.
 *
 * @param {Record<string, any>} options
 */
async function tokenOf(options) {
  const path = options['token-file'] ?? (process.env[TOKEN] ? undefined : process.env[TOKEN_FILE]);
  if (path) return tokenIn(path);
  const token = process.env[TOKEN]?.trim();
  if (!token && options['base-url'] === undefined) throw new UsageError(`no token: set ${TOKEN}, or name a file with --token-file`);
  return token || undefined;
}

/** @param {Record<string, any>} options */
export const dataOf = (options) => resolve(options.data ?? '.phone-enrichment');

/** @param {string} data */
const storeIn = (data) => join(data, 'store');

/** Whether anything was ever kept there. @param {string} data */
export const hasData = (data) => existsSync(storeIn(data));

/** Makes the folder; what is in it belongs into no repository. @param {string} data */
export async function makeData(data) {
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeFile(join(data, '.gitignore'), '*\n', { flag: 'wx' }).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** Node 18 has it, but not under its global name. */
async function haveCrypto() {
  globalThis.crypto ??= /** @type {any} */ ((await import('node:crypto')).webcrypto);
}

/**
 * A client for which answers are kept in the folder. Loaded only now: the sandbox needs none of it.
 *
 * @param {Record<string, any>} options of the command
 * @param {object} [more] options of the client
 */
export async function offlineClient(options, more = {}) {
  await haveCrypto();
  const { createClient } = await import('../dist/index.js');
  const { fileStore } = await import('../dist/stores/file.js');
  return createClient({ store: fileStore(storeIn(dataOf(options))), ...more });
}

/**
 * A client to plan with, which knows who is in the folder at this moment; nothing where there is none. It lists the folder
 * once: a plan asks for everybody under every identifier, and most are not there.
 *
 * @param {Record<string, any>} options
 */
export async function planningClient(options) {
  if (!hasData(dataOf(options))) return undefined;
  const { fileStore } = await import('../dist/stores/file.js');
  const store = fileStore(storeIn(dataOf(options)));
  const names = new Set();
  for await (const name of store.keys()) names.add(name);
  return offlineClient(options, {
    store: { ...store, get: (/** @type {string} */ key) => (names.has(key) ? store.get(key) : undefined) },
  });
}

/** The same, to send something. @param {Record<string, any>} options @param {object} [more] */
export async function onlineClient(options, more = {}) {
  const token = await tokenOf(options);
  await makeData(dataOf(options));
  return offlineClient(options, {
    token,
    baseUrl: options['base-url'],
    onWarning: ({ message }) => process.stderr.write(`phone-enrichment: ${message}\n`),
    ...more,
  });
}

/** What an error of the package ends the command with. @param {any} error */
export function exitCodeOf(error) {
  if (['invalid_request', 'invalid_options', 'invalid_list'].includes(error.code)) return WRONG;
  if (['insufficient_credits', 'budget_exceeded'].includes(error.code)) return OUT_OF_CREDITS;
  return error.charge !== 'none' || error.code === 'suppressed' ? INCOMPLETE : FAILED;
}

/** Lets a write to whoever is gone be no reason to fail: what was paid for is still to be kept. */
export function survivePipes() {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/**
 * Asks on the terminal.
 *
 * @param {string} question
 */
export async function confirmed(question) {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise((answered) => {
    lines.question(`${question} [y/N] `, answered);
    lines.once('close', () => answered(''));
  });
  lines.close();
  return /^y(es)?$/i.test(String(answer).trim());
}

export const isTerminal = () => Boolean(process.stdin.isTTY && process.stderr.isTTY);

/** How long one Ctrl-C may take to arrive twice, in milliseconds: the terminal sends it to everybody, and npx passes it on. */
const ECHO_MS = 500;

/**
 * Hears the first interruption, and ends at once at the next one.
 *
 * @param {() => void} first
 * @param {() => void} [next] what is still to be said
 * @returns {() => void} stops hearing
 */
export function onInterrupt(first, next = () => {}) {
  /** @type {number | undefined} */
  let at;
  const heard = () => {
    if (at === undefined) {
      at = performance.now();
      return first();
    }
    if (performance.now() - at < ECHO_MS) return;
    next();
    process.exit(INTERRUPTED);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, heard);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.removeListener(signal, heard);
  };
}
