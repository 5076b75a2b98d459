// WebAssembly as JavaScript text: for the entry that may ask nothing of its host.
//
// Base64 hides from a compressor that bytes repeat, because three bytes become four letters and nothing stays aligned; that
// costs 29 % after brotli. And in a module as it is, what looks alike does not stand together: instructions, the numbers of
// locals, offsets and constants take turns. So the code is taken apart into one text for each of them, which saves 7 % over
// the file itself after brotli. What puts it together again is WebAssembly too, of 600 bytes: as JavaScript it would keep the
// compiler busy for longer than all the rest of a start. No atob, fetch or DecompressionStream is needed. All of it is
// printable ASCII that needs no escape in double quotes: it survives every wrong guess of a character set, and every bundler.

import { readFileSync } from "node:fs";
import binaryen from "binaryen";

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
  const bodies = at;
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
  return { texts: streams.map((stream) => stream.map(write).join("")), ranked, functions, size: length, before: [...bytes.subarray(0, bodies)], after: [...bytes.subarray(end)] };
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

/** What puts the code together again, itself as WebAssembly. */
function assembled() {
  const module = binaryen.parseText(readFileSync(new URL("decoder.wat", import.meta.url), "utf8"));
  module.setFeatures(binaryen.Features.BulkMemory | binaryen.Features.BulkMemoryOpt);
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  module.optimize();
  return module.emitBinary();
}

/** Where decoder.wat looks for its texts, and where it writes. */
const TEXTS = 4096;
const OUT = 262_144;
const END = 524_288;

/** A module that gives the WebAssembly back. */
export function inlined(bytes) {
  const { texts, ranked, functions, before, after, size } = takeApart(bytes);
  const decoder = [...assembled()];
  const { text, map } = encode([...decoder, ...before, ...after]);
  const all = [...texts, text].join("");
  if (TEXTS + all.length > OUT || OUT + size + 16 > END || 1024 + 16 * ranked.length > TEXTS) throw new Error("the WebAssembly has outgrown its decoder's memory");
  const begins = texts.map((_, index) => TEXTS + texts.slice(0, index).join("").length);
  return `
const text = "${all}";
export async function wasmBytes() {
  const codes = new TextEncoder().encode(text), kinds = [[], []];
  let at = ${texts.join("").length};
  const digit = () => {
    const char = codes[at++];
    return char - (char < 35 ? 32 : char < 93 ? 33 : 34);
  };
  const bytes = (length) =>
    Uint8Array.from({ length }, () => {
      const index = digit();
      return index < ${PLAIN} ? kinds[0][index] : kinds[1][(index - ${PLAIN}) * ${ALPHABET.length} + digit()];
    });
  for (let byte = 0; byte < 256; byte++) kinds[(parseInt("${map}"[byte >> 2], 16) >> (byte & 3)) & 1].push(byte);
  const { m: { buffer }, f: decode } = (await WebAssembly.instantiate(bytes(${decoder.length}))).instance.exports;
  const memory = new Uint8Array(buffer);
  memory.set(codes, ${TEXTS});
  new Int32Array(buffer).set(${JSON.stringify(begins)});
  "${ranked.join(" ")}".split(" ").map((one, index) => {
    const opcode = one.match(/[^A-Z]{2}/g).map((byte) => parseInt(byte, 16));
    memory.set([one.length % 2 && one.charCodeAt(one.length - 1) - 64, opcode.length, ...opcode], 1024 + 16 * index);
  });
  const end = decode(${functions});
  return new Uint8Array(await new Blob([bytes(${before.length}), memory.subarray(${OUT}, end), bytes(${after.length})]).arrayBuffer());
}
`;
}
