import { expect, test } from 'vitest';
import { resolveLive } from '#session/live-session';
import type { SessionState } from '#core/live';
import { changesOf, parseAssignment, SESSION_SETTINGS, valueProblem, wayOf } from './session-settings.ts';

const parameter = (type: 'int' | 'float' | 'enum', min: number | null, max: number | null, values: string[] = []) => ({
  name: 'x',
  type,
  description: '',
  min,
  max,
  default: null,
  values: values.map((name, value) => ({ name, value, description: '' })),
  live: null,
  scope: 'private' as const,
});

test('Go asks for what differs from what is wanted; an empty text takes a setting back', () => {
  const settings = { bitrate: '4M', gop: 60, preset: 'fast' };
  expect(changesOf({ bitrate: '4M', gop: ' 60 ', preset: '', crf: '23', tune: ' ' }, settings)).toEqual({
    preset: null,
    crf: '23',
  });
});

test('a free setting is name=value, and the value may have an equals sign', () => {
  expect(parseAssignment(' x264-params = scenecut=0:bframes=2 ')).toEqual({
    name: 'x264-params',
    value: 'scenecut=0:bframes=2',
  });
  expect(parseAssignment('preset')).toBeNull();
  expect(parseAssignment('=3')).toBeNull();
});

test('values beyond the range of a parameter are told before anybody is asked', () => {
  const cases: [string, ReturnType<typeof parameter>, string | null][] = [
    ['12', parameter('int', 0, 51), null],
    ['12.5', parameter('int', 0, 51), 'not a whole number'],
    ['52', parameter('float', 0, 51), 'above 51'],
    ['-1', parameter('float', 0, null), 'below 0'],
    ['many', parameter('int', null, null), 'not a number'],
    ['', parameter('int', 5, 6), null],
    ['auto', parameter('int', 5, 6, ['auto']), null],
  ];
  for (const [text, of, problem] of cases) expect(valueProblem(text, of)).toBe(problem);
});

test('x264 alone takes a new bitrate or quality live, the other sort of the two and all the rest is a new encoder', () => {
  const ways = (settings: SessionState['settings'], names: readonly string[]) =>
    names.map((name) =>
      wayOf(name, { id: 's', settings, running: true, parts: [], parameters: [], changes: [], waiting: null }),
    );
  const rates = ['bitrate', 'maxrate', 'bufsize'];
  expect(new Set(ways({ encoder: 'libx264', bitrate: '4M' }, rates))).toEqual(new Set(['live']));
  expect(new Set(ways({ encoder: 'libvpx-vp9' }, [...rates, 'crf']))).toEqual(new Set(['restart']));
  expect(ways({ encoder: 'libx264', crf: 23 }, ['crf', 'bitrate'])).toEqual(['live', 'restart']);
  expect(ways({ encoder: 'libx264' }, ['crf', 'preset'])).toEqual(['restart', 'restart']);
  const anew = ['source', 'encoder', 'resolution', 'framerate', 'gop', 'threads', 'pix_fmt', 'transport'];
  expect(new Set(ways({ encoder: 'libx264' }, anew))).toEqual(new Set(['restart']));
  expect(ways({ encoder: 'libsvtav1' }, ['network', 'adapt'])).toEqual(['live', 'live']);
});

test('what is offered for each kind of SPICE session is what such a session takes, each of its values', () => {
  for (const [way, hasDevice] of [
    ['stock', false],
    ['guest', true],
  ] as const)
    for (const { name, values } of SESSION_SETTINGS[way])
      for (const value of values.length > 0 ? values : ['x']) {
        const told = resolveLive({ session: 'spice', [name]: value }, [], hasDevice);
        const refused = 'problems' in told ? told.problems.filter(({ setting }) => setting === name) : [];
        // A value that means nothing may be refused, a setting not.
        const words = refused
          .map(({ what }) => what)
          .filter((what) => values.length > 0 || /takes no|can't be asked/.test(what));
        expect([way, name, value, words]).toEqual([way, name, value, []]);
      }
});

test('a tap takes another codec and compression live; in other sessions a parameter of that name opens the encoder anew', () => {
  const session = { id: 's', settings: {}, running: true, parts: [], parameters: [], changes: [], waiting: null };
  const spice = { ...session, settings: { session: 'spice' } };
  for (const name of ['codec', 'compression'])
    expect([wayOf(name, spice), wayOf(name, session)]).toEqual(['live', 'restart']);
});
