/** How words on the command line become options, the same way for every verb. */

/** @typedef {{ summary: string, run: (words: string[]) => Promise<number> }} Verb */
/**
 * `value`: true when a value must follow, "optional" when one may be joined with "=".
 * @typedef {{ value: boolean | 'optional', read?: (text: string | null) => unknown }} Option
 */

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}

/**
 * @param {string[]} words
 * @param {Record<string, Option>} known by name without the dashes
 * @returns {Record<string, any>}
 */
export function readOptions(words, known) {
  /** @type {Record<string, any>} */
  const options = {};
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (!word.startsWith('--')) throw new UsageError(`unexpected "${word}"`);
    const equals = word.indexOf('=');
    const name = word.slice(2, equals < 0 ? undefined : equals);
    if (!Object.hasOwn(known, name)) throw new UsageError(`unknown option "--${name}"`);
    if (Object.hasOwn(options, name)) throw new UsageError(`--${name} is given twice`);
    const { value, read = (text) => text ?? true } = known[name];
    let text = equals < 0 ? null : word.slice(equals + 1);
    if (value === true && text === null) {
      at += 1;
      if (at >= words.length || words[at].startsWith('--')) throw new UsageError(`--${name} needs a value`);
      text = words[at];
    }
    if (value === false && text !== null) throw new UsageError(`--${name} takes no value`);
    options[name] = read(text);
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
