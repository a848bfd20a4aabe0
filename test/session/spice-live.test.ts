// A stock SPICE desktop as a session of the live system: server, agents and the programs of Debian's own packages, from start to a run.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ControlResult } from '#core/live';
import type { RecordingHeader } from '#core/recording';
import type { RunRecord } from '#core/run';
import { missingStockFiles } from '#session/spice/stock/stock-program';
import { answers, StockSession } from '#session/spice/stock/stock-session';
import { LiveSystem, until } from '../live/live-system.ts';

const SCREEN = { width: 640, height: 480 };
const missing = missingStockFiles();
const without = missing.length === 0 ? '' : ` [missing: ${missing.join(', ')}]`;

describe.skipIf(missing.length > 0)(`a session of a stock SPICE desktop${without}`, () => {
  let folder: string;
  let desktop: StockSession;
  let live: LiveSystem;
  let tap: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spice-live-'));
    live = new LiveSystem(join(folder, 'lab'));
    desktop = await StockSession.start({ ...SCREEN, codecs: 'spice:mjpeg;gstreamer:vp8', latency: true });
    await live.startCollector();
    tap = await freePort();
    const server = ['--spice-server', `127.0.0.1:${desktop.port}`, '--spice-listen', String(tap)];
    live.startAgent('server', ...server, '--spice-log', desktop.logs!.server, '--process', 'Xorg');
    live.startAgent('client', '--spice-log', desktop.logs!.client, '--process', 'spicy');
    await until('two agents', async () => (await live.state()).agents.filter((one) => one.connected).length === 2);
    // The tap is there before any session is, and a client that finds none does not try again.
    await until('the tap', () => answers(tap));
    await desktop.startClient(tap);
    desktop.play(['-f', 'lavfi', `testsrc2=size=${SCREEN.width}x${SCREEN.height}:rate=15`]);
  }, 120_000);

  afterAll(async () => {
    await live?.close();
    await desktop?.end();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const start = (settings: object) => live.request('POST', 'session', { action: 'start', settings, operator: 'test' });
  const change = async (changes: object) =>
    (await live.request<{ results: ControlResult[] }>('POST', 'control', { changes, operator: 'test' })).results;

  /** Waits until a frame passed the tap that was not there before: before the recording began, where there is one. */
  const untilPassed = async () => {
    const { nowS, recording } = await live.state();
    const sinceS = Math.max(nowS, recording?.startedS ?? 0);
    await until('a frame at the tap', async () => {
      const { passed } = await live.request<{ passed: unknown }>('GET', `passed?since=${sinceS}&wait=1`);
      return passed !== null;
    });
  };

  const record = async (name: string, forS: number | null) => {
    const request = { name, forS, quality: null, keepOutput: false, identity: null };
    return (await live.request<{ run: string }>('POST', 'recordings', request)).run;
  };
  const recorded = (id: string) =>
    until('the run', async () => {
      return (await live.request<{ run: RunRecord | null }>('GET', `recordings/${id}?wait=5`)).run;
    });

  test('says what a stock server can not be asked for', async () => {
    await expect(start({ session: 'spice', bitrate: '1M' })).rejects.toThrow(/bitrate can't be asked of it/);
    await expect(start({ session: 'spice', codec: 'av1' })).rejects.toThrow(/no video codec/);
  });

  test('streams, is steered live, and becomes a run with the times of server and client', async () => {
    await start({ session: 'spice' });
    await untilPassed();
    // The network is put in after the switch: what the server has sent before would hold it up for longer than anybody waits.
    expect(await change({ network: 'rate=300k', codec: 'vp8' })).toMatchObject([
      { name: 'network', how: 'live' },
      { name: 'codec', actual: 'vp8', how: 'live', gapMs: expect.any(Number) },
    ]);
    // The server lacks it, and would go on with mjpeg.
    expect(await change({ codec: 'h264', network: 'delay=5ms', bitrate: '1M' })).toMatchObject([
      { name: 'codec', how: 'refused', note: expect.stringMatching(/^the server goes on with mjpeg: it may have no/) },
      { name: 'network', how: 'live' },
      { name: 'bitrate', how: 'refused' },
    ]);
    const run = await recorded(await record('vp8', 3));
    expect(run).toMatchObject({ outcome: 'ok', settings: { session: 'spice', codec: 'vp8' } });
    const { metrics } = run;
    for (const name of ['stream.rate encoded', 'bitrate', 'encode.time p50', 'decode.time p50', 'present.time p50'])
      expect(metrics[name]?.value, name).toBeGreaterThan(0);
    for (const name of ['server.program.cpu', 'client.program.memory', 'server.tap.report.delay'])
      expect(metrics, name).toHaveProperty([name]);
    // Nobody saw the capture.
    expect(metrics).not.toHaveProperty(['latency p50']);
  }, 120_000);

  test('leaves the client where it is when it ends, and begins anew before the same client', async () => {
    await live.request('POST', 'session', { action: 'stop', operator: 'test' });
    expect((await live.state()).session).toMatchObject({ running: false });
    expect(desktop.broken).toBeNull();
    await start({ session: 'spice' });
    await untilPassed();
    expect(desktop.broken).toBeNull();
  }, 120_000);

  test('a client that goes while it is recorded makes a failed run, and one that came back a remark', async () => {
    const left = await record('left', null);
    // Some frames: of one there is no gap between frames.
    for (let frame = 0; frame < 3; frame++) await untilPassed();
    await desktop.stopClient();
    const goneS = await until('the client to be missed', async () => {
      const { session, nowS } = await live.state();
      return session?.parts.some(({ note }) => note === 'the SPICE client is gone') === true ? nowS : null;
    });
    await until('a gap', async () => (await live.state()).nowS > goneS + 1.2);
    await live.request('POST', `recordings/${left}/end`, { interrupted: false });
    const failed = await recorded(left);
    expect(failed).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^the SPICE client is gone, since \d+\.\d s/) as string,
    });
    expect(failed.metrics['frame.gap max']!.value).toBeGreaterThan(1_000);

    const back = await record('back', null);
    await until('its beginning', async () => {
      const { recording, nowS } = await live.state();
      return recording?.stage === 'recording' && nowS > recording.startedS;
    });
    await desktop.startClient(tap);
    await untilPassed();
    await live.request('POST', `recordings/${back}/end`, { interrupted: false });
    expect(await recorded(back)).toMatchObject({ outcome: 'ok', reason: null });
    const { header } = await live.request<{ header: RecordingHeader }>('GET', `../runs/${back}`);
    expect(header.absent).toContainEqual(
      expect.stringMatching(/^the SPICE client is gone: from 0\.\d s to \d+\.\d s$/),
    );
  }, 120_000);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
