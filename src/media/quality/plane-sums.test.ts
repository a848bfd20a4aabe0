import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MASK_BYTES, planeSums } from './plane-sums.ts';

const STEP = 80;
const LINES = 40;
const sums = planeSums(MASK_BYTES + 3 * STEP * LINES + 16);
const bytes = new Uint8Array(sums.memory.buffer);
const at = (plane: number, x: number, y: number) => MASK_BYTES + plane * STEP * LINES + y * STEP + x;
const block = fc.record({
  x: fc.integer({ min: 1, max: 20 }),
  y: fc.integer({ min: 1, max: 10 }),
  width: fc.integer({ min: 1, max: 50 }),
  height: fc.integer({ min: 1, max: 25 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

test('sums over blocks of any size and place are those of plain loops', () => {
  fc.assert(
    fc.property(block, ({ x, y, width, height, seed }) => {
      let state = seed;
      for (let i = MASK_BYTES; i < bytes.length; i++) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
        bytes[i] = (state >> 16) % 3 === 0 ? ((state >> 8) & 1) * 255 : state >> 16;
      }
      const expected = { squared: 0, highPass: 0, change: 0, changeOfChange: 0 };
      for (let line = y; line < y + height; line++)
        for (let column = x; column < x + width; column++) {
          const sample = (plane: number, dx = 0, dy = 0) => bytes[at(plane, column + dx, line + dy)]!;
          const sides = sample(0, -1) + sample(0, 1) + sample(0, 0, -1) + sample(0, 0, 1);
          const corners = sample(0, -1, -1) + sample(0, 1, -1) + sample(0, -1, 1) + sample(0, 1, 1);
          expected.squared += (sample(0) - sample(1)) ** 2;
          expected.highPass += Math.abs(12 * sample(0) - 2 * sides - corners);
          expected.change += Math.abs(sample(0) - sample(1));
          expected.changeOfChange += Math.abs(sample(0) - 2 * sample(1) + sample(2));
        }
      const [a, b, c] = [at(0, x, y), at(1, x, y), at(2, x, y)];
      expect({
        squared: sums.squared(a, STEP, b, STEP, width, height),
        highPass: sums.highPass(a, STEP, width, height),
        change: sums.change(a, STEP, b, STEP, width, height),
        changeOfChange: sums.changeOfChange(a, STEP, b, STEP, c, STEP, width, height),
      }).toEqual(expected);
    }),
  );
});
