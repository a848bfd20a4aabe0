// Cues that are WebVTT already, in Matroska (plain) or MP4 (ISO/IEC 14496-30, boxes): taken apart, so that what goes out is whole.

import { CueText, type Style } from './cue-text.ts';
import type { CueContent } from './cue.ts';

const TOKEN = /<(\/?)([a-z]*)[^<>]*>|&(amp|lt|gt|nbsp|lrm|rlm);/g;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
};
/** Settings that stand for themselves; regions and positions by pixel would need what stands at the file's head. */
const SETTING =
  /^(vertical:(rl|lr)|line:-?[\d.]+%?(,(start|center|end))?|position:[\d.]+%(,(line-left|center|line-right))?|size:[\d.]+%|align:(start|center|end|left|right))$/;

/** @param settings as they stood behind the cue's times */
export function webvttCue(raw: string, settings: string): CueContent {
  const text = new CueText();
  let at = 0;
  for (const match of raw.matchAll(TOKEN)) {
    text.add(raw.slice(at, match.index));
    at = match.index + match[0].length;
    const [, slash, tag, entity] = match;
    if (entity !== undefined) text.add(ENTITIES[entity]!);
    else if (tag === 'b' || tag === 'i' || tag === 'u') text.style(tag satisfies Style, slash === '');
  }
  text.add(raw.slice(at));
  const kept = settings.split(/\s+/).filter((setting) => SETTING.test(setting));
  return { text: text.finish(), settings: kept.join(' ') };
}

/** The cues of one sample of MP4: `vttc` boxes with `payl` and perhaps `sttg`; a `vtte` is silence. Null for plain text. */
export function webvttBoxes(data: Buffer): CueContent[] | null {
  const boxes = boxesIn(data);
  if (boxes === null) return null;
  return boxes
    .filter(({ type }) => type === 'vttc')
    .map(({ body }) => {
      const inner = boxesIn(body) ?? [];
      const find = (type: string) => inner.find((box) => box.type === type)?.body.toString('utf8') ?? '';
      return webvttCue(find('payl'), find('sttg'));
    });
}

function boxesIn(data: Buffer): { type: string; body: Buffer }[] | null {
  const boxes: { type: string; body: Buffer }[] = [];
  for (let at = 0; at < data.length;) {
    if (at + 8 > data.length) return null;
    const size = data.readUInt32BE(at);
    const type = data.toString('latin1', at + 4, at + 8);
    if (size < 8 || at + size > data.length || !/^[a-z]{4}$/.test(type)) return null;
    boxes.push({ type, body: data.subarray(at + 8, at + size) });
    at += size;
  }
  return boxes;
}
