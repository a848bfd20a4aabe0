// A collector in a process of its own: LAB PORT. Each line of its input is [id, method, …arguments], each line of its output
// [id, what the method gave] or [id, null, why not]; the first line is [0, port].

import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';
import { openLab } from '#lab/lab';
import { createCollector } from '#live/collector/collector';

const [path, port] = process.argv.slice(2);
const lab = await openLab(path!);
const collector = await createCollector({ lab, version: '0.0.0', onError: (error) => console.error(error) });
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port) });
server.on('connection', (socket) => collector.accept(socket));
server.on('listening', () => answer(0, (server.address() as { port: number }).port));

createInterface({ input: process.stdin }).on('line', (line) => {
  const [id, method, ...args] = JSON.parse(line) as [number, 'state', ...[]];
  Promise.resolve()
    .then(() => collector[method](...args))
    .then(
      (value) => answer(id, value),
      (error: unknown) => answer(id, null, String(error)),
    );
});

function answer(...message: unknown[]): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
