// The line that a benchmark file wants for an encoder: `settings: {encoder: libx264, crf: 23}`.

import { BUNDLED_ENGINE } from '#core/engine';
import type { EncoderInfo, EncoderParameter } from '#core/encoder';

/**
 * A line of YAML.
 * @param chosen names of parameters that it holds, each with the value to begin from
 */
export function settingsLine(encoder: EncoderInfo, chosen: readonly string[]): string {
  const engine = encoder.engine === BUNDLED_ENGINE ? [] : [`engine: ${scalar(encoder.engine)}`];
  const parameters = chosen.flatMap((name) => {
    const parameter = encoder.parameters.find((one) => one.name === name);
    return parameter === undefined ? [] : [`${scalar(name)}: ${scalar(firstValue(parameter))}`];
  });
  return `settings: {${[...engine, `encoder: ${scalar(encoder.name)}`, ...parameters].join(', ')}}`;
}

/** Its default, where that says something; else the first value that it takes. */
function firstValue({ default: usual, values, min, max, type }: EncoderParameter): string | number | boolean {
  const isOutside = typeof usual === 'number' && ((min !== null && usual < min) || (max !== null && usual > max));
  if (usual !== null && usual !== '' && !isOutside) return usual;
  if (values[0] !== undefined) return values[0].name;
  if (type === 'bool') return true;
  return min ?? max ?? '';
}

/** Plain where YAML takes it as it is, quoted where it would mean something else. */
function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  const isPlain = /^[A-Za-z_/.][\w./+ -]*$/.test(value) && !value.endsWith(' ');
  const isWord = /^(true|false|yes|no|on|off|null|y|n|\.inf|\.nan)$/i.test(value);
  const isNumber = value.trim() !== '' && Number.isFinite(Number(value));
  return isPlain && !isWord && !isNumber ? value : JSON.stringify(value);
}
