import os from 'node:os';
import { expect, test } from 'vitest';
import { parseCpuinfo, readEnvironment } from './environment.ts';

test('the environment of this machine is what its own tools say', async () => {
  const environment = await readEnvironment({ node: process.version });
  expect(environment).toMatchObject({
    host: os.hostname(),
    kernel: os.release(),
    memory: os.totalmem(),
    versions: { node: process.version },
  });
  expect(environment.cpu.cores).toBe(os.cpus().length);
  expect(environment.cpu.model).toBe(os.cpus()[0].model.trim());
  expect(JSON.parse(JSON.stringify(environment))).toEqual(environment);
});

test('of the flags of x86 those are kept that choose code in an encoder', () => {
  const { features, hypervisor, microcode } = parseCpuinfo(
    'processor\t: 0\nmodel name\t: AMD EPYC\nmicrocode\t: 0x1000065\nflags\t\t: fpu sse sse2 pni smep smap avx2 avx512f avx512bw avx512_vnni hypervisor erms\n',
  );
  expect(features).toEqual(['sse', 'sse2', 'sse3', 'avx2', 'avx512f', 'avx512bw', 'avx512_vnni']);
  expect([hypervisor, microcode]).toEqual([true, '0x1000065']);
});

test('ARM calls them Features, and its model is numbers', () => {
  const cpu = parseCpuinfo(
    'processor\t: 0\nFeatures\t: fp asimd evtstrm aes crc32 asimddp sve sve2 i8mm\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n',
  );
  expect(cpu.features).toEqual(['asimd', 'crc32', 'asimddp', 'sve', 'sve2', 'i8mm']);
  expect(cpu.model).toBe('ARM implementer 0x41 part 0xd40');
});

test('without /proc nothing is known, and nothing throws', () => {
  expect(parseCpuinfo('')).toEqual({ model: null, features: [], microcode: null, hypervisor: false });
});
