// Narrows what is chosen to one CPU, process, thread or phase.

import { useMemo } from 'preact/hooks';
import type { Profile } from '#core/profile';
import type { SelectionText } from '#profile/selection-text';

interface ProfileNarrowProps {
  readonly profile: Profile;
  /** Names of the run's phases. */
  readonly phases: readonly string[];
  readonly text: SelectionText;
  readonly onChoose: (text: SelectionText) => void;
}

export function ProfileNarrow({ profile, phases, text, onChoose }: ProfileNarrowProps) {
  const processes = useMemo(() => busiest(profile, 'process'), [profile]);
  const threads = useMemo(() => busiest(profile, 'thread'), [profile]);
  const plain = (names: readonly string[]): Option[] =>
    [...new Set(names)].map((name) => ({ value: name, label: name }));
  return (
    <span class="profile-narrow">
      <One
        label="CPU"
        options={profile.header.cpus.map((cpu) => ({ value: String(cpu), label: `CPU ${cpu}` }))}
        chosen={text.cpus.map(String)}
        onChoose={(cpus) => onChoose({ ...text, cpus: cpus.map(Number) })}
      />
      <One
        label="process"
        options={processes}
        chosen={text.processes}
        onChoose={(chosen) => onChoose({ ...text, processes: chosen })}
      />
      <One
        label="thread"
        options={threads}
        chosen={text.threads}
        onChoose={(chosen) => onChoose({ ...text, threads: chosen })}
      />
      <One
        label="phase"
        options={plain(phases)}
        chosen={text.phases}
        onChoose={(chosen) => onChoose({ ...text, phases: chosen })}
      />
    </span>
  );
}

interface Option {
  /** As a selection has it. */
  readonly value: string;
  readonly label: string;
}

/** More are no list to choose from; the search of the flame graph and the address have no such bound. */
const MAX_OPTIONS = 200;

/** Those with the most samples first; by name, and where several have one name by number. */
function busiest({ threads, samples }: Profile, kind: 'process' | 'thread'): Option[] {
  const [names, numbers] = kind === 'process' ? [threads.processName, threads.process] : [threads.name, threads.thread];
  const perThread = new Float64Array(names.length);
  for (let row = 0; row < samples.thread.length; row++) perThread[samples.thread[row]!]!++;
  const found = new Map<number, { readonly name: string; samples: number }>();
  for (let position = 0; position < names.length; position++) {
    if (threads.thread[position] === 0) continue;
    const one = found.get(numbers[position]!) ?? { name: names[position]!, samples: 0 };
    one.samples += perThread[position]!;
    found.set(numbers[position]!, one);
  }
  const shared = new Map<string, number>();
  for (const { name } of found.values()) shared.set(name, (shared.get(name) ?? 0) + 1);
  return [...found]
    .toSorted(([, a], [, b]) => b.samples - a.samples)
    .slice(0, MAX_OPTIONS)
    .map(([number, { name }]) =>
      name !== '' && shared.get(name) === 1
        ? { value: name, label: name }
        : { value: String(number), label: `${name} ${number}` },
    );
}

interface OneProps {
  readonly label: string;
  readonly options: readonly Option[];
  readonly chosen: readonly string[];
  readonly onChoose: (chosen: readonly string[]) => void;
}

/** An address may hold several; here one is chosen, or all. */
function One({ label, options, chosen, onChoose }: OneProps) {
  if (options.length < 2 && chosen.length === 0) return null;
  const value = chosen.join(', ');
  const isListed = chosen.length === 0 || options.some((one) => one.value === value);
  const all = isListed ? options : [...options, { value, label: value }];
  return (
    <select
      aria-label={label}
      data-narrowed={chosen.length > 0}
      value={value}
      onChange={(event) => {
        const next = event.currentTarget.value;
        onChoose(next === '' ? [] : next === value ? chosen : [next]);
      }}
    >
      <option value="">{label}: all</option>
      {all.map((one) => (
        <option key={one.value} value={one.value}>
          {one.label}
        </option>
      ))}
    </select>
  );
}
