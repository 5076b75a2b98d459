/** Cells that no spreadsheet takes for a formula. */

/** A phone that begins with its plus sign: nothing to compute but a number. */
const PHONE = /^\+\d[\d \u00a0\u2011().\/-]*$/;

/**
 * A cell as RFC 4180 has it. What a spreadsheet would compute gets an apostrophe in front: a list comes from strangers.
 *
 * @param {string} text
 * @param {string} delimiter
 */
export function cellOf(text, delimiter) {
  const safe = /^[=+\-@\t\r]/.test(text) && !PHONE.test(text) ? `'${text}` : text;
  return /["\r\n]/.test(safe) || safe.includes(delimiter) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
