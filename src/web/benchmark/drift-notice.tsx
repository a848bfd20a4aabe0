// Said where the machine itself changed while it measured.

import type { Drift } from '#analysis/drift';
import type { Loaded } from '../shell/resource.ts';

/** The machine itself changed while it measured: every result is to be read with care. */
export function DriftNotice({ loaded }: { loaded: Loaded<Drift | null> }) {
  const drift = loaded.state === 'ready' ? loaded.data : null;
  if (drift === null) return null;
  const share = `${drift.share > 0 ? '+' : '−'}${Math.abs(drift.share * 100).toFixed(0)} %`;
  return (
    <p class="drift" role="status">
      <b aria-hidden="true">▲</b> The machine changed while it measured: one cell, run again and again,{' '}
      {drift.kind === 'trend'
        ? `went ${share} from the first visit to the last (encode.fps).`
        : `was ${share} off its median in ${drift.visits.length === 1 ? 'one visit' : `${drift.visits.length} visits`} (encode.fps).`}
    </p>
  );
}
