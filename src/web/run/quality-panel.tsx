// How good the picture of a run is: the score of each frame, pooled scores, and the worst frames beside their source.

import { useMemo } from 'preact/hooks';
import { QUALITY_UNITS } from '#core/quality';
import type { QualityColumns, QualityPage, WorstFrame } from '#server/quality-wire';
import type { RunPage } from '#server/wire';
import { api } from '../shell/api.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { Failed } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { query, setQuery } from '../shell/route.ts';
import { scheme } from '../shell/theme.ts';
import { ChartPanel } from './chart-panel.tsx';
import { metricOf, scoreName } from './format-score.ts';
import { PictureViewer } from './picture-viewer.tsx';
import { QualityFacts } from './quality-facts.tsx';
import { qualityReasons } from './quality-reasons.ts';
import { qualitySeries } from './quality-series.ts';
import { chooseStream } from './stream-choice.tsx';
import type { TimeAxes, TimeAxisView } from './time-axes.ts';
import { useScores } from './use-scores.ts';
import { WorstFrames } from './worst-frames.tsx';

export interface QualityPanelProps {
  readonly page: RunPage;
  readonly axes: TimeAxes;
  readonly name: string;
  /** The one whose frames are shown; null where there are none. */
  readonly stream: string | null;
}

/** A run without scores says why. */
export function QualityPanel(props: QualityPanelProps) {
  const { header, run } = props.page;
  if ((header?.rows.quality ?? 0) === 0) {
    const isMeasurable = run.kind === 'encode' || run.kind === 'command';
    return isMeasurable ? <NotMeasured reasons={qualityReasons(header?.absent ?? [])} /> : null;
  }
  return <Measured {...props} />;
}

function NotMeasured({ reasons }: { reasons: readonly string[] }) {
  return (
    <section class="panel not-scored" aria-label="Quality">
      <h2>Quality</h2>
      {reasons.length === 0 ? (
        <p class="muted">
          not measured: nothing asked for it when this run was made. In a benchmark file{' '}
          <code>quality: [psnr, ssim, xpsnr]</code> does.
        </p>
      ) : (
        reasons.map((reason) => (
          <p key={reason} class="muted">
            {reason}
          </p>
        ))
      )}
    </section>
  );
}

function Measured(props: QualityPanelProps) {
  const id = props.page.run.id;
  const quality = useMemo(() => resource(() => api.quality(id)), [id]);
  const loaded = quality.value.value;
  if (loaded.state === 'failed') return <Failed error={loaded.error} onRetry={() => void quality.reload()} />;
  if (loaded.state === 'loading') return <Waiting />;
  const { stream } = loaded.data;
  if (props.stream !== null && props.stream !== stream) return <OtherStream scored={stream} page={props.page} />;
  return <Scored {...props} quality={loaded.data} />;
}

function OtherStream({ scored, page: { streams } }: { scored: string; page: RunPage }) {
  return (
    <section class="panel not-scored" aria-label="Quality">
      <h2>Quality</h2>
      <p class="muted">
        measured of stream {streams.indexOf(scored) + 1}: the others are equal encodes.{' '}
        <button type="button" onClick={() => chooseStream(scored, streams)}>
          Show it
        </button>
      </p>
    </section>
  );
}

/** Of the chart's height, so that nothing below moves when it comes. */
function Waiting() {
  return (
    <section class="panel chart-wait" role="status" aria-label="Loading the quality">
      <h2>Quality</h2>
    </section>
  );
}

function Scored({ quality, ...props }: QualityPanelProps & { quality: QualityPage }) {
  const { page } = props;
  const id = page.run.id;
  const asked = query.value.get('quality');
  // The metric that chose the worst frames: their marks are its lowest points.
  const usual = quality.metrics.find((name) => name === quality.worst[0]?.metric) ?? quality.metrics[0]!;
  const metric = quality.metrics.find((name) => name === asked) ?? usual;
  const axis = props.axes[quality.axis];
  const { scores, failure, retry } = useScores(id, metric, axis.zoom);
  const drawn = useMemo(
    () => (scores === null ? null : qualitySeries(scores, quality.worst)),
    [scores, quality, scheme.value],
  );
  const open = quality.worst.find(({ frame }) => String(frame) === query.value.get('picture')) ?? null;
  const show = (worst: WorstFrame | null) => {
    setQuery({ picture: worst === null ? null : String(worst.frame) }, open === null ? 'push' : 'replace');
    if (worst !== null && worst.timeS !== null) lookAt(axis, worst.timeS);
  };
  const choose = (next: string) => setQuery({ quality: next === usual ? null : next });
  useShortcuts('Quality', [
    {
      keys: ['q'],
      does: 'the next metric of quality',
      run: () => choose(quality.metrics[(quality.metrics.indexOf(metric) + 1) % quality.metrics.length]!),
    },
    { keys: ['w'], does: 'see the worst frame', run: () => quality.worst[0] !== undefined && show(quality.worst[0]) },
  ]);
  if (scores === null || drawn === null)
    return failure === null ? <Waiting /> : <Failed error={failure} onRetry={retry} />;
  return (
    <ChartPanel
      {...axis}
      title="Quality"
      name={props.name}
      unit={QUALITY_UNITS[metricOf(scores.metric)]}
      usual={1}
      height={180}
      fits
      timeS={scores.timeS}
      series={drawn.series}
      columns={drawn.columns}
      note={noteOf(scores)}
      onPick={(timeS, reachS) => {
        const near = nearestWorst(quality.worst, timeS, reachS);
        if (near !== null) show(near);
      }}
    >
      <WorstFrames run={id} worst={quality.worst} scores={scores} group={axis.group} shown={open} onOpen={show} />
      <QualityFacts page={page} metrics={quality.metrics} shown={metric} onChoose={choose} />
      {open !== null && <PictureViewer run={id} worst={quality.worst} shown={open} onShow={show} />}
    </ChartPanel>
  );
}

/** Puts the crosshair at a time, and that into view. */
function lookAt(axis: TimeAxisView, timeS: number): void {
  if (timeS >= axis.range.from && timeS <= axis.range.to) return axis.group.setTime(timeS);
  axis.onZoom(null);
  // The charts must have the new range before a time has a place on them.
  requestAnimationFrame(() => axis.group.setTime(timeS));
}

function noteOf({ metric, axis, timeS, total, identical, value }: QualityColumns): string {
  const isAllSame = identical.includes(1) && value.every((one) => one === null);
  return [
    `${scoreName(metric)} of each frame, higher is better`,
    ...(isAllSame ? ['every frame is identical to its source'] : []),
    ...(axis === 'video' ? ['over the time in the video: when each frame was encoded is not known'] : []),
    ...(total > timeS.length ? [`${total} frames, drawn by their extremes; zoom in for each`] : []),
  ].join(' · ');
}

function nearestWorst(worst: readonly WorstFrame[], timeS: number, reachS: number): WorstFrame | null {
  const near = worst
    .filter((one) => one.timeS !== null && Math.abs(one.timeS - timeS) <= reachS)
    .toSorted((a, b) => Math.abs(a.timeS! - timeS) - Math.abs(b.timeS! - timeS));
  return near[0] ?? null;
}
