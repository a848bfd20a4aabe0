// The child that makes thumbnails by decoding them: seeks the chosen pictures, and makes the files of them.

import { Log } from 'node-av/lib';
import { AV_LOG_ERROR } from 'node-av/constants';
import { readJob } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { PictureMaker } from './picture-maker.ts';
import { PictureSeeker } from './picture-seeker.ts';
import type { ThumbnailJob, ThumbnailMessage } from './thumbnail-messages.ts';

const ALIVE_INTERVAL_MS = 250;

const channel = new ChannelWriter();
const send = (message: ThumbnailMessage) => channel.json(message);
let share = 0;
let aliveMs = performance.now();

function main(): void {
  const job = readJob<ThumbnailJob>();
  Log.setLevel(AV_LOG_ERROR);
  try {
    const seeker = new PictureSeeker(job.source, job.stream, tell);
    const maker = new PictureMaker(job.folder, job.shape);
    job.pictures.forEach((picture, index) => {
      maker.add(seeker.picture(picture), picture.frame, picture.spatial);
      share = (index + 1) / (job.pictures.length + 1);
    });
    const posterFrame = maker.finish();
    maker.close();
    seeker.close();
    const { user, system } = process.cpuUsage();
    send({ kind: 'made', posterFrame, decodedFrames: seeker.decodedFrames, cpuS: (user + system) / 1e6 });
  } catch (error) {
    send({ kind: 'failed', what: error instanceof Error ? error.message : String(error) });
  }
}

function tell(): void {
  const nowMs = performance.now();
  if (nowMs - aliveMs < ALIVE_INTERVAL_MS) return;
  aliveMs = nowMs;
  send({ kind: 'progress', share });
}

main();
