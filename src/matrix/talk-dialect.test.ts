import { expect, test } from 'vitest';
import { formatHookCommand } from './hook-commands.ts';
import { planSteps } from './order.ts';
import { parseBenchmark } from './parse-benchmark.ts';
import { agentCommands } from './session-warnings.ts';

/** As on the slides "Scripting and Matrix Benchmarking" of the first talk. */
const slides = `
record_time: 40s
codec: gst.vp8.vaapivp8enc
matrix:
  framerate: 20, 40, 60
  gst.prop=bitrate: 8000, 16000, 32000
  gst.prop=keyframe-period: 0, 2, 30

scripted_properties:
  display:
    img_lady_1920:
    vlc_wipeout:
    webgl_wipeout: https://phoboslab.org/wipeout/
    webgl_cubemap: https://webglsamples.org/dynamic-cubemap/dynamic-cubemap.html
  resolution: 1280x720, 1920x1080

scripts :
  setup:
    - vm resolution 1920x1080; server xset s off -dpms
  teardown:
    - xset s on +dpms; server xset s on +dpms
  resolution:
    before:
      - vm exec xrandr --output DP-2 --mode $resolution
    after:
      - vm exec xrandr --output DP-2 --mode 1920x1200
  display:
    before :
      - vm display start $display
    after:
      - vm display stop $display
`;

test("the slides' test case loads as it is written there", () => {
  const benchmark = parseBenchmark(slides, 'simple-test.yaml');
  expect(benchmark).toMatchObject({ name: 'simple-test', session: 'encode', recordTimeS: 40 });
  expect(benchmark.properties.map(({ name, values }) => `${name}: ${values.join(' ')}`)).toEqual([
    'framerate: 20 40 60',
    'gst.prop=bitrate: 8000 16000 32000',
    'gst.prop=keyframe-period: 0 2 30',
    'display: img_lady_1920 vlc_wipeout webgl_wipeout webgl_cubemap',
    'resolution: 1280x720 1920x1080',
  ]);
  expect(benchmark.cells.length).toBe(3 * 3 * 3 * 4 * 2);
  expect(benchmark.cells[5]).toMatchObject({
    label: 'framerate=20 gst.prop=bitrate=8000 gst.prop=keyframe-period=0 display=webgl_wipeout resolution=1920x1080',
    settings: {
      codec: 'gst.vp8.vaapivp8enc',
      framerate: 20,
      'gst.prop=bitrate': 8000,
      display: 'https://phoboslab.org/wipeout/',
    },
    labels: ['codec'],
  });
});

test("the slides' scripts keep their systems and get their values", () => {
  const benchmark = { ...parseBenchmark(slides, 'simple-test.yaml'), order: 'listed' as const };
  const hooks = Array.from(planSteps(benchmark, 0)).filter((step) => step.kind === 'hook');
  const lines = hooks.map(({ moment, commands }) => `${moment} ${commands.map(formatHookCommand).join('; ')}`);
  expect(lines.slice(0, 6)).toEqual([
    'setup guest: resolution 1920x1080; server: xset s off -dpms',
    'before guest: display start img_lady_1920',
    'before guest: xrandr --output DP-2 --mode 1280x720',
    'after guest: xrandr --output DP-2 --mode 1920x1200',
    'before guest: xrandr --output DP-2 --mode 1920x1080',
    'after guest: xrandr --output DP-2 --mode 1920x1200',
  ]);
  expect(lines).toContain('before guest: display start https://phoboslab.org/wipeout/');
  expect(lines.at(-1)).toBe('teardown xset s on +dpms; server: xset s on +dpms');
});

test('what only a streaming session can honour is told when it is read', () => {
  const benchmark = parseBenchmark(slides, 'simple-test.yaml');
  expect(benchmark.warnings).toEqual([
    expect.stringContaining('simple-test.yaml:2:1: record_time is honoured by streaming sessions only'),
    expect.stringContaining('simple-test.yaml:3:1: codec is the encoder of a streaming session'),
    expect.stringContaining('there is no source'),
    expect.stringContaining('simple-test.yaml:10:3: display is honoured by streaming sessions only'),
    expect.stringContaining('simple-test.yaml:19:7: commands for agents (guest, server; 7 in this file)'),
  ]);
  expect(agentCommands(benchmark)[0]).toMatchObject({ role: 'guest', where: 'simple-test.yaml:19:7' });
  expect(parseBenchmark(`session: spice\n${slides}`, 'x.yaml').warnings).toEqual([
    expect.stringContaining('gst.vp8.vaapivp8enc is read as encoder: libvpx'),
  ]);
});

test('an encode with local scripts runs, and scripted properties never reach the encoder', () => {
  const benchmark = parseBenchmark(
    'source: a\nsettings: {encoder: libx264}\nmatrix: {bitrate: 1M}\nscripted_properties: {load: "idle, busy"}\nscripts: {load: {before: [stress $load]}}\n',
    'x.yaml',
  );
  expect(benchmark.cells.map(({ labels }) => labels)).toEqual([['load']]);
  expect(benchmark.warnings).toEqual([]);
  expect(agentCommands(benchmark)).toEqual([]);
});

test('scripts for a property that does not vary are left alone, and a slip is told', () => {
  const text = (name: string) => `codec: x\nmatrix: {framerate: "20"}\nscripts: {${name}: {before: [ls]}}\n`;
  expect(parseBenchmark(text('resources'), 'x.yaml').warnings).toContainEqual(
    expect.stringContaining('x.yaml:3:11: the scripts of resources are never run'),
  );
  expect(() => parseBenchmark(text('framerat'), 'x.yaml')).toThrow("did you mean 'framerate'?");
});

test('hooks stand in scripts or beside them, not in both', () => {
  const text = 'source: a\nmatrix: {b: 1}\nscripts: {b: {before: [ls]}}\nsetup: ls\n';
  expect(() => parseBenchmark(text, 'x.yaml')).toThrow('x.yaml:4:1: setup stands beside scripts');
});

test('a comma separates commands and values only where no quote holds it', () => {
  const { hooks, cells } = parseBenchmark(
    'source: a\nmatrix: {b: "1, 2"}\nscripts: {b: {before: ["echo \'a; b\' $b; true"]}}\n',
    'x.yaml',
  );
  expect(cells.map(({ settings }) => settings['b'])).toEqual(['1, 2']);
  expect(hooks[0]!.before).toMatchObject([{ argv: ['echo', 'a; b', '$b'] }, { argv: ['true'] }]);
});
