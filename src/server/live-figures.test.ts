import { expect, test } from 'vitest';
import { STEPS, type Step } from '#core/recording';
import type { Collector, CollectorListener } from '#live/collector-types';
import { LiveFigures } from './live-figures.ts';

const CLOCK = { offsetUs: 0, errorUs: 0, driftPpm: null };

/** Figures of one frame that was told at 1 s and presented 30 ms later. */
function figuresOf(role: string, step: Step): LiveFigures {
  let listener: CollectorListener | null = null;
  const collector = { epochUs: 0, listen: (one: CollectorListener) => ((listener = one), () => undefined) };
  const figures = new LiveFigures(collector as unknown as Collector).watch();
  const steps = (of: string, name: Step, startUs: number) =>
    listener!.steps(
      of,
      {
        stream: 'video',
        role: of,
        frame: Int32Array.of(0),
        step: Uint8Array.of(STEPS.indexOf(name)),
        startUs: Float64Array.of(startUs),
        durationUs: Int32Array.of(0),
        busyUs: Int32Array.of(-1),
        outcome: Uint8Array.of(0),
      },
      CLOCK,
    );
  listener!.frames(
    role,
    {
      stream: 'video',
      timeBase: [1, 1_000_000],
      frame: Int32Array.of(0),
      sourceFrame: Int32Array.of(0),
      pts: Float64Array.of(1e6),
      type: Uint8Array.of(0),
      key: Uint8Array.of(1),
      bytes: Int32Array.of(1_000),
      quantizer: Float32Array.of(NaN),
    },
    CLOCK,
  );
  steps(role, step, 1e6);
  steps('client', 'present', 1.03e6);
  return figures;
}

test('latency begins where somebody saw the capture, and not at the tap of a stock SPICE desktop', async () => {
  const ours = figuresOf('guest', 'capture');
  const stock = figuresOf('server', 'send');
  expect([...ours.latenciesUs(1.1e6)]).toEqual([30_000]);
  expect([...stock.latenciesUs(1.1e6)]).toEqual([]);
  expect(stock.rates(1.1e6)).toEqual(ours.rates(1.1e6));
  expect(await stock.presentedSince(0.9, 0)).toMatchObject({ stream: 'video', frame: 0 });
});
