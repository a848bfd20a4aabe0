import { expect, test } from 'vitest';
import { parseCsvResults } from './csv-results.ts';

const known = (name: string) =>
  name === 'encode.fps'
    ? { unit: 'frame/s', better: 'higher' as const }
    : name === 'bitrate'
      ? { unit: 'bit/s', better: null }
      : null;
const parse = (
  text: string,
  metrics: Parameters<typeof parseCsvResults>[2]['metrics'] = [],
  settings: readonly string[] = [],
) => parseCsvResults(text, 'r.csv', { metrics, settings, known });

test('units in the head, names the lab knows and named columns are metrics; all else are settings; empty is absent', () => {
  const text = '\uFEFFcodec,bitrate,encode.fps,size (byte),seen\r\nx264,4M,100.5,,7\r\n"vp9, new",8M,,12,\r\n';
  expect(parse(text, [{ name: 'seen', unit: '1', better: 'lower' }])).toMatchObject([
    {
      settings: { codec: 'x264', bitrate: '4M' },
      metrics: {
        'encode.fps': { value: 100.5, unit: 'frame/s', better: 'higher' },
        seen: { value: 7, unit: '1', better: 'lower' },
      },
      outcome: 'ok',
      startedAt: null,
      part: '2',
    },
    { settings: { codec: 'vp9, new', bitrate: '8M' }, metrics: { size: { value: 12, unit: 'byte' } } },
  ]);
});

test.each([
  ['3.1\n3.10\n', ['3.1', '3.10']],
  ['9007199254740993\n9007199254740992\n', ['9007199254740993', '9007199254740992']],
  ['3.1\n3.2\n3.1\n', [3.1, 3.2, 3.1]],
  ['1.50\n2.25\n', [1.5, 2.25]],
  ['1\n1.0\n', [1, 1]],
])('where two texts of a column were one number, its texts are names: %j', (rows, values) => {
  const found = parse(`version,x (s)\n${rows.replaceAll('\n', ',1\n')}`);
  expect(found.map(({ settings }) => settings['version'])).toEqual(values);
});

test.each(['codec,encode.fps', 'codec,fps (frame/s)\n\n'])('a head without rows is an error: %j', (text) => {
  expect(() => parse(text)).toThrow(/no rows/);
});

test("the lab's own export comes back: times, outcomes, and no column twice", () => {
  const text =
    'run,cell,repeat,outcome,started,duration (s),codec,encode.fps (frame/s)\n01,c,1,ok,2026-01-02T03:04:05.000Z,2.5,x264,9\n02,c,2,timeout,,,x264,\n';
  const [first, second] = parse(text);
  expect(first).toMatchObject({ settings: { codec: 'x264' }, startedAt: '2026-01-02T03:04:05.000Z', durationS: 2.5 });
  expect(first!.metrics['encode.fps']).toEqual({ value: 9, unit: 'frame/s', better: 'higher' });
  expect(second).toMatchObject({ outcome: 'failed', reason: 'it was written down as timeout', metrics: {} });
});

