import { createServer, type AddressInfo, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ServerPresence } from './server-presence.ts';

const LOCAL = '127.0.0.1';

async function listen(port: number): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => server.listen(port, LOCAL, resolve));
  return server;
}

test('a server that accepts is there, one that is closed is gone, and it is asked again until it is back', async () => {
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const changed: (string | null)[] = [];
  let onChange = () => {};
  const presence = new ServerPresence(
    { host: LOCAL, port },
    () => {
      changed.push(presence.gone);
      onChange();
    },
    10,
  );
  onTestFinished(() => {
    presence.close();
    server.close();
  });
  await presence.look();
  expect([presence.gone, changed]).toEqual([null, []]);
  await new Promise((resolve) => server.close(resolve));
  await presence.look();
  const gone = `the SPICE server at ${LOCAL}:${port} is gone (connection refused)`;
  expect(presence.gone).toBe(gone);
  const isBack = new Promise<void>((resolve) => (onChange = resolve));
  server = await listen(port);
  await isBack;
  expect(changed).toEqual([gone, null]);
});
