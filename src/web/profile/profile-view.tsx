// One timeline of a profile: charts, heatmap, frames and flame graph, in which what is chosen anywhere is chosen everywhere.

import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import type { Profile, ProfileSelection } from '#core/profile';
import { DIAGNOSIS_NAMES } from '#profile/diagnosis/words';
import { Occupancy } from '#profile/occupancy';
import { measureSelection } from '#profile/selection';
import { printSelection, SELECTION_OF_ALL, type SelectionText } from '#profile/selection-text';
import type { TimeRange } from '../chart/chart-group.ts';
import type { CommonProps } from '../run/indicator-chart.tsx';
import { PhaseStrip } from '../run/phase-strip.tsx';
import { useShortcuts } from '../shell/keyboard.ts';
import { query, setQuery } from '../shell/route.ts';
import { unknownAddressWords } from './address-words.ts';
import { framesAround, FramesPanel, MARKER_REACH_S } from './frames-panel.tsx';
import { formatFlameChoice, parseFlameChoice } from './flame-choice.ts';
import { FlamePanel } from './flame-panel.tsx';
import { firstChoice, formatHeatmapChoice, parseHeatmapChoice } from './heatmap-choice.ts';
import { Heatmap } from './heatmap-view.tsx';
import { MarkerStrip } from './marker-strip.tsx';
import { keptChoice, keptText, shortened, useAgainst } from './profile-against.ts';
import { useProfileAxis } from './profile-axis.ts';
import { ProfileFacts } from './profile-facts.tsx';
import { ProfileFindings } from './profile-findings.tsx';
import { ProfileNarrow } from './profile-narrow.tsx';
import { useProfileState, type ProfileState, type ProfileSurroundings } from './profile-state.ts';

interface ProfileViewProps {
  readonly profile: Profile;
  /** Begins the names of saved files. */
  readonly name: string;
  readonly around: ProfileSurroundings;
  /** What the flame graph is compared with, as the address has it: `rest`, `run:ID`. */
  readonly against: string | null;
  /** False in a file without a server: it has no other run. */
  readonly hasRuns?: boolean;
  /** Charts of the same time, above the heatmap. */
  readonly charts?: ((common: CommonProps) => ComponentChildren) | undefined;
}