test.each([
  ['', 'the file is empty'],
  ['a,b\n1,2\n', 'no column is known to be a metric'],
  ['a,a (s)\n1,2\n3\n', 'r.csv:3: this is no CSV'],
  ['a,x (s),x (s)\n', 'two columns are called "x (s)"'],
  ['a,x (s),x (ms)\n', 'two columns are called "x" before their units'],
  ['__proto__,x (s)\n1,2\n', "a column can't be called `__proto__`"],
  ['a,x (s)\n1,fast\n', 'r.csv:2: "fast" of the metric x is no number'],
  ['a,x (s)\n1,Infinity\n', 'r.csv:2: "Infinity" of the metric x is no number'],
  ['a,outcome,x (s)\n1,fine,2\n', 'r.csv:2: "fine" is no outcome'],
  ['a,started,x (s)\n1,yesterday,2\n', 'r.csv:2: "yesterday" is no time'],
])('%j is refused: %s', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test.each([
  ['semicolons and decimal commas', 'preset;fps (frame/s)\nfast;12,5\nslow;1,234\n', [12.5, 1.234]],
  ['semicolons and decimal points', 'preset;fps (frame/s)\nfast;12.5\nslow;7\n', [12.5, 7]],
  ['tabs and decimal points', 'preset\tfps (frame/s)\nfast\t12.5\nslow\t7\n', [12.5, 7]],
  ['tabs and decimal commas', 'preset\tfps (frame/s)\nfast\t12,5\nslow\t1,234\n', [12.5, 1.234]],
  ['a semicolon in quotes', '"preset; all",fps (frame/s)\nfast,12.5\nslow,7\n', [12.5, 7]],
  ['a comma in quotes', '"preset, all";fps (frame/s)\nfast;12,5\nslow;-7\n', [12.5, -7]],
])('%s are read', (_, text, values) => {
  expect(parse(text).map(({ metrics }) => metrics['fps']!.value)).toEqual(values);
});

test('what a comma in a number is is never guessed', () => {
  const refused = /is no number\n {2}Numbers need a decimal point/;
  expect(() => parse('preset\tfps (frame/s)\nfast\t1,234\n')).toThrow(refused);
  expect(() => parse('preset;fps (frame/s)\nfast;1,5\nslow;2.5\n')).toThrow(refused);
  expect(() => parse('preset,fps (frame/s)\nfast,"1,5"\n')).toThrow(refused);
  expect(() => parse('preset;fps (frame/s)\nfast;1.234,5\n')).toThrow(refused);
});

test('settings keep their commas; a heading with both separators is told how to mend', () => {
  expect(parse('levels;x (s)\n1,2;3,5\n')[0]!.settings).toEqual({ levels: '1,2' });
  expect(() => parse('preset;fps, mean;speed\nfast;1;2\n')).toThrow(/commas beside semicolons or tabs/);
});

test('how a file was read is told where it is no plain CSV', () => {
  const told = (text: string) => {
    const notes: string[] = [];
    parseCsvResults(text, 'r.csv', { metrics: [], settings: [], known, onNote: (note) => notes.push(note) });
    return notes;
  };
  expect(told('a;x (s)\n1;2,5\n')).toEqual(['columns with semicolons between them, decimal commas']);
  expect(told('a\tx (s)\n1\t2\n')).toEqual(['columns with tabs between them']);
  expect(told('a,x (s)\n1,2.5\n')).toEqual([]);
});

test('a column is meant by what stands before its unit, which holds where no other is named', () => {
  const [result] = parse('codec,fps (frame/s)\nx264,9\n', [{ name: 'fps', unit: '1', better: 'higher' }]);
  expect(result!.metrics).toEqual({ fps: { value: 9, unit: 'frame/s', better: 'higher' } });
});

test('a named column that is not there is told with those that are', () => {
  expect(() => parse('a,b\n1,2\n', [{ name: 'c', unit: '1', better: null }])).toThrow(
    'r.csv:1: there is no column "c"\n  There are: a, b',
  );
});

test.each(['1M', '1000000'])(
  'a bitrate of %s without a unit is what was asked for, although there is such a metric',
  (bitrate) => {
    const [result] = parse(`codec,bitrate,fps (frame/s)\nx264,${bitrate},9\n`);
    expect(Object.keys(result!.settings)).toEqual(['codec', 'bitrate']);
    expect(Object.keys(result!.metrics)).toEqual(['fps']);
  },
);

test('a bitrate with its unit, or named as a metric, is one', () => {
  const [result] = parse('codec,bitrate (bit/s)\nx264,1000\n');
  expect(result).toMatchObject({ settings: { codec: 'x264' }, metrics: { bitrate: { value: 1000, unit: 'bit/s' } } });
  const [named] = parse('codec,bitrate\nx264,1000\n', [{ name: 'bitrate', unit: 'bit/s', better: 'lower' }]);
  expect(named!.metrics).toEqual({ bitrate: { value: 1000, unit: 'bit/s', better: 'lower' } });
});

test('a column that was named a setting is one, whatever its head says', () => {
  const [result] = parse('encode.fps,size (cm),fps (frame/s)\n30,7,9\n', [], ['encode.fps', 'size']);
  expect(result).toMatchObject({ settings: { 'encode.fps': 30, size: 7 }, metrics: { fps: { value: 9 } } });
  expect(() => parse('a,x (s)\n1,2\n', [], ['b'])).toThrow('there is no column "b"');
});

test('a setting and a metric of one name are told apart by the unit', () => {
  const text = 'bitrate,bitrate (bit/s)\n1M,990000\n';
  const metrics = { bitrate: { value: 990_000, unit: 'bit/s', better: null } };
  expect(parse(text)).toMatchObject([{ settings: { bitrate: '1M' }, metrics }]);
  const [better] = parse(text, [{ name: 'bitrate', unit: '1', better: 'lower' }]);
  expect(better).toMatchObject({ settings: { bitrate: '1M' }, metrics: { bitrate: { better: 'lower' } } });
});

test('a run that was left out where it comes from does not count here', () => {
  const [out, fine] = parse('codec,left out because,x (s)\na,a neighbour woke up,1\nb,,2\n');
  expect(out).toMatchObject({ outcome: 'failed', reason: 'it was left out: a neighbour woke up' });
  expect(fine).toMatchObject({ outcome: 'ok', reason: null, settings: { codec: 'b' } });
});
