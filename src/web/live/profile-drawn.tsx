// A growing profile as it is drawn: the heatmap of the time in view, and the flame graph of what is chosen of it, or of the last seconds.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { UserError } from '#core/user-error';
import type { Profile, ProfileSelection } from '#core/profile';
import { Occupancy } from '#profile/occupancy';
import type { ProfileSlices } from '#profile/profile-slices';
import { resolveSelection } from '#profile/selection';
import { parseSelection, printSelection, SELECTION_OF_ALL, type SelectionText } from '#profile/selection-text';
import { mapRanges } from '#profile/selection-ranges';
import { formatFlameChoice, parseFlameChoice } from '../profile/flame-choice.ts';
import { FlamePanel } from '../profile/flame-panel.tsx';
import { formatHeatmapChoice, parseHeatmapChoice } from '../profile/heatmap-choice.ts';
import { Heatmap } from '../profile/heatmap-view.tsx';
import { ProfileNarrow } from '../profile/profile-narrow.tsx';
import { useShortcuts } from '../shell/keyboard.ts';
import { query, setQuery } from '../shell/route.ts';
import type { Live } from './live.ts';

/** Of the flame graph where no time is chosen. */
const RECENT_S = 10;
/** Of the page's time that drawing may take. */
const DRAWING_SHARE = 0.1;
/** Until it is known how long drawing took. */
const LONGEST_DRAWING_MS = 2_000;
/** Rows of CPUs, in one line of time: what grows at its right end. */
const USUAL_HEATMAP = 'linear,cpu';

interface DrawnProps {
  readonly live: Live;
  readonly slices: ProfileSlices;
  /** Another one with each slice. */
  readonly version: number;
  /** Where second 0 of the page lies on the profile's clock, nanoseconds. */
  readonly zeroNs: number;
}

export function DrawnProfile({ live, slices, version, zeroNs }: DrawnProps) {
  const { view, group } = live;
  const isPaused = view.pausedAt.value !== null;
  const windowS = view.windowS.value;
  const paced = usePaced(version);
  const grown = useMemo(() => {
    const profile = slices.lastSeconds(windowS);
    return profile === null ? null : { profile, occupancy: new Occupancy(profile) };
  }, [slices, paced, windowS]);
  // Time that stands still keeps what was drawn when it was stopped.
  const drawn = useHeld(grown, isPaused);
  const heat = query.value.get('heat') ?? USUAL_HEATMAP;
  const heatmapChoice = useMemo(() => parseHeatmapChoice(heat), [heat]);
  const flame = query.value.get('flame');
  const flameChoice = useMemo(() => parseFlameChoice(flame), [flame]);
  const sel = query.value.get('sel') ?? '';
  const text = useMemo(() => parsedText(sel), [sel]);
  const choose = (next: SelectionText) => setQuery({ sel: printSelection(next) || null });
  useShortcuts('Live profile', [
    { keys: ['a'], does: 'choose the last seconds again', run: () => choose(SELECTION_OF_ALL) },
  ]);
  const part = useMemo(() => drawn && partOf(drawn.profile, text, zeroNs), [drawn, text, zeroNs]);
  // A function that was zoomed to, or a time that was chosen, is looked at in peace.
  const isStill = flameChoice.node > 0 || text.rangesS !== null;
  const shown = useHeld(part, isStill, `${sel} ${part === null}`);
  if (drawn === null || shown === null) return null;
  const to = (drawn.profile.header.endNs - zeroNs) / 1e9;
  const whole = { from: to - windowS, to };
  const isChosen = text.rangesS !== null;
  return (
    <>
      <section class="panel profile-heatmap" aria-label="Heatmap">
        <Heatmap
          occupancy={drawn.occupancy}
          zeroNs={zeroNs}
          phases={NO_PHASES}
          group={group}
          whole={whole}
          range={view.zoom.value ?? whole}
          onZoom={(range) => live.look(range)}
          selection={text.rangesS}
          onSelect={(rangesS) => choose({ ...text, rangesS })}
          choice={heatmapChoice}
          onChoice={(choice) => setQuery({ heat: formatHeatmapChoice(choice) ?? 'folded' })}
        />
      </section>
      <section class="panel live-profile-chosen" aria-label="What is chosen">
        <p role="status">
          <b>{isChosen ? 'the time that was chosen' : `the last ${RECENT_S} s`}</b>
          {isStill && <span class="muted"> · it stands still while it is looked at</span>}
          {shown.problem !== null && <span class="bad"> · {shown.problem}</span>}
        </p>
        <ProfileNarrow profile={drawn.profile} phases={NO_NAMES} text={text} onChoose={choose} />
        <button type="button" disabled={sel === ''} onClick={() => choose(SELECTION_OF_ALL)}>
          the last {RECENT_S} s of all
        </button>
      </section>
      <FlamePanel
        part={shown.part}
        baseline={null}
        choice={flameChoice}
        onChoice={(choice) => setQuery({ flame: formatFlameChoice(choice) })}
      />
    </>
  );
}

const NO_PHASES: readonly { readonly phase: string; readonly startS: number; readonly endS: number }[] = [];
const NO_NAMES: readonly string[] = [];

interface Part {
  readonly part: { readonly profile: Profile; readonly selection: ProfileSelection };
  readonly problem: string | null;
}

function partOf(profile: Profile, text: SelectionText, zeroNs: number): Part {
  const { endNs } = profile.header;
  const recent = Float64Array.of(endNs - RECENT_S * 1e9, endNs);
  try {
    const context = { profile, zeroNs, phases: [], frames: null };
    const { selection } = resolveSelection(text, context);
    return { part: { profile, selection: { ...selection, rangesNs: selection.rangesNs ?? recent } }, problem: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // A process that was chosen is gone from what is in view.
    const rangesNs = text.rangesS === null ? recent : mapRanges(text.rangesS, 1e9, zeroNs);
    return { part: { profile, selection: { rangesNs, cpus: null, threads: null } }, problem: error.message };
  }
}

/** What is not understood is as at first. */
function parsedText(sel: string): SelectionText {
  try {
    return parseSelection(sel);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return SELECTION_OF_ALL;
  }
}

/**
 * The number of what is drawn, which is nearly always the newest: where drawing takes long (a long window of many CPUs) it is done less
 * often, so that the page stays quick.
 */
function usePaced(newest: number): number {
  const [drawn, setDrawn] = useState(newest);
  const begunAt = useRef(performance.now());
  const nextAt = useRef(0);
  useEffect(() => {
    if (newest === drawn) return;
    const draw = () => {
      begunAt.current = performance.now();
      nextAt.current = begunAt.current + LONGEST_DRAWING_MS;
      setDrawn(newest);
    };
    const timer = setTimeout(draw, Math.max(0, nextAt.current - performance.now()));
    return () => clearTimeout(timer);
  }, [newest, drawn]);
  useEffect(() => {
    // All of it is on the screen when the frame after the next begins.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame((now) => (nextAt.current = now + (now - begunAt.current) / DRAWING_SHARE));
    });
    return () => cancelAnimationFrame(frame);
  }, [drawn]);
  return drawn;
}

/** The value of now, or while it is held that of its beginning. @param of another one is never held back */
function useHeld<T>(value: T, isHeld: boolean, of = ''): T {
  const kept = useRef({ value, of });
  if (!isHeld || kept.current.of !== of || kept.current.value === null) kept.current = { value, of };
  return kept.current.value;
}
