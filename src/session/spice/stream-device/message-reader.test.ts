import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ServerMessageReader, type ServerMessage } from './message-reader.ts';

function message(type: number, body: readonly number[], size = body.length): Uint8Array {
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16LE(type, 2);
  header.writeUInt32LE(size, 4);
  return Buffer.concat([header, Buffer.from(body)]);
}

function read(...pieces: Uint8Array[]): { readonly messages: ServerMessage[]; readonly reader: ServerMessageReader } {
  const messages: ServerMessage[] = [];
  const reader = new ServerMessageReader((each) => messages.push(each));
  for (const piece of pieces) reader.push(piece);
  return { messages, reader };
}

const TALK = Buffer.concat([
  message(1, [1]),
  message(4, [4, 3, 2, 77, 1]),
  message(4, [0]),
  message(5, [7, 0, 0, 0, ...Buffer.from('Wrong format\0')]),
]);

describe('what a server says', () => {
  test('is read in pieces of any size', () => {
    const expected = [
      { kind: 'capabilities' },
      { kind: 'start', codecs: ['h264', 'vp8', 'mjpeg'] },
      { kind: 'stop' },
      { kind: 'error', code: 7, text: 'Wrong format' },
    ];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: TALK.length }), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), TALK.length];
        const { messages, reader } = read(...at.slice(1).map((end, i) => TALK.subarray(at[i], end)));
        expect(messages).toEqual(expected);
        expect([reader.fault, reader.isHalf]).toEqual([null, false]);
      }),
      { numRuns: 50 },
    );
  });

  test('that is half is waited for, and known to be half', () => {
    for (const length of [1, 7, 8, 9]) {
      const { messages, reader } = read(message(4, [2, 1, 3]).subarray(0, length));
      expect([messages, reader.fault, reader.isHalf]).toEqual([[], null, true]);
    }
  });

  test('that is wrong is refused with the reason, and nothing after it is read', () => {
    const wrong: readonly [Uint8Array, string][] = [
      [Buffer.from('HTTP/1.1 400'), 'version 72 of the protocol, and only 1 is known'],
      [message(4, [], 0xffff_ffff), 'a message of type 4 with 4294967295 bytes: between 1 and 256 are right'],
      [message(5, [1]), 'a message of type 5 with 1 bytes: between 4 and 4096 are right'],
      [message(9, [65]), 'a message of type 9, which no server sends'],
      [message(4, [3, 1, 2]), 'a list of 3 codecs in 3 bytes'],
    ];
    for (const [bytes, fault] of wrong) {
      const { messages, reader } = read(bytes, TALK);
      expect([messages, reader.fault]).toEqual([[], fault]);
    }
  });

  test('whatever it is never throws, and waits for no more than the largest message', () => {
    const header = fc
      .tuple(fc.integer({ min: 0, max: 11 }), fc.oneof(fc.integer({ min: 0, max: 300 }), fc.nat()))
      .map(([type, size]) => message(type, [], size));
    const bytes = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(fc.array(fc.oneof(header, bytes, fc.constant(TALK)), { maxLength: 12 }), (pieces) => {
        const { reader } = read(...pieces);
        // What is half may take the first of these; the next message is of a version that there is not.
        reader.push(new Uint8Array(8192).fill(2));
        expect(reader.fault).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
