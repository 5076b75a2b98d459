/** How words on the command line become options, the same way for every verb. */

/** @typedef {{ summary: string, run: (words: string[]) => Promise<number> }} Verb */
/**
 * `value`: true when a value must follow, "optional" when one may be joined with "=".
 * `short`: another name, one letter behind one dash. `many`: it may be given more than once, and is then a list.
 * @typedef {{ value: boolean | 'optional', read?: (text: string | null) => unknown, short?: string, many?: boolean }} Option
 */

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}

/**
 * @param {string[]} words
 * @param {Record<string, Option>} known by name without the dashes
 * @param {string[]} [places] names of the words without dashes, in order; without it none is taken
 * @returns {Record<string, any>}
 */
export function readOptions(words, known, places) {
  /** @type {Record<string, any>} */
  const options = {};
  let placed = 0;
  for (let at = 0; at < words.length; at += 1) {
    let word = words[at];
    const long = Object.keys(known).find((name) => word === `-${known[name].short}`);
    if (long !== undefined) word = `--${long}`;
    if (!word.startsWith('--')) {
      if (places === undefined) throw new UsageError(`unexpected "${word}"`);
      // What it is stays unsaid: it may be a secret that was meant for another place.
      if (placed >= places.length) throw new UsageError(`word ${at + 1} is one too many`);
      options[places[placed]] = word;
      placed += 1;
      continue;
    }
    const equals = word.indexOf('=');
    const name = word.slice(2, equals < 0 ? undefined : equals);
    if (!Object.hasOwn(known, name)) throw new UsageError(`unknown option "--${name}"`);
    const { value, read = (text) => text ?? true, many } = known[name];
    if (Object.hasOwn(options, name) && !many) throw new UsageError(`--${name} is given twice`);
    let text = equals < 0 ? null : word.slice(equals + 1);
    if (value === true && text === null) {
      at += 1;
      if (at >= words.length || words[at].startsWith('--')) throw new UsageError(`--${name} needs a value`);
      text = words[at];
    }
    if (value === false && text !== null) throw new UsageError(`--${name} takes no value`);
    if (many) options[name] = [...(options[name] ?? []), read(text)];
    else options[name] = read(text);
  }
  return options;
}

/**
 * @param {string} name
 * @param {number} least
 * @param {number} most
 * @returns {(text: string | null) => number}
 */
export const integerOption = (name, least, most) => (text) => {
  const value = /^\d+$/.test(text ?? '') ? Number(text) : NaN;
  if (!(value >= least && value <= most)) throw new UsageError(`--${name} is an integer from ${least} to ${most}`);
  return value;
};

/** @param {number} count @param {string} noun */
export const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** What others wrote must not steer the terminal. @param {unknown} text */
export const printable = (text) => String(text).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
