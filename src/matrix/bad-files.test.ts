import { expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { parseBenchmark } from './parse-benchmark.ts';

/** A file that is right, but for the lines that a case adds. */
const good = 'source: clip.mp4\nmatrix: {bitrate: [1M, 4M]}\n';

/** Title, text, and what is told: `line:column what | todo`, in parts that must be there. */
const cases: [string, string, ...string[]][] = [
  ['empty text', '', '1:1 the file is empty', 'needs at least'],
  ['only a comment', '# nothing\n', '1:1 the file is empty'],
  ['a list at the top', '- a\n- b\n', '1:1 a benchmark is a mapping of keys, not a list'],
  ['plain words at the top', 'hello there\n', '1:1 a benchmark is a mapping of keys, not a single value'],
  ['a bracket that is not closed', 'source: a\nmatrix: {a: [1, 2}\n', '2:18 not valid YAML'],
  ['a tab as indentation', 'matrix:\n\tbitrate: 1M\n', '2:1 a tab indents this line', 'spaces'],
  ['two documents', `${good}---\na: 1\n`, '3:1 a second document begins here', 'one benchmark a file'],
  ['a tag of a program', `${good}name: !!python/object x\n`, 'not valid YAML: Unresolved tag'],
  ['an alias without an anchor', `${good}name: *there\n`, '3:7', 'anchor'],
  ['an alias inside of itself', `${good}settings: &a {x: *a}\n`, 'an alias stands inside of what it names'],
  ['aliases that stand for billions', bomb(), 'aliases in this file stand for more than'],
  ['nesting without end', `${good}settings: ${'['.repeat(60)}${']'.repeat(60)}\n`, 'nested too deep'],
  [
    'a key twice after an empty value',
    'source: clip.mp4\nmatrix:\n\nrepeat: 3\nmatrix: {a: 1}\n',
    "5:1 'matrix' is there twice, first in line 2",
  ],
  ['a key that is a list', `${good}? [a]\n: b\n`, '3:3 a key must be plain text'],
  ['a misspelt key', `${good}repaet: 3\n`, "3:1 unknown key 'repaet'", "did you mean 'repeat'?"],
  ['a key nobody knows', `${good}colour: red\n`, "3:1 unknown key 'colour'", 'known here: name, session'],
  ['a setting at the top', `${good}bitrate: 1M\n`, "3:1 'bitrate' is a setting", 'under settings: or matrix:'],
  [
    'a setting of SPICE at the top',
    'session: spice\ncompression: lz4\nmatrix: {codec: [vp8]}\n',
    "2:1 'compression' is a setting",
    'under settings: or matrix:',
  ],
  [
    'benchmarks in a benchmark',
    'first:\n  matrix: {a: 1}\n',
    "1:1 'first' looks like a benchmark",
    'one benchmark a file',
  ],
  ['no matrix', 'source: clip.mp4\n', '1:1 there is no matrix'],
  ['a matrix without properties', 'source: a\nmatrix: {}\n', '2:1 the matrix is empty'],
  ['a matrix that is a list', 'source: a\nmatrix: [1]\n', '2:9 matrix is a mapping'],
  ['an empty list', 'source: a\nmatrix:\n  bitrate: []\n', '3:12 bitrate has an empty list'],
  ['a list item without a value', 'source: a\nmatrix: {b: [1, ]}\nseed: 1\nsettings: {c: }\n', '4:15 c has no value'],
  ['a value twice', 'source: a\nmatrix: {b: [30, "30"]}\n', "2:18 b has '30' twice", 'repeat: 2'],
  [
    'a comma outside of brackets',
    'source: a\nmatrix:\n  bitrate: 1M, 4M\n',
    '3:12 bitrate is one text with a comma',
    '[1M, 4M]',
  ],
  ['a mapping in a list', 'source: a\nmatrix: {b: [{c: 1}]}\n', '2:14 a mapping stands in the list'],
  ['a list in a list', 'source: a\nmatrix: {b: [[1, 2]]}\n', '2:14 b must be a single value'],
  ['frames backwards', 'source: a\nmatrix: {frames: [[9, 0]]}\n', '2:19 frames is a pair of first and last'],
  ['three frames', 'source: a\nmatrix: {b: 1}\nsettings: {frames: [0, 5, 9]}\n', '3:20 frames is a pair'],
  ['not a number', 'source: a\nmatrix: {b: [.nan]}\n', '2:14 b is .nan'],
  ['a number that is not exact', 'source: a\nmatrix: {b: [12345678901234567890]}\n', 'too large to be exact', 'quotes'],
  ['include inside of matrix', 'source: a\nmatrix:\n  b: 1\n  include: []\n', '4:3 include stands beside matrix'],
  ['the name of no setting', 'source: a\nmatrix: {"a b": 1}\n', "2:10 'a b' can't be the name of a setting"],
  ['a name that would be a prototype', 'source: a\nmatrix: {__proto__: 1}\n', "2:10 '__proto__' can't be"],
  [
    'a merge key',
    'source: a\nmatrix: {b: 1}\nsettings: {<<: {c: 1}}\n',
    "3:12 '<<' can't be",
    'write the settings out',
  ],
  ['a range without its step', 'source: a\nmatrix: {b: {from: 1, to: 8}}\n', '2:13 the range of b needs from, to'],
  [
    'a range with step and times',
    'source: a\nmatrix: {b: {from: 1, to: 8, step: 1, times: 2}}\n',
    'one of step and times',
  ],
  [
    'a misspelt range',
    'source: a\nmatrix: {b: {form: 1, to: 8, step: 1}}\n',
    "2:14 unknown key of a range 'form'",
    "'from'",
  ],
  [
    'a range that leads away',
    'source: a\nmatrix: {b: {from: 8, to: 1, step: 1}}\n',
    'leads away from the end',
    'negative',
  ],
  ['a range that stands still', 'source: a\nmatrix: {b: {from: 1, to: 8, step: 0}}\n', 'step is 0'],
  ['a factor that stands still', 'source: a\nmatrix: {b: {from: 1, to: 8, times: 1}}\n', "times is '1'"],
  ['a range from nothing', 'source: a\nmatrix: {b: {from: 0, to: 8, times: 2}}\n', 'never leaves 0'],
  ['a range of two units', 'source: a\nmatrix: {b: {from: 1ms, to: 8M, step: 1}}\n', "the unit 'ms'"],
  ['a step without the unit', 'source: a\nmatrix: {b: {from: 1M, to: 8M, step: 1}}\n', 'step has no unit', 'step: 1M'],
  ['a range of words', 'source: a\nmatrix: {b: {from: slow, to: 8, step: 1}}\n', "'slow' is none"],
  [
    'a setting fixed and varying',
    'source: a\nsettings: {b: 1}\nmatrix: {b: [1]}\n',
    "3:10 'b' is fixed in settings and varies",
  ],
  ['a source in two places', `${good}settings: {source: other.mp4}\n`, "3:12 'source' is set twice"],
  ['two values that meet', 'source: a\nmatrix:\n  c: {x: {t: 1}}\n  d: {y: {t: 2}}\n', "4:11 't' is set in two places"],
  [
    'a property inside and beside',
    'source: a\nmatrix:\n  c: {x: {b: [1, 2]}}\n  b: [1]\n',
    "4:3 'b' is set in two places",
  ],
  ['no source', 'matrix: {bitrate: [1M, 4M]}\n', '1:1 there is no source for bitrate=1M', 'source: clip.mp4'],
  ['half of the cells without a source', 'matrix: {c: {x: {source: a}, y: {t: 1}}}\n', 'there is no source for c=y'],
  [
    'a session of another kind',
    `${good}session: encodes\n`,
    "3:10 session must be encode, loopback, spice or command, not 'encodes'",
    "'encode'",
  ],
  ['no repeat at all', `${good}repeat: 0\n`, "3:9 repeat must be a whole number from 1 to 1000, not '0'"],
  ['half a repeat', `${good}repeat: 1.5\n`, '3:9 repeat must be a whole number'],
  ['a seed below zero', `${good}seed: -1\n`, '3:7 seed must be a whole number from 0'],
  ['an order of another kind', `${good}order: shuffled\n`, '3:8 order must be random or listed'],
  ['a timeout in words', `${good}timeout: soon\n`, '3:10 timeout must be a duration from 1s to 168h'],
  [
    'an interval without unit',
    `${good}interval: 100\n`,
    '3:11 interval must be a duration from 10ms to 10s, with its unit',
    '100ms',
  ],
  [
    'an interval too short',
    `${good}interval: 1ms\n`,
    "3:11 interval must be a duration from 10ms to 10s, with its unit, not '1ms'",
  ],
  ['a switch in words', `${good}keep_output: sometimes\n`, '3:14 keep_output must be true or false'],
  ['a number with nothing after it', `${good}warmup:\n`, '3:8 warmup must be a whole number'],
  ['a name with a slash', `${good}name: a/b\n`, "3:7 name must be a text that can name a file, not 'a/b'"],
  ['a name that hides', `${good}name: ..\n`, '3:7 name must be'],
  ['settings as a list', `${good}settings: [a]\n`, '3:11 settings is a mapping'],
  [
    'hooks of a stranger',
    `${good}hooks: {bitrat: {before: ls}}\n`,
    "3:9 unknown property in hooks 'bitrat'",
    "'bitrate'",
  ],
  [
    'hooks at another moment',
    `${good}hooks: {bitrate: {befor: ls}}\n`,
    "3:19 unknown moment of 'bitrate' 'befor'",
    "'before'",
  ],
  [
    'a hook of two roles',
    `${good}hooks: {bitrate: {before: [{guest: {client: ls}}]}}\n`,
    "3:36 a command of the guest that is the client's",
  ],
  ['a hook without a moment', `${good}hooks: {bitrate: ls}\n`, '3:18 the hooks of bitrate need a moment'],
  ['a command that is empty', `${good}setup: [""]\n`, '3:9 this command is empty'],
  ['a quote that is not closed', `${good}setup: echo 'a\n`, '3:8 a quote in this command is not closed'],
  ['a command that is a mapping', `${good}setup: {run: ls}\n`, '3:8 this is no command', 'shell'],
  [
    'a value that is misspelt',
    `${good}hooks: {bitrate: {before: 'tc $bitrat'}}\n`,
    "3:27 '$bitrat' is not known",
    'write $bitrate',
  ],
  ['a value in setup', `${good}setup: tc $bitrate\n`, "3:8 '$bitrate' is not known", 'only the hooks of bitrate'],
  ['a threshold without comparison', `${good}thresholds: [encode.fps]\n`, "3:14 'encode.fps' is no threshold"],
  ['a threshold with a single =', `${good}thresholds: ["a = 1"]\n`, "3:14 '=' is no comparison", 'write =='],
  ['a threshold with a unit', `${good}thresholds: ["a < 20ms"]\n`, "3:14 '20ms' is no number", "the metric's own unit"],
  ['a threshold of nothing', `${good}thresholds: [">= 1"]\n`, '3:14 a threshold needs a metric'],
  [
    'exclude of a value that is not there',
    `${good}exclude: [{bitrate: 1N}]\n`,
    "3:12 this exclude matches no cell: bitrate is never '1N'",
    "'1M'",
  ],
  [
    'exclude of a property that is not there',
    `${good}exclude: [{bitrat: 1M}]\n`,
    "3:12 unknown property in exclude 'bitrat'",
    "'bitrate'",
  ],
  ['exclude that is no list', `${good}exclude: {bitrate: 1M}\n`, '3:10 exclude is a list'],
  ['exclude of everything', `${good}exclude: [{bitrate: [1M, 4M]}]\n`, '2:1 no cell is left'],
  [
    'more excludes than a person writes',
    `${good}exclude: [${'{bitrate: 1M}, '.repeat(1001)}]\n`,
    '3:10 exclude has 1001 items, more than 1000',
  ],
  ['a bare number as a name', 'source: a\nmatrix: {1: [1]}\n', "2:10 '1' can't be the name of a setting"],
  ['include of what is there', `${good}include: [{bitrate: 1M}]\n`, '3:11 this include adds nothing'],
  [
    'include of a name without settings',
    'source: a\nmatrix: {c: {x264: {e: 1}}}\ninclude: [{c: x265}]\n',
    "3:12 c has no value 'x265'",
  ],
  [
    'a million cells',
    'source: a\nmatrix: {b: {from: 1, to: 1000, step: 1}, c: {from: 1, to: 1000, step: 1}}\n',
    '2:1 the matrix has 1,000,000 cells',
    '--yes',
  ],
];

test.each(cases)('%s', (_title, text, ...parts) => {
  const message = messageOf(text);
  const [place, ...words] = parts[0]!.split(' ');
  if (/^\d+:\d+$/.test(place!)) {
    expect(message).toMatch(new RegExp(`(^|\\n)bench.yaml:${place}: `));
    expect(message).toContain(words.join(' '));
  } else expect(message).toContain(parts[0]);
  for (const part of parts.slice(1)) expect(message).toContain(part);
});

test('all mistakes of a file are told at once', () => {
  const error = errorOf('source: clip.mp4\nrepaet: 3\nmatrix:\n  bitrate: []\norder: sorted\n');
  expect(error.problems.map(({ where }) => where)).toEqual(['bench.yaml:2:1', 'bench.yaml:4:12', 'bench.yaml:5:8']);
});

test('a file with thousands of mistakes tells the first of them and how many there are', () => {
  const error = errorOf(`matrix: {b: [${Array.from({ length: 5000 }, () => '[1]').join(', ')}]}\n`);
  expect(error.problems.length).toBeLessThan(50);
  expect(error.message).toContain('more problems');
});

test('a file that is no benchmark at all is refused by its size', () => {
  expect(messageOf('a'.repeat(5_000_000))).toContain('the file has 5000000 characters');
});

test('what no memory holds is refused whatever the user says', () => {
  const text = 'source: a\nmatrix: {b: {from: 1, to: 3000, step: 1}, c: {from: 1, to: 3000, step: 1}}\n';
  expect(() => parseBenchmark(text, 'bench.yaml', { yes: true })).toThrow(
    'the matrix has 9,000,000 cells, more than the 2,000,000',
  );
});

test('a file whose own name is unfit needs a name', () => {
  expect(() => parseBenchmark(good, '/tmp/a:b.yaml')).toThrow("the file's own name 'a:b' can't name a benchmark");
});

test('a control character in the file does not reach the terminal', () => {
  expect(messageOf(`${good}"re\\epeat": 1\n`)).not.toContain('\u001b');
});

function errorOf(text: string): UserError {
  try {
    parseBenchmark(text, 'bench.yaml');
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was found wrong with it');
}

function messageOf(text: string): string {
  return errorOf(text).message;
}

function bomb(): string {
  const lines = ['matrix: {a: 1}', 'settings:', '  a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i++)
    lines.push(`  a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`);
  return `${lines.join('\n')}\n`;
}
