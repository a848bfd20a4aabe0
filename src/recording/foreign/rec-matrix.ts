// `matrix.csv` of the 2020 tool: which settings its records were made with. Pure.

import type { Settings, SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';
import type { RecMessage } from './rec-file.ts';

export interface MatrixLine {
  readonly settings: Settings;
  /** Where its record lies, from the folder of the study: `webgl_cubemap/1920x1080/bitrate=32000.rec`. */
  readonly path: string;
}

/**
 * Each line is `key=value_key=value… | folder | file name without .rec`; the name of the file has settings too.
 * @throws UserError with the line
 */
export function parseMatrix(text: string, where: string): MatrixLine[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const parts = line.split('|').map((part) => part.trim());
    if (parts.length !== 3 || parts.includes(''))
      throw new UserError({
        what: 'a line of the matrix is `settings | folder | file`',
        where: `${where}:${index + 1}`,
      });
    const [names, folder, file] = parts as [string, string, string];
    return [{ settings: studySettings([names, file]), path: `${folder}/${file}.rec` }];
  });
}

/** Settings of a record that no matrix names: from its file name, and from what its script said in the messages. */
export function settingsWithoutMatrix(fileName: string, messages: readonly RecMessage[]): Settings {
  const said: string[] = [];
  for (const { source, text } of messages.toReversed()) {
    const match = source === 'script' ? /^([\w-]+): (.*)$/.exec(text) : null;
    if (match === null) continue;
    const [, name, value] = match as unknown as [string, string, string];
    if (name === 'encoding') said.push(value.replaceAll(';', '_'));
    else said.push(`${name.replaceAll('_', '-')}=${value.replaceAll('_', '-')}`);
  }
  return studySettings([...said, fileName.replace(/\.rec$/, '')]);
}

/** @param texts each `key=value_key=value` */
function studySettings(texts: readonly string[]): Settings {
  const settings: Record<string, SettingValue> = {};
  for (const text of texts)
    for (const part of text.split(/_(?=[^=_]+=)/)) {
      const match = /^([\w.-]+)=(.+)$/.exec(part);
      if (match !== null) settings[match[1]!] = valueOf(match[2]!);
    }
  // GStreamer's encoders take kbit/s where a lab's `bitrate` is in bit/s.
  const { codec, bitrate } = settings;
  if (typeof bitrate === 'number' && String(codec).startsWith('gst.')) settings['bitrate'] = `${bitrate}k`;
  return settings;
}

function valueOf(text: string): SettingValue {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
