import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { agentSpiceOf } from './agent-spice.ts';
import { readOptions } from './wrong-argument.ts';

test('an agent that is told nothing of SPICE stands beside nothing', () => {
  expect(agentSpiceOf({})).toBe(null);
});

test('a tap listens on this machine where no host is named, and a log is known by its whole path', () => {
  expect(agentSpiceOf({ spiceServer: '[::1]:5930', spiceListen: '5931', spiceLog: 'gst.log' })).toEqual({
    device: null,
    tap: { listen: { host: '127.0.0.1', port: 5931 }, server: { host: '::1', port: 5930 } },
    log: resolve('gst.log'),
  });
});

test.each([
  [{ spiceServer: '127.0.0.1:5930' }, /--spice-server 127.0.0.1:5930: a tap needs a port[^]*Add --spice-listen PORT/],
  [{ spiceListen: '5931' }, /--spice-listen 5931: a tap needs the SPICE server[^]*Add --spice-server HOST:PORT/],
  [{ spiceServer: '5930', spiceListen: '5931' }, /"5930" is no address[^]*host:port/],
  [{ spiceServer: '127.0.0.1:5930', spiceListen: '0' }, /--spice-listen: 0 is no port/],
  [{ spiceServer: '127.0.0.1:5930', spiceListen: '5930' }, /would be its own server[^]*another port/],
  [{ spiceLog: tmpdir() }, /a log is a file/],
  [{ spiceLog: join(tmpdir(), 'no', 'such', 'folder') }, /there is no folder[^]*GST_DEBUG_FILE/],
  [{ streamDevice: join(tmpdir(), 'no-device') }, /there is no such device[^]*QEMU makes it/],
  [{ streamDevice: tmpdir() }, /neither a character device nor a socket/],
])('%o is refused in words that say what to do', (options, words) => {
  expect(() => agentSpiceOf(options)).toThrow(words);
});

test('half of a pair ends the command as any wrong option does', () => {
  const command = new Command('agent').exitOverride().configureOutput({ writeErr: () => {} });
  expect(() => readOptions(command, () => agentSpiceOf({ spiceListen: '5931' }))).toThrow(CommanderError);
  expect(readOptions(command, () => agentSpiceOf({}))).toBeNull();
});