export function ProfileView({ profile, name, around, against, hasRuns = true, charts }: ProfileViewProps) {
  const { originNs, frames = null } = around;
  const axis = useProfileAxis(profile, originNs, around.phases);
  const state = useProfileState(profile, around);
  const { chosen } = state;
  const occupancy = useMemo(() => new Occupancy(profile), [profile]);
  const heat = query.value.get('heat');
  const firstHeatmap = firstChoice((profile.header.endNs - profile.header.startNs) / 1e9);
  const heatmapChoice = useMemo(() => parseHeatmapChoice(heat, firstHeatmap), [heat, firstHeatmap]);
  const flame = query.value.get('flame');
  const flameChoice = useMemo(() => parseFlameChoice(flame), [flame]);
  const comparison = useAgainst(against, state, hasRuns);
  const unknownWords = unknownAddressWords(query.value);
  const drags = query.value.get('drag') === 'zoom' ? 'zoom' : 'choose';
  /** The CPUs and threads that were chosen stay. */
  const chooseTimes = (rangesS: Float64Array | null) =>
    state.choose({ ...chosen.text, rangesS, frames: null, phases: [] });
  const onDrag = (range: TimeRange | null) => {
    if (drags === 'zoom') return axis.onZoom(range);
    const rangesS = range === null ? null : Float64Array.of(range.from, range.to);
    chooseTimes(rangesS);
  };
  /** Frames where there are any, else as much time. */
  const chooseAround = (timeS: number) => {
    if (isAround(chosen.text, timeS)) return state.choose({ ...chosen.text, rangesS: null, frames: null });
    if (state.frames !== null) return state.choose({ ...chosen.text, rangesS: null, frames: framesAround(timeS) });
    chooseTimes(Float64Array.of(timeS - MARKER_REACH_S, timeS + MARKER_REACH_S));
  };
  const zoomToChosen = () => {
    const { marked } = chosen;
    if (marked === null || marked.length === 0) return;
    const room = (marked.at(-1)! - marked[0]!) * 0.05;
    axis.onZoom({ from: marked[0]! - room, to: marked.at(-1)! + room });
  };
  const toggleRest = () => setQuery({ vs: against === 'rest' ? null : 'rest' }, 'push');
  const kept = keptChoice(state);
  const toggleKept = () => setQuery({ vs: keptText(against) === null ? kept : null }, 'push');
  useShortcuts('This profile', [
    { keys: ['a'], does: 'choose all of it', run: () => state.choose(SELECTION_OF_ALL) },
    ...(state.hasOwn
      ? [{ keys: ['e'], does: 'the run’s processes, or everything that ran', run: () => state.see(state.isOwn) }]
      : []),
    { keys: ['d'], does: 'difference from the rest, on or off', run: toggleRest },
    { keys: ['k'], does: KEEP_WORDS, run: toggleKept },
    { keys: ['z'], does: 'zoom to what is chosen', run: zoomToChosen },
    { keys: ['0'], does: 'see all of the time', run: () => axis.onZoom(null) },
    {
      keys: ['m'],
      does: 'a drag over a chart chooses, or zooms',
      run: () => setQuery({ drag: drags === 'zoom' ? null : 'zoom' }),
    },
  ]);
  const marked = chosen.marked ?? undefined;
  const isTimed = profile.header.clock !== 'none';
  const isEmpty = profile.samples.timeNs.length === 0 && (profile.spans?.startNs.length ?? 0) === 0;
  return (
    <div class="profile-view">
      <ChosenLine profile={profile} state={state} isWaiting={around.frames === undefined}>
        {state.hasOwn && (
          <fieldset class="segments">
            <legend>Of</legend>
            <button type="button" aria-pressed={state.isOwn} onClick={() => state.see(false)}>
              the run’s processes
            </button>
            <button type="button" aria-pressed={state.isAll} onClick={() => state.see(true)}>
              all that ran
            </button>
          </fieldset>
        )}
        <ProfileNarrow
          profile={profile}
          phases={isTimed ? around.phases.map(({ phase }) => phase) : NO_PHASES}
          text={chosen.text}
          onChoose={state.choose}
        />
        {chosen.rest !== null && (
          <button type="button" aria-pressed={against === 'rest'} onClick={toggleRest}>
            difference from the rest
          </button>
        )}
        {(kept !== null || keptText(against) !== null) && (
          <button type="button" aria-pressed={keptText(against) !== null} title={KEEP_WORDS} onClick={toggleKept}>
            {keptText(against) === null ? 'compare others with it' : `compared with ${shortened(keptText(against)!)} ✕`}
          </button>
        )}
        {chosen.marked !== null && (
          <button type="button" onClick={zoomToChosen}>
            zoom to it
          </button>
        )}
        <button
          type="button"
          disabled={printSelection(chosen.text) === '' && state.finding === null}
          onClick={() => state.choose(SELECTION_OF_ALL)}
        >
          choose all
        </button>
        {isTimed && (
          <fieldset class="segments">
            <legend>A drag</legend>
            {(['choose', 'zoom'] as const).map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={one === drags}
                onClick={() => setQuery({ drag: one === 'zoom' ? one : null })}
              >
                {one}s
              </button>
            ))}
          </fieldset>
        )}
        {axis.zoom !== null && (
          <button type="button" onClick={() => axis.onZoom(null)}>
            all of the time
          </button>
        )}
      </ChosenLine>
      {unknownWords !== null && <p class="panel warn profile-none">{unknownWords}</p>}
      {axis.problem !== null && <p class="panel warn profile-none">{axis.problem}</p>}
      <ProfileFindings
        findings={state.findings}
        tooThin={state.tooThin}
        nothing={state.nothing}
        chosen={state.finding ?? -1}
        onChoose={(position) => state.chooseFinding(position)}
      />
      {isTimed && around.phases.length > 0 && (
        <PhaseStrip phases={around.phases} range={axis.range} onZoom={(range) => onDrag(range)} />
      )}
      {isTimed && around.markers.length > 0 && (
        <MarkerStrip
          markers={around.markers}
          range={axis.range}
          chosen={around.markers.findIndex((marker) => isAround(chosen.text, marker.timeS))}
          onChoose={(marker) => chooseAround(marker.timeS)}
        />
      )}
      {isTimed &&
        charts?.({ group: axis.group, range: axis.range, boundaries: axis.boundaries, onZoom: onDrag, marked, name })}
      {isTimed && isEmpty && (
        <p class="panel muted profile-none">
          There are no samples in this profile: it is not known what ran, and not that nothing did.
        </p>
      )}
      {isTimed && !isEmpty && (
        <section class="panel profile-heatmap" aria-label="Heatmap">
          <Heatmap
            occupancy={occupancy}
            zeroNs={originNs}
            phases={around.phases}
            markers={around.markers}
            group={axis.group}
            whole={axis.whole}
            range={axis.range}
            onZoom={axis.onZoom}
            selection={chosen.marked}
            onSelect={chooseTimes}
            choice={heatmapChoice}
            onChoice={(choice) => setQuery({ heat: formatHeatmapChoice(choice, firstHeatmap) })}
          />
        </section>
      )}
      {isTimed && frames !== null && state.frames !== null && (
        <FramesPanel
          columns={frames}
          times={state.frames}
          axis={axis}
          name={name}
          choice={chosen.text.frames}
          exact={chosen.frames}
          marked={marked}
          markers={around.markers}
          way={state.way}
          usualWay={state.usualWay}
          onWay={(way) => setQuery({ way: way === state.usualWay ? null : way })}
          onChoose={(choice) => state.choose({ ...chosen.text, rangesS: null, frames: choice })}
          onDrag={onDrag}
        />
      )}
      {comparison.problem !== null && <p class="panel warn profile-none">{comparison.problem}</p>}
      <FlamePanel
        part={{ profile, selection: chosen.selection }}
        baseline={comparison.against}
        choice={flameChoice}
        onChoice={(choice) => setQuery({ flame: formatFlameChoice(choice) })}
      />
      <Drawn of={chosen.selection} />
      <ProfileFacts profile={profile} isOwn={state.from.own !== null} />
    </div>
  );
}

