import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '#core/user-error';
import { parseRec } from './rec-file.ts';
import { parseMatrix, settingsWithoutMatrix } from './rec-matrix.ts';
import { recordingOf } from './rec-recording.ts';

/** Two frames, seen by all three, the server's clock 5 s ahead. */
const TINY = [
  '[[5000100, "guest", "!new"], [null, "ui", "go"], [0, "script", "codec: gst.vp8.vaapivp8enc"], [0, "script", "encoding: bitrate=32000;framerate=30"]]',
  '#guest.mem|time;mem.free',
  '[[1, 1000], [2, null]]',
  '[[[1, 1000], "!new"], [[2, 7], "!only here"]]',
  '#guest.odd|odd.msg_ts;odd.colour',
  '[[1000, 3.5]]',
  '[]',
  '',
].join('\n');

describe('a `.rec` record', () => {
  it('is read with its messages, tables, absent values and markers', () => {
    const { messages, tables } = parseRec(TINY, 'tiny.rec');
    expect(messages.map(({ timeUs }) => timeUs)).toEqual([5_000_100, null, null, null]);
    expect(tables.map(({ role, name, fields }) => [role, name, ...fields])).toEqual([
      ['guest', 'mem', 'time', 'free'],
      ['guest', 'odd', 'msg_ts', 'colour'],
    ]);
    expect([...tables[0]!.columns.get('free')!]).toEqual([1000, NaN]);
    expect(tables[0]!.markers).toEqual([
      { row: [1, 1000], text: '!new' },
      { row: [2, 7], text: '!only here' },
    ]);
  });

  it('keeps what it does not know under its own name, and a marker that no message tells', () => {
    const recording = recordingOf(parseRec(TINY, 'tiny.rec'))!;
    expect(recording.indicators.map(({ name }) => name)).toEqual(['memory.free', 'guest.odd.colour']);
    expect([...recording.series[0]!.value]).toEqual([1000 * 1024]);
    expect([...recording.series[1]!.value]).toEqual([3.5]);
    expect(recording.messages.map(({ text }) => text)).toContain('!only here');
    expect(recording.messages.filter(({ text }) => text === '!new')).toHaveLength(1);
  });

  it('reads the numbers that Python writes and JSON does not have', () => {
    const { tables } = parseRec(TINY.replace('3.5', 'NaN').replace('[2, null]', '[2, -Infinity]'), 'x');
    expect(tables[1]!.columns.get('colour')![0]).toBeNaN();
  });

  const cases: readonly (readonly [what: string, text: string, where: string, problem: RegExp])[] = [
    ['an empty file', '', 'x.rec:1', /no `.rec` record/],
    ['another kind of file', '{"a": 1}\n', 'x.rec:1', /no `.rec` record/],
    ['a binary', '\u0000\u0001', 'x.rec:1', /no `.rec` record/],
    ['messages only', '[]\n', 'x.rec:1', /no tables/],
    ['the last line without an end', TINY.slice(0, -1), 'x.rec:7', /cut off/],
    ['a table without its markers', TINY.split('\n').slice(0, 6).join('\n') + '\n', 'x.rec:6', /cut off.*guest\.odd/],
    ['rows that are torn', TINY.replace('[[1, 1000], [2, null]]', '[[1, 10'), 'x.rec:3', /list in JSON/],
    ['a row that is too short', TINY.replace('[2, null]', '[2]'), 'x.rec:3', /row 2/],
    ['text in a row', TINY.replace('[2, null]', '[2, "much"]'), 'x.rec:3', /row 2/],
    ['a time that is none', TINY.replace('[[1000, 3.5]]', '[[-1e300, 3.5]]'), 'x.rec:6', /row 1 has a time/],
    ['a message of no time', TINY.replace('5000100', '1e300'), 'x.rec:1', /a message is/],
    ['no head', TINY.replace('#guest.odd', 'guest.odd'), 'x.rec:5', /head of a table/],
    ['a table that comes twice', TINY.replace('#guest.odd', '#guest.mem'), 'x.rec:5', /twice/],
    ['fields of one name', TINY.replace('odd.colour', 'odd.msg_ts'), 'x.rec:5', /names of their own/],
    ['a bad message', TINY.replace('"guest", "!new"', '"guest", 7'), 'x.rec:1', /a message is/],
    ['a bad marker', TINY.replace('"!only here"', '8'), 'x.rec:4', /a marker is/],
  ];
  it.each(cases)('with %s is refused with its line', (_, text, where, problem) => {
    try {
      parseRec(text, 'x.rec');
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).problems[0]!.where).toBe(where);
      expect((error as UserError).message).toMatch(problem);
      return;
    }
    throw new Error('it was taken');
  });

  it('cut or changed anywhere is either refused in words or still a record', () => {
    const take = (text: string) => {
      try {
        recordingOf(parseRec(text, 'x.rec'));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    };
    for (let end = 0; end < TINY.length; end++) take(TINY.slice(0, end));
    fc.assert(
      fc.property(fc.nat({ max: TINY.length - 1 }), fc.string({ maxLength: 5 }), (at, text) =>
        take(TINY.slice(0, at) + text + TINY.slice(at + 1)),
      ),
      { numRuns: 500 },
    );
    const value = fc.oneof(fc.double(), fc.integer(), fc.constant(null));
    const table = fc.record({
      name: fc.constantFrom('guest.guest', 'server.host', 'client.client', 'client.frames_time_to_drop', 'a.b'),
      rows: fc.array(fc.tuple(value, value, value), { maxLength: 20 }),
    });
    const fields = 'msg_ts;frame_size;time';
    fc.assert(
      fc.property(fc.uniqueArray(table, { selector: ({ name }) => name, maxLength: 5 }), (tables) =>
        take(
          ['[]', ...tables.flatMap(({ name, rows }) => [`#${name}|${fields}`, JSON.stringify(rows), '[]']), ''].join(
            '\n',
          ),
        ),
      ),
      { numRuns: 200 },
    );
  });
});

describe('settings of a record', () => {
  it('come from its line in matrix.csv; bit rates of GStreamer are told in kbit/s', () => {
    const line = 'codec=gst.vp8.vaapivp8enc_display=webgl-cubemap | webgl/1920x1080 | bitrate=32000_rate-control=cbr';
    expect(parseMatrix(`# 2020\n${line}\n`, 'matrix.csv')).toEqual([
      {
        settings: { codec: 'gst.vp8.vaapivp8enc', display: 'webgl-cubemap', bitrate: '32000k', 'rate-control': 'cbr' },
        path: 'webgl/1920x1080/bitrate=32000_rate-control=cbr.rec',
      },
    ]);
    expect(() => parseMatrix('a=b\n', 'matrix.csv')).toThrow(/matrix.csv:1/);
  });

  it('come from its name and its script where there is no matrix', () => {
    const { messages } = parseRec(TINY, 'tiny.rec');
    expect(settingsWithoutMatrix('keyframe-period=30.rec', messages)).toEqual({
      codec: 'gst.vp8.vaapivp8enc',
      bitrate: '32000k',
      framerate: 30,
      'keyframe-period': 30,
    });
  });
});
