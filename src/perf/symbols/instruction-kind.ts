// Of what kind an x86-64 instruction is, from its first bytes (Intel SDM volume 2, chapter 2: prefixes, VEX, EVEX; appendix A: the opcode maps).

import { INSTRUCTION_KINDS } from '#core/profile';

/** No instruction is longer. */
export const MOST_INSTRUCTION_BYTES = 15;

const UNKNOWN = INSTRUCTION_KINDS.indexOf('unknown');
const SCALAR = INSTRUCTION_KINDS.indexOf('scalar');
const SSE = INSTRUCTION_KINDS.indexOf('sse');
const VEX = INSTRUCTION_KINDS.indexOf('vex');
const EVEX = INSTRUCTION_KINDS.indexOf('evex');

const LEGACY_PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);

/** Second bytes after 0F that work on XMM or MMX registers; ranges with both ends. */
const VECTOR_RANGES: readonly (readonly [number, number])[] = [
  [0x10, 0x17],
  [0x28, 0x2f],
  [0x50, 0x77],
  [0x7c, 0x7f],
  [0xc2, 0xc2],
  [0xc4, 0xc6],
  [0xd0, 0xfe],
];
const VECTOR_OPCODES = new Uint8Array(256);
for (const [from, to] of VECTOR_RANGES) VECTOR_OPCODES.fill(1, from, to + 1);

/**
 * Opcodes that are coded by VEX or EVEX and work on general or mask registers, by map; ranges with both ends (Intel SDM volume 2,
 * chapters 3 to 6). No vector instruction has one of these codes. EVEX map 4 and map 7 of both hold nothing else (APX, user MSRs).
 */
const SCALAR_CODED: Readonly<Record<number, readonly (readonly [number, number])[]>> = {
  // KAND, KANDN, KNOT, KOR, KXNOR, KXOR, KADD, KUNPCK; KMOV; KORTEST, KTEST.
  1: [
    [0x41, 0x42],
    [0x44, 0x47],
    [0x4a, 0x4b],
    [0x90, 0x93],
    [0x98, 0x99],
  ],
  // CMPccXADD; ANDN; BLSR, BLSMSK, BLSI; BZHI, PEXT, PDEP; MULX; BEXTR, SHLX, SARX, SHRX.
  2: [
    [0xe0, 0xef],
    [0xf2, 0xf3],
    [0xf5, 0xf7],
  ],
  // KSHIFTR, KSHIFTL; RORX.
  3: [
    [0x30, 0x33],
    [0xf0, 0xf0],
  ],
  4: [[0x00, 0xff]],
  7: [[0x00, 0xff]],
};

/**
 * Code in INSTRUCTION_KINDS of the instruction that begins the bytes; `unknown` where there are too few.
 * `sse` are MMX and SSE to SSE4.2 in their legacy coding, `vex` and `evex` those that work on vector registers, those on a single
 * number among them, as compilers do their arithmetic.
 */
export function instructionKind(bytes: Uint8Array): number {
  let at = 0;
  while (at < MOST_INSTRUCTION_BYTES && LEGACY_PREFIXES.has(bytes[at] ?? -1)) at++;
  const first = bytes[at];
  if (first === undefined || at === MOST_INSTRUCTION_BYTES) return UNKNOWN;
  // In 64-bit mode C4, C5 and 62 are never anything else.
  if (first === 0xc5) return codedKind(VEX, 1, bytes[at + 2]);
  if (first === 0xc4) return codedKind(VEX, (bytes[at + 1] ?? 0) & 0x1f, bytes[at + 3]);
  if (first === 0x62) return codedKind(EVEX, (bytes[at + 1] ?? 0) & 0x07, bytes[at + 4]);
  if (first >= 0x40 && first <= 0x4f) at++;
  if (bytes[at] === undefined) return UNKNOWN;
  if (bytes[at] !== 0x0f) return SCALAR;
  const opcode = bytes[at + 1];
  const third = bytes[at + 2];
  if (opcode === undefined) return UNKNOWN;
  // The three-byte maps: 0F 38 holds CRC32, MOVBE, ADCX and ADOX among the vector ones (F0 to FF), 0F 3A none but those.
  if (opcode === 0x38) {
    if (third === undefined) return UNKNOWN;
    return third < 0xf0 ? SSE : SCALAR;
  }
  if (opcode === 0x3a) return SSE;
  return VECTOR_OPCODES[opcode] === 1 ? SSE : SCALAR;
}

/** @param map number of the opcode's map, as the prefix has it */
function codedKind(kind: number, map: number, opcode: number | undefined): number {
  if (opcode === undefined) return UNKNOWN;
  return SCALAR_CODED[map]?.some(([from, to]) => opcode >= from && opcode <= to) === true ? SCALAR : kind;
}
