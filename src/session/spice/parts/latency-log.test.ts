import { closeSync, mkdirSync, mkdtempSync, openSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { monotonicUs } from '#system/clock';
import { PolledLatencyLog } from './latency-log.ts';

const text = (nowS: number) =>
  `0:00:00.500000000 1 0x1 DEBUG pipeline gstpipeline.c:494:gst_pipeline_change_state:<pipeline0> start_time=0:00:00.0, now=${clock(nowS)}, base_time\n` +
  '0:00:00.6 1 0x1 TRACE GST_TRACER :0:: element-latency, element-id=(string)0x7f, element=(string)encoder, src=(string)src, time=(guint64)2000000, ts=(guint64)600000000;\n';
const clock = (seconds: number) =>
  `${Math.floor(seconds / 3600)}:${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}:${(seconds % 60).toFixed(9).padStart(12, '0')}`;

test('a log that is not there, or none, or left by its program is told once each; what comes in its place is read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latency-log-'));
  const path = join(folder, 'gst.log');
  const said: string[] = [];
  const records: string[] = [];
  const log = new PolledLatencyLog(
    path,
    ({ element, durationUs }) => records.push(`${element} ${durationUs}`),
    (why) => said.push(why),
  );
  onTestFinished(() => {
    log.close();
    rmSync(folder, { recursive: true });
  });
  const until = async (holds: () => boolean) => {
    for (let tries = 0; !holds(); tries++) {
      if (tries > 1_000) throw new Error('it did not come');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const polls = () => new Promise((resolve) => setTimeout(resolve, 250));
  await polls();
  mkdirSync(path);
  await until(() => said.length === 2);
  await polls();
  rmdirSync(path);
  writeFileSync(join(folder, 'new.log'), text(monotonicUs() / 1e6 - 10));
  const writer = openSync(join(folder, 'new.log'), 'a');
  renameSync(join(folder, 'new.log'), path);
  await until(() => records.length > 0);
  expect(records).toEqual(['encoder 2000']);
  await polls();
  expect(said).toHaveLength(2);
  closeSync(writer);
  await until(() => said.length === 3);
  expect(said).toEqual([
    `there is no ${path} yet: GStreamer's times come with it`,
    `${path} is no file: no times of GStreamer's are read`,
    `nobody writes ${path} any more: no times of GStreamer's come with it until a program does`,
  ]);
});
