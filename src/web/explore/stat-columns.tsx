// Which recorded column, and what to make of it: the columns of the tried runs in groups, and for the chosen one what people usually ask.

import { useState } from 'preact/hooks';
import { framePresets, indicatorPresets, STREAM_PRESETS, type PresetStat } from '#explore/stats/preset-stats';
import type { StatColumns } from '#server/explore-wire';
import { Show } from '../shell/messages.tsx';
import type { Resource } from '../shell/resource.ts';
import { statApi } from './stat-api.ts';

export type OfferedColumn = StatColumns['columns'][number];

/** Instead of a column: what there is to say of the frames as they follow each other. */
const STREAM = 'stream';
const STREAM_TITLE = 'stream of frames';

/** Columns that any of the runs has, each once. */
export async function readOffered(runs: readonly string[]): Promise<readonly OfferedColumn[]> {
  const byName = new Map<string, OfferedColumn>();
  for (const columns of await Promise.all(runs.map((run) => statApi.columns(run))))
    for (const column of columns) if (!byName.has(column.name)) byName.set(column.name, column);
  return [...byName.values()];
}

export interface StatColumnChoiceProps {
  readonly offered: Resource<readonly OfferedColumn[]>;
  readonly onTake: (expression: string, name: string) => void;
}

export function StatColumnChoice({ offered, onTake }: StatColumnChoiceProps) {
  return (
    <div class="stat-columns">
      <Show of={offered}>{(columns) => <Choice columns={columns} onTake={onTake} />}</Show>
    </div>
  );
}

function Choice({ columns, onTake }: { columns: readonly OfferedColumn[]; onTake: StatColumnChoiceProps['onTake'] }) {
  const [wanted, setWanted] = useState('');
  const [chosen, setChosen] = useState(STREAM);
  const found = columns.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const column = columns.find(({ name }) => name === chosen) ?? null;
  const hasFrames = columns.some((one) => one.of === 'frames');
  if (columns.length === 0)
    return <p class="muted">The runs have no recording: an expression can read metrics alone, metric("bitrate").</p>;
  const presets = column === null ? (hasFrames ? STREAM_PRESETS : []) : presetsOf(column);
  return (
    <>
      <label>
        Column
        <input
          type="search"
          placeholder="bytes, cpu, encode …"
          value={wanted}
          autofocus
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      </label>
      <select size={10} aria-label="Recorded columns" onChange={(event) => setChosen(event.currentTarget.value)}>
        {hasFrames && STREAM_TITLE.includes(wanted.trim().toLowerCase()) && (
          <option value={STREAM} selected={chosen === STREAM}>
            {STREAM_TITLE}
          </option>
        )}
        {groups(found).map(([title, members]) => (
          <optgroup key={title} label={title}>
            {members.map(({ name, unit }) => (
              <option key={name} value={name} selected={chosen === name}>
                {unit === '1' ? name : `${name} (${unit})`}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <div class="stat-presets" role="group" aria-label="What of it">
        {presets.map(({ title, expression }) => (
          <button
            key={title}
            type="button"
            title={expression}
            onClick={() => onTake(expression, nameOf(column, title))}
          >
            {title}
          </button>
        ))}
      </div>
    </>
  );
}

/** Frames first, then indicators by the role that recorded them. */
function groups(columns: readonly OfferedColumn[]): (readonly [title: string, OfferedColumn[]])[] {
  return [...Map.groupBy(columns, groupOf)];
}

function groupOf({ name, of }: OfferedColumn): string {
  if (of === 'frames') return 'frames';
  const role = /^([^:]+):/.exec(name)?.[1];
  return role === undefined ? 'indicators' : `indicators of ${role}`;
}

function presetsOf({ name, of, unit }: OfferedColumn): readonly PresetStat[] {
  if (of === 'indicator') return indicatorPresets(name);
  // Types have neither an average nor a percentile: what there is to know is how often one occurs.
  if (name === 'frames.type')
    return ['I', 'P', 'B'].map((type) => ({
      title: `number of ${type}`,
      expression: `count(frames.number where type = "${type}")`,
    }));
  const presets = framePresets(name);
  return unit === 'byte' || unit === '1' ? presets : presets.filter(({ title }) => !title.startsWith('per '));
}

/** Signs that no name of a file may have become blanks. */
function nameOf(column: OfferedColumn | null, title: string): string {
  const words = column === null ? title : `${column.name} ${title}`;
  return words
    .replaceAll(/[^\p{L}\p{N} _.-]+/gu, ' ')
    .trim()
    .slice(0, 64);
}
