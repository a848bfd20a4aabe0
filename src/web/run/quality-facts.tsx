// Pooled scores of a run, what made them, and how its frames were matched with those of the source.

import type { FrameMatch, QualityHeader } from '#core/quality';
import type { RunRecord } from '#core/run';
import type { RunPage } from '#server/wire';
import { formatScore, metricOf, scoreName } from './format-score.ts';
import { qualityReasons } from './quality-reasons.ts';

export interface QualityFactsProps {
  readonly page: RunPage;
  readonly metrics: readonly string[];
  /** The metric that the chart shows. */
  readonly shown: string;
  readonly onChoose: (metric: string) => void;
}

/** A row chooses what the chart shows. */
export function QualityFacts({ page, metrics, shown, onChoose }: QualityFactsProps) {
  const header = page.header?.quality;
  const statistics = statisticsOf(page.run, metrics);
  const rows = metrics.filter((name) => !name.includes('.') || metricOf(name) === metricOf(shown));
  const missing = qualityReasons(page.header?.absent ?? []);
  return (
    <section class="quality-facts" aria-label="Pooled scores">
      <div class="table-scroll">
        <table class="data plain">
          <thead>
            <tr>
              <th scope="col">metric</th>
              {statistics.map((statistic) => (
                <th key={statistic} scope="col" class="number" title={MEANINGS[statistic]}>
                  {statistic}
                </th>
              ))}
              <th scope="col" class="number">
                frames
              </th>
              <th scope="col">made by</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((name) => (
              <Row key={name} run={page.run} name={name} {...{ statistics, header, shown, onChoose }} />
            ))}
          </tbody>
        </table>
      </div>
      <div class="match">
        {header !== undefined && (
          <Match match={header.match} identical={page.run.metrics['quality.identical']?.value ?? 0} />
        )}
        {missing.map((reason) => (
          <p key={reason} class="warn">
            {reason}
          </p>
        ))}
      </div>
    </section>
  );
}

interface RowProps extends Omit<QualityFactsProps, 'page' | 'metrics'> {
  readonly run: RunRecord;
  readonly name: string;
  readonly statistics: readonly string[];
  readonly header: QualityHeader | undefined;
}

function Row({ run, name, statistics, header, shown, onChoose }: RowProps) {
  const isPlane = name.includes('.');
  const score = isPlane ? undefined : header?.scores.find(({ metric }) => metric === name);
  return (
    <tr class={name === shown ? 'active' : ''} onClick={() => onChoose(name)}>
      <td>
        <button type="button" class="link" aria-pressed={name === shown} data-plane={isPlane ? '' : undefined}>
          {isPlane ? `plane ${name.split('.')[1]!.toUpperCase()}` : scoreName(name)}
        </button>
      </td>
      {statistics.map((statistic) => (
        <td key={statistic} class="number">
          <Pooled value={run.metrics[metricName(name, statistic)]?.value} name={name} />
        </td>
      ))}
      <td class="number">{score?.frames ?? ''}</td>
      <td class="grow muted">
        {score === undefined ? '' : [score.model, score.implementation].filter((one) => one !== null).join(' · ')}
      </td>
    </tr>
  );
}

function Pooled({ value, name }: { value: number | undefined; name: string }) {
  return value === undefined ? <span class="muted">–</span> : <>{formatScore(value, name)}</>;
}

/** The metric of a pooled score: `quality.psnr` is its mean, `quality.psnr p5` its fifth percentile. */
function metricName(name: string, statistic: string): string {
  return statistic === MEAN ? `quality.${name}` : `quality.${name} ${statistic}`;
}

const MEAN = 'mean';

const MEANINGS: Readonly<Record<string, string>> = {
  mean: 'mean over all frames that differ from their source',
  harmonic: 'harmonic mean: bad frames weigh more',
  p1: 'one frame in a hundred is worse',
  p5: 'one frame in twenty is worse',
  min: 'the worst frame',
  total: 'of the mean error of all frames, as one picture',
};

/** Ways of pooling that this run has, the usual ones first. */
function statisticsOf(run: RunRecord, metrics: readonly string[]): string[] {
  const found = new Set<string>();
  for (const name of Object.keys(run.metrics)) {
    const metric = metrics.find((one) => name === `quality.${one}` || name.startsWith(`quality.${one} `));
    if (metric !== undefined) found.add(name.slice(`quality.${metric} `.length) || MEAN);
  }
  const usual = Object.keys(MEANINGS);
  const place = (statistic: string) => (usual.includes(statistic) ? usual.indexOf(statistic) : usual.length);
  return [...found].toSorted((a, b) => place(a) - place(b));
}

function Match({ match, identical }: { match: FrameMatch; identical: number }) {
  const faults = (['dropped', 'doubled', 'missing', 'surplus'] as const).filter((kind) => match[kind].count > 0);
  return (
    <>
      <p>
        <b>{match.compared}</b> frames compared at{' '}
        <b>
          {match.width}×{match.height}
        </b>{' '}
        <span class="muted">{match.pixelFormat}, the size of the source</span>
      </p>
      {identical > 0 && (
        <p>
          <span class="good">■</span> {identical} identical to their source
        </p>
      )}
      {faults.length === 0 ? (
        <p>
          <span class="good">✓</span> every source frame is shown once
        </p>
      ) : (
        faults.map((kind) => (
          <p key={kind} title={FAULTS[kind]}>
            <span class="warn">
              ▲ {match[kind].count} {kind}
            </span>{' '}
            <span class="muted">
              {kind === 'dropped' || kind === 'doubled' ? 'source ' : ''}frames {numbers(match[kind])}
            </span>
          </p>
        ))
      )}
    </>
  );
}

const FAULTS = {
  dropped: 'source frames that no frame of the output shows',
  doubled: 'source frames that more than one frame of the output shows',
  missing: 'frames that should be in the output at a time, and are not',
  surplus: 'frames of the output at a time at which the source has none',
} as const;

function numbers({ count, first }: FrameMatch['dropped']): string {
  return `${first.join(', ')}${count > first.length ? ' …' : ''}`;
}
