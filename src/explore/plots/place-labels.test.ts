import fc from 'fast-check';
import { expect, test } from 'vitest';
import { widthOfText } from '../scene/text-width.ts';
import { overlap, placeLabels } from './place-labels.ts';

test('no label stands on another, and all stand inside', () => {
  const within = { x: 0, y: 0, width: 400, height: 300 };
  const place = fc.record({ x: fc.integer({ min: 0, max: 400 }), y: fc.integer({ min: 0, max: 300 }) });
  fc.assert(
    fc.property(fc.array(place, { minLength: 1, maxLength: 40 }), fc.boolean(), (points, right) => {
      const texts = points.map((_, i): [string, string] => [`${i} a name of its own`, String(i)]);
      const at = { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
      const boxes = placeLabels(at, texts, within, 11, [], { right, up: true }).map(({ text, x, y, anchor }) => {
        const width = widthOfText(text, 11);
        return {
          x: anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2,
          y: y - 11,
          width,
          height: 14,
        };
      });
      for (const [i, box] of boxes.entries()) {
        expect(
          box.x >= -1e-6 && box.x + box.width <= 400 + 1e-6 && box.y >= -1e-6 && box.y + box.height <= 300 + 1e-6,
        ).toBe(true);
        for (const other of boxes.slice(i + 1))
          expect(overlap({ ...box, x: box.x + 1e-6, width: box.width - 2e-6 }, other)).toBe(false);
      }
    }),
    { numRuns: 60 },
  );
});
