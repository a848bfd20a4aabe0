import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { EncoderInfo, EncoderParameter } from '#core/encoder';
import { settingsLine } from './settings-line.ts';

const parameter = (name: string, usual: EncoderParameter['default'], rest: Partial<EncoderParameter> = {}) => ({
  name,
  type: 'string' as const,
  description: '',
  min: null,
  max: null,
  default: usual,
  values: [],
  live: null,
  scope: 'private' as const,
  ...rest,
});

const encoder = (parameters: readonly EncoderParameter[], engine = 'bundled') =>
  ({ name: 'libx264', engine, parameters }) as unknown as EncoderInfo;

test('the line holds what was chosen, with the value to begin from', () => {
  const info = encoder([
    parameter('preset', 'medium'),
    parameter('crf', -1, { type: 'float', min: 0, max: 51 }),
    parameter('tune', null, { type: 'enum', values: [{ name: 'film', value: 0, description: '' }] }),
    parameter('aq-mode', 'on'),
  ]);
  expect(settingsLine(info, ['preset', 'crf', 'tune', 'aq-mode', 'nowhere'])).toBe(
    'settings: {encoder: libx264, preset: medium, crf: 0, tune: film, aq-mode: "on"}',
  );
  expect(settingsLine(encoder([], '/opt/ff 7/ffmpeg'), [])).toBe(
    'settings: {engine: /opt/ff 7/ffmpeg, encoder: libx264}',
  );
});

test('whatever a value is, YAML reads the same again', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ minLength: 1 }), fc.integer(), fc.boolean()), (value) => {
      const line = settingsLine(encoder([parameter('x', value)]), ['x']);
      expect((parse(line) as { settings: { x: unknown } }).settings.x).toBe(value);
    }),
  );
});
