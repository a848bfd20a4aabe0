// One encoder for the terminal: what it is, its parameters, and the names inside of its key lists.

import type { EncoderInfo, EncoderParameter, SubOption } from '#core/encoder';
import { textTable } from './text-table.ts';

const MAX_RANGE_CHARS = 60;
const LINE_CHARS = 100;
/** Encoders whose library is handed a list of keys, where we can't tell them. */
const KEY_LIST = /-params$/;

/** The page without a line end behind its last line. */
export function encoderPage(encoder: EncoderInfo): string {
  const state = encoder.available ? 'works here' : `does not work here: ${encoder.reason}`;
  const kind = encoder.hardware ? `hardware${encoder.device === null ? '' : ` (${encoder.device})`}` : 'software';
  const lines = [
    `${encoder.name}  ${encoder.description}`,
    `codec ${encoder.codec}, ${kind}, threads: ${encoder.threads}, ${state}`,
    `pixel formats: ${encoder.pixelFormats.join(' ') || 'not declared'}`,
  ];
  for (const scope of ['private', 'generic'] as const) {
    const parameters = encoder.parameters.filter((parameter) => parameter.scope === scope);
    if (parameters.length === 0) continue;
    lines.push('', scope === 'private' ? 'its own parameters' : 'parameters of every encoder');
    lines.push(
      textTable(
        ['name', 'type', 'live', 'range', 'default', 'description'].map((title) => ({ title })),
        parameters.map(parameterRow),
      ),
    );
  }
  lines.push(...keyLists(encoder));
  if (encoder.parameters.some(({ live }) => live !== null))
    lines.push(
      '',
      'live: yes takes a new value while it encodes, no does not, unknown could not be seen. --json tells what was tried.',
    );
  return lines.join('\n');
}

function parameterRow(parameter: EncoderParameter): string[] {
  const { min, max, values } = parameter;
  const range =
    values.length > 0
      ? values.map((value) => value.name).join('|')
      : min === null && max === null
        ? ''
        : `${min ?? ''}..${max ?? ''}`;
  return [
    parameter.name,
    parameter.type,
    parameter.live?.state ?? '',
    range.length > MAX_RANGE_CHARS ? `${range.slice(0, MAX_RANGE_CHARS - 1)}…` : range,
    String(parameter.default ?? ''),
    parameter.description,
  ];
}

function keyLists(encoder: EncoderInfo): string[] {
  const lists = encoder.parameters.filter(({ name }) => KEY_LIST.test(name));
  return lists.flatMap(({ name }) => {
    const keys = encoder.subOptions.filter(({ parameter }) => parameter === name);
    if (keys.length === 0) return ['', `names inside of ${name}: its library does not tell them`];
    return ['', `names inside of ${name}, with the default where the library tells it`, ...wrapped(keys.map(keyText))];
  });
}

function keyText(key: SubOption): string {
  return key.default === null ? key.name : `${key.name}=${key.default}`;
}

function wrapped(words: readonly string[]): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + word.length + 2 > LINE_CHARS) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : `  ${word}`;
  }
  return [...lines, line];
}
