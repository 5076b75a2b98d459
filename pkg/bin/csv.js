/** Cells that no spreadsheet takes for a formula. */

/** A spreadsheet computes what begins like this, some of them after blanks as well, and in the wide signs of East Asia. */
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;
/** A phone that begins with its plus sign. One that has signs but no blank would be computed: its parts would be subtracted. */
const PHONE = /^\+\d(?:[\d.]*|[\d ().-]* [\d ().-]*)$/;

/**
 * A cell as RFC 4180 has it. What a spreadsheet would compute gets an apostrophe in front: a list comes from strangers. Other
 * delimiters are quoted as well: whoever opens the list may have set one of them.
 *
 * @param {string} text
 * @param {string} delimiter
 */
export function cellOf(text, delimiter) {
  const safe = FORMULA.test(text) && !PHONE.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(safe) || safe.includes(delimiter) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
