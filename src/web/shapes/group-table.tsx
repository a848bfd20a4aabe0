// Shapes of each sort of work: what a piece takes, usually and at worst, and which phase of it.

import { ABSENT, formatNumber, formatQuantity } from '#core/format-quantity';
import type { Unit } from '#core/metric';
import { PIECE_PHASES } from '#core/shape';
import type { ShapesPage } from '#server/shapes-wire';

type Group = ShapesPage['groups'][number];
type Spread = NonNullable<Group['memory']>;

/** In the order of their colours, which they keep whatever a group has of them; others come behind. */
const PHASES: readonly string[] = PIECE_PHASES;

export function GroupTable({ groups }: { groups: readonly Group[] }) {
  const most = {
    cpu: largest(groups, ({ cpuPerMpixel }) => cpuPerMpixel),
    memory: largest(groups, ({ memory }) => memory),
  };
  return (
    <section class="panel shape-groups" aria-label="By codec and resolution">
      <header class="panel-head">
        <h2>By codec and resolution</h2>
        <span class="muted">median and 95th percentile of pieces that ended well</span>
      </header>
      <div class="table-scroll shape-scroll" tabIndex={0} role="region" aria-label="Figures of each group">
        <table class="data plain">
          <thead>
            <tr>
              <th scope="col">work</th>
              <th scope="col">encoder</th>
              <th scope="col" class="number">
                size
              </th>
              <th scope="col" class="number">
                pieces
              </th>
              <th scope="col" title="CPU seconds for a million pixels that came out, each frame counted">
                CPU s / Mpixel
              </th>
              <th scope="col">memory</th>
              <th scope="col" class="number">
                took
              </th>
              <th scope="col" class="number">
                cores
              </th>
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={keyOf(group)}>
                <td>
                  {group.kind}
                  {group.codec !== null && <span class="tag">{group.codec}</span>}
                </td>
                <td>{group.encoder ?? ABSENT}</td>
                <td class="number">{sizeOf(group)}</td>
                <td class="number">
                  {group.pieces}
                  {group.failed > 0 && <span class="bad"> ✕ {group.failed}</span>}
                </td>
                <SpreadCell spread={group.cpuPerMpixel} most={most.cpu} show={decimals} />
                <SpreadCell spread={group.memory} most={most.memory} show={of('byte')} />
                <td class="number">{pair(group.durationS, of('s'))}</td>
                <td class="number">{pair(group.cores, formatNumber)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Median as a bar, the 95th percentile as a line behind it. */
function SpreadCell({ spread, most, show }: { spread: Spread | null; most: number; show: (value: number) => string }) {
  if (spread === null) return <td class="muted">{ABSENT}</td>;
  const share = (value: number) => `${most === 0 ? 0 : (100 * value) / most}%`;
  return (
    <td>
      <span class="shape-spread">
        <span class="shape-track" aria-hidden="true">
          <i style={{ width: share(spread.median) }} />
          <b style={{ left: share(spread.p95) }} />
        </span>
        {pair(spread, show)}
      </span>
    </td>
  );
}

export function PhaseBars({ groups }: { groups: readonly Group[] }) {
  const shown = groups.filter(({ phases }) => phases.length > 0);
  const total = ({ phases }: Group) => phases.reduce((sum, { durationS }) => sum + durationS, 0);
  const most = Math.max(0, ...shown.map(total));
  const there = new Set(shown.flatMap(({ phases }) => phases.map(({ phase }) => phase)));
  const order = [...PHASES, ...[...there].filter((name) => !PHASES.includes(name)).toSorted()];
  const names = order.filter((name) => there.has(name));
  const fillOf = (phase: string) => fill(order.indexOf(phase));
  return (
    <section class="panel shape-phases" aria-label="Phases">
      <header class="panel-head">
        <h2>Phases</h2>
        <span class="muted">mean time of a piece</span>
        <span class="shape-legend">
          {names.map((name) => (
            <span key={name}>
              <i style={{ background: fillOf(name) }} aria-hidden="true" /> {name}
            </span>
          ))}
        </span>
      </header>
      <ul class="shape-bars">
        {shown.map((group) => (
          <li key={keyOf(group)}>
            <span class="shape-bar-name">
              {[group.kind, group.encoder ?? group.codec, sizeOf(group)].filter(Boolean).join(' ')}
            </span>
            <span class="shape-bar" style={{ width: `${most === 0 ? 0 : (100 * total(group)) / most}%` }}>
              {group.phases.map(({ phase, durationS, cpuS }) => (
                <i
                  key={phase}
                  style={{ flexGrow: durationS, background: fillOf(phase) }}
                  title={`${phase}: ${formatQuantity(durationS, 's')}${cpuS === null ? '' : `, ${formatQuantity(cpuS, 's')} of CPU`}`}
                />
              ))}
            </span>
            <span class="shape-bar-total">{formatQuantity(total(group), 's')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function largest(groups: readonly Group[], of_: (group: Group) => Spread | null): number {
  return Math.max(0, ...groups.map((group) => of_(group)?.p95 ?? 0));
}

function pair(spread: Spread | null, show: (value: number) => string): string {
  return spread === null ? ABSENT : `${show(spread.median)} · ${show(spread.p95)}`;
}

/** A column has one notation: never an exponent. */
function decimals(value: number): string {
  return value > 0 && value < 0.001 ? value.toPrecision(3) : formatNumber(value);
}

function of(unit: Unit): (value: number) => string {
  return (value) => formatQuantity(value, unit);
}

/** Colours of the scheme, then the same in stripes. */
const COLORS = 7;

function fill(position: number): string {
  const color = `var(--series-${position % COLORS})`;
  return position < COLORS ? color : `repeating-linear-gradient(135deg, ${color} 0 4px, var(--surface) 4px 6px)`;
}

function sizeOf({ width, height }: Group): string {
  return width === null ? '' : `${width}×${height}`;
}

function keyOf({ kind, codec, encoder, width, height }: Group): string {
  return JSON.stringify([kind, codec, encoder, width, height]);
}
