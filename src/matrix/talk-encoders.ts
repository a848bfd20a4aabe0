// Encoders of the first talk, named as GStreamer does (`gst.vp8.vaapivp8enc`, `gst.prop=bitrate`), in our own words: for sessions
// that stream, where our encoder stands in for the talk's.

import type { Cell } from '#core/benchmark';
import { formatSettingValue, type SettingValue } from '#core/settings';
import type { FileContext } from '#media/settings-file/read-setting';
import { positionKey } from '#media/settings-file/setting-position';
import { quoteName } from '#system/yaml/problem-list';

/** Our encoder for each codec of GStreamer's. */
const ENCODERS: Readonly<Record<string, string>> = {
  vp8: 'libvpx',
  vp9: 'libvpx-vp9',
  h264: 'libx264',
  h265: 'libx265',
  hevc: 'libx265',
  mjpeg: 'mjpeg',
  jpeg: 'mjpeg',
};
/** Elements of GStreamer that encode on the CPU, as ours do. */
const ON_CPU = ['vp8enc', 'vp9enc', 'x264enc', 'x265enc', 'jpegenc', 'avenc_mjpeg'];
const PROPERTY = 'gst.prop=';

/** What a setting of the talk is to us: settings of ours, none where it has no counterpart. */
type Meaning = Readonly<Record<string, SettingValue>>;

/**
 * Reads `codec: gst.CODEC.ELEMENT` as an encoder, `gst.prop=bitrate` (kbit/s) as bitrate and `gst.prop=keyframe-period` as GOP. The
 * talk's names stay as labels; what has no counterpart becomes a warning. What a cell says in our own words wins over its codec.
 */
export function readTalkEncoders(cells: readonly Cell[], context: FileContext, warnings: string[]): Cell[] {
  const known = new Map<string, Meaning | null>();
  const labelLists = new Map<string, readonly string[]>();
  const meaningOf = (name: string, value: SettingValue): Meaning | null => {
    const key = positionKey(name, value);
    const read = known.get(key);
    if (read !== undefined) return read;
    const meaning = readMeaning(name, value, context, warnings);
    known.set(key, meaning);
    return meaning;
  };
  return cells.map((cell) => {
    const brought: Record<string, SettingValue> = {};
    const labels = new Set(cell.labels);
    for (const [name, value] of Object.entries(cell.settings)) {
      const meaning = meaningOf(name, value);
      if (meaning === null) continue;
      labels.add(name);
      for (const [own, setting] of Object.entries(meaning)) {
        if (own !== 'encoder' && own in cell.settings)
          context.problems.add(
            context.positions.get(own) ?? 0,
            `${quoteName(name)} and ${own} stand in one cell and say the same thing`,
            'keep one of them',
          );
        brought[own] = setting;
      }
    }
    const key = [...labels].join(' ');
    const shared = labelLists.get(key) ?? [...labels];
    labelLists.set(key, shared);
    return { ...cell, settings: { ...brought, ...cell.settings }, labels: shared };
  });
}

/** Null for a setting that is not the talk's. */
function readMeaning(name: string, value: SettingValue, context: FileContext, warnings: string[]): Meaning | null {
  const { problems, positions } = context;
  const text = formatSettingValue(value);
  const at = positions.get(positionKey(name, value)) ?? positions.get(name) ?? problems.where(0);
  const mean = (own: string, setting: SettingValue): Meaning => {
    if (!positions.has(positionKey(own, setting))) positions.set(positionKey(own, setting), at);
    return { [own]: setting };
  };
  if (name === 'codec' && text.startsWith('gst.')) {
    const [, codec = '', element = ''] = text.split('.');
    const encoder = ENCODERS[codec];
    if (encoder === undefined) {
      problems.add(at, `there is no encoder for ${quoteName(text)}`, `known: ${gstNames()}; or settings: {encoder: …}`);
      return {};
    }
    if (!ON_CPU.includes(element))
      warnings.push(`${at}: ${text} is read as encoder: ${encoder}, on the CPU; settings: {encoder: …} names another`);
    return mean('encoder', encoder);
  }
  if (!name.startsWith(PROPERTY)) return null;
  const property = name.slice(PROPERTY.length);
  const number = typeof value === 'number' ? value : Number.NaN;
  if (property === 'bitrate') {
    if (number > 0) return mean('bitrate', `${number}k`);
    problems.add(at, `${name} is kbit/s, and ${quoteName(text)} is no such number`, `write ${name}: 8000`);
    return {};
  }
  if (property === 'keyframe-period') {
    if (number === 0) return {};
    if (Number.isInteger(number) && number > 0) return mean('gop', number);
    problems.add(at, `${name} counts frames, and ${quoteName(text)} does not`, `write ${name}: 30, or 0 for the usual`);
    return {};
  }
  warnings.push(`${at}: ${name} has no counterpart here: it is a label`);
  return {};
}

function gstNames(): string {
  return Object.keys(ENCODERS)
    .map((codec) => `gst.${codec}.ELEMENT`)
    .join(', ');
}
