import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch } from './agent-wire.ts';
import { packAgentMessage, unpackAgentMessage } from './agent-packing.ts';

const batch: Batch = {
  kind: 'batch',
  number: 7,
  series: [
    {
      agent: 'guest',
      indicator: Uint16Array.of(0, 1, 0),
      timeUs: Float64Array.of(1, 2, 3_000_000_000_000),
      value: Float64Array.of(0.5, NaN, Infinity),
    },
  ],
  frames: [],
  steps: [],
  messages: [{ timeUs: 5, source: 'guest', text: '!käse' }],
  lostRows: 0,
};

describe('messages of agents as bytes', () => {
  it('come out as they went in, typed arrays with their types', () => {
    expect(unpackAgentMessage(packAgentMessage(batch))).toEqual(batch);
    const odd = { kind: 'answer', id: 1, ok: true, value: { none: undefined, jpeg: new Uint8Array(300), deep: [[1]] } };
    expect(unpackAgentMessage(packAgentMessage(odd as never))).toEqual(odd);
  });

  it('that are no MessagePack, or cut off, or changed, are refused by an exception and by nothing else', () => {
    const packed = packAgentMessage(batch);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(packed.length),
        (changes, end) => {
          const bytes = packed.slice(0, end);
          for (const [at, byte] of changes) if (at < end) bytes[at] = byte;
          try {
            unpackAgentMessage(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        },
      ),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          unpackAgentMessage(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });

  it('whose lengths lie are refused before memory is taken for them', () => {
    // A list of 30 million items in a list of 30 million items …: a few bytes that would cost gigabytes.
    const nested = new Uint8Array(5 * 20);
    for (let i = 0; i < 20; i++) nested.set([0xdd, 0x01, 0xc9, 0xc3, 0x80], 5 * i);
    const before = process.memoryUsage().heapTotal;
    expect(() => unpackAgentMessage(nested)).toThrow(/too much/);
    expect(process.memoryUsage().heapTotal - before).toBeLessThan(50e6);
    expect(() => unpackAgentMessage(Uint8Array.of(0xc6, 0x7f, 0xff, 0xff, 0xff))).toThrow(/too early/);
    expect(() => unpackAgentMessage(new Uint8Array(10_000).fill(0x91))).toThrow(/too much/);
    // A regular expression, an error, a record of msgpackr's own.
    expect(() => unpackAgentMessage(Uint8Array.of(0xd4, 0x78, 0x00))).toThrow(/type of its own/);
    expect(() => unpackAgentMessage(Uint8Array.of(0xd4, 0x72, 0x40))).toThrow(/type of its own/);
  });
});
