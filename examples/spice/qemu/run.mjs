// A virtual machine whose picture our own encoder makes: QEMU with its stock SPICE server, a small guest of Debian's packages with
// `encodelab spice guest` inside, and a stock client under Xvfb that is connected through our tap. Changes bitrate, GOP and codec
// while it streams, looks at what reaches the client, and takes screenshots of it.
// usage: node examples/spice/qemu/run.mjs [FOLDER for screenshots and logs]

import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { showsClock, startClient, startScreen } from './client.mjs';
import { BOOT_MS, startMachine } from './machine.mjs';
import { check, encodelab, freePort, scratch, start, tell, trial, until, wordsOf } from './programs.mjs';

const SCREEN = { width: 640, height: 600 };
const CONTROL_PORT = 'encodelab.control';

const [out = scratch] = wordsOf('node examples/spice/qemu/run.mjs [FOLDER for screenshots and logs]');
const bootLog = join(out, 'boot.log');
/**
 * What the guest and the tap told, newest last.
 * @type {{ running: object | null, changed: any[] }}
 */
const guest = { running: null, changed: [] };
/** @type {{ frames: any[], streams: any[] }} */
const client = { frames: [], streams: [] };

await trial(main, [bootLog]);

async function main() {
  mkdirSync(out, { recursive: true });
  const [server, tap] = [await freePort(), await freePort()];
  await startMachine({
    port: server,
    script: 'guest.sh',
    log: bootLog,
    devices: [
      ['-chardev', `socket,id=control,path=${join(scratch, 'control')},server=on,wait=off`],
      ['-device', `virtserialport,chardev=control,name=${CONTROL_PORT}`],
    ],
  });
  const control = await connected(join(scratch, 'control'));
  const say = (line) => control.write(`${line}\n`);
  const args = ['spice', 'tap', '--listen', String(tap), '--server', `127.0.0.1:${server}`, '--json'];
  const tapper = start(encodelab, args, 'the tap', { stdout: 'pipe' });
  createInterface({ input: tapper.stdout }).on('line', hearTap);
  await until('the guest runs', () => guest.running !== null, BOOT_MS);
  tell('the guest runs');

  const display = await startScreen(SCREEN);
  const shows = (codec) => showsClock(display, codec, join(out, `client-${codec}.png`));
  startClient(display, tap);
  await until('frames of h264 at the client', () => count('h264') >= 30);
  tell(`the client gets ${client.streams.at(-1).codec} ${client.streams.at(-1).width}x${client.streams.at(-1).height}`);
  await shows('h264');

  say('bitrate=40k gop=300');
  await changed(2);
  const low = await window(40);
  say('bitrate=600k gop=300');
  await changed(1);
  const high = await window(40);
  check(`bitrate: ${low.kbps} kbit/s at 40k, ${high.kbps} kbit/s at 600k`, high.kbps > 2 * low.kbps);
  say('gop=10');
  await changed(1);
  const often = await window(40);
  check(
    `GOP: ${high.keys} keyframes of ${high.frames} before, ${often.keys} of ${often.frames} at gop=10`,
    often.keys >= 3 && often.keys > high.keys,
  );

  for (const [encoder, codec] of [
    ['mjpeg', 'mjpeg'],
    ['libvpx', 'vp8'],
  ]) {
    const at = performance.now();
    say(`encoder=${encoder}`);
    await until(`frames of ${codec}`, () => count(codec) >= 1);
    tell(`${codec} reaches the client ${Math.round(performance.now() - at)} ms after it was asked for`);
    await until(`frames of ${codec}`, () => count(codec) >= 20);
    await shows(codec);
  }
}

/** What passes to the client from now on, so many frames. */
async function window(frames) {
  const from = client.frames.length;
  await until(`${frames} frames`, () => client.frames.length >= from + frames);
  const taken = client.frames.slice(from, from + frames);
  const seconds = (taken.at(-1).lastUs - taken[0].lastUs) / 1e6;
  const bytes = taken.slice(1).reduce((sum, { bytes: size }) => sum + size, 0);
  return { frames, keys: taken.filter(({ key }) => key).length, kbps: Math.round((bytes * 8) / seconds / 1000) };
}

async function changed(count) {
  const before = guest.changed.length;
  await until('the change', () => guest.changed.length >= before + count);
  for (const { name, requested, actual, how, note } of guest.changed.slice(before))
    if (how === 'refused') throw new Error(`${name}=${requested}: ${note}`);
    else tell(`${name}=${requested}: ${actual} (${how})`);
}

function count(codec) {
  return client.frames.filter((frame) => frame.codec === codec).length;
}

function hearTap(line) {
  const event = JSON.parse(line);
  if (event.event === 'frame') client.frames.push(event);
  else if (event.event === 'stream') client.streams.push(event);
}

function hearGuest(line) {
  let event;
  try {
    event = JSON.parse(line);
  } catch {
    return;
  }
  if (event.event === 'running') guest.running = event.actual;
  else if (event.event === 'changed') guest.changed.push(event);
  else if (event.event === 'message') tell(`the guest says: ${event.text}`);
}

async function connected(path) {
  await until('QEMU', () => existsSync(path));
  const socket = connect(path);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  createInterface({ input: socket }).on('line', hearGuest);
  return socket;
}
