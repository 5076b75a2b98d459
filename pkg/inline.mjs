// WebAssembly as JavaScript text: for the entry that may ask nothing of its host.
//
// Base64 hides from a compressor that bytes repeat, because three bytes become four letters and nothing stays aligned; that
// costs 29 % after brotli. And in a module as it is, what looks alike does not stand together: instructions, the numbers of
// locals, offsets and constants take turns. So the code is taken apart into one text for each of them, which saves 7 % over
// the file itself after brotli, decodes in a few milliseconds, and needs no atob, fetch or DecompressionStream. All of it is
// printable ASCII that needs no escape in double quotes: it survives every wrong guess of a character set, and every bundler.

/** The characters that texts are made of. */
const ALPHABET = Array.from({ length: 95 }, (_, index) => String.fromCharCode(index + 32)).filter((char) => !`"\\`.includes(char));
/** Numbers below this are one character; each one after it is a digit of what is left, to the base of the remaining characters. */
const SINGLE = 60;
const BASE = ALPHABET.length - SINGLE;
/** Bytes outside of the code: so many are one character, the others are two. */
const PLAIN = ALPHABET.length - 2;

/** The texts that what follows an instruction is kept in, by the letter that names them; the first one is the instructions'. */
const KINDS = ["", "locals", "blocks", "local", "offset", "function", "constant", "depth", "table", "long"];
const letter = (kind) => String.fromCharCode(64 + KINDS.indexOf(kind));
/** What follows an instruction, where it is not always the same few bytes: those become part of the instruction. */
const FOLLOWS = [
  [0x02, 0x04, "blocks"],
  [0x0c, 0x0d, "depth"],
  [0x0e, 0x0e, "table"],
  [0x10, 0x10, "function"],
  [0x20, 0x22, "local"],
  [0x28, 0x3e, "offset"],
  [0x41, 0x41, "constant"],
  [0x42, 0x42, "long"],
];
/** How many numbers follow an instruction and become part of it; of those with 0xfc before them, by the second byte. */
const PARTS = { 0x11: 2, 0x1c: 2, 0x23: 1, 0x24: 1, 0x25: 1, 0x26: 1, 0x3f: 1, 0x40: 1, 0xd0: 1, 0xd2: 1 };
const LONG_PARTS = { 8: 2, 9: 1, 10: 2, 11: 1, 12: 2, 13: 1, 14: 2, 15: 1, 16: 1, 17: 1 };
const FIXED = { 0x43: 4, 0x44: 8 };

function write(number) {
  let text = "";
  for (; number >= SINGLE; number = Math.floor((number - SINGLE) / BASE)) text += ALPHABET[SINGLE + ((number - SINGLE) % BASE)];
  return text + ALPHABET[number];
}

/** The module taken apart: texts, instructions in the order of how frequent they are, and all bytes but those of the code. */
function takeApart(bytes) {
  const streams = KINDS.map(() => []);
  const put = (kind, number) => streams[KINDS.indexOf(kind)].push(number);
  const instructions = [];
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0, byte = 128; byte & 128; shift += 7) value |= ((byte = bytes[at++]) & 127) << shift;
    return value >>> 0;
  };
  const signed = () => {
    let value = 0;
    let shift = 0;
    let byte = 128;
    for (; byte & 128; shift += 7) value |= ((byte = bytes[at++]) & 127) << shift;
    return shift < 32 && byte & 64 ? value | (-1 << shift) : value | 0;
  };
  while (bytes[at] !== 10) {
    at++;
    const length = number();
    at += length;
  }
  const begin = at++;
  const length = number();
  const end = at + length;
  const functions = number();
  for (let left = functions; left > 0; left--) {
    const size = number();
    const last = at + size;
    const groups = number();
    put("locals", groups);
    for (let group = 0; group < groups; group++) {
      put("locals", number());
      put("locals", bytes[at++]);
    }
    while (at < last) {
      const start = at;
      const code = bytes[at++];
      const follows = FOLLOWS.find(([from, to]) => code >= from && code <= to)?.[2] ?? "";
      if (follows === "") {
        const parts = code === 0xfc ? LONG_PARTS[bytes[at++]] : (PARTS[code] ?? 0);
        for (let part = 0; part < parts; part++) number();
        at += FIXED[code] ?? 0;
      }
      instructions.push(Buffer.from(bytes.subarray(start, at)).toString("hex") + (follows && letter(follows)));
      if (follows === "offset" && bytes[at++] !== 0) throw new Error("an alignment is not written as 0");
      if (follows === "long") do put(follows, bytes[at]); while (bytes[at++] & 128);
      else if (follows === "constant") {
        const value = signed();
        put(follows, value < 0 ? -2 * value - 1 : 2 * value);
      } else if (follows === "table") {
        const count = number();
        put(follows, count);
        for (let entry = 0; entry <= count; entry++) put(follows, number());
      } else if (follows) put(follows, number());
    }
  }
  const count = {};
  for (const one of instructions) count[one] = (count[one] ?? 0) + 1;
  const ranked = Object.keys(count).sort((a, b) => count[b] - count[a] || (a < b ? -1 : 1));
  const rank = new Map(ranked.map((one, index) => [one, index]));
  streams[0] = instructions.map((one) => rank.get(one));
  return { texts: streams.map((stream) => stream.map(write).join("")), ranked, begin, size: length, functions, rest: [...bytes.subarray(0, begin), ...bytes.subarray(end)] };
}

