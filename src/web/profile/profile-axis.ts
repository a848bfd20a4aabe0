// The one axis of a profile's page: seconds of the run, with the zoom in the address as the charts of a run have it.

import { useMemo } from 'preact/hooks';
import type { Profile } from '#core/profile';
import type { RunPage } from '#server/wire';
import { shownSeconds } from '#profile/selection-check';
import { ChartGroup, type TimeRange } from '../chart/chart-group.ts';
import { query, setQuery } from '../shell/route.ts';
import { NAMES_PX } from './heatmap-scene.ts';

export interface ProfileAxis {
  readonly group: ChartGroup;
  readonly whole: TimeRange;
  readonly range: TimeRange;
  readonly zoom: TimeRange | null;
  /** Why the zoom that the address names can't be shown; null where it can, or it names none. */
  readonly problem: string | null;
  readonly onZoom: (range: TimeRange | null) => void;
  /** Where phases begin and end. */
  readonly boundaries: readonly number[];
}

/** @param originNs where second 0 lies on the profile's clock */
export function useProfileAxis(profile: Profile, originNs: number, phases: RunPage['phases']): ProfileAxis {
  const group = useMemo(() => new ChartGroup('profile', NAMES_PX), [profile]);
  const whole = useMemo(() => wholeRange(profile, originNs, phases), [profile, originNs, phases]);
  const boundaries = useMemo(() => [...new Set(phases.flatMap(({ startS, endS }) => [startS, endS]))], [phases]);
  const zoom = zoomIn(whole);
  const onZoom = (next: TimeRange | null) =>
    setQuery({ from: next?.from.toFixed(6) ?? null, to: next?.to.toFixed(6) ?? null }, 'push');
  return { group, whole, range: zoom ?? whole, zoom, problem: problemOf(zoom, whole), onZoom, boundaries };
}

/** From the first of profile and phases to the last: either may begin before the other. */
function wholeRange({ header }: Profile, originNs: number, phases: RunPage['phases']): TimeRange {
  const times = [header.startNs, header.endNs].map((ns) => (ns - originNs) / 1e9);
  const ends = [...times, ...phases.flatMap(({ startS, endS }) => [startS, endS])];
  const from = Math.min(...ends);
  const to = Math.max(...ends);
  return { from, to: to > from ? to : from + 1 };
}

function zoomIn(whole: TimeRange): TimeRange | null {
  const [from, to] = zoomTexts();
  const zoom = { from: numberOf(from), to: numberOf(to) };
  const isGood = zoom.to > zoom.from && zoom.from < whole.to && zoom.to > whole.from;
  return isGood ? zoom : null;
}

function zoomTexts(): [from: string | null, to: string | null] {
  return [query.value.get('from'), query.value.get('to')];
}

function numberOf(text: string | null): number {
  return text === null || text.trim() === '' ? NaN : Number(text);
}

/** Why the address's zoom can't be shown; null where it can, or there is none. */
function problemOf(zoom: TimeRange | null, whole: TimeRange): string | null {
  const [from, to] = zoomTexts();
  if (zoom !== null || (from === null && to === null)) return null;
  const asked = `from=${from ?? ''}&to=${to ?? ''}`;
  return `all of the time is shown: “${asked.slice(0, MAX_TOLD_CHARACTERS)}” is no part of ${shownSeconds(whole.from)} to ${shownSeconds(whole.to)} s`;
}

/** The address may hold anything. */
const MAX_TOLD_CHARACTERS = 60;
