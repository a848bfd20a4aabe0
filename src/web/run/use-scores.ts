// The scores that the quality chart shows, read as they are needed.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { QualityColumns } from '#server/quality-wire';
import type { TimeRange } from '../chart/chart-group.ts';
import { api } from '../shell/api.ts';
import { resource } from '../shell/resource.ts';

/** Scores of one metric; the part that is zoomed into is read anew where the whole was thinned out. */
export function useScores(id: string, metric: string, zoom: TimeRange | null) {
  const whole = useMemo(() => resource(() => api.scores(id, metric, null)), [id, metric]);
  const [detail, setDetail] = useState<{ key: string; scores: QualityColumns } | null>(null);
  const [before, setBefore] = useState<QualityColumns | null>(null);
  const loaded = whole.value.value;
  const all = loaded.state === 'ready' ? loaded.data : null;
  const isThin = all !== null && all.total > all.timeS.length;
  const key = zoom === null ? '' : `${id} ${metric} ${zoom.from} ${zoom.to}`;
  useEffect(() => {
    if (all !== null) setBefore(all);
  }, [all]);
  useEffect(() => {
    if (zoom === null || !isThin) return;
    let isWanted = true;
    void api.scores(id, metric, zoom).then(
      (scores) => isWanted && setDetail({ key, scores }),
      // The thinned-out whole stays: coarse, and right.
      () => isWanted && setDetail(null),
    );
    return () => {
      isWanted = false;
    };
  }, [key, isThin]);
  return {
    // While another metric is read the one before stays, so that the page does not jump.
    scores: detail !== null && detail.key === key && zoom !== null ? detail.scores : (all ?? before),
    failure: loaded.state === 'failed' ? loaded.error : null,
    retry: () => void whole.reload(),
  };
}
