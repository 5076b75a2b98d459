/** The body of a request: collected up to a cap, decoded, parsed, and kept for the logs. */

/** Bytes a request may carry; beyond it the answer is 413. */
export const MOST_REQUEST_BYTES = 1024 * 1024;

/** Characters of an unusual body that the logs keep. */
const MOST_KEPT = 16 * 1024;

/**
 * @typedef {{ contentType: string, mediaType: string, broken: string | null, json: unknown, kept: unknown }} Body
 *   `kept` is what the logs show: the parsed object, or the (bounded) text where there is none.
 */

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * @param {Buffer[]} chunks
 * @param {string} [contentType]
 * @returns {Body}
 */
export function readBody(chunks, contentType = '') {
  const mediaType = contentType.split(';', 1)[0].trim().toLowerCase();
  const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  // An empty body is an empty form to Django REST Framework, not broken JSON.
  if (bytes.length === 0) return { contentType, mediaType, broken: null, json: {}, kept: null };
  let text;
  try {
    text = decoder.decode(bytes);
  } catch {
    const kept = bytes.toString('latin1', 0, MOST_KEPT);
    return { contentType, mediaType, broken: "'utf-8' codec can't decode bytes: invalid start byte", json: null, kept };
  }
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    const broken = text.charCodeAt(0) === 0xfeff
      ? 'Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)'
      : 'Expecting value: line 1 column 1 (char 0)';
    return { contentType, mediaType, broken, json: null, kept: text.slice(0, MOST_KEPT) };
  }
  return { contentType, mediaType, broken: null, json, kept: isPlain(json, text) ? Object.freeze(json) : text.slice(0, MOST_KEPT) };
}

/** A flat, small object is kept as it is; anything else as text, so that no depth or size reaches the logs. */
function isPlain(json, text) {
  if (json === null || typeof json !== 'object' || Array.isArray(json) || text.length > MOST_KEPT) return false;
  for (const key of Object.keys(json)) {
    if (json[key] !== null && typeof json[key] === 'object') return false;
  }
  return true;
}
