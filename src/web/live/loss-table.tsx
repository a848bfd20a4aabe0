// Frames that ended on their way: where, and why.

import { useEffect, useState } from 'preact/hooks';
import { formatDuration } from '#core/format-quantity';
import type { Live } from './live.ts';
import { sessionWay } from './session-way.ts';

const LOOK_MS = 1_000;

/** By outcome, or by step and outcome where that says more: the words of docs/metrics.md. */
const WHY: Readonly<Record<string, string>> = {
  late: 'its time had passed',
  full: 'a queue had no room',
  lost: 'the network lost it',
  'send lost': 'the connection broke before its bytes had left',
  waiting: 'it can’t be decoded before the next keyframe',
  'encode dropped': 'there was no connection to the relay',
  'send dropped': 'there was no connection: it did not take the frame',
  failed: 'the step failed',
};

export function LossTable({ live }: { live: Live }) {
  const [lost, setLost] = useState<readonly (readonly [string, number])[]>([]);
  useEffect(() => {
    const look = () => {
      const range = live.view.rangeAt(performance.now() / 1e3);
      setLost(range === null ? [] : live.store.frames.lost.counts(range.from, range.to));
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [live]);
  return (
    <section class="panel losses" aria-label="Frames that ended on their way">
      <header class="panel-head">
        <h2>Frames that ended on their way</h2>
        <span class="muted">{rangeWords(live)}</span>
      </header>
      {lost.length === 0 ? (
        <p class="muted pad">
          {sessionWay(live.store.state.value) === 'loopback'
            ? 'None.'
            : 'None that anybody told: a stock SPICE client does not say which frames it drops.'}
        </p>
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
                    <code>{reason}</code>{' '}
                    <span class="muted">{WHY[`${place!.split(' ').at(-1)} ${reason}`] ?? WHY[reason] ?? ''}</span>
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

/** What of the time they are counted in: that of the charts. */
function rangeWords({ view, timeText }: Live): string {
  const zoom = view.zoom.value;
  if (zoom !== null) return `from ${timeText(rounded(zoom.from))} to ${timeText(rounded(zoom.to))}`;
  if (view.isReplay) return 'in this recording';
  const words = `in ${formatDuration(view.windowS.value)}`;
  return view.pausedAt.value === null ? `${words} up to now` : `${words} up to the pause`;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1e3) / 1e3;
}
