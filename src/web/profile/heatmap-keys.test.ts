import { expect, test } from 'vitest';
import { normalRanges, NO_RANGES, rectangleRanges } from '#profile/selection-ranges';
import { pressKey, steppedSelection, type HeatmapHandle } from './heatmap-keys.ts';

const WHOLE = { from: 0, to: 60 };

/** A heatmap whose keys are pressed one after the other. */
function pressed(form: 'folded' | 'linear', keys: readonly string[], startS = 10) {
  const state = {
    timeS: startS,
    anchorS: null as number | null,
    selection: NO_RANGES,
    range: WHOLE as { from: number; to: number } | null,
    plays: 0,
  };
  const layout: HeatmapHandle['layout'] = {
    form,
    range: WHOLE,
    left: 0,
    width: 600,
    height: 100,
    rows: 10,
    cellS: 0.1,
    columnS: form === 'folded' ? 1 : 0.1,
  };
  for (const words of keys) {
    const key = words.split('+').at(-1) || '+';
    pressKey(
      {
        layout,
        whole: WHOLE,
        crosshairS: state.timeS,
        selection: state.selection,
        anchorS: state.anchorS,
        moveTo: (timeS, anchorS) => Object.assign(state, { timeS, anchorS }),
        select: (selection) => (state.selection = selection),
        zoomTo: (range) => (state.range = range),
        play: () => state.plays++,
      },
      {
        key,
        shiftKey: words.startsWith('Shift+'),
        ctrlKey: words.startsWith('Ctrl+'),
        altKey: false,
        metaKey: false,
      },
    );
  }
  return { ...state, selection: [...state.selection].map((time) => Number(time.toFixed(6))) };
}

test('arrows move the cursor by a second or a cell, and stop at the ends', () => {
  expect(pressed('folded', ['ArrowRight', 'ArrowUp']).timeS).toBeCloseTo(11.1);
  expect(pressed('linear', ['ArrowRight', 'ArrowUp']).timeS).toBeCloseTo(10.1);
  expect(pressed('folded', ['ArrowLeft'], 0.5).timeS).toBe(0);
});

test('Shift extends from where it began, Enter chooses a cell, and with Ctrl one more', () => {
  expect(pressed('folded', ['Shift+ArrowRight', 'Shift+ArrowRight']).selection).toEqual([10, 12.1]);
  expect(pressed('folded', ['Shift+ArrowRight', 'Shift+ArrowLeft', 'Shift+ArrowLeft']).selection).toEqual([9, 10.1]);
  expect(pressed('linear', ['Enter', 'ArrowRight', 'ArrowRight', 'Ctrl+Enter']).selection).toEqual([
    10, 10.1, 10.2, 10.3,
  ]);
  expect(pressed('linear', ['Enter', 'Escape']).selection).toEqual([]);
});

test('a step goes on by as long as the selection is; a rectangle keeps its rows', () => {
  expect(pressed('linear', ['Enter', '.', '.', ',']).selection).toEqual([10.1, 10.2]);
  const rectangle = rectangleRanges({ fromColumn: 5, toColumn: 7, fromRow: 2, toRow: 3 }, 0, 1, 10);
  const stepped = steppedSelection(rectangle, 0, 1, WHOLE);
  expect([...stepped].map((time) => Number(time.toFixed(6)))).toEqual([8.2, 8.4, 9.2, 9.4, 10.2, 10.4]);
  const last = normalRanges([50, 60]);
  expect(steppedSelection(last, 0, 1, WHOLE)).toBe(last);
  expect([...steppedSelection(NO_RANGES, 3.4, 1, WHOLE)]).toEqual([3, 4]);
});

test('plus and minus zoom at the cursor, 0 shows all, p plays', () => {
  expect(pressed('linear', ['+']).range).toEqual({ from: 5, to: 35 });
  expect(pressed('linear', ['+', '0']).range).toBeNull();
  expect(pressed('linear', ['p']).plays).toBe(1);
});
