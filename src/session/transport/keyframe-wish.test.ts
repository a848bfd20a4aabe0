import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyframeWish, MIN_WISH_INTERVAL_MS, WISH_AGAIN_MS, WISH_REPEAT_MS } from './keyframe-wish.ts';

test('a wish is said at once, repeated with its number, and renewed where no keyframe comes', () => {
  const said: number[] = [];
  const wish = new KeyframeWish(0, (number) => said.push(number));
  wish.want(0);
  expect(said).toEqual([1]);
  wish.want(10);
  for (let ms = WISH_REPEAT_MS; ms < WISH_AGAIN_MS; ms += WISH_REPEAT_MS) wish.tick(ms);
  expect(said).toEqual(Array.from({ length: 10 }, () => 1));
  wish.tick(WISH_AGAIN_MS);
  expect(said.at(-1)).toBe(2);
  wish.granted();
  wish.tick(WISH_AGAIN_MS * 5);
  expect(said).toHaveLength(11);
});

test('a keyframe that was lost is wished for again', () => {
  const said: number[] = [];
  const wish = new KeyframeWish(0, (number) => said.push(number));
  wish.want(0);
  wish.lost(MIN_WISH_INTERVAL_MS);
  expect(said).toEqual([1, 2]);
});

test('however bad the network is, keyframes are not asked for more often than the bound', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('want', 'lost', 'granted', 'tick'), { maxLength: 200 }), (events) => {
      const numbers = new Set<number>();
      const wish = new KeyframeWish(0xffff_ffff, (number) => numbers.add(number));
      events.forEach((event, i) => (event === 'granted' ? wish.granted() : wish[event](i * 10)));
      expect(numbers.size).toBeLessThanOrEqual(1 + (events.length * 10) / MIN_WISH_INTERVAL_MS);
    }),
  );
});
