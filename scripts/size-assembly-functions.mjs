// Gives the functions of a library that were written in assembly the sizes that their assembler left out: each ends where the next
// function of its section begins. Right for a library that was just built and has all its symbols, and for no other: of a
// stripped one the next label may be the end of many functions. Changes the file in place (System V gABI, chapter 4: symbol table).

import { readFileSync, writeFileSync } from 'node:fs';

const SYMBOLS = 2;
const TYPE_NONE = 0;
const TYPE_FUNCTION = 2;
const EXECUTABLE = 4;
const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const SYMBOL_BYTES = 24;

const path = process.argv[2];
if (path === undefined) {
  console.error('Usage: node scripts/size-assembly-functions.mjs LIBRARY');
  process.exit(2);
}
const bytes = readFileSync(path);
if (bytes.length < HEADER_BYTES || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
  console.error(`${path} is not an ELF file of 64 bits, little endian`);
  process.exit(1);
}

const sections = Array.from({ length: bytes.readUInt16LE(60) }, (_, i) => {
  const at = Number(bytes.readBigUInt64LE(40)) + i * SECTION_BYTES;
  return {
    type: bytes.readUInt32LE(at + 4),
    executable: (bytes.readUInt32LE(at + 8) & EXECUTABLE) !== 0,
    address: Number(bytes.readBigUInt64LE(at + 16)),
    offset: Number(bytes.readBigUInt64LE(at + 24)),
    size: Number(bytes.readBigUInt64LE(at + 32)),
    link: bytes.readUInt32LE(at + 40),
  };
});

const table = sections.find(({ type }) => type === SYMBOLS);
if (table === undefined) {
  console.error(`${path} is stripped: it has no symbols to work on`);
  process.exit(1);
}
const names = sections[table.link];

/** Symbols of code by address; labels inside of a function, which are named after it (`function.loop`), are none of their own. */
const symbols = [];
for (let at = table.offset; at < table.offset + table.size; at += SYMBOL_BYTES) {
  const type = bytes[at + 4] & 0x0f;
  const section = bytes.readUInt16LE(at + 6);
  if ((type !== TYPE_FUNCTION && type !== TYPE_NONE) || sections[section]?.executable !== true) continue;
  const nameAt = names.offset + bytes.readUInt32LE(at);
  const name = bytes.toString('utf8', nameAt, bytes.indexOf(0, nameAt));
  if (type === TYPE_NONE && (name === '' || name.includes('.'))) continue;
  symbols.push({ at, section, address: Number(bytes.readBigUInt64LE(at + 8)), size: bytes.readBigUInt64LE(at + 16) });
}
symbols.sort((a, b) => a.section - b.section || a.address - b.address);

let sized = 0;
let next = null;
for (const symbol of symbols.toReversed()) {
  const { address, size } = sections[symbol.section];
  const end = next !== null && next.section === symbol.section ? next.address : address + size;
  if (symbol.size === 0n && end > symbol.address) {
    bytes.writeBigUInt64LE(BigInt(end - symbol.address), symbol.at + 16);
    bytes[symbol.at + 4] = (bytes[symbol.at + 4] & 0xf0) | TYPE_FUNCTION;
    sized++;
  }
  // Two names of one address have one end.
  if (next === null || next.section !== symbol.section || symbol.address < next.address) next = symbol;
}
writeFileSync(path, bytes);
console.error(`${path}: ${sized} functions were given a size`);
