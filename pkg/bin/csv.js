/** The records of a list as the planner counts them, and cells that no spreadsheet takes for a formula. */

/**
 * The records of a text: empty lines are none, and a quotation mark means something only where a cell begins with it.
 *
 * @param {string} text
 * @param {string} delimiter
 * @returns {Generator<{ line: number, cells: string[] }, void, undefined>} with the line that each begins in, from 1
 */
export function* recordsOf(text, delimiter) {
  const special = new RegExp(`[${delimiter === '\t' ? '\\t' : delimiter}\r\n]`, 'g');
  let at = 0;
  let line = 1;
  for (;;) {
    for (; text[at] === '\r' || text[at] === '\n'; at += 1) if (text[at] === '\n' || text[at + 1] !== '\n') line += 1;
    if (at >= text.length) return;
    const begin = line;
    /** @type {string[]} */
    const cells = [];
    for (let isOver = false; !isOver; ) {
      let cell = '';
      if (text[at] === '"') {
        for (at += 1; ; at += 1) {
          const end = text.indexOf('"', at);
          // The planner refuses a list that ends within quotation marks.
          const part = text.slice(at, end < 0 ? undefined : end);
          for (let feed = part.indexOf('\n'); feed >= 0; feed = part.indexOf('\n', feed + 1)) line += 1;
          cell += part;
          at = end < 0 ? text.length : end + 1;
          if (text[at] !== '"') break;
          cell += '"';
        }
      }
      special.lastIndex = at;
      const end = special.exec(text)?.index ?? text.length;
      cells.push(cell + text.slice(at, end));
      isOver = text[end] !== delimiter;
      at = isOver ? end : end + 1;
    }
    yield { line: begin, cells };
  }
}

/** What windows-1252 has from 0x80 to 0x9f, as the planner reads it; several releases of Node read it as Latin-1. */
const WINDOWS_1252 = '\u20ac\ufffd\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\ufffd\u017d\ufffd\ufffd\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\ufffd\u017e\u0178';

/**
 * The text of a list.
 *
 * @param {Buffer} bytes
 * @param {string} encoding as the planner calls it
 */
export function textOf(bytes, encoding) {
  if (encoding !== 'windows-1252') return new TextDecoder(encoding).decode(bytes);
  return bytes.toString('latin1').replace(/[\x80-\x9f]/g, (letter) => WINDOWS_1252[letter.charCodeAt(0) - 0x80]);
}

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
