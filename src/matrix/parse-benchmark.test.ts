import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Benchmark } from '#core/benchmark';
import { parseBenchmark } from './parse-benchmark.ts';

const parse = (text: string): Benchmark => parseBenchmark(text, '/clips/bench.yaml');
const labels = (matrix: string): string[] => parse(`source: clip.mp4\n${matrix}`).cells.map(({ label }) => label);

const bunny = `
name: bunny
session: encode
source: clip.mp4
settings: {engine: bundled, resolution: 1280x720, framerate: source, frames: [0, 191]}
matrix:
  codec:
    x264: {encoder: libx264, preset: [veryfast, medium]}
    av1: {encoder: libsvtav1, preset: [10, 8]}
  bitrate: [1M, 4M]
repeat: 3
thresholds: ["encode.fps p5 >= 20"]
`;

test("a named value's lists are crossed inside of that value only", () => {
  expect(parse(bunny).cells.map(({ label }) => label)).toEqual([
    'codec=x264 bitrate=1M preset=veryfast',
    'codec=x264 bitrate=4M preset=veryfast',
    'codec=x264 bitrate=1M preset=medium',
    'codec=x264 bitrate=4M preset=medium',
    'codec=av1 bitrate=1M preset=10',
    'codec=av1 bitrate=4M preset=10',
    'codec=av1 bitrate=1M preset=8',
    'codec=av1 bitrate=4M preset=8',
  ]);
});

test('a cell has all settings of its run, and its label names are told apart from them', () => {
  const { cells, properties } = parse(bunny);
  expect(cells[6]).toEqual({
    index: 6,
    label: 'codec=av1 bitrate=1M preset=8',
    properties: { codec: 'av1', bitrate: '1M', preset: '8' },
    settings: {
      source: '/clips/clip.mp4',
      engine: 'bundled',
      resolution: '1280x720',
      framerate: 'source',
      frames: [0, 191],
      codec: 'av1',
      encoder: 'libsvtav1',
      preset: 8,
      bitrate: '1M',
    },
    labels: ['codec'],
  });
  expect(properties).toEqual([
    { name: 'codec', values: ['x264', 'av1'] },
    { name: 'bitrate', values: ['1M', '4M'] },
    { name: 'preset', values: ['veryfast', 'medium', '10', '8'] },
  ]);
});

test('every key has its meaning and its default', () => {
  expect(parse('source: a\nmatrix: {b: 1}')).toMatchObject({
    name: 'bench',
    session: 'encode',
    repeat: 1,
    warmup: 0,
    timeoutS: null,
    order: 'random',
    seed: null,
    setup: [],
    teardown: [],
    hooks: [],
    hookTimeoutS: 60,
    thresholds: [],
    intervalMs: 100,
    keepOutput: false,
    recordTimeS: null,
    settleS: 2,
    warnings: [],
  });
  const all =
    `
name: Nacht & Tag`.replace('&', 'und') +
    `
session: loopback
source: lavfi:testsrc2=size=640x360
matrix: {b: 1}
repeat: 5
warmup: 1
timeout: 5m
order: listed
seed: 42
setup: mount -o ro "/my disc" /mnt
teardown: [[umount, /mnt], {shell: "echo $HOME | wc -c"}]
hooks: {b: {before: tc $b, after: [tc off, [rm, "\${b}.log"]]}}
hook_timeout: 1.5
thresholds: ["encode.time  p95 max < 4k", "psnr == 1"]
interval: 20ms
keep_output: true
record_time: 40s
`;
  expect(parse(all)).toMatchObject({
    name: 'Nacht und Tag',
    session: 'loopback',
    repeat: 5,
    warmup: 1,
    timeoutS: 300,
    order: 'listed',
    seed: 42,
    setup: [{ kind: 'argv', argv: ['mount', '-o', 'ro', '/my disc', '/mnt'], where: '/clips/bench.yaml:11:8' }],
    teardown: [
      { kind: 'argv', argv: ['umount', '/mnt'] },
      { kind: 'shell', line: 'echo $HOME | wc -c' },
    ],
    hooks: [
      {
        property: 'b',
        before: [{ kind: 'argv', argv: ['tc', '$b'] }],
        after: [{ argv: ['tc', 'off'] }, { argv: ['rm', '${b}.log'] }],
      },
    ],
    hookTimeoutS: 1.5,
    thresholds: [
      { text: 'encode.time  p95 max < 4k', metric: 'encode.time p95', statistic: 'max', comparison: '<', value: 4000 },
      { metric: 'psnr', statistic: 'median', comparison: '==', value: 1 },
    ],
    intervalMs: 20,
    keepOutput: true,
    recordTimeS: 40,
    warnings: [],
  });
});

