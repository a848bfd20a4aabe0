import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, test } from 'vitest';
import { PartStarter, SMALL, conditionsOf, until, type TellingPart } from './parts.ts';

const folder = mkdtempSync(join(tmpdir(), 'conditions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

test.concurrent('over udp what is lost is told, and a keyframe lets the picture go on', async ({
  expect,
  onTestFinished,
}) => {
  const start = new PartStarter(onTestFinished);
  const { relay, receiver } = await start.session('udp', 'loss=3%');
  await until('three losses', () => relay.of('send', 'lost').length >= 3 && receiver.of('present').length > 20);
  await relay.part.command('network', { network: conditionsOf('none') });
  const seen = receiver.of('present').length;
  await until('the picture again', () => receiver.of('present').length > seen + 15);
  const lost = relay.of('send', 'lost').map(({ frame }) => frame);
  expect(receiver.of('receive', 'lost').map(({ frame }) => frame)).toEqual(expect.arrayContaining(lost));
  // Nothing that refers to a lost frame is decoded.
  expect(receiver.of('decode', 'waiting').length).toBeGreaterThan(0);
  expect(receiver.of('decode', 'failed')).toEqual([]);
});

test.concurrent('the delay is the one that was asked for, also when it is asked for midway', async ({
  expect,
  onTestFinished,
}) => {
  const start = new PartStarter(onTestFinished);
  const { relay, receiver, sender } = await start.session('tcp', 'delay=60ms');
  const delays = () =>
    receiver.of('receive').flatMap(({ frame, startUs, durationUs }) => {
      const sent = sender.of('send').find((row) => row.frame === frame);
      return sent === undefined ? [] : [(startUs + durationUs - sent.startUs) / 1000];
    });
  // A machine that has much else to do adds its own, now and then; nothing takes away from it.
  const lately = () => (delays().length < 30 ? NaN : median(delays().slice(-30)));
  await until('a second with that delay', () => lately() < 150);
  expect(Math.min(...delays())).toBeGreaterThanOrEqual(59);
  await relay.part.command('network', { network: conditionsOf('none') });
  await until('a second without it', () => lately() < 15);
  expect(relay.actual.map((actual) => actual['network'])).toEqual(['delay=60ms', 'none']);
});

test.concurrent('a narrow tcp link holds the sender back: frames are dropped before they are encoded, none waits for long', async ({
  expect,
  onTestFinished,
}) => {
  const start = new PartStarter(onTestFinished);
  const { receiver, sender } = await start.session('tcp', 'rate=600k queue=100ms', {
    ...SMALL,
    source: 'lavfi:testsrc2=size=320x180:rate=30,noise=alls=40:allf=t',
    bitrate: '3M',
  });
  await until('drops', () => sender.of('encode', 'full').length > 20 && receiver.of('present').length > 10);
  const rows = receiver.of('receive');
  // What the kernels had kept while we did not get to run comes faster.
  for (let tries = 0; (await rateOf(receiver, 2000)) > 600_000 * 1.5; tries++) expect(tries).toBeLessThan(5);
  const waits = rows
    .map(({ frame, startUs }) => startUs - (sender.captureUs.get(frame) ?? NaN))
    .filter(Number.isFinite);
  // Kernels alone would take several seconds of such a stream.
  expect(median(waits) / 1e6).toBeLessThan(2);
});

test.concurrent('over udp keyframes that are larger than the queue of a narrow link get through once some were lost', async ({
  expect,
  onTestFinished,
}) => {
  const start = new PartStarter(onTestFinished);
  // Of 12 kB and more each: at once the queue, 8 kB, takes none of them.
  const { receiver, relay, sender } = await start.session('udp', 'rate=1500k queue=40ms', {
    ...SMALL,
    source: 'lavfi:testsrc2=size=320x180:rate=30,noise=alls=20:allf=t',
    preset: 'ultrafast',
    gop: 30,
  });
  await until('losses', () => relay.of('send', 'lost').length >= 2);
  const began = { sent: sender.of('send').length, shown: receiver.of('present').length };
  await until('five seconds of frames', () => sender.of('send').length > began.sent + 150);
  const shown = (receiver.of('present').length - began.shown) / (sender.of('send').length - began.sent);
  // Where every keyframe is sent at once, next to none is.
  expect(shown).toBeGreaterThan(0.2);
});

/** Bits a second that come in so many milliseconds. */
async function rateOf(receiver: TellingPart, ms: number): Promise<number> {
  await receiver.part.command('keep', { path: join(folder, 'rate'), fromFrame: 0, stream: 'video', maxBytes: 1e8 });
  const beganMs = performance.now();
  await sleep(ms);
  const { bytes } = await receiver.part.command('unkeep', {});
  return (bytes * 8000) / (performance.now() - beganMs);
}
