import { createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { SpiceTap } from '#session/spice/tap';
import { createProgram } from './program.ts';
import { brokenError } from './spice-desktop.ts';
import { takeLine } from './spice.ts';
import { jsonReport } from './spice-events.ts';
import { TapSummary, type TapReport } from './spice-report.ts';

afterEach(() => vi.restoreAllMocks());

const TAP = ['tap', '--listen', '0', '--server', '127.0.0.1:1'];

test.each([
  [['tap', '--listen', '80x', '--server', '127.0.0.1:1'], '"80x" is no address'],
  [['tap', '--listen', '0', '--server', '5930'], 'Write host:port'],
  [['tap', '--listen', '0', '--server', '127.0.0.1:0'], '0 is no port to connect to'],
  [[...TAP, '--prefer', 'vp1'], 'SPICE has no video codec `vp1`'],
  [[...TAP, '--prefer', ','], 'no codec is named'],
  [[...TAP, '--prefer', 'vp8,h264,vp8'], 'vp8 is named twice'],
  [[...TAP, '--network', 'loss=1%'], 'a tap can lose nothing'],
  [['stock', '--size', '700x500'], 'Allowed choices are 640x480, 800x600, 1024x768'],
  [['stock', '--codecs', 'x'], 'there is no codec `x` here'],
  [['stock', '--seconds', '0'], 'a time in seconds'],
  [['desktop', '--tap', 'x'], '"x" is no address'],
])('%j is a wrong command line', async (args, words) => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const parsed = createProgram(() => undefined).parseAsync(['spice', ...args], { from: 'user' });
  await expect(parsed).rejects.toMatchObject({ name: 'CommanderError', code: 'commander.invalidArgument' });
  expect(said.join('')).toContain(words);
});

/** A connection that says nothing, and a channel whose server lacks the codec that is asked for first. */
function live(report: TapReport): void {
  const stream = { id: 1, surface: 0, width: 8, height: 8, sourceWidth: 8, sourceHeight: 8, atUs: 5 };
  report.onChannelEnd(1, null, { channel: 1, name: 'unknown', messages: [] });
  report.onChannel(2, 'display');
  report.wish({ codecs: ['vp9', 'vp8'] });
  report.onWish(2, { codecs: ['vp9', 'vp8'] }, null);
  report.onStream(2, { ...stream, serial: 0, codec: 'mjpeg' });
  report.onStream(2, { ...stream, serial: 1, codec: 'mjpeg' });
  report.onWish(2, { codecs: ['vp8'] }, null);
  report.onStream(2, { ...stream, serial: 2, codec: 'vp8' });
  report.onStreamClip(2, { ...stream, serial: 2, codec: 'vp8' }, 3, 7);
  const messages = [
    { side: 'client', count: 4, bytes: 60 },
    { side: 'server', count: 900, bytes: 70_000 },
  ] as const;
  report.onChannelEnd(2, null, { channel: 2, name: 'display', messages });
  report.end();
}

test('as JSON each end has its beginning, a codec that did not come is told once, and all of it is JSON', () => {
  const [lines, texts] = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')].map((spy) => {
    const told: string[] = [];
    spy.mockImplementation((text: string) => void told.push(text));
    return told;
  }) as [string[], string[]];
  live(jsonReport());
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.map(({ event, channel }) => `${String(event)} ${String(channel)}`)).toEqual([
    'connection-end 1',
    'channel 2',
    'wish undefined',
    'prefer 2',
    'stream 2',
    'prefer 2',
    'stream 2',
    'prefer 2',
    'stream 2',
    'stream-clip 2',
    'messages 2',
    'channel-end 2',
  ]);
  expect(events.filter(({ event }) => event === 'prefer').map(({ refusal }) => refusal)).toEqual([
    null,
    'the server goes on with mjpeg',
    null,
  ]);
  expect(events).toContainEqual({ event: 'stream-clip', channel: 2, stream: 2, rectangles: 3, atUs: 7 });
  expect(events.find(({ event }) => event === 'messages')).toMatchObject({
    name: 'display',
    messages: [
      { side: 'client', count: 4, bytes: 60 },
      { side: 'server', count: 900, bytes: 70_000 },
    ],
  });
  expect(texts).toEqual([]);
});

test('for people it is said in words', () => {
  const texts: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((text: string) => void texts.push(text));
  live(new TapSummary());
  expect(texts).toContain('connection 1 ended before it was a channel');
  expect(texts.at(-1)).toMatch(/2 +display +from the client +4 /);
  expect(texts.at(-1)).toMatch(/2 +display +from the server +900 /);
  expect(texts.at(-1)).not.toContain('unknown');
  expect(texts.filter((text) => text.includes('prefer'))).toEqual([
    'clients are made to prefer vp9, vp8',
    'channel 2: prefers vp9, vp8',
    "channel 2: can't prefer vp9, vp8: the server goes on with mjpeg",
    'channel 2: prefers vp8',
  ]);
});

test('of a line that is far too long the beginning is shown; a network as long as a real one is taken', () => {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(text));
  const tap = new SpiceTap(
    { listen: { host: '127.0.0.1', port: 0 }, server: { host: '127.0.0.1', port: 1 } },
    jsonReport(),
  );
  takeLine(tap, jsonReport(), `prefer ${'x'.repeat(300_000)}`);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    event: 'refused',
    problems: [{ what: 'a line of 300007 characters' }],
  });
  expect(lines[0]!.length).toBeLessThan(1_000);
  takeLine(
    tap,
    jsonReport(),
    `network rate=1M${Array.from({ length: 90 }, (_, s) => `,${s % 9}.5M@${s + 1}s`).join('')}`,
  );
  expect(JSON.parse(lines[1]!)).toMatchObject({ event: 'network' });
});

test('a desktop whose client ended says so where the tap is gone; where somebody listens there it was not that', async () => {
  const somebody = createServer();
  await new Promise<void>((resolve) => somebody.listen(0, '127.0.0.1', resolve));
  const tap = { host: '127.0.0.1', port: (somebody.address() as AddressInfo).port };
  expect((await brokenError('client ended: exited 0: x', tap)).message).toBe('client ended: exited 0: x');
  await new Promise((resolve) => somebody.close(resolve));
  expect((await brokenError('client ended: exited 0: x', tap)).message).toMatch(
    /^client ended: exited 0: x: the tap at 127\.0\.0\.1:\d+ is gone.*its agent again/s,
  );
  expect((await brokenError('picture ended: exited 1', tap)).message).toBe('picture ended: exited 1');
});
