// How far a bench has come, and when it will be done: a range, as nobody knows better.

import { formatDuration } from '#core/format-quantity';
import type { Progress } from '#core/catalogue';

export interface Done {
  readonly runsDone: number;
  readonly runsTotal: number;
  readonly failed: number;
  /** How the failed ones ended, `2 failed, 1 timed out`, where that is known. */
  readonly failedWords?: string | undefined;
}

/** Always of one height: it changes its words, not the page. */
export function ProgressBar({ progress, done }: { progress: Progress | null; done: Done }) {
  const live = progress !== null;
  const { runsDone, runsTotal, failed } = live ? progress : done;
  const share = (runs: number) => (runsTotal === 0 ? 0 : (100 * runs) / runsTotal);
  const skipped = live ? progress.runsSkipped : 0;
  const now = live && progress.cell !== null ? share(progress.runShare ?? 0) : 0;
  const complete = runsDone >= runsTotal && runsTotal > 0;
  const state = live ? progress.stage : complete ? 'complete' : 'stopped';
  const failedWords = done.failedWords || `${failed} failed`;
  return (
    <section class="progress" data-state={state} aria-label="Progress">
      <div
        class="progress-track"
        role="progressbar"
        aria-valuemin={0}
        aria-valuemax={runsTotal}
        aria-valuenow={runsDone}
        aria-valuetext={`${runsDone} of ${runsTotal} runs`}
      >
        <i class="skipped" style={{ width: `${share(skipped)}%` }} />
        <i class="done" style={{ width: `${share(Math.max(0, runsDone - skipped - failed))}%` }} />
        <i class="failed" style={{ width: `${share(Math.min(failed, runsDone))}%` }} />
        <i class="now" style={{ width: `${now}%` }} />
      </div>
      <p class="progress-words">
        <strong>
          {runsDone} <span class="muted">of</span> {runsTotal} <span class="muted">runs</span>
        </strong>
        {failed > 0 && state !== 'complete' && (
          <span class="bad">
            <b aria-hidden="true">✕</b> {failedWords}
          </span>
        )}
        {skipped > 0 && <span class="muted">{skipped} recorded before</span>}
        <State progress={progress} state={state} failed={failed === 0 ? null : failedWords} />
      </p>
    </section>
  );
}

function State({ progress, state, failed }: { progress: Progress | null; state: string; failed: string | null }) {
  switch (state) {
    case 'checking':
      return <span class="now-doing">checking settings with trial encodes …</span>;
    case 'measuring':
      return (
        <>
          <TimeLeft leftS={progress!.leftS} />
          {progress!.cell !== null && (
            <span class="now-doing">
              <i class="pulse" aria-hidden="true" />
              {progress!.cell}
              {progress!.repeat !== null && <span class="muted"> · {repeatName(progress!.repeat)}</span>}
            </span>
          )}
        </>
      );
    case 'stopping':
      return <span class="now-doing">stopping when this run has ended</span>;
    case 'stopped':
      return <span class="muted">not complete: run it again and it goes on from here</span>;
    default:
      return failed === null ? <span class="good">✓ complete</span> : <span class="bad">✕ complete with {failed}</span>;
  }
}

function repeatName(repeat: number): string {
  if (repeat === 0) return 'warm-up';
  return repeat < 0 ? 'check for drift' : `repeat ${repeat}`;
}

function TimeLeft({ leftS }: { leftS: Progress['leftS'] }) {
  if (leftS === null) return <span class="muted">time left: known after the first run</span>;
  return (
    <span title="8 times in 10 it lies in this range">
      {formatDuration(leftS.middle)} <span class="muted">left</span>
      <span class="muted range">
        {formatDuration(leftS.low)} – {formatDuration(leftS.high)}
      </span>
    </span>
  );
}
