#!/usr/bin/env node
// A whole SPICE session of stock programs on this machine, with the tap in it: `node examples/spice/stock.mjs [options]`.
// docs/spice.md tells what it measures; needs what `npm run build` makes and what `npm test` installs.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const encodelab = fileURLToPath(new URL('../../bin/encodelab', import.meta.url));
const child = spawn(encodelab, ['spice', 'stock', ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C reaches the child by itself: it is in our group.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
