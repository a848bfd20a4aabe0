import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Cell } from '#core/benchmark';
import type { SessionKind } from '#core/session';
import type { Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import { checkPlaceholders, readCommand } from './command-section.ts';
import { parseBenchmark } from './parse-benchmark.ts';
import { fileContext } from '#media/settings-file/read-setting';
import { parseYamlTree } from '#system/yaml/yaml-tree';

function read(text: string, session: SessionKind = 'command', cells: readonly Settings[] = []) {
  const { root, problems } = parseYamlTree(text, 'b.yaml');
  const sections = new Map(root.entries.map((entry) => [entry.key, entry]));
  const spec = readCommand(sections, session, fileContext('/bench/b.yaml', problems, false));
  if (spec !== null) checkPlaceholders(spec, cells.map(cellOf), problems);
  problems.throwIfAny();
  return spec;
}

const cellOf = (settings: Settings, index: number): Cell => ({
  index,
  label: `cell ${index}`,
  properties: {},
  settings,
  labels: [],
});

function problemsOf(...args: Parameters<typeof read>): string[] {
  try {
    read(...args);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.problems.map(({ what, where, todo }) => `${where?.replace(/^.*?:/, '')} ${what} | ${todo}`);
  }
}

test('a command is read with all that belongs to it', () => {
  const spec = read(
    String.raw`session: command
command: [SvtAv1EncApp, -i, "{y4m}", -b, "{output}", --preset, "{preset}", --tbr, "{bitrate:kbps}", -n, 10, "{{}}"]
env: {SVT_LOG: 2, OUT: "{folder}/x"}
output: .IVF
metrics:
  reported fps: {pattern: 'Average Speed:\s+([\d.]+) fps', from: stderr, unit: frame/s, better: higher}
  encode seconds: {json: "summary.encode_s", from: "{folder}/stats.json", unit: s, better: lower}
  count: {pattern: (\d+) frames}
`,
    'command',
    [{ source: 'a.mp4', preset: 8, bitrate: '500k' }],
  );
  expect(spec).toEqual({
    argv: [
      'SvtAv1EncApp',
      '-i',
      '{y4m}',
      '-b',
      '{output}',
      '--preset',
      '{preset}',
      '--tbr',
      '{bitrate:kbps}',
      '-n',
      '10',
      '{{}}',
    ],
    folder: '/bench',
    env: { SVT_LOG: '2', OUT: '{folder}/x' },
    output: 'ivf',
    gstreamer: false,
    where: 'b.yaml:2:10',
    metrics: [
      {
        name: 'reported fps',
        unit: 'frame/s',
        better: 'higher',
        origin: { from: 'stderr' },
        how: { pattern: String.raw`Average Speed:\s+([\d.]+) fps` },
        where: 'b.yaml:6:3',
      },
      {
        name: 'encode seconds',
        unit: 's',
        better: 'lower',
        origin: { from: 'file', path: '{folder}/stats.json' },
        how: { json: 'summary.encode_s' },
        where: 'b.yaml:7:3',
      },
      {
        name: 'count',
        unit: '1',
        better: null,
        origin: { from: 'stdout' },
        how: { pattern: String.raw`(\d+) frames` },
        where: 'b.yaml:8:3',
      },
    ],
  });
});

test('gst-launch is traced unless the file says otherwise', () => {
  expect(read('command: [/opt/bin/gst-launch-1.0, fakesrc]')!.gstreamer).toBe(true);
  expect(read('command: [gst-launch-1.0, fakesrc]\ngstreamer: false')!.gstreamer).toBe(false);
  expect(read('command: [my-gst-program]\ngstreamer: true')!.gstreamer).toBe(true);
});

const good = 'command: [enc, "{output}"]\noutput: mkv\n';
const metrics = (text: string) => `${good}metrics: {m: {${text}}}\n`;

test.each<[title: string, text: string, problem: RegExp]>([
  ['no command', 'session: command\noutput: mkv', /^1:1 session: command has no command \| write command: \[/],
  [
    'a text',
    'command: enc -i "a b" {output}',
    /^1:10 command is a list of arguments \| write a list: \[enc, -i, "a b", "\{output\}"\]/,
  ],
  ['a mapping', 'command: {run: enc}', /^1:10 command is a list of arguments/],
  ['an empty list', 'command: []', /^1:10 this command is empty/],
  ['an empty program', 'command: [""]', /^1:10 this command is empty/],
  [
    'a placeholder without quotes',
    'command: [enc, {preset}]',
    /^1:16 an argument must be plain text, not a mapping \| .*"\{preset\}"/,
  ],
  ['a list in the list', 'command: [enc, [a]]', /^1:16 an argument must be plain text/],
  ['an open brace', 'command: [enc, "a{b"]', /^1:16 an argument has a \{ without its \}/],
  ['a closing brace', 'command: [enc, "a}b"]', /^1:16 an argument has a \} without its \{/],
  ['JSON as it is', `command: [enc, '{"a": 1}']`, /^1:16 an argument has \{"a": 1\} names no setting/],
  ['env as a list', `${good}env: [A=1]`, /^3:6 env is a mapping/],
  ['a name of a variable', `${good}env: {A-B: 1}`, /^3:7 'A-B' can't be the name of a variable/],
  ['a brace in env', `${good}env: {A: "{"}`, /^3:10 the variable A has a \{/],
  ['output as a path', 'command: [enc, "{output}"]\noutput: out/a.mkv', /^2:9 output is the ending .* and no path/],
  ['no output', 'command: [enc, "{output}"]', /^1:10 \{output\} has no ending \| write output: mkv/],
  ['an output that nobody writes', 'command: [enc]\noutput: mkv', /^2:1 the command writes no \{output\}/],
  ['gstreamer as a text', `${good}gstreamer: maybe`, /^3:12 gstreamer must be true or false/],
  ['metrics as a list', `${good}metrics: [fps]`, /^3:10 metrics is a mapping of names/],
  ['a metric as a text', `${good}metrics: {m: fps}`, /^3:14 the metric 'm' is a mapping/],
  ['a metric of ours', `${good}metrics: {encode.fps: {json: a}}`, /^3:11 'encode.fps' is a metric of ours already/],
  ['a metric of elements', `${good}metrics: {element.x p50: {json: a}}`, /^3:11 'element.x p50' is a metric of ours/],
  ['a metric of quality', `${good}metrics: {quality.psnr: {json: a}}`, /^3:11 'quality.psnr' is a metric of ours/],
  ['a metric that no threshold can name', `${good}metrics: {a > b: {json: a}}`, /^3:11 'a > b' can't be the name/],
  ['an unknown key', metrics('patern: (a)'), /^3:15 unknown key of a metric 'patern' \| did you mean 'pattern'/],
  ['neither', metrics('unit: s'), /^3:11 the metric 'm' says not how it is read/],
  ['both', metrics('pattern: (a), json: a'), /has a pattern and a json path/],
  ['a bad pattern', metrics(`pattern: '(a'`), /^3:24 the pattern is no regular expression: \/\(a.*Unterminated group/],
  ['no group', metrics(`pattern: 'fps (?:a)'`), /^3:24 the pattern has no group that holds the number/],
  ['a bad path', metrics('json: a..b'), /^3:21 'a\.\.b' is no path in JSON/],
  [
    'a bad side',
    metrics('json: a, better: hihger'),
    /^3:32 better must be higher or lower, not 'hihger' \| did you mean 'higher'/,
  ],
  ['a stream', metrics('json: a, from: stdrer'), /^3:30 unknown stream 'stdrer' \| did you mean 'stderr'/],
  ['a brace in from', metrics('json: a, from: "{folder/a"'), /^3:30 from has a \{/],
])('a mistake is told with its place: %s', (_, text, problem) => {
  const [first, ...more] = problemsOf(text);
  expect(first).toMatch(problem);
  expect(more).toEqual([]);
});

test('keys of a command in another session are told one by one', () => {
  expect(problemsOf('command: [a]\nmetrics: {}\n', 'encode')).toEqual([
    '1:1 command belongs to session: command, and this is session: encode | write session: command, or take it out',
    '2:1 metrics belongs to session: command, and this is session: encode | write session: command, or take it out',
  ]);
  expect(read('name: a', 'encode')).toBeNull();
});

test.each<[title: string, argument: string, cells: Settings[], problem: RegExp | null]>([
  ['a setting', '{preset}', [{ preset: 1 }], null],
  ['a slip', '{prest}', [{ preset: 1 }], /^1:10 \{prest\} names no setting \| did you mean \{preset\}\?/],
  ['a stranger', '{colour}', [{ preset: 1 }], /^1:10 \{colour\} names no setting \| settings here: preset, /],
  ['a setting of other cells', '{b}', [{ a: 1 }, { b: 1 }], /\{b\} names a setting that 'cell 0' does not have/],
  ['no source', '{y4m}', [{ preset: 1 }], /\{y4m\} needs a source, and 'cell 0' has none/],
  ['a generated source', '{source}', [{ source: 'lavfi:life' }], /\{source\} is a generated picture and no file/],
  ['pictures of a generated source', '{y4m} {width}', [{ source: 'lavfi:life' }], null],
  ['frames without a source', '{frames}', [{ frames: [0, 9] }], null],
  ['a converter', '{bitrate:kpbs}', [{ bitrate: '1M' }], /unknown converter 'kpbs' \| did you mean \{bitrate:kbps\}/],
  ['a value that does not fit', '{size:width}', [{ size: 'large' }], /\{size:width\} can't be made of 'large'/],
  [
    'a setting that is ours',
    '{width}',
    [{ width: 1, source: 'a' }],
    /the setting 'width' has the name of a placeholder/,
  ],
])('placeholders are checked against the cells: %s', (_, argument, cells, problem) => {
  const problems = problemsOf(`command: [enc, "${argument}"]`, 'command', cells);
  if (problem === null) expect(problems).toEqual([]);
  else {
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  }
});

const page = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test.each([
  ...Array.from(page('docs/commands.md').matchAll(/```yaml\n([\s\S]*?)```/g), ([, text]) => text!),
  page('examples/command-svt.yaml'),
  page('examples/command-gstreamer.yaml'),
])('an example is right: %s', (text) => {
  const benchmark = parseBenchmark(text, 'example.yaml');
  expect(benchmark.warnings).toEqual([]);
  expect(benchmark.command?.output).not.toBeNull();
});
