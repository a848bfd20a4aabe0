// The pipeline of a title from left to right: inspect, encode by rendition, assemble, package, publish; sound, subtitles and small pictures beside.

import { useState } from 'preact/hooks';
import type { LaneView } from '#server/titles-wire';
import { ItemDots } from './item-dots.tsx';
import { countWords, DOT_STATES, ITEM_SIGNS, itemTotal, type DotState } from './title-words.ts';

const BESIDE: readonly string[] = ['audio', 'text', 'thumbnails'];
const LEGEND: readonly DotState[] = ['waiting', 'ready', 'running', 'done', 'failed', 'cancelled'];

interface PipelineGraphProps {
  readonly lanes: readonly LaneView[];
  readonly onOpen: (lane: LaneView, chunk: number) => void;
}

export function PipelineGraph({ lanes, onOpen }: PipelineGraphProps) {
  const [hovered, setHovered] = useState<string | null>(null);
  const of = (kind: string) => lanes.filter((lane) => lane.kind === kind);
  const dots = (lane: LaneView) => (
    <ItemDots
      lane={lane}
      onHover={(chunk) => setHovered(chunk === null ? null : hoverWords(lane, chunk))}
      onOpen={(chunk) => onOpen(lane, chunk)}
    />
  );
  const stage = (kind: string) => (
    <section class="title-stage" data-kind={kind}>
      <h3>{kind}</h3>
      {of(kind).length === 0 ? (
        <p class="muted">·</p>
      ) : (
        of(kind).map((lane) => (
          <div key={lane.group} class="stage-lane">
            {lane.group !== '' && <span class="muted">{lane.group}</span>}
            {dots(lane)}
          </div>
        ))
      )}
    </section>
  );
  const encodes = of('encode');
  return (
    <section class="panel pipeline" aria-label="Pipeline">
      <header class="panel-head">
        <h2>Pipeline</h2>
        <span class="dot-legend muted" aria-label="What the shapes mean">
          {LEGEND.map((state) => (
            <span key={state} data-state={state}>
              <b aria-hidden="true">{ITEM_SIGNS[state]}</b> {state}
            </span>
          ))}
        </span>
        <span class="hovered muted" role="status">
          {hovered ?? (encodes.length > 0 ? 'a click on a chunk opens its run' : '')}
        </span>
      </header>
      <div class="stages">
        {stage('inspect')}
        <Arrow />
        <div class="stage-middle">
          <div class="encodes">
            <h3>encode</h3>
            <h3 class="assemble-head">assemble</h3>
            {encodes.length === 0 && <p class="muted">known once the source is inspected</p>}
            {encodes.map((lane) => (
              <EncodeRow key={lane.group} lane={lane} assembles={assemblesOf(lanes, lane.group)} dots={dots} />
            ))}
          </div>
          {lanes.some(({ kind }) => BESIDE.includes(kind)) && (
            <div class="beside-items">
              {BESIDE.flatMap(of).map((lane) => (
                <div key={`${lane.kind} ${lane.group}`} class="beside-lane">
                  <span>
                    {lane.kind} <span class="muted">{lane.group}</span>
                  </span>
                  {dots(lane)}
                </div>
              ))}
            </div>
          )}
        </div>
        <Arrow />
        {stage('package')}
        <Arrow />
        {stage('publish')}
      </div>
    </section>
  );
}

interface EncodeRowProps {
  readonly lane: LaneView;
  readonly assembles: readonly LaneView[];
  readonly dots: (lane: LaneView) => preact.ComponentChildren;
}

function EncodeRow({ lane, assembles, dots }: EncodeRowProps) {
  const { group, counts } = lane;
  return (
    <>
      <span class="lane-name" title={countWords(counts)}>
        <span>
          {group.split('+').map((rendition) => (
            <span key={rendition} class="rendition-name">
              {rendition}
            </span>
          ))}
        </span>
        <span class="muted small">
          {counts.done}/{itemTotal(counts)}
        </span>
      </span>
      {dots(lane)}
      <span class="lane-arrow muted" aria-hidden="true">
        →
      </span>
      <div class="assembles">
        {assembles.map((assemble) => (
          <div key={assemble.group} class="assemble">
            {dots(assemble)}
            {assembles.length > 1 && <span class="muted small">{assemble.group}</span>}
          </div>
        ))}
      </div>
    </>
  );
}

function Arrow() {
  return (
    <span class="stage-arrow muted" aria-hidden="true">
      →
    </span>
  );
}

/** An item may encode several renditions of its chunk, `v1-h264-360+v2-h264-720`; each is assembled by itself. */
function assemblesOf(lanes: readonly LaneView[], group: string): LaneView[] {
  const renditions = group.split('+');
  return lanes
    .filter((lane) => lane.kind === 'assemble' && renditions.includes(lane.group))
    .toSorted((a, b) => renditions.indexOf(a.group) - renditions.indexOf(b.group));
}

function hoverWords(lane: LaneView, chunk: number): string {
  const { kind, group, cells, perCell } = lane;
  const state = DOT_STATES[cells[Math.floor(chunk / perCell)]!] ?? '';
  const name = `${kind} ${group}`.trim();
  if (kind !== 'encode') return `${name}: ${state}`;
  if (perCell === 1) return `${name}, chunk ${chunk}: ${state}${state === 'done' ? ', click for its run' : ''}`;
  return `${name}, chunks ${chunk} to ${Math.min(itemTotal(lane.counts), chunk + perCell) - 1}: ${state}`;
}
