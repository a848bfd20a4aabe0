import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { neededAgents } from './needed-agents.ts';
import { parseBenchmark } from './parse-benchmark.ts';
import { prepareBench } from './prepare-bench.ts';
import { readBenchmarkFile } from './read-benchmark-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'spice-cells-'));
let lab: Lab;
beforeAll(async () => {
  lab = await openLab(join(folder, 'lab'));
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true });
});

const example = (name: string) =>
  readBenchmarkFile(fileURLToPath(new URL(`../../examples/spice/${name}`, import.meta.url)));
const spice = (text: string) => parseBenchmark(`session: spice\n${text}`, 'x.yaml');
const prepare = async (
  benchmark: ReturnType<typeof spice> | Promise<ReturnType<typeof spice>>,
  hasDevice: boolean | null = null,
) => {
  const options = { lab, version: '0', maxTrials: 0, onNote: () => undefined, guest: null, hasDevice };
  const { cells, warnings } = await prepareBench({ ...options, benchmark: await benchmark });
  return { warnings, cells, works: cells.map(({ work }) => (work.kind === 'stream' ? work : null)) };
};

test("the example with a stock server asks for codecs and networks, of the server's agent alone", async () => {
  const benchmark = await example('stock.yaml');
  const { cells, works, warnings } = await prepare(benchmark, false);
  expect(warnings).toEqual([]);
  expect(works).toHaveLength(6);
  expect(works[3]).toMatchObject({
    settings: { session: 'spice', codec: 'vp8', network: 'delay=20ms' },
    durationS: 5,
    stress: {},
  });
  expect(cells[0]!.source).toBe(null);
  expect(neededAgents(benchmark)).toEqual([{ role: 'server', beside: 'tap' }]);
});

test("the talk's test case streams with our encoder in the guest; what its scripts put in place is no setting of it", async () => {
  const benchmark = await example('talk-2020.yaml');
  const { cells, works, warnings } = await prepare(benchmark);
  expect(works).toHaveLength(2 ** 5);
  expect(works[0]!.settings).toEqual({
    session: 'spice',
    source: 'x11::0',
    encoder: 'libvpx',
    framerate: 10,
    bitrate: '500k',
    resolution: '640x360',
  });
  expect(works.at(-1)!.settings).toMatchObject({ bitrate: '2000k', gop: 30, resolution: '1280x720' });
  expect(cells.at(-1)!.cell).toMatchObject({
    label: 'framerate=20 gst.prop=bitrate=2000 gst.prop=keyframe-period=30 display=moving resolution=1280x720',
    settings: { codec: 'gst.vp8.vaapivp8enc', display: 'testsrc2=rate=30' },
  });
  expect(warnings).toEqual([
    expect.stringMatching(/:6:8: gst\.vp8\.vaapivp8enc is read as encoder: libvpx, on the CPU/),
  ]);
  const [server, guest] = neededAgents(benchmark);
  expect([server, guest]).toMatchObject([
    { role: 'server', beside: 'tap' },
    { role: 'guest', beside: 'device' },
  ]);
  expect(guest!.why!.toSorted()).toEqual(['bitrate', 'encoder', 'framerate', 'gop', 'resolution', 'source']);
});

