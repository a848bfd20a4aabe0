import { expect, test } from 'vitest';
import { firstChoice, formatHeatmapChoice, parseHeatmapChoice, unknownHeatmapWords } from './heatmap-choice.ts';

test('a short profile is one line of time at first, a longer one is folded; the address says what is otherwise', () => {
  expect([2, 4.9, 5, 60].map((seconds) => firstChoice(seconds).form)).toEqual(['linear', 'linear', 'folded', 'folded']);
  for (const first of [firstChoice(2), firstChoice(60)]) {
    expect(parseHeatmapChoice(null, first)).toEqual(first);
    expect(formatHeatmapChoice(first, first)).toBeNull();
    for (const form of ['linear', 'folded'] as const)
      for (const rows of ['all', 'thread'] as const) {
        const choice = { ...first, form, rows };
        expect(parseHeatmapChoice(formatHeatmapChoice(choice, first), first)).toEqual(choice);
        expect(unknownHeatmapWords(formatHeatmapChoice(choice, first))).toEqual([]);
      }
  }
});
