// Timed text of MP4 (3GPP TS 26.245, `tx3g`): a length, the text, and boxes, of which `styl` gives parts of it a face.

import { CueText } from './cue-text.ts';
import type { CueContent } from './cue.ts';

const FACES = [
  ['b', 1],
  ['i', 2],
  ['u', 4],
] as const;
const STYLE_BYTES = 12;

interface StyledRange {
  readonly from: number;
  readonly to: number;
  readonly face: number;
}

export function movTextCue(data: Buffer): CueContent {
  if (data.length < 2) return { text: '', settings: '' };
  const end = Math.min(data.length, 2 + data.readUInt16BE(0));
  // Ranges count characters as Unicode does, each a code point.
  const characters = Array.from(decoded(data.subarray(2, end)));
  const ranges = stylesIn(data.subarray(end));
  const text = new CueText();
  characters.forEach((character, index) => {
    let face = 0;
    for (const range of ranges) if (index >= range.from && index < range.to) face |= range.face;
    for (const [style, bit] of FACES) text.style(style, (face & bit) !== 0);
    text.add(character);
  });
  return { text: text.finish(), settings: '' };
}

/** UTF-8, or UTF-16 where it begins with a byte order mark. */
function decoded(bytes: Buffer): string {
  if (bytes.length >= 2 && bytes[0] === 0xfe && bytes[1] === 0xff)
    return Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  return bytes.toString('utf8');
}

function stylesIn(boxes: Buffer): StyledRange[] {
  const ranges: StyledRange[] = [];
  for (let at = 0; at + 8 <= boxes.length;) {
    const size = boxes.readUInt32BE(at);
    if (size < 8 || at + size > boxes.length) break;
    if (boxes.toString('latin1', at + 4, at + 8) === 'styl' && size >= 10) {
      const count = Math.min(boxes.readUInt16BE(at + 8), Math.floor((size - 10) / STYLE_BYTES));
      for (let i = 0; i < count; i++) {
        const entry = at + 10 + i * STYLE_BYTES;
        ranges.push({
          from: boxes.readUInt16BE(entry),
          to: boxes.readUInt16BE(entry + 2),
          face: boxes[entry + 6]!,
        });
      }
    }
    at += size;
  }
  return ranges;
}
