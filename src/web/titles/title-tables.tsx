// Tables of a title: its renditions with their seams, the way of its items, and what failed.

import { formatNumber, formatQuantity } from '#core/format-quantity';
import type { RenditionView, TitleView, WayTimes } from '#server/titles-wire';

export function RenditionTable({ renditions }: { renditions: readonly RenditionView[] }) {
  return (
    <section class="panel" aria-label="Renditions">
      <header class="panel-head">
        <h2>Renditions</h2>
      </header>
      {renditions.length === 0 ? (
        <p class="muted pad">They are planned once the source is inspected.</p>
      ) : (
        <div class="table-scroll">
          <table class="data plain">
            <thead>
              <tr>
                <th scope="col">rendition</th>
                <th scope="col">codec</th>
                <th scope="col">size</th>
                <th scope="col" class="number">
                  frames
                </th>
                <th scope="col" class="number">
                  bitrate
                </th>
                <th scope="col" class="number">
                  bytes
                </th>
                <th scope="col" title="Deepest dip of quality (XPSNR) at a seam of two chunks, and what is normal">
                  worst seam
                </th>
                <th scope="col" title="A player's buffer at the capped rate: how full it is at the least">
                  buffer
                </th>
              </tr>
            </thead>
            <tbody>
              {renditions.map((rendition) => (
                <RenditionRow key={rendition.id} rendition={rendition} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {renditions.flatMap(({ id, warnings }) =>
        warnings.map((text) => (
          <p key={`${id} ${text}`} class="warn pad">
            ▼ {id}: {text}
          </p>
        )),
      )}
    </section>
  );
}

function RenditionRow({ rendition }: { rendition: RenditionView }) {
  const { id, kind, codec, width, height, language, made, maxBitrate } = rendition;
  return (
    <tr>
      <td>{id}</td>
      <td>
        {codec ?? kind} {language !== null && <span class="muted">{language}</span>}
      </td>
      <td>{width === null ? '–' : `${width}x${height}`}</td>
      <td class="number">{made === null ? '–' : formatNumber(made.frames)}</td>
      <td class="number" title={maxBitrate === null ? undefined : `at most ${formatQuantity(maxBitrate, 'bit/s')}`}>
        {formatQuantity(made?.bitrate, 'bit/s')}
      </td>
      <td class="number">{formatQuantity(made?.bytes, 'byte')}</td>
      <td>
        <Seams seams={rendition.seams} />
      </td>
      <td>{made === null || kind !== 'video' ? <span class="muted">–</span> : <Bucket bucket={rendition.bucket} />}</td>
    </tr>
  );
}

function Seams({ seams }: { seams: RenditionView['seams'] }) {
  if (seams === null) return <span class="muted">–</span>;
  if (seams.worstDip === null)
    return (
      <span class="muted">{seams.count === 0 ? (seams.absent ?? 'no seam') : (seams.absent ?? 'not measured')}</span>
    );
  const words = `${seams.worstDip.toFixed(1)} dB`;
  return (
    <span
      class={seams.dips > 0 ? 'warn' : 'good'}
      title={`${seams.count} seams; up to ${seams.limit.toFixed(1)} dB is normal here`}
    >
      {seams.dips > 0 ? `▼ ${words}, ${seams.dips} of ${seams.count}` : `✓ ${words}`}
    </span>
  );
}

function Bucket({ bucket }: { bucket: RenditionView['bucket'] }) {
  if (bucket === null) return <span class="muted">no cap</span>;
  return bucket.underflows > 0 ? (
    <span class="warn">▼ {bucket.underflows} frames late</span>
  ) : (
    <span class="good">✓ {Math.round(bucket.lowestShare * 100)} % at least</span>
  );
}

export function WayTable({ way }: { way: readonly WayTimes[] }) {
  if (way.length === 0) return null;
  return (
    <section class="panel" aria-label="How long items wait and run">
      <header class="panel-head">
        <h2>Waiting and running</h2>
        <span class="muted small">p50, p95, p99 of items that are done</span>
      </header>
      <table class="data plain">
        <thead>
          <tr>
            <th scope="col">kind</th>
            <th scope="col" class="number">
              items
            </th>
            {['waits p50', 'p95', 'p99', 'runs p50', 'p95', 'p99'].map((name, i) => (
              <th key={i} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {way.map(({ kind, count, waitingS, runningS }) => (
            <tr key={kind}>
              <td>{kind}</td>
              <td class="number">{count}</td>
              {[...waitingS, ...runningS].map((seconds, i) => (
                <td key={i} class="number">
                  {formatQuantity(seconds, 's')}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface FailedItemsProps {
  readonly view: TitleView;
  readonly isBusy: boolean;
  readonly onRetry: () => void;
}

export function FailedItems({ view: { failed, title }, isBusy, onRetry }: FailedItemsProps) {
  if (failed.length === 0) return null;
  const more = title.items.failed - failed.length;
  return (
    <section class="panel failed-items" aria-label="Failed items">
      <header class="panel-head">
        <h2 class="bad">
          ✕ {title.items.failed} item{title.items.failed === 1 ? '' : 's'} failed
        </h2>
        <button type="button" disabled={isBusy || title.state === 'cancelled'} onClick={onRetry}>
          Retry
        </button>
      </header>
      {failed.map(({ key, error, failures }) => (
        <details key={key} open={failed.length === 1}>
          <summary>
            <code>{key}</code> <span class="muted">tried {failures} times</span> {error.split('\n', 1)[0]}
          </summary>
          <pre tabIndex={0}>{error}</pre>
        </details>
      ))}
      {more > 0 && <p class="muted pad">and {more} more, in the table of items</p>}
    </section>
  );
}
