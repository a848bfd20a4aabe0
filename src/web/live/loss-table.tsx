// Frames that ended on their way: where, and why.

import { useEffect, useState } from 'preact/hooks';
import type { Live } from './live.ts';

const LOOK_MS = 1_000;

const WHY: Readonly<Record<string, string>> = {
  late: 'its time had passed',
  full: 'a queue had no room',
  lost: 'the network lost it',
  waiting: 'it can’t be decoded before the next keyframe',
  dropped: 'nobody told why',
  failed: 'the step failed',
};

export function LossTable({ live }: { live: Live }) {
  const [lost, setLost] = useState<readonly (readonly [string, number])[]>([]);
  useEffect(() => {
    const look = () => setLost([...live.store.frames.lost].toSorted((a, b) => b[1] - a[1]));
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [live]);
  return (
    <section class="panel losses" aria-label="Frames that ended on their way">
      <header class="panel-head">
        <h2>Frames that ended on their way</h2>
        <span class="muted">{live.view.isReplay ? 'in this recording' : 'since this page was opened or cleared'}</span>
      </header>
      {lost.length === 0 ? (
        <p class="muted pad">None: every frame that was captured was presented.</p>
      ) : (
        <table class="data plain">
          <thead>
            <tr>
              <th scope="col">where</th>
              <th scope="col">why</th>
              <th scope="col" class="number">
                frames
              </th>
            </tr>
          </thead>
          <tbody>
            {lost.map(([where, count]) => {
              const [place, reason = ''] = where.split(': ');
              return (
                <tr key={where}>
                  <td>{place}</td>
                  <td>
                    <code>{reason}</code> <span class="muted">{WHY[reason] ?? ''}</span>
                  </td>
                  <td class="number">{count}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
