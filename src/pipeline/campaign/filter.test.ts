// The language of filters: read, written, refused with what is wrong.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CODECS, PROTECTIONS } from '#core/title';
import { UserError } from '#core/user-error';
import { COMPARISONS, FILTER_STATES, filterText, parseFilter, TEXT_FIELDS, type Term } from './filter.ts';
import { matches, type Filtered } from './matches.ts';

const title: Filtered = {
  name: 'Big Buck Bunny',
  source: '/films/bunny.mp4',
  ladder: 'web',
  state: 'done',
  protection: 'none',
  codecs: ['h264', 'av1'],
  height: 1080,
  durationS: 600,
  ageS: 40 * 86_400,
};
const isMet = (text: string, of: Partial<Filtered> = {}) => matches(parseFilter([text]), { ...title, ...of });

describe('a filter', () => {
  test.each([
    '',
    'name="big buck*"',
    'name=*bunny',
    'name=b*g*b*y',
    'name="Big Buck Bunny"',
    'source=/films/*',
    'ladder=mobile,web',
    'ladder!=mobile,tv',
    'codec=h264',
    'codec=vp9,av1',
    'codec!=vp9',
    'height>=1080 height<=1080p height=1080',
    'height!=720',
    'duration>=10min duration<=600s duration<0.5h',
    'age>30d age<6w age<1y',
    'state=done,failed protection=none',
  ])('lets through what it means: %s', (text) => {
    expect(isMet(text)).toBe(true);
  });

  test.each([
    'name=big',
    'name=*bunny*bunny',
    'name="Big Buck Bunny*Bunny"',
    'codec=vp9',
    'codec!=h264,vp9',
    'height<1080',
    'height>1080',
    'duration>10min',
    'age>50d',
    'state=failed',
    'codec=h264 height>1080',
  ])('holds back the rest: %s', (text) => {
    expect(isMet(text)).toBe(false);
  });

  test('is not met by what is not known, whichever way it asks', () => {
    for (const text of ['codec=h264', 'codec!=h264', 'height>=1', 'height!=1', 'duration<99y'])
      expect(isMet(text, { codecs: null, height: null, durationS: null }), text).toBe(false);
  });

  test('names every term that is not understood, and what to write instead', () => {
    const wrong = [
      ['hieght>=720', 'Did you mean height?'],
      ['h264', 'h264 is no term'],
      ['codec=h265', 'Did you mean h264?'],
      ['codec>=h264', 'codec has no order'],
      ['height>=tall', '"tall" is no height'],
      ['duration>10', 'duration>=10min'],
      ['duration>1e99min', '"1e99min" is no duration'],
      ['age=30d', 'age>…'],
      ['name=', 'a value is missing'],
      ['name=a,', 'a value is missing'],
      ['name="a"b', 'a value is missing'],
      ['name="a', 'a quote is not closed'],
      ['=a', 'there is no field ""'],
    ] as const;
    for (const [text, todo] of wrong) {
      expect(() => parseFilter([text]), text).toThrow(todo);
      expect(() => parseFilter([text]), text).toThrow(text.split('"')[0]!);
    }
    expect(() => parseFilter(['state=dnoe', 'codec=h264 heigt>1'])).toThrow(/dnoe[^]*heigt/);
  });

  const choice = (field: 'codec' | 'state' | 'protection', of: readonly string[]) =>
    fc.record({
      field: fc.constant(field),
      op: fc.constantFrom('=' as const, '!=' as const),
      values: fc.array(fc.constantFrom(...of), { minLength: 1, maxLength: 3 }),
    });
  const term: fc.Arbitrary<Term> = fc.oneof(
    fc.record({
      field: fc.constantFrom(...TEXT_FIELDS),
      op: fc.constantFrom('=' as const, '!=' as const),
      values: fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      field: fc.constantFrom(...TEXT_FIELDS),
      op: fc.constant('=' as const),
      values: fc.array(fc.string({ unit: fc.constantFrom('a', '"', '\\', ',', ' ', '*', '=', '\n') }), {
        minLength: 1,
      }),
    }),
    choice('codec', CODECS),
    choice('state', FILTER_STATES),
    choice('protection', PROTECTIONS),
    fc.record({
      field: fc.constant('height' as const),
      op: fc.constantFrom(...COMPARISONS),
      value: fc.oneof(fc.nat(), fc.double({ min: 0.001, max: 1e15, noNaN: true })),
    }),
    fc.record({
      field: fc.constantFrom('duration' as const, 'age' as const),
      op: fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const),
      value: fc.oneof(fc.nat(), fc.double({ min: 0.001, max: 1e15, noNaN: true })),
    }),
  );

  test('is read back from its own text as the same', () => {
    fc.assert(
      fc.property(fc.array(term), (filter) => {
        expect(parseFilter([filterText(filter)])).toEqual(filter);
      }),
    );
  });

  test('is read or refused whatever the text, and reads the same again', () => {
    const piece = fc.constantFrom(
      'name',
      'height',
      'age',
      '=',
      '!=',
      '>=',
      '<',
      '"',
      '\\',
      ',',
      ' ',
      '*',
      '3',
      'd',
      'é',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (written) => {
        try {
          const filter = parseFilter([written]);
          expect(parseFilter([filterText(filter)])).toEqual(filter);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('finds a star by parts where a plain search would', () => {
    const unit = fc.constantFrom('a', 'b', '*', '.');
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', '.') }),
        fc.string({ unit, minLength: 1 }),
        (name, pattern) => {
          const plain = new RegExp(`^${pattern.replaceAll('.', String.raw`\.`).replaceAll(/\*+/g, '.*')}$`, 'su');
          expect(matches([{ field: 'name', op: '=', values: [pattern] }], { ...title, name })).toBe(plain.test(name));
        },
      ),
    );
  });
});
