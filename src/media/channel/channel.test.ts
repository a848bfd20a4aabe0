import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FrameBatch } from '#core/recording';
import { startChild } from '#system/child-process';
import { CHANNEL_VERSION, KIND_JSON, MAX_MESSAGE_BYTES } from './format.ts';
import { ChannelReader } from './reader.ts';

const writer = new URL('./writer.ts', import.meta.url).href;
const rows = new URL('./rows.ts', import.meta.url).href;

/** What a child writes to descriptor 3. */
async function written(script: string): Promise<Buffer> {
  const child = startChild(
    process.execPath,
    [
      '--conditions=encodelab-source',
      '--input-type=module',
      '-e',
      `import { ChannelWriter } from '${writer}'; import { FrameRows, StepRows } from '${rows}'; const channel = new ChannelWriter(); ${script}`,
    ],
    { channel: true },
  );
  const chunks: Buffer[] = [];
  child.channel?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const result = await child.result;
  expect(result.stderr).toBe('');
  return Buffer.concat(chunks);
}

const message = (kind: number, body: Buffer) => {
  const header = Buffer.alloc(5);
  header.writeUInt32LE(1 + body.length);
  header[4] = kind;
  return Buffer.concat([header, body]);
};
const json = (value: unknown) => message(KIND_JSON, Buffer.from(JSON.stringify(value)));

test('rows and messages arrive as they were written, however the stream is cut', async () => {
  const bytes = await written(`
    const frames = new FrameRows(); const steps = new StepRows();
    for (let i = 0; i < 5; i++) frames.add(i, i * 2, 1e12 + i, i % 4, i === 0, 1000 * i, i === 4 ? NaN : i + 0.5);
    steps.add(7, 4, 123456789012, -1, 55, 2);
    channel.frames(frames, { num: 1001, den: 24000 }); channel.steps(steps); channel.frames(frames, { num: 1, den: 1 });
    channel.json({ done: 'ü' });`);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 9 }), (cuts) => {
      const got: unknown[] = [];
      const reader = new ChannelReader({
        json: (each) => got.push(each),
        frames: (each) => got.push(each),
        steps: (each) => got.push(each),
      });
      let from = 0;
      for (const to of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
        reader.push(bytes.subarray(from, to));
        from = to;
      }
      expect(reader.fault).toBeNull();
      expect(got).toEqual([
        {
          stream: 'video',
          timeBase: [1001, 24000],
          frame: Int32Array.of(0, 1, 2, 3, 4),
          sourceFrame: Int32Array.of(0, 2, 4, 6, 8),
          pts: Float64Array.of(1e12, 1e12 + 1, 1e12 + 2, 1e12 + 3, 1e12 + 4),
          type: Uint8Array.of(0, 1, 2, 3, 0),
          key: Uint8Array.of(1, 0, 0, 0, 0),
          bytes: Int32Array.of(0, 1000, 2000, 3000, 4000),
          quantizer: Float32Array.of(0.5, 1.5, 2.5, 3.5, NaN),
        } satisfies FrameBatch,
        {
          stream: 'video',
          role: 'worker',
          frame: Int32Array.of(7),
          step: Uint8Array.of(4),
          startUs: Float64Array.of(123456789012),
          durationUs: Int32Array.of(-1),
          busyUs: Int32Array.of(55),
          outcome: Uint8Array.of(2),
        },
        { done: 'ü' },
      ]);
    }),
  );
});

test('a torn last message is not delivered', () => {
  const got: unknown[] = [];
  const reader = new ChannelReader({ json: (each) => got.push(each) });
  reader.push(Buffer.concat([json({ channel: CHANNEL_VERSION }), json({ n: 1 }), json({ n: 2 }).subarray(0, -1)]));
  expect(got).toEqual([{ n: 1 }]);
  expect(reader.fault).toBeNull();
});

const tooLong = Buffer.alloc(4);
tooLong.writeUInt32LE(MAX_MESSAGE_BYTES + 1);
const greeting = json({ channel: CHANNEL_VERSION });
test.each([
  ['another version', json({ channel: 99 })],
  ['something else than a greeting', message(2, Buffer.alloc(4))],
  ['a message that is too long', Buffer.concat([greeting, tooLong])],
  ['a message of no length', Buffer.concat([greeting, Buffer.alloc(4)])],
  ['an unknown kind', Buffer.concat([greeting, message(9, Buffer.alloc(4))])],
  ['more rows than bytes', Buffer.concat([greeting, message(2, Buffer.from([200, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]))])],
  ['text that is no JSON', Buffer.concat([greeting, message(KIND_JSON, Buffer.from('{'))])],
])('%s is a fault, and nothing is read behind it', (_what, bytes) => {
  const reader = new ChannelReader({ json: () => expect.unreachable() });
  reader.push(bytes);
  expect(reader.fault).not.toBeNull();
  reader.push(json({ n: 1 }));
});

// With and without bytes that the parent never read: the first ends with a reset, the second with a broken pipe.
test.each([0, 300])(
  'a child whose parent has closed the channel ends instead of working on (after %i ms)',
  async (waitMs) => {
    const child = startChild(
      process.execPath,
      [
        '--conditions=encodelab-source',
        '--input-type=module',
        '-e',
        `import { ChannelWriter } from '${writer}'; const channel = new ChannelWriter(); for (;;) channel.json({ n: 1 });`,
      ],
      { channel: true, timeoutMs: 10_000 },
    );
    child.channel?.once('data', () => {
      child.channel?.pause();
      setTimeout(() => child.channel?.destroy(), waitMs);
    });
    expect(await child.result).toMatchObject({ end: 'exited', code: 3 });
  },
);
