import { readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startChild } from './child-process.ts';
import { waitingCommand } from './waiting-command.ts';

test('a program begins with the line and keeps the process id, its arguments are left as they are', async () => {
  const [command, args] = waitingCommand(process.execPath, [
    '-e',
    'console.log(process.pid, process.argv.slice(1).join("|"))',
    '$HOME; echo',
    '',
    "it's",
  ]);
  const child = startChild(command, args, { openInput: true });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(readlinkSync(`/proc/${child.pid}/exe`)).not.toBe(process.execPath);
  child.stdin!.end('begin\n');
  const { stdout, code } = await child.result;
  expect(stdout).toBe(`${child.pid} $HOME; echo||it's\n`);
  expect(code).toBe(0);
});

test('a program whose starter is gone never begins', async () => {
  const child = startChild(...waitingCommand('/bin/echo', ['begun']), { openInput: true });
  child.stdin!.end();
  expect(await child.result).toMatchObject({ stdout: '', code: 1 });
});
