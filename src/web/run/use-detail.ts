// The part that is zoomed into, read anew where the whole was thinned out.

import { useEffect, useState } from 'preact/hooks';
import type { TimeRange } from '../chart/chart-group.ts';

/**
 * @param whole what is shown without a zoom, and until the closer look is there
 * @param of what is looked at: another one is another closer look
 * @param isThin where it is false, the whole has all there is
 */
export function useDetail<T>(
  whole: T,
  of: string,
  isThin: boolean,
  zoom: TimeRange | null,
  read: (zoom: TimeRange) => Promise<T>,
): T {
  const [detail, setDetail] = useState<{ readonly key: string; readonly data: T } | null>(null);
  const key = zoom === null ? '' : `${of} ${zoom.from} ${zoom.to}`;
  useEffect(() => {
    if (zoom === null || !isThin) return;
    let isWanted = true;
    void read(zoom).then(
      (data) => isWanted && setDetail({ key, data }),
      // The thinned-out whole stays: coarse, and right.
      () => isWanted && setDetail(null),
    );
    return () => {
      isWanted = false;
    };
  }, [key, isThin]);
  return detail !== null && zoom !== null && detail.key === key ? detail.data : whole;
}
