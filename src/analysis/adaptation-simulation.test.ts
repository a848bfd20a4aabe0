// Adaptation in a closed loop with a simulated link: the same seed gives the same run, on every machine.

import { describe, expect, test } from 'vitest';
import { adapt, startAdaptation, type AdaptationBounds } from './adaptation.ts';
import { mean, quantile } from './quantile.ts';
import { seededRandom, type Random } from './random.ts';

const REPORT_MS = 100;
const PACKET_BYTES = 1_200;
/** A keyframe is so many times a usual frame, within what the encoder may send at once: seconds of its rate. */
const KEYFRAME_SIZE = 4;
const ENCODER_BUFFER_S = 0.15;
const KEYFRAME_PAUSE_MS = 250;
/** Half a second of the rate is what an encoder may be over or under it; it takes some frames to follow a new one. */
const ENCODER_FOLLOWS = 0.4;

interface Link {
  /** Bits a second from a time on, seconds. */
  readonly rate: readonly (readonly [number, number])[];
  readonly delayMs: number;
  readonly queueMs: number;
  readonly transport: 'tcp' | 'udp';
  /** Share of the packets that are lost by chance (udp). */
  readonly loss: number;
  /** How often a second sender and receiver each wait 5 to 80 ms for a core. */
  readonly spikes: number;
  readonly frameRate: number;
  readonly seconds: number;
}

const LINK: Link = {
  rate: [[0, 100e6]],
  delayMs: 20,
  queueMs: 200,
  transport: 'tcp',
  loss: 0,
  spikes: 5,
  frameRate: 24,
  seconds: 30,
};
const ASKED = 3e6;

interface Frame {
  readonly number: number;
  readonly captureMs: number;
  readonly bytes: number;
  readonly key: boolean;
  readonly packets: number;
  passed: number;
  arrivedMs: number;
  lost: boolean;
}

interface Waiting {
  readonly frame: Frame;
  readonly bytes: number;
  readonly last: boolean;
}

/** What came of a run, by tenths of a second. */
interface Run {
  readonly bitrate: number[];
  readonly sentRate: number[];
  /** How long the byte that comes in last must wait. */
  readonly queueMs: number[];
  /** Frames that could be decoded. */
  readonly shown: number[];
}

