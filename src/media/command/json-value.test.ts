import { expect, test } from 'vitest';
import { numberAt, parseJsonOutput, parseJsonPath } from './json-value.ts';

const document = {
  summary: { fps: 31.5, text: '7', 'a b': 2 },
  frames: [{ time: 1 }, { time: 3 }],
  list: [],
  no: null,
};

test.each([
  ['summary.fps', 31.5],
  ['summary.text', 7],
  ['summary["a b"]', 2],
  ['frames[0].time', 1],
  ['frames[-1].time', 3],
  ['summary', 'summary is no number but object'],
  ['list', 'list is no number but a list'],
  ['no', 'no is no number but null'],
  ['frames[2].time', 'there is no [2] in it'],
  ['summary.constructor', 'there is no constructor in it'],
])('%s is %s', (path, value) => expect(numberAt(document, path)).toBe(value));

test.each(['', '.a', 'a..b', 'a.', 'a[b]', 'a[1', 'a b', '[]'])('%j is no path', (path) =>
  expect(parseJsonPath(path)).toBeNull(),
);

test('a document stands behind the lines of a log, in one line or several', () => {
  expect(parseJsonOutput('[info] starting\n{"fps": 3}\n')).toEqual({ fps: 3 });
  expect(parseJsonOutput('starting {\n{\n  "fps": {\n    "mean": 3\n  }\n}\n')).toEqual({ fps: { mean: 3 } });
  expect(() => parseJsonOutput('fps: 3')).toThrow(SyntaxError);
});