test.each([
  ['a single value', 'matrix: {b: 1M, c: [1, 2]}', ['b=1M c=1', 'b=1M c=2']],
  ['steps', 'matrix: {b: {from: 1, to: 10, step: 3}}', ['b=1', 'b=4', 'b=7', 'b=10']],
  ['factors, in the style of the file', 'matrix: {b: {from: 1M, to: 8M, times: 2}}', ['b=1M', 'b=2M', 'b=4M', 'b=8M']],
  ['a named value with a value', 'matrix: {b: {low: 1M, high: 4M}}', ['b=low', 'b=high']],
  ['named values without settings', 'matrix: {load: {idle: , busy: {}}}', ['load=idle', 'load=busy']],
  ['frames', 'matrix: {frames: [[0, 9], [10, 19]]}', ['frames=0..9', 'frames=10..19']],
  ['one pair of frames', 'matrix: {frames: [0, 9]}', ['frames=0..9']],
  ['values with blanks', 'matrix: {b: ["a b", "c=d"]}', ['b="a b"', 'b=c=d']],
  ['aliases', 'settings: {x: &x 7}\nmatrix: {b: [*x, 8]}', ['b=7', 'b=8']],
  [
    'a value that one encoder varies and another fixes is shown for both',
    'matrix: {c: {x: {p: [1, 2]}, y: {p: 3}, z: {}}}',
    ['c=x p=1', 'c=x p=2', 'c=y p=3', 'c=z'],
  ],
  [
    'named values inside of named values, and ranges inside of them',
    'matrix: {c: {x: {p: {fast: {q: {from: 1, to: 2, step: 1}}, slow: {t: 9}}}, y: {}}, b: [5]}',
    ['c=x b=5 p=fast q=1', 'c=x b=5 p=fast q=2', 'c=x b=5 p=slow', 'c=y b=5'],
  ],
  [
    'exclude by all of its values',
    'matrix: {b: [1, 2], c: [3, 4]}\nexclude: [{b: 1, c: 4}]',
    ['b=1 c=3', 'b=2 c=3', 'b=2 c=4'],
  ],
  ['exclude by any of a list', 'matrix: {b: [1, 2], c: [3, 4]}\nexclude: [{b: [1, 2], c: 4}]', ['b=1 c=3', 'b=2 c=3']],
  ['exclude by a setting', 'matrix: {c: {x: {e: 1}, y: {e: 2}}}\nexclude: [{e: 2}]', ['c=x']],
  ['include of a cell', 'matrix: {b: [1], c: [3]}\ninclude: [{b: 2, c: 4}]', ['b=1 c=3', 'b=2 c=4']],
  ['include of a setting for some cells', 'matrix: {b: [1, 2]}\ninclude: [{b: 2, t: 9}]', ['b=1', 'b=2 t=9']],
  ['include of a setting for all cells', 'matrix: {b: [1, 2]}\ninclude: [{t: 9}]', ['b=1 t=9', 'b=2 t=9']],
  [
    'include of a new value of a named one, with what that brings',
    'matrix: {c: {x: {e: 1, p: [1, 2], q: [5, 6]}}}\ninclude: [{c: x, p: 3}]',
    ['c=x p=1 q=5', 'c=x p=1 q=6', 'c=x p=2 q=5', 'c=x p=2 q=6', 'c=x q=5 p=3', 'c=x q=6 p=3'],
  ],
])('cells: %s', (_title, matrix, expected) => {
  expect(labels(matrix)).toEqual(expected);
});

test('an included name without settings of the matrix brings its own', () => {
  const { cells } = parse('source: a\nmatrix: {c: {x264: {encoder: libx264}}}\ninclude: [{c: x265, encoder: libx265}]');
  expect(cells[1]).toMatchObject({ settings: { c: 'x265', encoder: 'libx265' }, labels: ['c'] });
});

test('what an include adds wins over what is fixed', () => {
  const { cells } = parse('source: a\nsettings: {threads: 4}\nmatrix: {b: [1, 2]}\ninclude: [{b: 2, threads: 1}]');
  expect(cells.map(({ settings }) => settings['threads'])).toEqual([4, 1]);
});

