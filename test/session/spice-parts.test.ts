// The tap and who watches the client, as an agent starts them, in a real remote desktop of Debian's own packages.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FRAME_TYPES } from '#core/recording';
import type { PartSink, PassedFrames, RelayAddress, RelaySpec, RunningPart } from '#session/part';
import { NO_NETWORK } from '#session/network-setting';
import { missingStockFiles } from '#session/spice/stock/stock-program';
import { StockSession } from '#session/spice/stock/stock-session';
import { SpiceTap } from '#session/spice/tap';
import { startPart } from '#session/start-part';
import { stepRows, until, type StepRow } from './parts.ts';
import { TapNotes } from './spice-desktop.ts';

const SCREEN = { width: 640, height: 480 };
const LISTEN = { host: '127.0.0.1', port: 0 };
/** Frames of each codec that are waited for. */
const FRAMES = 12;
const DELAY_MS = 60;
/** Of the frames that were told to who watches the client; it may drop what came too late. */
const JOINED = 0.8;

const missing = missingStockFiles();
const without = missing.length === 0 ? '' : ` [missing: ${missing.join(', ')}]`;

interface Frame {
  readonly stream: string;
  readonly frame: number;
  readonly ptsUs: number;
  readonly type: string;
  readonly bytes: number;
}

/** All that a part tells. */
class Notes implements PartSink {
  readonly rows: Frame[] = [];
  readonly stepRows: StepRow[] = [];
  readonly messages: string[] = [];
  readonly values: { readonly name: string; readonly unit: string; readonly value: number }[] = [];
  actual: Readonly<Record<string, string>> = {};
  address: RelayAddress | null = null;

  readonly frames: PartSink['frames'] = ({ stream, frame, pts, type, bytes }) =>
    frame.forEach((number, i) =>
      this.rows.push({ stream, frame: number, ptsUs: pts[i]!, type: FRAME_TYPES[type[i]!]!, bytes: bytes[i]! }),
    );
  readonly steps: PartSink['steps'] = (batch) => void this.stepRows.push(...stepRows(batch));
  readonly running: PartSink['running'] = ({ actual, address }) => Object.assign(this, { actual, address });
  readonly message = (text: string) => void this.messages.push(text);
  readonly series = (name: string, unit: string, _timeUs: number, value: number) =>
    void this.values.push({ name, unit, value });
  readonly picture = () => undefined;

  of(step: string, stream = 'video'): StepRow[] {
    return this.stepRows.filter((row) => row.step === step && row.stream === stream);
  }

  framesOf(stream: string): Frame[] {
    return this.rows.filter((row) => row.stream === stream);
  }
}

