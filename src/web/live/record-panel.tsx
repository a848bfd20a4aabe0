// Records the session: for a time or until it is ended, with the scores that are wanted, and leads to the run.

import { useEffect, useState } from 'preact/hooks';
import { formatDuration } from '#core/format-quantity';
import type { LiveRecording, LiveState } from '#core/live';
import { USUAL_QUALITY, type QualityMetric } from '#core/quality';
import { outcomeWord } from '../benchmark/outcome-words.ts';
import { RequestFailed } from '../shell/api.ts';
import { replayPath, runPath } from '../shell/route.ts';
import type { Live } from './live.ts';
import { liveApi } from './live-api.ts';
import { sessionWay } from './session-way.ts';
import { useAsking } from './use-asking.ts';

const USUAL_SECONDS = 40;
const TICK_MS = 250;
const LOOK_MS = 1_000;

interface Ended {
  readonly run: string;
  readonly name: string;
  /** What became of it; null until that is known. */
  readonly words: string | null;
}

export function RecordPanel({ live, state }: { live: Live; state: LiveState }) {
  const [name, setName] = useState('');
  const [seconds, setSeconds] = useState(String(USUAL_SECONDS));
  const [metrics, setMetrics] = useState<readonly QualityMetric[]>(['ssim', 'xpsnr']);
  const { isBusy, problem, ask } = useAsking();
  const ended = useEnded(state.recording);
  const toggle = (metric: QualityMetric) =>
    setMetrics(metrics.includes(metric) ? metrics.filter((one) => one !== metric) : [...metrics, metric]);
  const forS = seconds.trim() === '' ? null : Number(seconds);
  const isUsable = forS === null || (Number.isFinite(forS) && forS > 0);
  // Nobody keeps what a stock SPICE client gets: it can't be compared.
  const isScored = sessionWay(state) === 'loopback';
  const record = () => ask(() => liveApi.record(name.trim() || usualName(), forS, isScored ? metrics : []));
  return (
    <section class="panel record" aria-label="Recording">
      <header class="panel-head">
        <h2>Recording</h2>
        {state.recording === null && <span class="muted">none is under way</span>}
      </header>
      {state.recording === null ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isUsable) record();
          }}
        >
          <label>
            Name{' '}
            <input
              type="text"
              class="value"
              id="live-record-name"
              placeholder={usualName()}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <label>
            Seconds{' '}
            <input
              type="text"
              inputMode="decimal"
              class="value short"
              placeholder="until ended"
              value={seconds}
              onInput={(event) => setSeconds(event.currentTarget.value)}
            />
          </label>
          {isScored ? (
            <fieldset class="segments" title="scores of each frame that the client saw, computed afterwards">
              <legend>Quality</legend>
              {USUAL_QUALITY.map((metric) => (
                <button
                  key={metric}
                  type="button"
                  aria-pressed={metrics.includes(metric)}
                  onClick={() => toggle(metric)}
                >
                  {metrics.includes(metric) ? '✓ ' : ''}
                  {metric.toUpperCase()}
                </button>
              ))}
            </fieldset>
          ) : (
            <span class="muted">no quality: what a stock client gets is not kept</span>
          )}
          <button
            type="submit"
            class="primary"
            disabled={isBusy || !isUsable || state.session?.running !== true}
            title={state.session?.running === true ? undefined : 'no session runs'}
          >
            ● Record
          </button>
        </form>
      ) : (
        <Progress
          live={live}
          recording={state.recording}
          onEnd={() => ask(() => liveApi.endRecording(state.recording!.run))}
        />
      )}
      {problem !== null && (
        <p class="part-note bad" role="alert">
          ✕ {problem}
        </p>
      )}
      {ended !== null && state.recording?.run !== ended.run && (
        <p class="part-note" role="status">
          {ended.name}: {ended.words ?? 'is being finished …'} · <a href={replayPath(ended.run)}>replay</a> ·{' '}
          <a href={runPath(ended.run)}>the run</a>
        </p>
      )}
    </section>
  );
}

function Progress({ live, recording, onEnd }: { live: Live; recording: LiveRecording; onEnd: () => void }) {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const { forS, stage, startedS, name } = recording;
  const passed = Math.max(0, live.view.nowAt(performance.now() / 1e3) - startedS);
  const share = forS === null ? null : Math.min(1, passed / forS);
  return (
    <div class="recording" role="status">
      <span>
        <b class="bad" aria-hidden="true">
          ●
        </b>{' '}
        {name}: {STAGES[stage]}
      </span>
      {stage === 'recording' && (
        <>
          {share !== null && (
            <span class="small-track">
              <i style={{ width: `${100 * share}%` }} />
            </span>
          )}
          <span class="muted">
            {formatDuration(passed)}
            {forS === null ? '' : ` of ${formatDuration(forS)}`}
          </span>
          <button type="button" onClick={onEnd}>
            End now
          </button>
        </>
      )}
    </div>
  );
}

const STAGES: Readonly<Record<LiveRecording['stage'], string>> = {
  starting: 'starting …',
  recording: 'recording',
  scoring: 'scoring its pictures …',
};

/** The recording that was under way and no longer is. */
function useEnded(recording: LiveRecording | null): Ended | null {
  const [ended, setEnded] = useState<Ended | null>(null);
  useEffect(() => {
    if (recording !== null) setEnded({ run: recording.run, name: recording.name, words: null });
  }, [recording?.run]);
  const run = ended?.run;
  const isWaiting = ended !== null && ended.words === null && recording?.run !== run;
  useEffect(() => {
    if (!isWaiting) return;
    const look = async () => {
      const words = await liveApi.recorded(run!).then((record) => record && outcomeWord(record.outcome), failedWords);
      if (words !== null) setEnded((now) => (now?.run === run ? { ...now!, words } : now));
    };
    void look();
    const timer = setInterval(() => void look(), LOOK_MS);
    return () => clearInterval(timer);
  }, [isWaiting, run]);
  return ended;
}

/** A server that is away is told at the top of the page, and asked again; one that answers has said what went wrong. */
function failedWords(error: unknown): string | null {
  return error instanceof RequestFailed && error.status !== 0 ? `✕ ${error.message}` : null;
}

function usualName(): string {
  return `live ${new Date().toISOString().slice(0, 16).replace('T', ' ')}`;
}