/** Stands behind the flame graph, and tells a bench when that was drawn anew. */
function Drawn({ of }: { of: ProfileSelection }) {
  useEffect(() => {
    requestAnimationFrame(() => performance.mark('encodelab:profile-drawn'));
  }, [of]);
  return null;
}

/** Whether what is chosen is what a click on a marker chooses. */
function isAround({ frames, rangesS }: SelectionText, timeS: number): boolean {
  if (frames !== null) return frames.kind === 'around' && Math.abs(frames.timeS - timeS) < 1e-3;
  return rangesS?.length === 2 && Math.abs((rangesS[0]! + rangesS[1]!) / 2 - timeS) < 1e-3;
}

const KEEP_WORDS = 'keep what is chosen, and see how other choices differ from it';
const NO_PHASES: readonly string[] = [];

interface ChosenLineProps {
  readonly profile: Profile;
  readonly state: ProfileState;
  /** Frames may come yet. */
  readonly isWaiting: boolean;
  readonly children: ComponentChildren;
}

/** What is chosen, in a line that stays in view. */
function ChosenLine({ profile, state, isWaiting, children }: ChosenLineProps) {
  const { chosen, finding, findings } = state;
  const size = useMemo(() => measureSelection(profile, chosen.selection), [profile, chosen.selection]);
  const text = printSelection(chosen.text);
  const what =
    finding !== null && findings?.[finding] !== undefined
      ? `finding ${finding + 1}: ${DIAGNOSIS_NAMES[findings[finding].diagnosis]}`
      : text === ''
        ? 'all of it'
        : shortened(text);
  const isFine = chosen.problem === null || isWaiting;
  return (
    <section class="panel profile-chosen-line" aria-label="What is chosen">
      <p role="status">
        <b>{isFine ? what : 'all of it'}</b>{' '}
        <span class="muted">
          {profile.header.clock === 'none' ? '' : `${formatQuantity(size.timeNs / 1e9, 's')}, `}
          {size.busySamples.toLocaleString('en')} samples
          {size.ranges > 1 && ` in ${size.ranges.toLocaleString('en')} stretches`}
        </span>
        {!isFine && <span class="bad"> {chosen.problem}</span>}
      </p>
      {children}
    </section>
  );
}
