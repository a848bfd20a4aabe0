// The worst frames of a run in a strip: what came out of the encoder beside its source.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import { FRAME_TYPES } from '#core/recording';
import type { QualityColumns, WorstFrame } from '#server/quality-wire';
import type { ChartGroup } from '../chart/chart-group.ts';
import { nearest } from '../chart/nearest.ts';
import { pictureAddress } from '../shell/api.ts';
import { formatScoreWithUnit, scoreName } from './format-score.ts';

export interface WorstFramesProps {
  readonly run: string;
  readonly worst: readonly WorstFrame[];
  readonly scores: QualityColumns;
  readonly group: ChartGroup;
  /** The one that is open in the viewer. */
  readonly shown: WorstFrame | null;
  readonly onOpen: (frame: WorstFrame) => void;
}

export function WorstFrames({ run, worst, scores, group, shown, onOpen }: WorstFramesProps) {
  const strip = useRef<HTMLUListElement>(null);
  const marked = shown ?? atCrosshair(worst, scores, group.time.value);
  useLayoutEffect(() => {
    const card = marked === null ? null : strip.current?.querySelector<HTMLElement>(`[data-frame="${marked.frame}"]`);
    if (card === null || card === undefined) return;
    // Only the strip scrolls: the page stays where it is.
    const { left, right } = card.getBoundingClientRect();
    const box = strip.current!.getBoundingClientRect();
    if (left < box.left) strip.current!.scrollLeft += left - box.left;
    else if (right > box.right) strip.current!.scrollLeft += right - box.right;
  }, [marked]);
  if (worst.length === 0) return null;
  return (
    <section class="worst" aria-label="Worst frames">
      <h3>
        Worst frames <span class="muted">encoded beside its source · click to compare, or press</span> <kbd>w</kbd>
      </h3>
      <ul ref={strip}>
        {worst.map((frame) => (
          <li key={frame.frame}>
            <button
              type="button"
              data-frame={frame.frame}
              aria-current={frame === marked ? 'true' : undefined}
              aria-label={frameWords(frame)}
              onClick={() => onOpen(frame)}
            >
              <span class="pair">
                <Thumbnail run={run} path={frame.output} what="encoded" />
                <Thumbnail run={run} path={frame.source} what="source" />
              </span>
              <span class="facts">
                <b>{formatScoreWithUnit(frame.value, frame.metric)}</b>
                <span class="muted">{scoreName(frame.metric)}</span>
                <span class="type" data-type={FRAME_TYPES[frame.type]}>
                  {typeWords(frame)}
                </span>
              </span>
              <span class="facts muted">
                <span>frame {frame.frame}</span>
                <span>{formatQuantity(frame.ptsS, 's')}</span>
                <span>{formatQuantity(frame.bytes, 'byte')}</span>
                <span>q {formatQuantity(frame.quantizer, '1')}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Thumbnail({ run, path, what }: { run: string; path: string; what: string }) {
  return (
    <span class="thumbnail">
      <img src={pictureAddress(run, path)} alt="" loading="lazy" decoding="async" onError={sayGone} />
      <i>{what}</i>
    </span>
  );
}

/** A recording that was thinned out by hand has no pictures any more. */
function sayGone(event: { currentTarget: HTMLImageElement }): void {
  event.currentTarget.parentElement!.dataset['gone'] = '';
}

/** The frame under the crosshair, as the readout has it, where that is one of the worst. */
function atCrosshair(worst: readonly WorstFrame[], scores: QualityColumns, time: number | null): WorstFrame | null {
  if (time === null) return null;
  const frame = scores.frame[nearest(scores.timeS, time)];
  return worst.find((one) => one.frame === frame) ?? null;
}

export function typeWords({ type, key }: WorstFrame): string {
  const name = FRAME_TYPES[type];
  return `${name === undefined || name === 'unknown' ? 'type –' : name}${key ? ' key' : ''}`;
}

/** All of it in words, for who does not see the pictures. */
export function frameWords(frame: WorstFrame): string {
  return `frame ${frame.frame}: ${scoreName(frame.metric)} ${formatScoreWithUnit(frame.value, frame.metric)}, ${typeWords(frame)}, ${formatQuantity(frame.bytes, 'byte')}`;
}
