// WebAssembly as a JavaScript string: for the entry that may ask nothing of its host.
//
// Base64 hides from a compressor that bytes repeat, because three bytes become four letters and nothing stays aligned;
// that costs 29 % after brotli. Here each of the 88 most frequent bytes (93 % of a module) is one printable ASCII
// character, and every other byte is one of two escape characters and a second one, in numerical order. That costs 2.5 %
// after brotli and nothing after gzip, and decodes without atob, fetch or DecompressionStream. Plain ASCII survives every
// wrong guess of a character set on the way, and no character of it needs an escape in any kind of quotes.

const AVOIDED = [..."\"$'\\`"].map((char) => char.charCodeAt(0));
const ALPHABET = Array.from({ length: 95 }, (_, index) => index + 32).filter((code) => !AVOIDED.includes(code));
const PLAIN = ALPHABET.length - 2;

/** The bytes as text, and which bytes take two characters: 256 bits, four to each hexadecimal digit. */
export function encode(bytes) {
  const count = new Array(256).fill(0);
  for (const byte of bytes) count[byte]++;
  const all = [...count.keys()];
  const frequent = new Set([...all].sort((a, b) => count[b] - count[a] || a - b).slice(0, PLAIN));
  const plain = all.filter((byte) => frequent.has(byte));
  const rare = all.filter((byte) => !frequent.has(byte));
  const written = all.map((byte) => {
    if (frequent.has(byte)) return [ALPHABET[plain.indexOf(byte)]];
    const index = rare.indexOf(byte);
    return [ALPHABET[PLAIN + Math.floor(index / ALPHABET.length)], ALPHABET[index % ALPHABET.length]];
  });
  const digit = (start) => [0, 1, 2, 3].reduce((bits, bit) => bits | (frequent.has(start + bit) ? 0 : 1 << bit), 0);
  return {
    text: Array.from(bytes, (byte) => String.fromCharCode(...written[byte])).join(""),
    rare: Array.from({ length: 64 }, (_, index) => digit(index * 4).toString(16)).join(""),
    length: bytes.length,
  };
}

/** The module that turns the text back into bytes. */
export const decoder = ({ text, rare, length }) => `
const text = ${JSON.stringify(text)};
export function wasmBytes() {
  const at = [], kinds = [[], []], bytes = new Uint8Array(${length});
  for (let code = 32, index = 0; code < 127; code++) if (![${AVOIDED}].includes(code)) at[code] = index++;
  for (let byte = 0; byte < 256; byte++) kinds[(parseInt("${rare}"[byte >> 2], 16) >> (byte & 3)) & 1].push(byte);
  for (let from = 0, to = 0; to < ${length}; to++) {
    const index = at[text.charCodeAt(from++)];
    bytes[to] = index < ${PLAIN} ? kinds[0][index] : kinds[1][(index - ${PLAIN}) * ${ALPHABET.length} + at[text.charCodeAt(from++)]];
  }
  return bytes;
}
`;
