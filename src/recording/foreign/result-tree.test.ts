import { expect, test } from 'vitest';
import { parseImportDescription, parseRunSettings, treeResult } from './result-tree.ts';

const DESCRIPTION = parseImportDescription(
  `name: study
ignore: [date]
started: {file: out.json, value: start}
metrics:
  - {name: fps, file: out.json, value: runs.0.fps, unit: frame/s, better: higher}
  - {file: out.json, value: a.b.c}
  - {name: more, file: more.json, value: x}
`,
  'd.yaml',
);

const run = (document: unknown, exitCode: string | null = '0\n') =>
  treeResult(
    {
      path: 'a/r1',
      settings: { codec: 'vp9', date: 1 },
      exitCode,
      documents: new Map([
        ['out.json', document],
        ['more.json', null],
      ]),
    },
    DESCRIPTION,
  );

test('numbers come from where the description says, through lists and names with dots; what is missing is said', () => {
  expect(run({ start: 1_700_000_000, runs: [{ fps: 12.5 }], 'a.b': { c: 0 } })).toEqual({
    settings: { codec: 'vp9' },
    metrics: {
      fps: { value: 12.5, unit: 'frame/s', better: 'higher' },
      'a.b.c': { value: 0, unit: '1', better: null },
    },
    outcome: 'ok',
    reason: null,
    startedAt: '2023-11-14T22:13:20.000Z',
    durationS: null,
    part: 'a/r1',
    absent: ['more: there is no more.json'],
  });
});

test('a run that failed has no numbers; one without exit_code is taken as ended well, and that is said', () => {
  expect(run({ runs: [{ fps: 1 }] }, '137')).toMatchObject({
    outcome: 'failed',
    reason: 'it ended with exit code 137',
    metrics: {},
  });
  expect(run({ runs: [{ fps: 'fast' }] }, null)).toMatchObject({
    outcome: 'ok',
    metrics: {},
    startedAt: null,
    absent: [
      'exit code: there is no file exit_code; it is taken as ended well',
      'fps: out.json has no number at runs.0.fps',
      'a.b.c: out.json has no number at a.b.c',
      'more: there is no more.json',
    ],
  });
});

test('settings are lines of key=value, or YAML', () => {
  expect(parseRunSettings('# made by\ncodec=vp9\nbitrate=4M\nn=3\nflag=true\nequal=a=b\n', 's')).toEqual({
    codec: 'vp9',
    bitrate: '4M',
    n: 3,
    flag: true,
    equal: 'a=b',
  });
  expect(parseRunSettings('codec: vp9\nn: 3\ntext: "3"\nnothing:\n', 's')).toEqual({ codec: 'vp9', n: 3, text: '3' });
  expect(() => parseRunSettings('codec: [a]\n', 's')).toThrow('s:1:8: the setting codec is one value');
});

test.each([
  ['name: a\n', 'no metric is described'],
  ['metrics: []\n', 'metrics is a list'],
  ['metrics:\n  - {file: a.json}\n', 'd.yaml:2:5: a metric has no value'],
  ['metrics:\n  - {file: a, value: b, better: best}\n', 'better is higher or lower, and not best'],
  ['metrics:\n  - {file: a, valu: b}\n', 'did you mean'],
  ['metric: a\n', 'unknown key'],
])('the description %j is refused: %s', (text, message) => {
  expect(() => parseImportDescription(text, 'd.yaml')).toThrow(message);
});