test('sources are relative to the file, wherever they stand; labels keep what was written', () => {
  const { cells } = parse('matrix: {source: [a.mp4, ../b.mp4, /c.mp4, "lavfi:testsrc2=size=64x64,hue"]}');
  expect(cells.map(({ settings }) => settings['source'])).toEqual([
    '/clips/a.mp4',
    '/b.mp4',
    '/c.mp4',
    'lavfi:testsrc2=size=64x64,hue',
  ]);
  expect(cells[1]!.label).toBe('source=../b.mp4');
  const named = parse('matrix: {title: {a: {source: a.mp4}, b: {source: b.mp4}}}');
  expect(named.cells.map(({ settings }) => settings['source'])).toEqual(['/clips/a.mp4', '/clips/b.mp4']);
});

test("only the last word of a threshold is a statistic over repeats: a metric's own stays in its name", () => {
  const { thresholds } = parse(
    'source: a\nmatrix: {b: 1}\nthresholds: [encode.time max median < 50, encode.time max < 50]',
  );
  expect(thresholds.map(({ metric, statistic }) => [metric, statistic])).toEqual([
    ['encode.time max', 'median'],
    ['encode.time', 'max'],
  ]);
});

test('the places of settings and their values are kept, for errors that a trial encode finds', () => {
  const { positions } = parse('source: a.mp4\nmatrix:\n  c: {x: {p: [1, slow]}}\n  b: {from: 1, to: 2, step: 1}\n');
  expect(Object.fromEntries(positions)).toMatchObject({
    'source="/clips/a.mp4"': '/clips/bench.yaml:1:9',
    c: '/clips/bench.yaml:3:3',
    p: '/clips/bench.yaml:3:11',
    'p="slow"': '/clips/bench.yaml:3:18',
    b: '/clips/bench.yaml:4:3',
  });
});

test('hooks follow the order of the properties, the first outermost', () => {
  const { hooks } = parse('source: a\nmatrix: {b: [1], c: [2]}\nhooks: {c: {before: x}, b: {after: y}}');
  expect(hooks.map(({ property }) => property)).toEqual(['b', 'c']);
});

test('keys for streams are understood, and told, in an encode', () => {
  const { warnings } = parse('source: a\nmatrix: {network: [10M]}\nrecord_time: 40s');
  expect(warnings).toEqual([
    expect.stringContaining('/clips/bench.yaml:3:1: record_time is honoured by streaming sessions only'),
    expect.stringContaining('/clips/bench.yaml:2:10: network is honoured by streaming sessions only'),
  ]);
});

test('a very large matrix is planned when it is asked for', () => {
  const text = 'source: a\nmatrix: {b: {from: 1, to: 400, step: 1}, c: {from: 1, to: 300, step: 1}}';
  expect(() => parseBenchmark(text, 'x.yaml')).toThrow('120,000 cells');
  expect(parseBenchmark(text, 'x.yaml', { yes: true }).cells.length).toBe(120_000);
});

test('the number of cells is the product of the lists, and every label is its own', () => {
  const lists = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(lists, (values) => {
      const matrix = values.map((list, index) => `  p${index}: [${list.join(', ')}]`).join('\n');
      const found = labels(`matrix:\n${matrix}`);
      expect(found.length).toBe(values.reduce((product, list) => product * list.length, 1));
      expect(new Set(found).size).toBe(found.length);
    }),
  );
});

test('a command of a hook may be for the agent of a role', () => {
  const { hooks } = parse(
    'source: a\nsession: loopback\nmatrix: {b: [1]}\nhooks: {b: {before: [{guest: "xrandr $b"}, {client: {shell: "x $b"}}, {server: [ls, -l]}]}}',
  );
  expect(hooks[0]!.before).toMatchObject([
    { kind: 'argv', role: 'guest', argv: ['xrandr', '$b'] },
    { kind: 'shell', role: 'client', line: 'x $b' },
    { kind: 'argv', role: 'server', argv: ['ls', '-l'] },
  ]);
});

test('displays and devices are sources without a path', () => {
  const { cells } = parse(
    'session: loopback\nmatrix: {source: ["x11::99", "v4l2:/dev/video0", "kms:/dev/dri/card0", a.mp4]}',
  );
  expect(cells.map(({ settings }) => settings['source']).slice(0, 3)).toEqual([
    'x11::99',
    'v4l2:/dev/video0',
    'kms:/dev/dri/card0',
  ]);
});
