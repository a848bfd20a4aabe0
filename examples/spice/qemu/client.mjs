// A stock client under Xvfb, and what it shows.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { check, sleep, start, STEP_MS, until } from './programs.mjs';

/** Starts Xvfb. @returns its display: `:70` */
export async function startScreen({ width, height }) {
  let number = 70;
  while (existsSync(`/tmp/.X11-unix/X${number}`)) number++;
  start('Xvfb', [`:${number}`, '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'], 'Xvfb');
  await until('Xvfb', () => existsSync(`/tmp/.X11-unix/X${number}`));
  return `:${number}`;
}

/** @param {Readonly<Record<string, string>>} variables further ones of its environment */
export function startClient(display, port, variables = {}) {
  // GStreamer's sink for DirectFB crashes the client where it is installed; what is drawn beside GTK is not to be seen under Xvfb.
  const env = {
    ...process.env,
    DISPLAY: display,
    SPICE_NOGRAB: '1',
    DISABLE_GSTVIDEOOVERLAY: '1',
    GST_PLUGIN_FEATURE_RANK: 'dfbvideosink:NONE',
    ...variables,
  };
  return start('spicy', ['-h', '127.0.0.1', '-p', String(port), '--spice-disable-audio'], 'the client', { env });
}

/** What stands in a part of the screen, gray, or a picture of all of it in a file. @param args of ffmpeg, for its output */
export function grab(display, args) {
  const input = ['-v', 'error', '-y', '-f', 'x11grab', '-draw_mouse', '0', '-i', display, '-frames:v', '1'];
  const { status, stdout, stderr } = spawnSync('ffmpeg', [...input, ...args], { maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`no screenshot: ${stderr.toString()}`);
  return stdout;
}

/** The client shows a picture with the guest's white clock on it, and it moves. @param file for a screenshot */
export async function showsClock(display, name, file) {
  const gray = (crop) => grab(display, ['-vf', `crop=${crop}`, '-f', 'rawvideo', '-pix_fmt', 'gray', '-']);
  // Below the client's menu, the left half, where the clock is; and the right half, where something turns.
  const [left, right] = ['iw/2-20:ih-140:10:100', 'iw/2-20:ih-140:iw/2+10:100'];
  const share = (pixels, of) => pixels.filter(of).length / pixels.length;
  const end = performance.now() + STEP_MS;
  for (;;) {
    const white = share(gray(left), (value) => value > 220);
    const first = gray(right);
    await sleep(400);
    const second = gray(right);
    const moved = share(first, (value, i) => Math.abs(value - second[i]) > 20);
    if ((white > 0.5 && white < 0.999 && moved > 0.001) || performance.now() > end) {
      grab(display, [file]);
      check(
        `the client shows ${name}: ${percent(white)} of the clock's half are white, ${percent(moved)} of the other half moved in 0.4 s`,
        white > 0.5 && moved > 0.001,
      );
      return;
    }
  }
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