describe.skipIf(missing.length > 0)(`parts of a stock SPICE desktop${without}`, () => {
  let desktop: StockSession;
  let encoder: SpiceTap;
  const encoderNotes = new TapNotes();
  let tap: RunningPart;
  let client: RunningPart;
  const told = { tap: new Notes(), client: new Notes() };
  const quiet = { rows: 0, actual: {} as Readonly<Record<string, string>> };
  const marks = { nextBefore: 0, mark: { stream: '', frame: 0 }, unmark: { stream: '', frame: 0 }, lastBefore: 0 };
  const answers = { vp8: { codec: null as string | null, switchMs: null as number | null }, again: 0 as number | null };
  const seen = { actualWithNetwork: '', afterUnwatch: 0 };
  const passedOn = new Set<number>();

  /** As the collector does it: what the tap sent is told to who watches the client. */
  const passOn = async () => {
    const rows = told.tap.of('send').filter(({ frame }) => !passedOn.has(frame));
    for (const { frame } of rows) passedOn.add(frame);
    for (const codec of ['mjpeg', 'vp8']) {
      const own = rows.filter(({ frame }) => (frame >= vp8From! ? 'vp8' : 'mjpeg') === codec);
      const passed: PassedFrames = {
        stream: 'video',
        frame: own.map(({ frame }) => frame),
        bytes: own.map(() => 0),
        atUs: own.map(({ startUs, durationUs }) => startUs + durationUs),
        codec,
      };
      await client.command('passed', passed);
    }
  };
  let vp8From: number | null = null;
  const ofVp8 = () => [...passedOn].filter((frame) => frame >= vp8From!);

  beforeAll(async () => {
    desktop = await StockSession.start({ ...SCREEN, codecs: 'spice:mjpeg;gstreamer:vp8', latency: true });
    const logs = desktop.logs!;
    // One more tap behind the other: it sees each frame first, as our encoder would.
    encoder = new SpiceTap({ listen: LISTEN, server: { host: '127.0.0.1', port: desktop.port } }, encoderNotes);
    const server = { host: '127.0.0.1', port: await encoder.start() };
    const spec: RelaySpec = {
      part: 'relay',
      session: '',
      stream: 'video',
      role: 'server',
      listen: LISTEN,
      network: NO_NETWORK,
      token: '',
      spice: {
        wish: {},
        numberedBy: 'tap',
        agent: { device: null, tap: { listen: LISTEN, server }, log: logs.server },
      },
    };
    tap = startPart(spec, told.tap);
    client = startPart(
      {
        part: 'receiver',
        session: 'one',
        stream: 'video',
        role: 'client',
        transport: 'tcp',
        relay: LISTEN,
        token: '',
        spice: { agent: { device: null, tap: null, log: logs.client } },
      },
      told.client,
    );
    await until('a tap', () => told.tap.address !== null);
    await until('word of the missing log', () => told.client.messages.length > 0);
    await desktop.startClient(told.tap.address!.port);
    desktop.play(['-f', 'lavfi', `testsrc2=size=${SCREEN.width}x${SCREEN.height}:rate=15`]);
    await until('a stream before any session', () => told.tap.actual['codec'] === 'mjpeg');
    Object.assign(quiet, { rows: told.tap.rows.length + told.tap.stepRows.length, actual: told.tap.actual });

    await tap.command('watch', { session: 'one', stream: 'video', network: NO_NETWORK, wish: {}, numberedBy: 'tap' });
    await until('frames of mjpeg', () => told.tap.rows.length >= 5);
    await tap.command('network', { network: { ...NO_NETWORK, delayMs: DELAY_MS } });
    seen.actualWithNetwork = told.tap.actual['network'] ?? '';
    answers.vp8 = await tap.command('prefer', { wish: { codecs: ['vp8'] } });
    answers.again = (await tap.command('prefer', { wish: { codecs: ['vp8', 'mjpeg'] } })).switchMs;
    vp8From = told.tap.rows.length;
    await until('frames of vp8', () => told.tap.rows.length >= vp8From! + FRAMES);
    marks.mark = await tap.command('mark', { leadMs: 1_000, rewind: false, keep: null });
    marks.nextBefore = told.tap.rows.at(-1)!.frame + 1;
    marks.unmark = await tap.command('unmark', {});
    marks.lastBefore = told.tap.rows.at(-1)!.frame;
    await until('their times', () => told.tap.of('encode').length >= FRAMES * 0.9);
    await passOn();
    await until('the decoder', () =>
      ['decode', 'present'].every((step) => told.client.of(step).length > JOINED * ofVp8().length),
    );
    await until('a round trip through it', () =>
      told.tap.values.some(({ name, value }) => name === 'round-trip' && value >= DELAY_MS),
    );
    await tap.command('unwatch', {});
    seen.afterUnwatch = told.tap.rows.length + told.tap.stepRows.length;
    const passed = encoderNotes.frames.length;
    await until('frames without a session', () => encoderNotes.frames.length >= passed + 4);
    seen.afterUnwatch = told.tap.rows.length + told.tap.stepRows.length - seen.afterUnwatch;
    await tap.command('watch', {
      session: 'two',
      stream: 'video 2',
      network: NO_NETWORK,
      wish: { compression: 'lz4' },
      numberedBy: 'tap',
    });
    await until('frames of the next session', () => told.tap.framesOf('video 2').length >= 2);
  }, 60_000);

  afterAll(async () => {
    tap?.kill();
    client?.kill();
    await Promise.all([tap?.result, client?.result]);
    await encoder?.close();
    await desktop?.end();
  });

  test('before a session it forwards, says what streams and tells no rows', () => {
    expect(quiet).toEqual({ rows: 0, actual: { network: 'none', codec: 'mjpeg' } });
  });

  test('each frame is numbered in order of arrival, with its type and the time of its passing', () => {
    const frames = told.tap.framesOf('video');
    expect(frames.map(({ frame }) => frame)).toEqual(frames.map((_, i) => i));
    expect(frames.slice(0, 5).every(({ type }) => type === 'I')).toBe(true);
    expect(frames.some(({ type }) => type === 'P')).toBe(true);
    expect(frames.every(({ bytes }) => bytes > 0)).toBe(true);
    const sends = told.tap.of('send');
    expect(sends.map(({ frame, startUs }) => [frame, startUs])).toEqual(
      frames.map(({ frame, ptsUs }) => [frame, ptsUs]),
    );
    expect(
      sends.every(({ role, durationUs, outcome }) => role === 'server' && durationUs >= 0 && outcome === 'ok'),
    ).toBe(true);
  });

  test("the server's encoder is joined from its log to the frames", () => {
    const encodes = told.tap.of('encode');
    const sentUs = new Map(told.tap.of('send').map(({ frame, startUs }) => [frame, startUs]));
    for (const { frame, startUs, durationUs } of encodes) {
      expect(frame).toBeGreaterThanOrEqual(5);
      expect(durationUs).toBeGreaterThan(0);
      expect(startUs + durationUs).toBeLessThanOrEqual(sentUs.get(frame)! + 3_000);
    }
    expect(new Set(encodes.map(({ frame }) => frame)).size).toBe(encodes.length);
  });

  test('a wish switches the codec while the client watches, and says how long that took', () => {
    expect(answers.vp8.codec).toBe('vp8');
    expect(answers.vp8.switchMs).toBeGreaterThan(0);
    // It is that codec already: nothing has to begin.
    expect(answers.again).toBeNull();
  });

  test('a mark names a frame ahead, and its end the last one', () => {
    expect(marks.mark.stream).toBe('video');
    expect(marks.mark.frame).toBeGreaterThanOrEqual(marks.nextBefore);
    expect(marks.unmark).toEqual({ stream: 'video', frame: marks.lastBefore });
  });

  test('a network between shows in the round trips, and reports of the client are told', () => {
    expect(seen.actualWithNetwork).toBe(`delay=${DELAY_MS}ms`);
    const values = (of: string) => told.tap.values.filter(({ name }) => name === of);
    expect(values('round-trip').every(({ unit, value }) => unit === 'ms' && value > 0)).toBe(true);
    expect(values('report.drops').length).toBeGreaterThan(0);
    expect(values('report.delay').length).toBe(values('report.drops').length);
  });

  test('the next session has its own numbers, and the client has not noticed', () => {
    expect(seen.afterUnwatch).toBe(0);
    expect(told.tap.framesOf('video 2')[0]!.frame).toBe(0);
    expect(told.tap.actual).toMatchObject({ network: 'none', compression: 'lz4' });
    expect(desktop.broken).toBeNull();
    const news = told.tap.messages.filter((text) => !text.startsWith('the client drops'));
    expect(news.filter((text) => !text.startsWith('there is no '))).toEqual([]);
  });

  test('a decoder and what waits behind it are joined to the frames that passed', () => {
    for (const step of ['decode', 'present']) {
      const rows = told.client.of(step).filter(({ frame }) => frame >= vp8From!);
      expect(rows.length, step).toBeGreaterThan(JOINED * ofVp8().length);
      expect(new Set(rows.map(({ frame }) => frame)).size).toBe(rows.length);
      expect(rows.every(({ role, durationUs }) => role === 'client' && durationUs >= 0)).toBe(true);
    }
    const decodedUs = new Map(told.client.of('decode').map((row) => [row.frame, row.startUs + row.durationUs]));
    for (const { frame, startUs } of told.client.of('present'))
      expect(Math.abs(startUs - decodedUs.get(frame)!)).toBeLessThanOrEqual(2);
    expect(told.client.messages).toHaveLength(1);
  });

  test('who watches a client keeps nothing and has no pictures', async () => {
    await expect(client.command('pictures', { everyMs: 100, width: 100 })).rejects.toThrow('its own window');
    await expect(client.command('unkeep', {})).rejects.toThrow('is not kept');
    expect(await client.command('connect', { relay: LISTEN })).toBeNull();
  });

  test("a tap whose frames a sender numbers tells those of the sender's that passed", async () => {
    await tap.command('watch', {
      session: 'three',
      stream: 'video 3',
      network: NO_NETWORK,
      wish: {},
      numberedBy: 'sender',
    });
    await expect(tap.command('unmark', {})).rejects.toThrow('numbers no frames');
    const from = encoderNotes.frames.length;
    await until('frames of an encoder', () => encoderNotes.frames.length >= from + 12);
    const frames = encoderNotes.frames.slice(from).map(({ frame }, i) => ({ ...frame, number: 100 + i }));
    // The tap saw some that nobody tells of, and one that is told never passed.
    const some = frames.filter((_, i) => i % 5 !== 4);
    const passed = [...some.slice(0, 4), { ...some[4]!, number: -1, bytes: 1 }, ...some.slice(4)];
    await tap.command('passed', {
      stream: 'video 3',
      frame: passed.map(({ number }) => number),
      bytes: passed.map(({ bytes }) => bytes),
      atUs: passed.map(({ firstUs }) => firstUs),
      codec: null,
    });
    await until('their rows', () => told.tap.of('send', 'video 3').length >= some.length);
    for (const step of ['receive', 'send']) {
      const rows = told.tap.of(step, 'video 3');
      expect(rows.map(({ frame }) => frame)).toEqual(some.map(({ number }) => number));
      for (const [i, { startUs }] of rows.entries()) expect(startUs).toBeGreaterThanOrEqual(some[i]!.firstUs);
    }
    expect(told.tap.framesOf('video 3')).toEqual([]);
  });
});
