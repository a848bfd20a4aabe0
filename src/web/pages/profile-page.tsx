// A run's profile: from minutes to a single frame's flame graph, on one timeline.

import { useEffect, useMemo, useState } from 'preact/hooks';
import { shownId } from '#core/shown-id';
import type { FrameColumns, RunMarker, RunPage, SeriesColumn } from '#server/wire';
import { DropZone } from '../profile/drop-zone.tsx';
import { loadProfile, type LoadedProfile } from '../profile/profile-load.ts';
import { openUpload } from '../profile/drop-upload.ts';
import { ProfileCompare } from '../profile/profile-compare.tsx';
import type { ProfileSurroundings } from '../profile/profile-state.ts';
import { ProfileView } from '../profile/profile-view.tsx';
import { TimeCharts } from '../profile/time-charts.tsx';
import { api, read, RequestFailed } from '../shell/api.ts';
import { watchLive } from '../shell/live.ts';
import { Empty, Failed, Show, Skeleton } from '../shell/messages.tsx';
import { resource, type Resource } from '../shell/resource.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { navigate, profilePath, query, runPath } from '../shell/route.ts';

/** As many frames as the server gives at once: choices are made among them. */
const FRAME_BUCKETS = 10_000;

export function ProfilePageView({ id }: { id: string }) {
  const profile = useMemo(() => resource(() => loadProfile(id)), [id]);
  const page = useMemo(() => resource(() => api.run(id)), [id]);
  useEffect(() => {
    document.title = `profile of run ${shownId(id)} · encodelab`;
    return watchLive(
      { run: id },
      (message) => message.type === 'stale' && void Promise.all([profile.reload(), page.reload()]),
      () => void profile.reload(),
    );
  }, [profile]);
  const loaded = profile.value.value;
  if (loaded.state === 'failed') return <NoProfile id={id} error={loaded.error} of={profile} />;
  if (loaded.state === 'loading') return <Skeleton />;
  return <Show of={page}>{(run) => <ProfileOfRun page={run} loaded={loaded.data} />}</Show>;
}

function ProfileOfRun({ page, loaded }: { page: RunPage; loaded: LoadedProfile }) {
  const { run } = page;
  const around = useAround(run.id);
  const id = encodeURIComponent(run.id);
  const at = page.siblings.findIndex((sibling) => sibling.id === run.id);
  const go = (position: number) =>
    page.siblings[position] !== undefined && navigate(profilePath(page.siblings[position].id) + location.search);
  // The same keys as on the page of the run.
  useShortcuts('This run', [
    { keys: ['['], does: 'the profile of the repeat before', run: () => go(at - 1) },
    { keys: [']'], does: 'the profile of the next repeat', run: () => go(at + 1) },
    { keys: ['u'], does: 'up to the run', run: () => navigate(runPath(run.id)) },
  ]);
  return (
    <article class="profile-page">
      <header class="page-head">
        <h1>Profile</h1>
        <p class="muted">
          of <a href={runPath(run.id)}>{run.cell ?? `run ${shownId(run.id)}`}</a>
          {run.benchmark !== null && ` · ${run.benchmark}`} · <code>{shownId(run.id)}</code>
        </p>
        <span class="page-actions">
          <ProfileCompare page={page} />
          <a class="button" href={`/api/v1/runs/${id}/profile.html`} download>
            HTML file
          </a>
          <DropZone onFile={openUpload} words="Drop it: the profile becomes a run of this lab">
            Open a file
          </DropZone>
        </span>
      </header>
      <ProfileView
        profile={loaded.profile}
        name={shownId(run.id)}
        around={{ originNs: loaded.originNs, phases: page.phases, page, ...around }}
        against={query.value.get('vs')}
        charts={(common) => <TimeCharts {...common} page={page} series={around.series} />}
      />
    </article>
  );
}

const NO_SERIES: readonly SeriesColumn[] = [];
const NO_MARKERS: readonly RunMarker[] = [];

/** What is drawn around a profile comes when it is there: the profile does not wait for it. */
function useAround(id: string): Pick<ProfileSurroundings, 'frames' | 'series' | 'markers'> {
  const [frames, setFrames] = useState<FrameColumns | null | undefined>(undefined);
  const [series, setSeries] = useState(NO_SERIES);
  const [markers, setMarkers] = useState(NO_MARKERS);
  useEffect(() => {
    let isWanted = true;
    const address = `/api/v1/runs/${encodeURIComponent(id)}/frames?buckets=${FRAME_BUCKETS}`;
    // A run that has none is an answer, too.
    void read<FrameColumns>(fetch(address)).then(
      (its) => isWanted && setFrames(its.total > 0 ? its : null),
      () => isWanted && setFrames(null),
    );
    void api.series(id, null).then(
      (its) => isWanted && setSeries(its),
      () => undefined,
    );
    void read<{ markers: readonly RunMarker[] }>(fetch(`/api/v1/runs/${encodeURIComponent(id)}/markers`)).then(
      (its) => isWanted && its.markers.length > 0 && setMarkers(its.markers),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [id]);
  return { frames, series, markers };
}

function NoProfile({ id, error, of }: { id: string; error: Error; of: Resource<unknown> }) {
  if (!(error instanceof RequestFailed) || (error.status !== 404 && error.status !== 400))
    return <Failed error={error} onRetry={() => void of.reload()} />;
  return (
    <Empty title="There is no profile to show">
      <p>
        {error.message}
        {error.todo === null ? '.' : `: ${error.todo}.`}
      </p>
      <p>
        <a href={runPath(id)}>Back to the run</a>
      </p>
      <p class="muted">
        A profile of another tool can be opened here: perf.data, folded stacks, cpuprofile, speedscope.
      </p>
      <DropZone onFile={openUpload} words="Drop it: the profile becomes a run of this lab">
        Open a file
      </DropZone>
    </Empty>
  );
}
