// Playing: the crosshair and the selection go on in time, at real time or faster.

import { useEffect, useRef, useState } from 'preact/hooks';

/** From step to step: each is a new flame graph. */
const STEP_MS = 200;
/** For who asked for less motion. */
const CALM_STEP_MS = 1000;

export interface Playing {
  readonly isPlaying: boolean;
  readonly toggle: () => void;
  readonly speed: number;
  readonly setSpeed: (speed: number) => void;
}

/** @param step goes on by so many seconds; false at the end */
export function usePlaying(step: (seconds: number) => boolean): Playing {
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const latest = useRef(step);
  latest.current = step;
  useEffect(() => {
    if (!isPlaying) return;
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    let last = performance.now();
    const timer = setInterval(
      () => {
        const now = performance.now();
        // What a page in the background slept through is not made up for.
        const passed = Math.min(2 * CALM_STEP_MS, now - last);
        last = now;
        if (!latest.current((passed * speed) / 1000)) setPlaying(false);
      },
      isCalm ? CALM_STEP_MS : STEP_MS,
    );
    return () => clearInterval(timer);
  }, [isPlaying, speed]);
  return { isPlaying, toggle: () => setPlaying((now) => !now), speed, setSpeed };
}
