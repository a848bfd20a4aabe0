// Values to try for a parameter, made from its type, range, named values and default alone.

import type { EncoderParameter, SubOption } from '#core/encoder';

/** Values tried for one parameter, the ones most likely to show first. */
const MAX_ALTERNATIVES = 4;
/** Flags and keys of a list are many small parameters in one: more of them are tried. */
const MAX_LISTED = 12;

/**
 * @param current what the encode has without a change; null for the parameter's default
 * @param choices values of a free text that the library told of (presets, tunes)
 * @param keys what a list of keys and values can hold
 * @returns texts as FFmpeg parses them; empty where nothing is known that could be tried
 */
export function alternativesOf(
  parameter: EncoderParameter,
  current: string | null,
  choices: readonly string[],
  keys: readonly SubOption[],
): string[] {
  const before = current ?? (parameter.default === null ? null : String(parameter.default));
  const other = (values: readonly string[], most = MAX_ALTERNATIVES) =>
    [...new Set(values)].filter((value) => value !== before).slice(0, most);
  switch (parameter.type) {
    case 'bool':
      return other(['true', 'false']);
    case 'enum':
      return other(spread(parameter.values.map(({ name }) => name)));
    case 'flags':
      return other(
        parameter.values.map(({ name }) => `+${name}`),
        MAX_LISTED,
      );
    case 'int':
    case 'duration':
      return other(numbers(parameter, before).map((value) => String(Math.round(value))));
    case 'float':
      return other(numbers(parameter, before).map((value) => String(Number(value.toFixed(3)))));
    case 'rational':
      return other(['2/1', '1/2']);
    case 'string':
      return choices.length > 0 ? other(spread(choices)) : other(keyChanges(keys), MAX_LISTED);
  }
}

/** The ends and the middle differ most; the last is often the slowest (placebo, tesa). */
function spread<T>(values: readonly T[]): T[] {
  const last = values.length - 1;
  const order = [Math.floor(last / 2), 0, last, ...values.keys()];
  return last < 0 ? [] : [...new Set(order)].map((index) => values[index]!);
}

function numbers({ min, max }: EncoderParameter, before: string | null): number[] {
  const known = before === null || !Number.isFinite(Number(before)) ? null : Number(before);
  const inRange = (value: number) => (min === null || value >= min) && (max === null || value <= max);
  // Below zero stands for the encoder's own choice, and zero often for none.
  const floor = Math.max(0, min ?? 0);
  const values =
    min !== null && max !== null && max - min < 10_000
      ? [(floor + max) / 2, max, floor, min]
      : known !== null && known > 0
        ? [known / 2, known * 2, 1, 30]
        : [2, 30, 1, 500_000];
  return values.filter(inRange);
}

/** `ref=1`, `subme=3` …: one key each, with another value than the library's own. */
function keyChanges(keys: readonly SubOption[]): string[] {
  return keys.map((key) => {
    const value = Number(key.default ?? 'unknown');
    if (!Number.isFinite(value)) return `${key.name}=1`;
    return `${key.name}=${value >= 2 ? Math.floor(value / 2) : value + 1}`;
  });
}
