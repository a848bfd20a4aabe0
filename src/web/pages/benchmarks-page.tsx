// The start: what was benchmarked in this lab, and how far each bench has come.

import { useEffect, useMemo, useState } from 'preact/hooks';
import { formatDuration, formatQuantity } from '#core/format-quantity';
import type { RunRecord } from '#core/run';
import type { BenchmarkSummary } from '#server/wire';
import type { Progress } from '#core/catalogue';
import { formatTime } from '../benchmark/results-table.tsx';
import { outcomeWord } from '../benchmark/outcome-words.ts';
import { openUpload } from '../profile/drop-upload.ts';
import { DropZone } from '../profile/drop-zone.tsx';
import { api } from '../shell/api.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { watchLive } from '../shell/live.ts';
import { Empty, Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { benchmarkPath, navigate, runPath } from '../shell/route.ts';

const LATEST_RUNS = 12;

export function BenchmarksPage() {
  const [progress, setProgress] = useState<readonly Progress[] | null>(null);
  const list = useMemo(
    () => resource(async () => ({ benchmarks: await api.benchmarks(), runs: await api.latestRuns(LATEST_RUNS) })),
    [],
  );
  useEffect(() => {
    document.title = 'encodelab';
    return watchLive(
      { list: true },
      (message) => {
        if (message.type === 'progress') setProgress(message.progress);
        if (message.type === 'stale') void list.reload();
      },
      () => void list.reload(),
    );
  }, []);
  return (
    <Show of={list}>
      {({ benchmarks, runs }) =>
        benchmarks.length === 0 ? (
          <NothingYet />
        ) : (
          <article class="start">
            <header class="page-head">
              <h1>Benchmarks</h1>
              <span class="page-actions">
                <a class="button" href="/explore">
                  Explore all runs
                </a>
                <OpenProfile />
              </span>
            </header>
            <BenchmarkList benchmarks={benchmarks} progress={progress} />
            <LatestRuns runs={runs} />
          </article>
        )
      }
    </Show>
  );
}

/** A profile of another tool needs no benchmark. */
function OpenProfile() {
  return (
    <DropZone onFile={openUpload} words="Drop it: the profile becomes a run of this lab">
      Open a profile
    </DropZone>
  );
}

function NothingYet() {
  return (
    <Empty title="Nothing has been benchmarked in this lab">
      <p>A benchmark is a YAML file: a source, settings, and a matrix of what is to be compared.</p>
      <pre>{`name: bunny
source: clip.mp4
settings: {resolution: 1280x720, frames: [0, 191]}
matrix:
  codec:
    x264: {encoder: libx264, preset: [veryfast, medium]}
    av1: {encoder: libsvtav1, preset: [10, 8]}
  bitrate: [1M, 4M]
repeat: 3`}</pre>
      <p>
        Put it into <code>benchmarks/</code> of the lab and start it from <a href="/scripts">Scripts</a>, or run{' '}
        <code>encodelab bench run bunny.yaml</code>. This page shows it while it runs. For a first look:{' '}
        <code>encodelab demo</code>.
      </p>
      <OpenProfile />
    </Empty>
  );
}

function BenchmarkList({
  benchmarks,
  progress,
}: {
  benchmarks: readonly BenchmarkSummary[];
  progress: readonly Progress[] | null;
}) {
  const [active, setActive] = useState(-1);
  const step = (by: number) => setActive((at) => Math.max(0, Math.min(benchmarks.length - 1, at + by)));
  useShortcuts('Benchmarks', [
    { keys: ['j', 'ArrowDown'], does: 'next benchmark', run: () => step(1) },
    { keys: ['k', 'ArrowUp'], does: 'benchmark before', run: () => step(-1) },
    {
      keys: ['Enter'],
      does: 'open it',
      run: () => benchmarks[active] !== undefined && navigate(benchmarkPath(benchmarks[active].name)),
    },
  ]);
  return (
    <ul class="benchmark-list">
      {benchmarks.map((benchmark, position) => {
        const live =
          progress === null ? benchmark.progress : (progress.find((one) => one.benchmark === benchmark.name) ?? null);
        return (
          <BenchmarkCard key={benchmark.name} benchmark={benchmark} progress={live} active={position === active} />
        );
      })}
    </ul>
  );
}

interface CardProps {
  readonly benchmark: BenchmarkSummary;
  readonly progress: Progress | null;
  readonly active: boolean;
}

function BenchmarkCard({ benchmark, progress, active }: CardProps) {
  const live = progress !== null;
  const { runsDone, runsTotal, failed } = live ? progress : benchmark;
  const complete = runsDone >= runsTotal;
  const missed = benchmark.thresholdsMissed;
  const state = live ? 'running' : !complete ? 'stopped' : failed > 0 ? 'failed' : missed > 0 ? 'missed' : 'complete';
  return (
    <li data-state={state} data-active={active ? '' : undefined}>
      <a href={benchmarkPath(benchmark.name)}>
        <span class="name">
          <b aria-hidden="true">{LIST_SIGNS[state]}</b>
          {benchmark.name}
        </span>
        <span class="shape muted">
          {benchmark.properties.map(({ name, values }) => (
            <span key={name} title={values.join(', ')}>
              {name} <b>{values.length}</b>
            </span>
          ))}
        </span>
        <span class="small-track" aria-hidden="true">
          <i style={{ width: `${runsTotal === 0 ? 0 : (100 * runsDone) / runsTotal}%` }} />
        </span>
        <span class="count">
          {runsDone} <span class="muted">of {runsTotal} runs</span>
        </span>
        <span class="state">
          {state === 'complete' && <span class="good">complete</span>}
          {(state === 'failed' || state === 'missed') && <span>complete, </span>}
          {failed > 0 && <span class="bad">{failed} failed</span>}
          {failed > 0 && missed > 0 && ', '}
          {missed > 0 && (
            <span class="warn">
              {missed} threshold{missed === 1 ? '' : 's'} missed
            </span>
          )}
          {failed > 0 && (live || state === 'stopped') && ' · '}
          {live && progress.leftS !== null && (
            <span>
              {formatDuration(progress.leftS.middle)}{' '}
              <span class="muted">
                left ({formatDuration(progress.leftS.low)} – {formatDuration(progress.leftS.high)})
              </span>
            </span>
          )}
          {live && progress.leftS === null && <span class="muted">{progress.stage}</span>}
          {state === 'stopped' && <span class="muted">not complete: run it again to go on</span>}
        </span>
        <time class="muted" dateTime={benchmark.startedAt}>
          {formatTime(Date.parse(benchmark.startedAt))}
        </time>
      </a>
    </li>
  );
}

const LIST_SIGNS = { running: '◐', complete: '✓', failed: '✕', missed: '▼', stopped: '◔' } as const;

function LatestRuns({ runs }: { runs: readonly RunRecord[] }) {
  if (runs.length === 0) return null;
  const hasStreams = runs.some(({ kind }) => kind === 'stream');
  return (
    <section class="panel latest">
      <header class="panel-head">
        <h2>Latest runs</h2>
      </header>
      <table class="data plain">
        <thead>
          <tr>
            <th scope="col">outcome</th>
            <th scope="col">benchmark</th>
            <th scope="col">cell</th>
            <th scope="col" class="number">
              took
            </th>
            <th scope="col" class="number" title="of an encode encode.fps, of a stream stream.rate presented">
              frame rate
            </th>
            {hasStreams && (
              <th scope="col" class="number">
                latency p95
              </th>
            )}
            <th scope="col">started</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <a
                  class="outcome"
                  href={runPath(run.id)}
                  data-state={run.outcome === null ? 'running' : run.outcome === 'ok' ? 'done' : 'failed'}
                >
                  <b aria-hidden="true">{run.outcome === null ? '◐' : run.outcome === 'ok' ? '✓' : '✕'}</b>{' '}
                  {outcomeWord(run.outcome)}
                </a>
              </td>
              <td>{run.benchmark ?? <span class="muted">by hand</span>}</td>
              <td class="grow">
                <a href={runPath(run.id)}>{run.cell ?? 'run by hand'}</a>
                {run.repeat < 1 && <span class="tag">{run.repeat === 0 ? 'warm-up' : 'check for drift'}</span>}
              </td>
              <td class="number">{formatQuantity(run.durationS, 's')}</td>
              <td class="number">{formatQuantity(frameRate(run), 'frame/s')}</td>
              {hasStreams && <td class="number">{formatQuantity(run.metrics['latency p95']?.value, 'ms')}</td>}
              <td>{formatTime(Date.parse(run.startedAt))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function frameRate({ metrics }: RunRecord): number | undefined {
  return (metrics['encode.fps'] ?? metrics['stream.rate presented'])?.value;
}