test('settings that a stock server can not have are told with their places, and so are those that our encoder can not', async () => {
  const stock = spice('matrix:\n  codec: [vp8, divx]\n  bitrate: [1M]\n  network: ["loss=5%"]\n  display: [a]\n');
  const message = await prepare(stock, false).then(String, String);
  expect(message).toMatch(/x\.yaml:4:13: a stock SPICE server has its own encoder, and bitrate can't be asked of it/);
  expect(message).toMatch(/x\.yaml:3:16: .*divx/);
  expect(message).toMatch(/x\.yaml:5:13: /);
  expect(message).not.toContain('display');
  const twice = spice('matrix: {session: [loopback]}\n');
  await expect(prepare(twice, false)).rejects.toThrow('x.yaml:2:20: session is no setting');
  const ours = spice('source: x11::0\nmatrix: {transport: [udp], bitrate: [1M]}\n');
  await expect(prepare(ours, true)).rejects.toThrow('x.yaml:3:22: our encoder in the guest takes no transport');
});

test('the same cell is another run with a stock server, with our encoder, and without SPICE', async () => {
  const text = 'matrix: {network: [none]}\nsource: x11::0\n';
  const keys = await Promise.all([
    prepare(spice('matrix: {network: [none]}\n'), false),
    prepare(spice(text), true),
    prepare(parseBenchmark(`session: loopback\n${text}`, 'x.yaml')),
  ]);
  expect(new Set(keys.map(({ cells }) => cells[0]!.sameKey)).size).toBe(3);
});

test('a label stays a label, and what hooks act on asks nothing of the session but their agents', async () => {
  const benchmark = spice(
    'matrix: {load: {idle: , busy: }, display: [a, b], codec: [vp8], stress: ["cpu:1@client"]}\nhooks: {display: {before: {guest: "display start $display"}}}\n',
  );
  const { works } = await prepare(benchmark, false);
  expect(works.map((work) => work!.settings)).toEqual(Array(4).fill({ codec: 'vp8', session: 'spice' }));
  expect(works[0]!.stress).toMatchObject({ client: { cpu: 1 } });
  expect(neededAgents(benchmark)).toEqual([{ role: 'server', beside: 'tap' }, { role: 'guest' }, { role: 'client' }]);
});

test('pictures are not compared: what asks for that is told', async () => {
  const benchmark = spice('matrix: {codec: [vp8]}\nquality: [psnr]\nkeep_output: true\n');
  expect(benchmark).toMatchObject({ quality: null, keepOutput: false });
  expect(benchmark.warnings).toEqual([
    expect.stringContaining('x.yaml:3:1: pictures of a SPICE session are not compared'),
    expect.stringContaining('x.yaml:4:1: of a SPICE session no encoded file is kept'),
  ]);
  const thresholds = spice('matrix: {codec: [vp8]}\nthresholds: ["quality.psnr >= 30"]\n');
  await expect(prepare(thresholds, false)).rejects.toThrow(/take it out: pictures of a SPICE session are not compared/);
  await expect(
    prepare(spice('matrix: {codec: [vp8]}\nthresholds: ["server.cpu < 50", "send.time p95 < 100"]\n'), false),
  ).resolves.toBeDefined();
});

test("the talk's encoders have names of ours; what has no counterpart is told", () => {
  const settingsOf = (text: string) => spice(`source: x11::0\n${text}`).cells.map(({ settings }) => settings);
  expect(
    settingsOf('codec: gst.h264.x264enc\nmatrix: {gst.prop=bitrate: [1000, 2500.5]}').map((one) => one['bitrate']),
  ).toEqual(['1000k', '2500.5k']);
  expect(
    settingsOf('description: d\nmatrix: {codec: [gst.vp9.vp9enc, gst.hevc.x265enc, gst.jpeg.jpegenc]}').map(
      (one) => one['encoder'],
    ),
  ).toEqual(['libvpx-vp9', 'libx265', 'mjpeg']);
  expect(settingsOf('codec: gst.vp8.vp8enc\nsettings: {encoder: vp8_vaapi}\nmatrix: {bitrate: 1M}')[0]).toMatchObject({
    encoder: 'vp8_vaapi',
  });
  // Where a stock server encodes, a codec is a codec.
  expect(spice('codec: vp8\nmatrix: {network: none}').cells[0]).toMatchObject({
    settings: { codec: 'vp8' },
    labels: [],
  });
  expect(spice('codec: gst.vp8.vp8enc\nmatrix: {gst.prop=rate-control: cbr}').warnings).toEqual([
    'x.yaml:3:33: gst.prop=rate-control has no counterpart here: it is a label',
  ]);
  expect(() => spice('codec: gst.av1.av1enc\nmatrix: {bitrate: 1M}')).toThrow(/x\.yaml:2:8: there is no encoder for/);
  expect(() => spice('codec: x\nmatrix: {gst.prop=bitrate: fast}')).toThrow(/gst\.prop=bitrate is kbit\/s/);
  expect(() => spice('codec: gst.vp8.vp8enc\nmatrix: {gst.prop=bitrate: 8000, bitrate: 1M}')).toThrow(
    'stand in one cell and say the same thing',
  );
});
