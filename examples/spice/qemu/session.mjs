// A whole SPICE session under benchmark, as in the first talk: a guest in QEMU with our agent and encoder inside, the stock SPICE server
// behind our agent's tap, and a stock client that another agent watches. A benchmark file is run on it from end to end, and reported.
// usage: node examples/spice/qemu/session.mjs [FOLDER for lab, logs and screenshots] [BENCHMARK.yaml]

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tracerVariables } from '../../../dist/session/spice/gst-latency.js';
import { grab, startClient, startScreen } from './client.mjs';
import { BOOT_MS, startMachine } from './machine.mjs';
import {
  encodelab,
  end,
  freePort,
  home,
  run,
  scratch,
  sleep,
  start,
  tell,
  trial,
  until,
  wordsOf,
} from './programs.mjs';

/** Of the guest's display, which is not larger: its processor is an emulated one. */
const GUEST_SCREEN = { width: 320, height: 240 };
const CLIENT_SCREEN = { width: 640, height: 600 };
/** What a run must have, and what is shown of it: of the way of its frames through guest, server and client, and of the three's programs. */
const METRICS = [
  'stream.rate presented',
  'bitrate',
  'latency p50',
  'latency p95',
  'encode.time p50',
  'decode.time p50',
  'guest.sender.cpu',
  'server.program.cpu',
  'client.program.cpu',
];
/** Between looks at what the bench does, milliseconds. */
const LOOK_MS = 250;

const [out = scratch, file = join(home, 'examples', 'spice', 'qemu', 'talk-2020.yaml')] = wordsOf(
  'node examples/spice/qemu/session.mjs [FOLDER [BENCHMARK.yaml]]',
);
const lab = join(out, 'lab');
const bootLog = join(out, 'boot.log');
const clientLog = join(out, 'client-gst.log');

await trial(main, [bootLog]);

async function main() {
  mkdirSync(out, { recursive: true });
  const serve = start(encodelab, ['serve', '--lab', lab, '--port', '0'], 'the server', { stdout: 'pipe' });
  const url = new URL(await firstLine(serve.stdout));
  const token = readFileSync(join(lab, 'server-token'), 'utf8').trim();
  const live = { url: url.origin, token };

  const [spice, tap] = [await freePort(), await freePort()];
  const machine = await startMachine({
    port: spice,
    script: 'guest-session.sh',
    log: bootLog,
    devices: [
      ['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
      ['-fsdev', `local,id=trial,path=${trialFolder(url.port, token)},security_model=none,readonly=on`],
      ['-device', 'virtio-9p-pci,fsdev=trial,mount_tag=trial'],
    ],
  });

  const taps = ['--spice-server', `127.0.0.1:${spice}`, '--spice-listen', `127.0.0.1:${tap}`];
  const agents = [
    startAgent('server', live, [...taps, '--process', String(machine.pid)]),
    startAgent('client', live, ['--spice-log', clientLog, '--process', 'spicy']),
  ];
  await until('the agents outside', async () => (await roles(live)).length >= 2);
  const display = await startScreen(CLIENT_SCREEN);
  const client = startClient(display, tap, tracerVariables(clientLog));
  tell('server and client are there');
  await until('the agent of the guest', async () => (await roles(live)).includes('guest'), BOOT_MS);
  tell('the guest is there');
  // An emulated processor may take longer for its first start of an encoder than a session waits.
  const settings = ['session=spice', 'source=x11::0', 'encoder=libvpx', 'framerate=5', 'bitrate=50k'];
  const stream = ['control', 'start', ...settings, '--lab', lab];
  await until('a first stream', async () => (await run(encodelab, stream)) === 0, BOOT_MS);
  tell('the guest streams');

  const pictures = takePictures(live, display);
  const status = await run(encodelab, ['bench', 'run', file, '--lab', lab]);
  await pictures.end();
  if (status !== 0) throw new Error(`the bench ended with status ${status}`);
  tell('the bench has ended');
  checkResults();
  await run(encodelab, ['bench', 'report', file, '--lab', lab, '--metrics', METRICS.join(',')]);
  await run(encodelab, ['bench', 'report', file, '--lab', lab, '--html', join(out, 'report.html')]);
  // The other way round they would miss each other.
  for (const program of [client, ...agents, serve]) await end(program);
}

/** Every cell has been run, and tells of all three machines. */
function checkResults() {
  const report = spawnSync(encodelab, ['bench', 'report', file, '--lab', lab, '--json'], { encoding: 'utf8' });
  const cells = report.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const { cell, state, metrics } of cells) {
    const missing = METRICS.filter((name) => metrics[name] === undefined);
    if (state !== 'ok' || missing.length > 0) throw new Error(`${cell} is ${state}; missing: ${missing.join(', ')}`);
  }
  tell(`${cells.length} cells have metrics of guest, server and client`);
}

/** Of what the client shows, one for each `display` of the benchmark, between two runs: taking one costs time that a run would miss. */
function takePictures(live, display) {
  const taken = new Set();
  const ending = { wanted: false };
  const done = (async () => {
    for (let shown = null; !ending.wanted; await sleep(LOOK_MS)) {
      const { recording } = await state(live);
      const now = recording === null ? null : (/ display=(\S+)/.exec(recording.name)?.[1] ?? 'guest');
      if (now === null && shown !== null && !taken.has(shown)) {
        taken.add(shown);
        grab(display, [join(out, `client-${shown.replaceAll(/\W+/g, '-')}.png`)]);
      }
      shown = now;
    }
  })();
  return {
    async end() {
      ending.wanted = true;
      await done;
    },
  };
}

/** What the guest reads besides the machine's own files; nobody else can. @returns its path */
function trialFolder(port, token) {
  const folder = join(scratch, 'trial');
  mkdirSync(folder, { mode: 0o700 });
  const files = { port, token, screen: `${GUEST_SCREEN.width}x${GUEST_SCREEN.height}`, options: '--stream-device' };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), `${text}\n`, { mode: 0o600 });
  return folder;
}

function startAgent(role, { url, token }, options) {
  const args = ['agent', '--role', role, '--collector', url, '--allow-hooks', ...options];
  return start(encodelab, args, `the agent ${role}`, { env: { ...process.env, ENCODELAB_TOKEN: token } });
}

/** Roles of the agents that are connected. */
async function roles(live) {
  const { agents } = await state(live);
  return agents.filter(({ connected }) => connected).map(({ role }) => role);
}

async function state({ url, token }) {
  const answer = await fetch(`${url}/api/v1/live/state`, { headers: { authorization: `Bearer ${token}` } });
  return answer.json();
}

function firstLine(stream) {
  return new Promise((resolve) => createInterface({ input: stream }).once('line', resolve));
}
