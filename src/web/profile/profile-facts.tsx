// How far a profile can be trusted: how it was taken, what it cost, what is missing, and the stacks and names of each library.

import { useMemo } from 'preact/hooks';
import { ABSENT, formatQuantity } from '#core/format-quantity';
import { WHOLE_PROFILE, type LibraryQuality, type Profile, type ProfileHeader } from '#core/profile';
import { lostSamples, lostWords } from '#profile/lost-words';
import { measureSelection } from '#profile/selection';

const STACKS: Readonly<Record<ProfileHeader['stacks'], string>> = {
  'frame-pointers': 'by frame pointers',
  dwarf: 'by DWARF unwinding',
  'branch-records': 'by branch records',
  given: 'as the file has them',
  none: 'none taken',
};

/** Libraries that are shown at once; the others hold less of the samples. */
const FIRST_LIBRARIES = 8;

interface ProfileFactsProps {
  readonly profile: Profile;
  /** The run's own processes are looked at, and not all that ran. */
  readonly isOwn: boolean;
}

export function ProfileFacts({ profile, isOwn }: ProfileFactsProps) {
  const { header, spans } = profile;
  const count = useMemo(() => measureSelection(profile, WHOLE_PROFILE).samples, [profile]);
  const seconds = (header.endNs - header.startNs) / 1e9;
  const overhead = header.overheadCpuS;
  const facts: readonly (readonly [term: string, value: string])[] = [
    ['taken by', header.file === null ? header.tool : `${header.tool}, ${header.file}`],
    ['samples', `${count.toLocaleString('en')}${rate(header)}`],
    ['time', header.clock === 'none' ? ABSENT : formatQuantity(seconds, 's')],
    ['stacks', STACKS[header.stacks]],
    ['scheduler', spans === null ? 'not watched' : `${spans.startNs.length.toLocaleString('en')} stays on CPUs`],
    ['seen', header.scope === 'system' ? 'all that ran' : 'chosen processes only'],
    ['lost', lostOf(profile, count)],
    ['throttled', header.throttled === null ? ABSENT : `${header.throttled} times`],
    [
      'overhead',
      overhead === null
        ? 'not measured'
        : `${formatQuantity(overhead, 's')} of CPU${seconds > 0 ? `, ${formatQuantity(overhead / seconds, 'core')}` : ''}`,
    ],
  ];
  return (
    <section class="panel profile-facts" aria-label="How it was taken">
      <header class="panel-head">
        <h2>How it was taken</h2>
      </header>
      <dl>
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {header.absent.length > 0 && (
        <div class="profile-absent">
          <h3>Missing</h3>
          <ul>
            {header.absent.map((what) => (
              <li key={what}>{what}</li>
            ))}
          </ul>
        </div>
      )}
      <Quality {...shownQuality(profile, isOwn)} />
    </section>
  );
}

interface QualityProps {
  readonly libraries: readonly LibraryQuality[];
  /** Whose samples they are of; empty where there are no others. */
  readonly whose: string;
}

/** Of those whose samples are looked at, where they were counted apart. */
function shownQuality({ header }: Profile, isOwn: boolean): QualityProps {
  if (isOwn && header.ownQuality !== undefined)
    return { libraries: header.ownQuality, whose: 'of the run’s processes' };
  const hasOthers = header.scope === 'system';
  return { libraries: header.quality, whose: hasOthers ? 'of all that ran on the machine' : '' };
}

function Quality({ libraries, whose }: QualityProps) {
  if (libraries.length === 0) return null;
  const all = libraries.reduce((sum, { samples }) => sum + samples, 0);
  const sorted = libraries.toSorted((a, b) => b.samples - a.samples);
  const row = (one: LibraryQuality) => (
    <tr key={one.library}>
      <th scope="row" title={one.library}>
        {one.library.slice(one.library.lastIndexOf('/') + 1)}
      </th>
      <td class="number">{share(one.samples, all)}</td>
      <Share of={one.named} all={one.samples} />
      <Share of={one.rooted} all={one.samples} />
      <td class="profile-todo">{one.todo ?? ''}</td>
    </tr>
  );
  return (
    <div class="profile-quality">
      <table>
        <caption>Stacks and names of each library{whose === '' ? '' : `, ${whose}`}</caption>
        <thead>
          <tr>
            <th scope="col">library</th>
            <th scope="col" class="number">
              samples
            </th>
            <th scope="col" class="number" title="Of its samples, those whose function has a name">
              named
            </th>
            <th
              scope="col"
              class="number"
              title="Of its samples, those whose stack goes back to where its thread began"
            >
              whole stacks
            </th>
            <th scope="col">what would help</th>
          </tr>
        </thead>
        <tbody>{sorted.slice(0, FIRST_LIBRARIES).map(row)}</tbody>
      </table>
      {sorted.length > FIRST_LIBRARIES && (
        <details>
          <summary>{sorted.length - FIRST_LIBRARIES} more libraries</summary>
          <table>
            <tbody>{sorted.slice(FIRST_LIBRARIES).map(row)}</tbody>
          </table>
        </details>
      )}
    </div>
  );
}

/** Below these a graph misleads more than it tells. */
const GOOD_SHARE = 0.9;
const BAD_SHARE = 0.5;

function Share({ of, all }: { of: number; all: number }) {
  const value = all === 0 ? NaN : of / all;
  const look = value >= GOOD_SHARE ? 'good' : value >= BAD_SHARE ? 'warn' : 'bad';
  const sign = { good: '●', warn: '◐', bad: '○' }[look];
  return (
    <td class="number">
      {all > 0 && (
        <span class={look} aria-hidden="true">
          {sign}{' '}
        </span>
      )}
      {share(of, all)}
    </td>
  );
}

function rate({ frequencyHz }: ProfileHeader): string {
  return frequencyHz === null ? '' : `, ${frequencyHz} a second on each CPU`;
}

function lostOf(profile: Profile, samples: number): string {
  if (profile.header.lost === null) return ABSENT;
  const lost = lostSamples(profile);
  const part = lost === null || lost === 0 ? '' : `: ${share(lost, lost + samples)} of the samples`;
  return (lostWords(profile) ?? 'none') + part;
}

function share(part: number, all: number): string {
  return all === 0 ? ABSENT : `${((100 * part) / all).toFixed(part / all < 0.1 ? 1 : 0)} %`;
}
