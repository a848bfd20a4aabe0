import { expect, test } from 'vitest';
import { parseChanges, parseValue } from './control.ts';
import { createProgram } from './program.ts';
import { parseTime } from './record.ts';

test.each([
  ['4M', '4M'],
  ['30', 30],
  ['-1.5', -1.5],
  ['007', '007'],
  ['1e3', '1e3'],
  ['30000/1001', '30000/1001'],
  ['true', true],
  ['1280x720', '1280x720'],
])('the value %s is %j', (text, value) => {
  expect(parseValue(text)).toBe(value);
});

test('a change names a setting; one without a value takes it back; only the first = divides', () => {
  expect(parseChanges(['bitrate=4M', 'preset=', 'x264-params=ref=2:me=hex'])).toEqual({
    bitrate: '4M',
    preset: null,
    'x264-params': 'ref=2:me=hex',
  });
  for (const wrong of ['bitrate', '=4M', '']) expect(() => parseChanges([wrong])).toThrow(/is no change/);
  expect(() => parseChanges(['__proto__=1'])).toThrow(/is no name of a setting/);
});

test.each([
  ['40s', 40],
  ['5m', 300],
  ['1h', 3600],
  ['500ms', 0.5],
  ['12', 12],
])('%s is %d seconds', (text, seconds) => {
  expect(parseTime(text)).toBe(seconds);
});

test.each(['', '0', '-1s', '1d', 's', 'NaN', '99ms', '25h', '100000h'])('"%s" is no time', (text) => {
  expect(() => parseTime(text)).toThrow(/is no time/);
});

test.each([
  [['control', 'set', 'bitrate'], /"bitrate" is no change/],
  [['record', '--name', 'x', '--for', 'soon'], /--for: "soon" is no time/],
  [['record', '--name', 'x', '--quality', 'good'], /there is no score "good"/],
  [['control', 'get', '--collector', 'http://127.0.0.1:9'], /wants its token/],
  [['control', 'get', '--collector', 'here', '--token', 'x'], /"here" is no address of a server/],
  [['control', 'get', '--lab', '/nowhere'], /no server of this lab runs/],
])('%j is answered with what to write', async (args, why) => {
  await expect(createProgram(() => undefined).parseAsync(args, { from: 'user' })).rejects.toThrow(why);
});
