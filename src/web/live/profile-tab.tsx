// The tab of the live page with the profile that is being taken: how it stands, and what can be seen of it.

import { useEffect, useMemo } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import type { LiveProfile, LiveState } from '#core/live';
import { Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { profilePath } from '../shell/route.ts';
import type { Live } from './live.ts';
import { SliceStore } from './slice-store.ts';

export function ProfileTab({ live, state }: { live: Live; state: LiveState }) {
  const { profile: told, session } = state;
  if (live.view.isReplay)
    return (
      <section class="panel pad">
        <p>
          The profile of a recording has a page of its own:{' '}
          <a href={profilePath(session!.id)}>the profile of this run</a>, where it has one.
        </p>
      </section>
    );
  return (
    <>
      <ProfileStanding told={told} nowS={state.nowS} />
      {told !== null && told.state !== 'starting' && <Growing live={live} told={told} epoch={state.epoch} />}
    </>
  );
}

function Growing({ live, told, epoch }: { live: Live; told: LiveProfile; epoch: string }) {
  const store = useMemo(() => new SliceStore(), []);
  // Drawing is much of the page: who looks at charts does not wait for it.
  const chunk = useMemo(() => resource(() => import('./profile-drawn.tsx')), []);
  useEffect(() => () => store.close(), [store]);
  useEffect(() => store.follow(`${epoch} ${told.startedS}`, told.slice), [store, epoch, told.startedS, told.slice]);
  const version = store.version.value;
  // The state changes several times a second: what is drawn of the profile does not.
  const drawn = useMemo(
    () => (
      <Show of={chunk}>
        {({ DrawnProfile }) => (
          <DrawnProfile live={live} slices={store.slices} version={version} zeroNs={told.zeroNs} />
        )}
      </Show>
    ),
    [chunk, live, store.slices, version, told.zeroNs],
  );
  return (
    <>
      {store.problem.value !== null && <p class="banner inline">✕ {store.problem.value}</p>}
      {!store.slices.isEmpty && drawn}
      {store.slices.isEmpty && (
        <p class="panel pad muted">{told.state === 'ended' ? 'Nothing came of it.' : 'The first second is coming …'}</p>
      )}
    </>
  );
}

/** What is taken, what it costs, what it leaves out, and what becomes of it. */
function ProfileStanding({ told, nowS }: { told: LiveProfile | null; nowS: number }) {
  if (told === null)
    return (
      <section class="panel pad">
        <p>
          No profile is taken. The button <b>Profile</b>, or the key <kbd>o</kbd>, begins one of the machine on which
          the server runs: how busy its CPUs are, and with which functions.
        </p>
      </section>
    );
  const { state, scope, startedS, forS, run, overheadCpuS, absent, elsewhere, problem } = told;
  const share = overheadCpuS === null || state !== 'running' ? null : overheadCpuS / Math.max(1, nowS - startedS);
  return (
    <section class="panel pad live-profile-standing" aria-label="Profile">
      <p role="status">
        <span class="outcome badge" data-state={state === 'running' ? 'done' : problem === null ? 'waiting' : 'failed'}>
          <b aria-hidden="true">{state === 'running' ? '●' : problem === null ? '○' : '✕'}</b> {STATES[state]}
        </span>{' '}
        {scope === 'processes' && <b>encodelab’s own processes only · </b>}
        {scope === 'system' && 'all of this machine · '}
        {state !== 'ended' && `ends by itself after ${forS / 60} min · `}
        {share !== null && `taking it uses ${formatQuantity(share, 'core')} · `}
        {state === 'ended'
          ? 'what came last can still be looked at'
          : run === null
            ? 'nothing is recorded: what you see is not kept'
            : 'it is kept with the recording'}
        {run !== null && (
          <>
            {' '}
            <a href={profilePath(run)}>{run.slice(0, 8)}</a>
          </>
        )}
      </p>
      {problem !== null && <p class="bad">✕ {problem}</p>}
      {absent.length + elsewhere.length > 0 && (
        <ul class="muted">
          {absent.map((line) => (
            <li key={line}>missing: {line}</li>
          ))}
          {elsewhere.map((agent) => (
            <li key={agent}>missing: the agent {agent}, which runs on another machine</li>
          ))}
        </ul>
      )}
    </section>
  );
}

const STATES: Readonly<Record<LiveProfile['state'], string>> = {
  starting: 'a profile begins …',
  running: 'a profile is taken',
  ended: 'the profile has ended',
};
