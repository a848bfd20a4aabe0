// The one axis of a profile's page: seconds of the run, with the zoom in the address as the charts of a run have it.

import { useMemo } from 'preact/hooks';
import type { Profile } from '#core/profile';
import type { RunPage } from '#server/wire';
import { ChartGroup, type TimeRange } from '../chart/chart-group.ts';
import { query, setQuery } from '../shell/route.ts';
import { NAMES_PX } from './heatmap-scene.ts';

export interface ProfileAxis {
  readonly group: ChartGroup;
  readonly whole: TimeRange;
  readonly range: TimeRange;
  readonly zoom: TimeRange | null;
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
  return { group, whole, range: zoom ?? whole, zoom, onZoom, boundaries };
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
  const from = query.value.get('from');
  const to = query.value.get('to');
  const zoom = { from: Number(from), to: Number(to) };
  const isGood = from !== null && to !== null && zoom.to > zoom.from && zoom.from < whole.to && zoom.to > whole.from;
  return isGood ? zoom : null;
}
