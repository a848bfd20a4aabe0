// The child that makes thumbnails: decodes the chosen pictures, lays them on sheets, and chooses the poster.

import { Log } from 'node-av/lib';
import { AV_LOG_ERROR } from 'node-av/constants';
import { readJob } from '../channel/job.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { writeJpeg } from './jpeg.ts';
import { PictureSeeker } from './picture-seeker.ts';
import { PictureShrinker, Planes } from './small-picture.ts';
import { SHEET_COLUMNS, SHEET_ROWS, placeOf, sheetGrid, type ChosenPicture } from './thumbnail-plan.ts';
import type { ThumbnailJob, ThumbnailMessage } from './thumbnail-messages.ts';

const ALIVE_INTERVAL_MS = 250;
/** A picture darker than this in the mean (of 255) is black, or nearly: no poster. */
const DARKEST_POSTER = 24;

const channel = new ChannelWriter();
const send = (message: ThumbnailMessage) => channel.json(message);
let share = 0;
let aliveMs = performance.now();

function main(): void {
  const job = readJob<ThumbnailJob>();
  Log.setLevel(AV_LOG_ERROR);
  try {
    const seeker = new PictureSeeker(job.source, job.stream, tell);
    const lumas = makeSheets(job, seeker);
    const poster = posterOf(job.pictures, lumas);
    seeker.close();
    const decoded = seeker.decodedFrames + makePoster(job, poster);
    const { user, system } = process.cpuUsage();
    send({
      kind: 'made',
      posterFrame: poster.frame,
      decodedFrames: decoded,
      cpuS: (user + system) / 1e6,
    });
  } catch (error) {
    send({ kind: 'failed', what: error instanceof Error ? error.message : String(error) });
  }
}

/** @returns mean luma of each picture */
function makeSheets(job: ThumbnailJob, seeker: PictureSeeker): number[] {
  const { pictures, tile } = job;
  const shrinker = new PictureShrinker(tile, job.rotation);
  const lumas: number[] = [];
  let sheet = new Planes(tile);
  pictures.forEach((picture, index) => {
    const place = placeOf(index, tile);
    const grid = sheetGrid(place.sheet, pictures.length);
    if (index % (SHEET_COLUMNS * SHEET_ROWS) === 0)
      sheet = new Planes({ width: grid.columns * tile.width, height: grid.rows * tile.height });
    const small = shrinker.shrink(seeker.picture(picture));
    lumas.push(small.meanLuma());
    sheet.lay(small, place.x, place.y);
    share = (index + 1) / (pictures.length + 1);
    const last = index === pictures.length - 1 || placeOf(index + 1, tile).sheet > place.sheet;
    if (last) writeJpeg(job.sheetFiles[place.sheet]!, sheet);
  });
  shrinker.close();
  return lumas;
}

/** The picture with the most in it (highest spatial information) that is not black; the first of equals. */
function posterOf(pictures: readonly ChosenPicture[], lumas: readonly number[]): ChosenPicture {
  const light = pictures.filter((_, index) => lumas[index]! >= DARKEST_POSTER);
  return (light.length > 0 ? light : pictures).reduce((best, each) => (each.spatial > best.spatial ? each : best));
}

/** @returns frames that were decoded for it */
function makePoster(job: ThumbnailJob, picture: ChosenPicture): number {
  const seeker = new PictureSeeker(job.source, job.stream, tell);
  const shrinker = new PictureShrinker(job.poster, job.rotation);
  writeJpeg(job.posterFile, shrinker.shrink(seeker.picture({ ...picture, seek: picture.frame > 0 })));
  shrinker.close();
  seeker.close();
  return seeker.decodedFrames;
}

function tell(): void {
  const nowMs = performance.now();
  if (nowMs - aliveMs < ALIVE_INTERVAL_MS) return;
  aliveMs = nowMs;
  send({ kind: 'progress', share });
}

main();
