import { expect, test } from 'vitest';
import { parseBenchmark } from './parse-benchmark.ts';

const cellsOf = (text: string) =>
  parseBenchmark(`source: clip.mp4\n${text}`, '/bench/tune.yaml').cells.map(({ label, settings }) => [
    label,
    settings['engine'],
  ]);

test('engines stand in a list, by name and by path', () => {
  const text = `matrix:
  engine: [bundled, ffmpeg, {path: /opt/seven/bin/ffmpeg, name: seven}, {path: ../six/ffmpeg}, ./five]
`;
  expect(cellsOf(text)).toEqual([
    ['engine=bundled', 'bundled'],
    ['engine=ffmpeg', 'ffmpeg'],
    ['engine=seven', '/opt/seven/bin/ffmpeg'],
    ['engine=../six/ffmpeg', '/six/ffmpeg'],
    ['engine=./five', '/bench/five'],
  ]);
});

test('an engine stands in settings, under a name, and in what a named value brings', () => {
  expect(cellsOf('settings: {engine: {path: /a/ffmpeg, name: a}}\nmatrix: {bitrate: 1M}')).toEqual([
    ['bitrate=1M', '/a/ffmpeg'],
  ]);
  expect(cellsOf('matrix: {engine: {path: /a/ffmpeg, name: a}}')).toEqual([['engine=a', '/a/ffmpeg']]);
  expect(cellsOf('matrix: {engine: {old: {path: /a/ffmpeg}, new: {path: /b/ffmpeg}}}')).toEqual([
    ['engine=old', '/a/ffmpeg'],
    ['engine=new', '/b/ffmpeg'],
  ]);
  expect(cellsOf('matrix: {build: {old: {engine: {path: /a/ffmpeg}}, new: {engine: bundled}}}')).toEqual([
    ['build=old', '/a/ffmpeg'],
    ['build=new', 'bundled'],
  ]);
});

test.each([
  ['engine: [{path: /a, nmae: b}]', "did you mean 'name'"],
  ['engine: [{path: ffmpeg7}]', "'ffmpeg7' is no path of an engine"],
  ['engine: [{path: [a]}]', 'path of an engine is a text'],
])('a mistake in it is told: %s', (matrix, message) => {
  expect(() => cellsOf(`matrix: {${matrix}}`)).toThrow(message);
});
