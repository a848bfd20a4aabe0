// A real remote desktop, of Debian's own packages and not patched: Xorg with spiceqxl, spicy, ffplay; the tap between, tshark beside.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findPicture, greyScreen, type GreyPicture } from '#session/spice/stock/screen-picture';
import { missingStockFiles } from '#session/spice/stock/stock-program';
import { SpiceCapture, TSHARK } from './spice-capture.ts';
import { SpiceDesktop } from './spice-desktop.ts';

const SCREEN = { width: 640, height: 480 };
const CODECS = ['mjpeg', 'vp8', 'h264'];
/** Frames of each codec that are waited for. */
const FRAMES = 25;
const DELAY_MS = 60;

const missing = [...missingStockFiles(), ...(existsSync(TSHARK) ? [] : [`${TSHARK} (package tshark)`])];
const without = missing.length === 0 ? '' : ` [missing: ${missing.join(', ')}]`;

describe.skipIf(missing.length > 0)(`a stock SPICE desktop${without}`, () => {
  let folder: string;
  let desktop: SpiceDesktop;
  let captured: Awaited<ReturnType<SpiceCapture['end']>>;
  let tapped: { name: string | null; client: Counted; server: Counted }[];
  let shown: { server: GreyPicture; client: GreyPicture };
  let cpu: Readonly<Record<string, number>>;
  let firstEnd: { frames: number; roundTrips: number };

  // One session for all tests: what it takes to start is most of what they cost.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spice-test-'));
    desktop = await SpiceDesktop.start({
      ...SCREEN,
      codecs: 'spice:mjpeg;gstreamer:vp8;gstreamer:h264',
      latency: true,
    });
    const { notes, watched } = desktop;
    const { session, tap } = watched;
    const capture = await SpiceCapture.start(watched.port, join(folder, 'session.pcapng'));
    try {
      await session.startClient(watched.port);
      await desktop.until('a display channel', () => notes.channels.includes('display'));
      session.play(['-f', 'lavfi', `testsrc2=size=${SCREEN.width}x${SCREEN.height}:rate=15`]);
      const told: string[] = [];
      for (const codec of CODECS) {
        const askedMs = performance.now();
        if (codec !== 'mjpeg') tap.prefer({ codecs: [codec] });
        await desktop.until(`a frame of ${codec}`, () => notes.framesOf(codec).length > 0);
        if (codec !== 'mjpeg') told.push(`${codec} after ${((performance.now() - askedMs) / 1000).toFixed(2)} s`);
        await desktop.until(`frames of ${codec}`, () => notes.framesOf(codec).length >= FRAMES);
      }
      const { width, height } = session.clientScreen;
      const [server, client] = await Promise.all([
        greyScreen(session.serverDisplay, SCREEN.width, SCREEN.height),
        greyScreen(session.clientDisplay, width, height),
      ]);
      shown = { server, client };
      cpu = session.cpuSeconds();
      const { connections } = tap;
      await session.stopClient();
      await desktop.until('the end of its channels', () => tap.connections.length === 0);
      captured = await capture.end();
      tapped = connections.map(({ watch }) => ({
        name: watch.name,
        client: counted(watch.counts('client')),
        server: counted(watch.counts('server')),
      }));
      firstEnd = { frames: notes.frames.length, roundTrips: notes.roundTrips.length };
      tap.setNetwork({ delayMs: DELAY_MS, jitterMs: 0, loss: 0, rate: [], queueMs: 200 });
      await session.startClient(watched.port);
      await desktop.until('frames after the client came back', () => notes.frames.length >= firstEnd.frames + 5);
      console.log(
        `SPICE: live switch ${told.join(', ')}; CPU ${Object.entries(cpu)
          .map(([name, seconds]) => `${name} ${seconds.toFixed(2)} s`)
          .join(', ')}`,
      );
    } finally {
      capture.kill();
    }
  });

  afterAll(async () => {
    await desktop?.watched.end();
    await rm(folder, { recursive: true, force: true });
  });

  test('the client is steered from mjpeg to vp8 to h264 while it runs, and each frame is told', () => {
    const { notes } = desktop;
    const streams = notes.streams.map(({ stream }) => stream);
    expect([...new Set(streams.map(({ codec }) => codec))].slice(0, 3)).toEqual(CODECS);
    expect(notes.wishes.slice(0, 2)).toEqual([
      { wish: { codecs: ['vp8'] }, refusal: null },
      { wish: { codecs: ['h264'] }, refusal: null },
    ]);
    for (const { frame } of notes.frames) {
      expect(frame).toMatchObject(SCREEN);
      expect(frame.bytes).toBe(frame.messageBytes - 12);
      expect(frame.lastUs).toBeGreaterThanOrEqual(frame.firstUs);
    }
    expect(notes.framesOf('mjpeg').every(({ key }) => key === true)).toBe(true);
    for (const codec of ['vp8', 'h264']) {
      const frames = notes.framesOf(codec);
      expect(frames[0]).toMatchObject({ frame: 0, key: true });
      expect(frames.some(({ key }) => key === false)).toBe(true);
    }
    expect(notes.unread).toEqual([]);
  });

  test('multimedia time, round trips and reports of the client are told', () => {
    const { notes } = desktop;
    expect(notes.times.length).toBeGreaterThan(0);
    const { atUs, ms } = notes.times[0]!;
    // Both count the same milliseconds: a frame's time is that of its being drawn.
    for (const { frame } of notes.frames.slice(0, FRAMES))
      expect(Math.abs(frame.mmTime - ms - (frame.firstUs - atUs) / 1000)).toBeLessThan(5_000);
    expect(notes.roundTrips.length).toBeGreaterThan(3);
    expect(notes.reportsAsked[0]).toEqual({ windowFrames: 5, timeoutMs: 1000 });
    expect(notes.reports.length).toBeGreaterThan(3);
    for (const { frames, drops, audioDelayMs } of notes.reports) {
      expect(drops).toBeLessThanOrEqual(frames);
      expect(audioDelayMs).toBeNull();
    }
  });

  test('messages, frames and bytes are those that tshark sees', () => {
    expect(captured.map(({ client, server }) => [client.bytes, server.bytes])).toEqual(
      tapped.map(({ client, server }) => [client.bytes, server.bytes]),
    );
    const place = tapped.findIndex(({ name }) => name === 'display');
    const display = captured[place]!.server;
    expect({ messages: display.messages, bytes: display.messageBytes }).toEqual(tapped[place]!.server);
    const frames = desktop.notes.frames.slice(0, firstEnd.frames).map(({ frame }) => frame);
    expect({ frames: display.frames, bytes: display.frameBytes }).toEqual({
      frames: frames.length,
      bytes: frames.reduce((sum, { bytes }) => sum + bytes, 0),
    });
  });

  test('the client shows what the server shows', () => {
    expect(Math.max(...shown.server.pixels) - Math.min(...shown.server.pixels)).toBeGreaterThan(100);
    expect(findPicture(shown.client, shown.server).correlation).toBeGreaterThan(0.8);
  });

  test('server and client each tell their encoder and decoder by frame', () => {
    const { watched, notes } = desktop;
    watched.readLogs();
    const times = notes.journey.times();
    for (const codec of ['vp8', 'h264'])
      for (const step of ['encode', 'decode', 'queue']) {
        const found = times.find((each) => each.codec === codec && each.step === step);
        expect(found, `${codec} ${step}`).toBeDefined();
        // The client may drop what came too late, and what came last is on its way.
        expect(found!.joined).toBeGreaterThan(step === 'encode' ? 0.9 * found!.frames : FRAMES / 4);
        expect(found!.joined).toBeLessThanOrEqual(found!.frames);
        expect(found!.median).toBeGreaterThan(0);
        expect(found!.median).toBeLessThanOrEqual(found!.p95);
      }
    expect(watched.clockErrorUs).toBeGreaterThanOrEqual(0);
  });

  test('CPU time is told by program', () => {
    for (const name of ['server', 'client', 'picture']) expect(cpu[name], name).toBeGreaterThan(0);
  });

  test('a client that comes back is a session again, and a network between shows in its round trips', () => {
    const { notes } = desktop;
    expect(notes.ends.length).toBeGreaterThanOrEqual(4);
    // A client that is killed with something left to read resets its connection.
    for (const why of notes.ends.slice(0, 4)) expect([null, 'client: ECONNRESET']).toContain(why);
    expect(notes.channels.slice(tapped.length + 1).toSorted()).toEqual(['cursor', 'display', 'inputs', 'main']);
    const later = notes.roundTrips.slice(firstEnd.roundTrips).map(({ us }) => us);
    expect(later.length).toBeGreaterThan(0);
    // From the tap to the client it takes that long, and no less; what its answer takes comes on top behind the tap.
    expect(Math.min(...later)).toBeGreaterThanOrEqual(DELAY_MS * 1000 - 1_000);
  });
});

interface Counted {
  readonly messages: number;
  readonly bytes: number;
}

function counted(counts: readonly { readonly count: number; readonly bytes: number }[]): Counted {
  return {
    messages: counts.reduce((sum, { count }) => sum + count, 0),
    bytes: counts.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
