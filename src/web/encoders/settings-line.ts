// The line that a benchmark file wants for an encoder: `settings: {encoder: libx264, crf: 23}`.

import { BUNDLED_ENGINE } from '#core/engine';
import type { EncoderInfo, EncoderParameter } from '#core/encoder';

/**
 * A line of YAML.
 * @param values of the parameters that it holds, as they were typed, by name
 */
export function settingsLine(encoder: EncoderInfo, values: ReadonlyMap<string, string>): string {
  const engine = encoder.engine === BUNDLED_ENGINE ? [] : [`engine: ${scalar(encoder.engine)}`];
  const parameters = [...values].flatMap(([name, value]) => {
    const parameter = encoder.parameters.find((one) => one.name === name);
    return parameter === undefined ? [] : [`${scalar(name)}: ${typed(value, parameter)}`];
  });
  return `settings: {${[...engine, `encoder: ${scalar(encoder.name)}`, ...parameters].join(', ')}}`;
}

/** The value to begin from: its default, else the first that it takes. */
export function firstValue({ default: usual, values, min, max, type }: EncoderParameter): string {
  if (usual !== null && usual !== '') return values.find(({ value }) => value === usual)?.name ?? String(usual);
  return values[0]?.name ?? (type === 'bool' ? 'true' : String(min ?? max ?? ''));
}

/** A number or a flag stays one; what the encoder takes as a text stays a text. */
function typed(value: string, { type }: EncoderParameter): string {
  const isNumber = (type === 'int' || type === 'float') && value.trim() !== '' && Number.isFinite(Number(value));
  const isFlag = type === 'bool' && (value === 'true' || value === 'false');
  return isNumber || isFlag ? value.trim() : scalar(value);
}

/** Plain where YAML takes it as it is, quoted where it would mean something else. */
function scalar(value: string): string {
  const isPlain = /^[A-Za-z_/.][\w./+ -]*$/.test(value) && !value.endsWith(' ');
  const isWord = /^(true|false|yes|no|on|off|null|y|n|\.inf|\.nan)$/i.test(value);
  const isNumber = value.trim() !== '' && Number.isFinite(Number(value));
  return isPlain && !isWord && !isNumber ? value : JSON.stringify(value);
}

/** Values in an address: `crf:23,preset:slow`. */
export function parseValues(text: string | null): Map<string, string> {
  const values = new Map<string, string>();
  for (const part of text?.split(',') ?? []) {
    const [name, value] = part.split(':', 2);
    if (name !== undefined && name !== '') values.set(unescape(name), unescape(value ?? ''));
  }
  return values;
}

export function formatValues(values: ReadonlyMap<string, string>): string {
  return [...values].map(([name, value]) => `${encodeURIComponent(name)}:${encodeURIComponent(value)}`).join(',');
}

/** An address is typed by people too: what is no escape stays as it stands. */
function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
