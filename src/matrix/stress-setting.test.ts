import { expect, test } from 'vitest';
import { parseStress } from './stress-setting.ts';

const none = { cpu: 0, memoryBytes: 0, gpu: 0 };

test.each([
  ['none', {}],
  ['cpu:2@guest', { guest: { ...none, cpu: 2 } }],
  ['cpu:2*guest^memory:512M@client', { guest: { ...none, cpu: 2 }, client: { ...none, memoryBytes: 512e6 } }],
  ['cpu:1@guest, memory:1Gi@guest gpu:1@guest', { guest: { cpu: 1, memoryBytes: 1024 ** 3, gpu: 1 } }],
  ['cpu:1@client cpu:2@client', { client: { ...none, cpu: 3 } }],
])('%s loads machines by role', (text, loads) => {
  expect(parseStress(text)).toEqual({ loads });
});

test.each([
  ['cpu', 'does not understand "cpu"'],
  ['cpu:2', 'does not understand "cpu:2"'],
  ['cpu:2@gest', 'did you mean guest?'],
  ['cpus:2@guest', 'did you mean cpu?'],
  ['cpu:0@guest', '"0" is no number of cores'],
  ['cpu:1.5@guest', '"1.5" is no number of cores'],
  ['cpu:1e9@guest', '"1e9" is no number of cores'],
  ['memory:lots@guest', '"lots" is no amount of memory'],
  ['memory:-1G@guest', '"-1G" is no amount of memory'],
  ['net:20ms+4M', 'limits of the network are no stress'],
])('%s is refused', (text, wrong) => {
  expect(parseStress(text)).toMatchObject({ wrong: expect.stringContaining(wrong), todo: expect.any(String) });
});