/** A stream over a link, by steps of a millisecond. */
function simulate(link: Link, seed: number, asked = ASKED): Run {
  const random = seededRandom(seed);
  const uniform = (from: number, to: number) => from + ((to - from) * random()) / 2 ** 32;
  const bounds: AdaptationBounds = {
    maxBitrate: asked,
    minBitrate: asked / 20,
    frameRate: link.frameRate,
    pixels: 480 * 270,
    smallestStep: 0.04,
  };
  let state = startAdaptation(bounds);
  const run: Run = { bitrate: [], sentRate: [], queueMs: [], shown: [] };
  const frames: Frame[] = [];
  const before = new Map<number, number>();
  const queue: Waiting[] = [];
  let queueBytes = 0;
  let freeMs = 0;
  /** On the line, at the receiver's socket, and seen by the receiver. */
  const arriving: Frame[] = [];
  const offsetMs = uniform(-1e6, 1e6);
  const receiverClock = (ms: number) => offsetMs + ms * (1 + 50e-6);
  const feedback: { readonly atMs: number; readonly apply: (nowMs: number) => void }[] = [];
  let encoderRate: number = asked;
  let dueMs = 0;
  let number = 0;
  let senderReadyMs = 0;
  let receiverReadyMs = 0;
  let pausedMs = 0;
  let reportMs = REPORT_MS;
  let reportedMs = 0;
  let keyWanted = true;
  let lastKeyMs = -Infinity;
  let counts = { bytes: 0, frames: 0, framesFull: 0 };
  let received: Frame[] = [];
  let lost = 0;
  let needsKey = false;
  let lastReported = -1;
  let tenthBytes = 0;
  let tenthShown = 0;
  const rateAt = (ms: number) => link.rate.findLast(([from]) => from * 1000 <= ms)![1];

  const encode = (nowMs: number) => {
    if (nowMs < pausedMs) return;
    const rate = rateAt(nowMs);
    const room = (rate * link.queueMs) / 8_000;
    const intervalMs = 1000 / link.frameRate;
    const held = Math.max(16_384, (state.bitrate / 8) * 0.1, (2 * encoderRate * intervalMs) / 8_000);
    if (link.transport === 'tcp' && queueBytes > room + held) {
      counts.framesFull++;
      return;
    }
    encoderRate += ENCODER_FOLLOWS * (state.bitrate - encoderRate);
    const key = keyWanted && nowMs - lastKeyMs >= KEYFRAME_PAUSE_MS;
    const usual = ((encoderRate * intervalMs) / 8_000) * uniform(0.7, 1.3);
    const largest = Math.max(usual, (state.bitrate * ENCODER_BUFFER_S) / 8);
    const bytes = Math.max(200, Math.round(key ? Math.min(largest, usual * KEYFRAME_SIZE) : usual));
    if (key) {
      keyWanted = false;
      lastKeyMs = nowMs;
    }
    const packets = Math.ceil(bytes / PACKET_BYTES);
    // Half of the spikes come before the frame is handed over, half of them after it.
    const spikeMs = spike(random, link.spikes / link.frameRate);
    const late = random() % 2 === 0;
    const frame: Frame = { number, captureMs: dueMs, bytes, key, packets, passed: 0, arrivedMs: 0, lost: false };
    before.set(number, nowMs - dueMs + (late ? 0 : spikeMs));
    frames[number] = frame;
    counts.bytes += bytes;
    counts.frames++;
    tenthBytes += bytes;
    senderReadyMs = nowMs + 8 + spikeMs;
    handOver.push({ frame, atMs: senderReadyMs });
  };
  const handOver: { readonly frame: Frame; readonly atMs: number }[] = [];
  const intoLink = (frame: Frame, nowMs: number) => {
    const room = Math.max(8_192, (rateAt(nowMs) * link.queueMs) / 8_000);
    for (let packet = 0; packet < frame.packets; packet++) {
      const last = packet === frame.packets - 1;
      const bytes = last ? frame.bytes - packet * PACKET_BYTES : PACKET_BYTES;
      const tail = link.transport === 'udp' && queueBytes + bytes > room;
      if (tail || (link.transport === 'udp' && random() / 2 ** 32 < link.loss)) {
        frame.lost = true;
      } else {
        queue.push({ frame, bytes, last });
        queueBytes += bytes;
      }
    }
    if (frame.lost) arriving.push(Object.assign(frame, { arrivedMs: nowMs + link.delayMs + 40 }));
  };
  const report = (nowMs: number) => {
    const intervalUs = (nowMs - reportedMs) * 1000;
    reportedMs = nowMs;
    const delays = received.map((each) => receiverClock(each.arrivedMs) - each.captureMs);
    const any = delays.length > 0;
    const newest = Math.max(lastReported, ...received.map((each) => each.number));
    const contents = {
      intervalUs,
      frame: newest,
      framesReceived: received.length,
      framesLost: lost,
      framesPresented: received.length,
      bytes: received.reduce((sum, each) => sum + each.bytes, 0),
      minDelayUs: any ? Math.min(...delays) * 1000 : NaN,
      meanDelayUs: any ? mean(delays) * 1000 : NaN,
      decodeUs: 3_000,
    };
    const about = received.map((each) => before.get(each.number)!);
    lastReported = newest;
    received = [];
    lost = 0;
    const wish = needsKey;
    feedback.push({
      atMs: nowMs + link.delayMs,
      apply(nowMs) {
        if (wish) keyWanted = true;
        const beforeUs = about.length === 0 ? null : Math.min(...about) * 1000;
        const adapted = adapt(state, { report: contents, workUs: 8_000, beforeUs, ...counts }, bounds);
        ({ state } = adapted);
        if (adapted.pauseUs !== undefined) pausedMs = nowMs + adapted.pauseUs / 1000;
        counts = { bytes: 0, frames: 0, framesFull: 0 };
      },
    });
  };

  for (let nowMs = 0; nowMs < link.seconds * 1000; nowMs++) {
    while (feedback.length > 0 && feedback[0]!.atMs <= nowMs && senderReadyMs <= nowMs) feedback.shift()!.apply(nowMs);
    if (nowMs >= dueMs && nowMs >= senderReadyMs) {
      encode(nowMs);
      while (dueMs <= nowMs) {
        number++;
        dueMs += 1000 / link.frameRate;
      }
    }
    while (handOver.length > 0 && handOver[0]!.atMs <= nowMs) intoLink(handOver.shift()!.frame, nowMs);
    for (let head = queue[0]; head !== undefined && freeMs <= nowMs; head = queue[0]) {
      queue.shift();
      queueBytes -= head.bytes;
      freeMs = Math.max(freeMs, nowMs - 1) + (head.bytes * 8_000) / rateAt(nowMs);
      if (head.last && !head.frame.lost) arriving.push(Object.assign(head.frame, { arrivedMs: freeMs + link.delayMs }));
    }
    if (nowMs < receiverReadyMs) continue;
    arriving.sort((a, b) => a.arrivedMs - b.arrivedMs);
    let seen = false;
    while (arriving.length > 0 && arriving[0]!.arrivedMs <= nowMs) {
      const frame = arriving.shift()!;
      seen = true;
      if (frame.lost) {
        lost++;
        needsKey = true;
      } else {
        if (frame.key) needsKey = false;
        if (!needsKey) tenthShown++;
        received.push(Object.assign(frame, { arrivedMs: nowMs }));
      }
    }
    if (seen) receiverReadyMs = nowMs + spike(random, link.spikes / link.frameRate);
    if (nowMs >= reportMs) {
      report(nowMs);
      while (reportMs <= nowMs) reportMs += REPORT_MS;
    }
    while (run.bitrate.length < Math.floor((nowMs + 1) / 100)) {
      run.bitrate.push(state.bitrate);
      run.sentRate.push(tenthBytes * 80);
      run.queueMs.push((queueBytes * 8_000) / rateAt(nowMs));
      run.shown.push(tenthShown);
      tenthBytes = tenthShown = 0;
    }
  }
  return run;
}

