// What pprof would read: the fields of google/pprof's profile.proto by their numbers, with a reader of our own.

import { expect, test } from 'vitest';
import { WHOLE_PROFILE } from '#core/profile';
import { ProfileBuilder } from '../profile-builder.ts';
import { pprofBytes } from './pprof-export.ts';

/** Values by field: numbers, or bytes of what has a length. */
type Message = Map<number, (number | Uint8Array)[]>;

function decode(bytes: Uint8Array): Message {
  const message: Message = new Map();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    let value: number | Uint8Array;
    if (tag % 8 === 0) value = varint();
    else {
      expect(tag % 8).toBe(2);
      const length = varint();
      value = bytes.subarray(at, (at += length));
    }
    const field = Math.floor(tag / 8);
    message.set(field, [...(message.get(field) ?? []), value]);
  }
  return message;
}

const messages = (message: Message, field: number) =>
  (message.get(field) ?? []).map((bytes) => decode(bytes as Uint8Array));
const number = (message: Message, field: number) => (message.get(field)?.[0] as number | undefined) ?? 0;

/** Packed integers: decoded as if each were a field's value. */
function packed(message: Message, field: number): number[] {
  const numbers: number[] = [];
  let [value, scale] = [0, 1];
  for (const byte of (message.get(field)?.[0] as Uint8Array | undefined) ?? []) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 0x80) continue;
    numbers.push(value);
    [value, scale] = [0, 1];
  }
  return numbers;
}

function sampleProfile() {
  const builder = new ProfileBuilder();
  const main = builder.stacks.add(-1, builder.function('main', 'enc', 'user', 'symbols'));
  const sad = builder.stacks.add(main, builder.function('säd 🎬', 'libx264.so', 'user', 'symbols'));
  const thread = builder.addThread(41, 42, 'ffmpeg', 'x264');
  const other = builder.addThread(-1, -1, '', '');
  builder.addSample(100, 0, thread, sad);
  builder.addSample(200, 0, thread, sad);
  builder.addSample(300, 1, thread, main);
  builder.addSample(400, 1, other, -1);
  return builder.finish({
    tool: 'a test',
    file: null,
    clock: 'own',
    startNs: 100,
    endNs: 8_000_000_500,
    frequencyHz: 999,
    weightUnit: 'ns',
    sampleNs: 1_001_001,
    cpus: [0, 1],
    scope: 'processes',
    stacks: 'given',
    lost: null,
    throttled: null,
    overheadCpuS: null,
    absent: [],
    quality: [],
  });
}

test('samples, stacks, names, threads and times are where profile.proto has them', () => {
  const profile = decode(Buffer.concat([...pprofBytes(sampleProfile(), WHOLE_PROFILE)]));
  const texts = profile.get(6)!.map((bytes) => Buffer.from(bytes as Uint8Array).toString());
  expect(texts[0]).toBe('');
  const types = messages(profile, 1).map((type) => [texts[number(type, 1)], texts[number(type, 2)]]);
  expect(types).toEqual([
    ['samples', 'count'],
    ['cpu', 'nanoseconds'],
  ]);
  const mappings = new Map(messages(profile, 3).map((mapping) => [number(mapping, 1), texts[number(mapping, 5)]]));
  const functions = new Map(messages(profile, 5).map((each) => [number(each, 1), texts[number(each, 2)]]));
  const locations = new Map(
    messages(profile, 4).map((location) => [
      number(location, 1),
      `${functions.get(number(messages(location, 4)[0]!, 1))} ${mappings.get(number(location, 2))}`,
    ]),
  );
  const samples = messages(profile, 2).map((sample) => ({
    stack: packed(sample, 1).map((id) => locations.get(id)),
    values: packed(sample, 2),
    labels: messages(sample, 3).map((label) => [texts[number(label, 1)], texts[number(label, 2)] || number(label, 3)]),
  }));
  const labels = [
    ['thread', 'x264'],
    ['tid', 42],
    ['process', 'ffmpeg'],
    ['pid', 41],
  ];
  expect(samples).toEqual([
    { stack: ['säd 🎬 libx264.so', 'main enc'], values: [2, 2_002_002], labels },
    { stack: ['main enc'], values: [1, 1_001_001], labels },
    { stack: [], values: [1, 1_001_001], labels: [] },
  ]);
  expect([number(profile, 10), number(profile, 12)]).toEqual([8_000_000_400, 1_001_001]);
});

test('a selection narrows what is written', () => {
  const selection = { ...WHOLE_PROFILE, rangesNs: Float64Array.of(150, 350), cpus: new Set([1]) };
  const profile = decode(Buffer.concat([...pprofBytes(sampleProfile(), selection)]));
  expect(messages(profile, 2).map((sample) => packed(sample, 2))).toEqual([[1, 1_001_001]]);
});
