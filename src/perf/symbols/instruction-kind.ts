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
 * Code in INSTRUCTION_KINDS of the instruction that begins the bytes; `unknown` where there are too few.
 * `sse` are MMX and SSE to SSE4.2 in their legacy coding, those on a single number among them, as compilers do their arithmetic.
 */
export function instructionKind(bytes: Uint8Array): number {
  let at = 0;
  while (at < MOST_INSTRUCTION_BYTES && LEGACY_PREFIXES.has(bytes[at] ?? -1)) at++;
  const first = bytes[at];
  if (first === undefined || at === MOST_INSTRUCTION_BYTES) return UNKNOWN;
  // In 64-bit mode C4, C5 and 62 are never anything else.
  if (first === 0xc4 || first === 0xc5) return VEX;
  if (first === 0x62) return EVEX;
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
