import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '#core/user-error';
import { runChild } from '#system/child-process';
import { readTgz } from './tar.ts';

const folder = mkdtempSync(join(tmpdir(), 'tar-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** More than a header's field of 100 bytes; ustar splits it at a folder. */
const LONG = `study/${'folder'.repeat(12)}/${'long'.repeat(20)}.rec`;
mkdirSync(dirname(join(folder, LONG)), { recursive: true });
writeFileSync(join(folder, LONG), 'a long name');
writeFileSync(join(folder, 'study/matrix.csv'), '# x\n'.repeat(500));
writeFileSync(join(folder, 'study/empty'), '');
symlinkSync('/etc/passwd', join(folder, 'study/link'));

async function packed(...args: string[]): Promise<Buffer> {
  const { code, stderr } = await runChild('tar', ['-czf', 'x.tgz', ...args, 'study'], { cwd: folder });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return readFileSync(join(folder, 'x.tgz'));
}

/** One entry as tar writes it, with a right checksum. */
function entry(name: string, content: string, kind = '0', size = Buffer.byteLength(content)): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write(' '.repeat(8), 148);
  header.write(kind, 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc((512 - (Buffer.byteLength(content) % 512)) % 512)]);
}

const END = Buffer.alloc(1024);

describe('an archive', () => {
  it.each(['gnu', 'ustar', 'pax'])('of the format %s is unpacked; links are passed over', async (format) => {
    const files = await readTgz(await packed(`--format=${format}`), 'x.tgz');
    const content = Object.fromEntries(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]));
    expect(content).toEqual({
      [LONG]: 'a long name',
      'study/matrix.csv': '# x\n'.repeat(500),
      'study/empty': '',
    });
  });

  const hostile: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['a path to the parent', Buffer.concat([entry('a/../../x.rec', 'x'), END]), /leads out/],
    ['an absolute path', Buffer.concat([entry('/etc/x.rec', 'x'), END]), /leads out/],
    ['a size beyond its end', Buffer.concat([entry('x', 'x', '0', 1e9), END]), /cut off/],
    ['no end', entry('x', 'x'), /cut off/],
    ['a wrong checksum', Buffer.concat([entry('x', 'x').fill(1, 0, 3), END]), /no tar archive/],
    ['text instead', Buffer.from('hello '.repeat(200)), /no tar archive/],
    ['nothing in it', new Uint8Array(), /cut off/],
    ['a torn gzip', gzipSync(Buffer.concat([entry('x', 'x'), END])).subarray(0, 40), /damaged/],
    ['very many entries', Buffer.concat([...Array<Buffer>(10_001).fill(entry('x', '')), END]), /entries/],
  ];
  it.each(hostile)('with %s is refused', async (_, bytes, problem) => {
    await expect(readTgz(bytes, 'x.tgz')).rejects.toThrow(problem);
  });

  it('that is a bomb is refused before all of it is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(4_000_000));
    expect(bomb.length).toBeLessThan(10_000);
    await expect(readTgz(bomb, 'x.tgz', 1_000_000)).rejects.toThrow(/more than 1000000 bytes unpacked/);
  });

  it('changed anywhere is refused in words, or still an archive', async () => {
    const good = Buffer.concat([entry('study/x.rec', 'content'), entry('y', 'z'), END]);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: good.length - 1 }), fc.uint8Array({ maxLength: 12 }), async (at, bytes) => {
        const changed = Buffer.concat([good.subarray(0, at), bytes, good.subarray(at + bytes.length)]);
        await readTgz(changed, 'x').catch((error: unknown) => {
          if (!(error instanceof UserError)) throw error;
        });
      }),
    );
  });
});
