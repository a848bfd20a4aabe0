// The heatmap alone on a page, for bench/heatmap.ts: it pans and zooms it and takes the time of every frame's script.

import { h, options, render } from 'preact';
import { Occupancy } from '#profile/occupancy';
import { ChartGroup, type TimeRange } from '../../src/web/chart/chart-group.ts';
import { FIRST_CHOICE, parseHeatmapChoice, type HeatmapChoice } from '../../src/web/profile/heatmap-choice.ts';
import { Heatmap } from '../../src/web/profile/heatmap-view.tsx';
import { makeProfile } from './made-profile.ts';

const box = document.getElementById('app')!;
const group = new ChartGroup('bench');
let occupancy: Occupancy;
let whole: TimeRange = { from: 0, to: 1 };
let range = whole;
let selection: Float64Array | null = null;
let choice: HeatmapChoice = FIRST_CHOICE;

/** Effects wait for the screen's next frame: here they are part of the frame that is measured. */
const effects: (() => void)[] = [];

function draw(): void {
  const phases = [
    { phase: 'open', startS: 0, endS: whole.to * 0.02 },
    { phase: 'encode', startS: whole.to * 0.02, endS: whole.to * 0.95 },
    { phase: 'mux', startS: whole.to * 0.95, endS: whole.to },
  ];
  render(
    h(Heatmap, {
      occupancy,
      zeroNs: 0,
      phases,
      group,
      whole,
      range,
      onZoom: (next) => {
        range = next ?? whole;
        draw();
      },
      selection,
      onSelect: (next) => {
        selection = next;
        draw();
      },
      choice,
      onChoice: (next) => {
        choice = next;
        draw();
      },
    }),
    box,
  );
}

const bench = {
  /** Milliseconds: of the sums that every drawing is made of. */
  load(seconds: number, withSpans = true, scope: 'system' | 'processes' = 'system'): number {
    const profile = makeProfile(seconds, withSpans, scope);
    const before = performance.now();
    occupancy = new Occupancy(profile);
    occupancy.all();
    const took = performance.now() - before;
    whole = { from: 0, to: seconds };
    range = whole;
    draw();
    return took;
  },
  /** Milliseconds of the first drawing. */
  show(text: string, view: TimeRange | null = null): number {
    const before = performance.now();
    choice = parseHeatmapChoice(text);
    range = view ?? whole;
    draw();
    return performance.now() - before;
  },
  /** A frame of a pan or a zoom, with all that the screen's next one would bring; milliseconds. */
  move(view: TimeRange): number {
    options.requestAnimationFrame = (flush) => effects.push(flush);
    const before = performance.now();
    range = view;
    group.time.value = (view.from + view.to) / 2;
    draw();
    for (const flush of effects.splice(0)) flush();
    delete options.requestAnimationFrame;
    return performance.now() - before;
  },
  selected: () => (selection === null ? null : [...selection]),
  range: () => range,
};
declare global {
  var heatmapBench: typeof bench;
}
globalThis.heatmapBench = bench;
