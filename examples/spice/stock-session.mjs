#!/usr/bin/env node
// A benchmark of a stock SPICE desktop, from nothing: `node examples/spice/stock-session.mjs FOLDER [benchmark.yaml]`.
// Starts a server of a lab in that folder, a stock SPICE server and client, the agents beside them, and runs the benchmark
// (examples/spice/stock.yaml). docs/spice-bench.md tells of it; needs what `npm run build` makes and what `npm test` installs.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ENCODELAB = join(HERE, '../../bin/encodelab');
/** Until a program has said what is waited for, milliseconds. */
const LIMIT_MS = 120_000;

const [folder, file = join(HERE, 'stock.yaml')] = process.argv.slice(2);
if (folder === undefined || folder.startsWith('-')) {
  console.error('usage: node examples/spice/stock-session.mjs FOLDER [benchmark.yaml]');
  process.exit(2);
}
const [lab, report] = [resolve(folder, 'lab'), resolve(folder, 'report.html')];
mkdirSync(lab, { recursive: true });

const children = [];
let isEnding = false;
process.on('SIGINT', () => void end(130));
process.on('SIGTERM', () => void end(143));

try {
  const [serverPort, tapPort] = [await freePort(), await freePort()];
  const serve = start(['serve', '--lab', lab, '--port', '0']);
  const address = new URL(await serve.said(/http:\/\/\S+/)).origin;
  const token = readFileSync(join(lab, 'server-token'), 'utf8').trim();
  const desktop = start(['spice', 'desktop', '--tap', String(tapPort), '--server-port', String(serverPort)]);
  const { serverPid, display, serverLog, clientLog } = JSON.parse(await desktop.said(/^\{"port".*\}$/m));
  console.log(`SPICE server on 127.0.0.1:${serverPort} (display ${display}), its tap on 127.0.0.1:${tapPort}`);
  console.log(`page: ${address}`);
  const agent = (role, ...more) =>
    start(['agent', '--role', role, '--collector', address, '--allow-hooks', ...more], { ENCODELAB_TOKEN: token });
  const taps = ['--spice-server', `127.0.0.1:${serverPort}`, '--spice-listen', String(tapPort)];
  // The client is started when the tap answers: its process is known then, and not before.
  const server = agent('server', ...taps, '--spice-log', serverLog, '--process', String(serverPid));
  const { clientPid } = JSON.parse(await desktop.said(/^\{"clientPid".*\}$/m));
  const client = agent('client', '--spice-log', clientLog, '--process', String(clientPid));
  await Promise.all([server, client].map((one) => one.said(/connected to/)));
  const code = await run(['bench', 'run', file, '--lab', lab]);
  if (code === 0) await run(['bench', 'report', file, '--lab', lab, '--html', report]);
  await end(code);
} catch (error) {
  console.error(error.message);
  await end(1);
}

/** A program that runs until the end; what it says is searched for what is waited for. */
function start(args, env = {}) {
  const child = spawn(ENCODELAB, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  children.push(child);
  let text = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk) => (text += chunk));
  return {
    async said(pattern) {
      const limit = Date.now() + LIMIT_MS;
      for (;;) {
        const found = pattern.exec(text);
        if (found !== null) return found[0];
        if (child.exitCode !== null || Date.now() > limit)
          throw new Error(`encodelab ${args.slice(0, 3).join(' ')} did not say ${pattern}:\n${text}`);
        await sleep(50);
      }
    },
  };
}

/** A program that is waited for, and shown. */
function run(args) {
  const child = spawn(ENCODELAB, args, { stdio: 'inherit' });
  children.push(child);
  return new Promise((done) => child.on('exit', (code) => done(code ?? 1)));
}

async function end(code) {
  if (isEnding) return;
  isEnding = true;
  for (const child of children.toReversed()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGINT');
    await new Promise((done) => child.once('exit', done));
  }
  process.exit(code);
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