function spike(random: Random, share: number): number {
  return random() / 2 ** 32 < share ? 5 + (75 * random()) / 2 ** 32 : 0;
}

const between = (values: readonly number[], fromS: number, toS: number) => values.slice(fromS * 10, toS * 10);
const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

describe.each(['tcp', 'udp'] as const)('a stream over %s', (transport) => {
  test.each([24, 30, 60])(
    'keeps what was asked for on a wide link, however late single frames are (%i fps)',
    (frameRate) => {
      for (const seed of SEEDS) {
        const { bitrate } = simulate({ ...LINK, transport, frameRate }, seed);
        expect(mean(bitrate), `seed ${seed}`).toBeGreaterThan(0.9 * ASKED);
      }
    },
  );

  test.each([
    [600e3, 24, 200],
    [600e3, 24, 500],
    [1e6, 60, 200],
    [1.5e6, 30, 100],
    [2.5e6, 30, 300],
  ])(
    'fits a link of %d bit/s three seconds after it became narrow, with a short queue, and comes back in ten (%i fps, queue of %i ms)',
    (narrow, frameRate, queueMs) => {
      const rate = [
        [0, 4e6],
        [10, narrow],
        [30, 4e6],
      ] as const;
      const waits: number[] = [];
      const back: number[] = [];
      for (const seed of SEEDS) {
        const run = simulate({ ...LINK, transport, frameRate, rate, queueMs, seconds: 40 }, seed);
        const share = mean(between(run.sentRate, 13, 30)) / narrow;
        const of = `seed ${seed}`;
        expect(share, of).toBeGreaterThan(0.7);
        expect(share, of).toBeLessThanOrEqual(1);
        expect(quantile(between(run.queueMs, 13, 30), 0.95), of).toBeLessThan(180);
        waits.push(...between(run.queueMs, 13, 30));
        expect(run.bitrate.at(-1), of).toBeGreaterThan(0.85 * ASKED);
        back.push(run.bitrate.at(-1)!);
        expect(Math.min(...run.bitrate), of).toBeGreaterThanOrEqual(ASKED / 20);
        expect(Math.max(...run.bitrate), of).toBeLessThanOrEqual(ASKED);
      }
      expect(quantile(waits, 0.95)).toBeLessThan(100);
      expect(mean(back)).toBeGreaterThan(0.95 * ASKED);
    },
  );
});

test('Packets that are lost by chance, on a link that is wide, do not make a stream small', () => {
  for (const seed of SEEDS) {
    const { bitrate } = simulate({ ...LINK, transport: 'udp', loss: 0.01 }, seed);
    expect(mean(bitrate), `seed ${seed}`).toBeGreaterThan(0.8 * ASKED);
  }
});

test('A keyframe comes through a link that became narrow, and the picture moves again', () => {
  const rate = [
    [0, 4e6],
    [10, 600e3],
  ] as const;
  for (const seed of SEEDS) {
    const { shown } = simulate({ ...LINK, transport: 'udp', rate }, seed);
    expect(between(shown, 13, 30).filter((count) => count === 0).length, `seed ${seed}`).toBeLessThan(20);
  }
});
