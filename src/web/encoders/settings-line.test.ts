import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { EncoderInfo, EncoderParameter } from '#core/encoder';
import { firstValue, formatValues, parseValues, settingsLine } from './settings-line.ts';

const parameter = (name: string, type: EncoderParameter['type'], rest: Partial<EncoderParameter> = {}) => ({
  name,
  type,
  description: '',
  min: null,
  max: null,
  default: null,
  values: [],
  live: null,
  scope: 'private' as const,
  ...rest,
});

const encoder = (parameters: readonly EncoderParameter[], engine = 'bundled') =>
  ({ name: 'libx264', engine, parameters }) as unknown as EncoderInfo;

const parameters = [parameter('preset', 'string'), parameter('crf', 'float'), parameter('aq-mode', 'enum')];

test('the line holds the values of the parameters that were chosen, in that order', () => {
  const values = new Map([
    ['crf', '23'],
    ['preset', '10'],
    ['aq-mode', 'on'],
    ['nowhere', 'x'],
  ]);
  expect(settingsLine(encoder(parameters), values)).toBe(
    'settings: {encoder: libx264, crf: 23, preset: "10", aq-mode: "on"}',
  );
  expect(settingsLine(encoder([], '/opt/ff 7/ffmpeg'), new Map())).toBe(
    'settings: {engine: /opt/ff 7/ffmpeg, encoder: libx264}',
  );
});

test('whatever text a value is, YAML reads the same again', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const line = settingsLine(encoder(parameters), new Map([['preset', value]]));
      expect((parse(line) as { settings: { preset: unknown } }).settings.preset).toBe(value);
    }),
  );
});

test('values go through an address and back', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string())), (pairs) => {
      const values = new Map(pairs);
      expect(parseValues(formatValues(values))).toEqual(values);
    }),
  );
  expect(parseValues(null).size).toBe(0);
  expect(parseValues('crf:%E0%A4%A')).toEqual(new Map([['crf', '%E0%A4%A']]));
});

test('a value begins as the default, by its name where it has one', () => {
  const values = [{ name: 'film', value: 2, description: '' }];
  expect(firstValue(parameter('tune', 'enum', { values, default: 2 }))).toBe('film');
  expect(firstValue(parameter('tune', 'enum', { values }))).toBe('film');
  expect(firstValue(parameter('crf', 'float', { default: 23.5 }))).toBe('23.5');
  expect(firstValue(parameter('x', 'int', { min: 1, max: 9 }))).toBe('1');
});