/** The bytes as text, and which of them take two characters: 256 bits, four to each hexadecimal digit. */
function encode(bytes) {
  const count = new Array(256).fill(0);
  for (const byte of bytes) count[byte]++;
  const all = [...count.keys()];
  const frequent = new Set([...all].sort((a, b) => count[b] - count[a] || a - b).slice(0, PLAIN));
  const plain = all.filter((byte) => frequent.has(byte));
  const rare = all.filter((byte) => !frequent.has(byte));
  const text = bytes.map((byte) => {
    const index = rare.indexOf(byte);
    if (index < 0) return ALPHABET[plain.indexOf(byte)];
    return ALPHABET[PLAIN + Math.floor(index / ALPHABET.length)] + ALPHABET[index % ALPHABET.length];
  });
  const digit = (start) => [0, 1, 2, 3].reduce((bits, bit) => bits | (frequent.has(start + bit) ? 0 : 1 << bit), 0);
  return { text: text.join(""), map: Array.from({ length: 64 }, (_, index) => digit(index * 4).toString(16)).join("") };
}

/** A module that gives the WebAssembly back. */
export function inlined(bytes) {
  const { texts, ranked, begin, size, functions, rest } = takeApart(bytes);
  const { text, map } = encode(rest);
  const begins = texts.map((_, index) => texts.slice(0, index).join("").length);
  begins.push(texts.join("").length);
  return `
const text = "${[...texts, text].join("")}";
export function wasmBytes() {
  const codes = new TextEncoder().encode(text), at = ${JSON.stringify(begins)}, instructions = "${ranked.join(" ")}".split(" "), kinds = [[], []];
  const follows = instructions.map((one) => (one.length % 2 ? one.charCodeAt(one.length - 1) - 64 : 0));
  const opcodes = instructions.map((one) => one.match(/[^A-Z]{2}/g).map((byte) => parseInt(byte, 16)));
  const module = new Uint8Array(${bytes.length});
  let to = 0, depth = 0;
  const next = (from) => {
    const char = codes[at[from]++];
    return char - (char < 35 ? 32 : char < 93 ? 33 : 34);
  };
  const number = (from) => {
    let digit = next(from), value = digit;
    for (let weight = ${BASE}; digit >= ${SINGLE}; weight *= ${BASE}) value += (digit = next(from)) * weight;
    return value;
  };
  const write = (value) => {
    for (; value > 127; value >>>= 7) module[to++] = value | 128;
    module[to++] = value;
  };
  const copy = (from) => {
    const value = number(from);
    write(value);
    return value;
  };
  // One instruction: small, and called often, so that a compiler is done with it long before the WebAssembly needs that compiler.
  const step = () => {
    const instruction = number(0), from = follows[instruction], opcode = opcodes[instruction];
    for (let index = 0; index < opcode.length; index++) module[to++] = opcode[index];
    if (from == 2) depth++;
    else if (!from && opcode[0] == 11) depth--;
    if (from == 4) to++;
    if (from == 6) {
      let value = number(6);
      for (value = value % 2 ? (value + 1) / -2 : value / 2; value > 63 || value < -64; value >>= 7) module[to++] = value | 128;
      module[to++] = value & 127;
    } else if (from == 8) for (let entries = copy(8) + 1; entries--; ) copy(8);
    else if (from == 9) while ((module[to++] = number(9)) & 128);
    else if (from) copy(from);
  };
  for (let byte = 0; byte < 256; byte++) kinds[(parseInt("${map}"[byte >> 2], 16) >> (byte & 3)) & 1].push(byte);
  const body = () => {
    const begin = to;
    for (let groups = 2 * copy(1); groups--; ) copy(1);
    for (depth = 1; depth; ) step();
    const length = to - begin;
    const code = module.slice(begin, to);
    to = begin;
    write(length);
    module.set(code, to);
    to += length;
  };
  const other = () => {
    const index = next(${texts.length});
    module[to++] = index < ${PLAIN} ? kinds[0][index] : kinds[1][(index - ${PLAIN}) * ${ALPHABET.length} + next(${texts.length})];
  };
  const repeat = (times, work) => {
    while (times--) work();
  };
  repeat(${begin}, other);
  write(10);
  write(${size});
  write(${functions});
  repeat(${functions}, body);
  repeat(${rest.length - begin}, other);
  return module;
}
`;
}
