// Plays a published title with the rungs, the frames that were dropped and the seams of its chunks in sight.

import { useEffect, useRef, useState } from 'preact/hooks';
import { formatNumber, formatQuantity } from '#core/format-quantity';
import type { Playable } from '#server/titles-wire';
import {
  chooseRung,
  fetchWhatIsPlayed,
  useLicence,
  watchPlayback,
  type PlaybackFigures,
  type ShakaTrack,
} from '../player/playback.ts';
import { loadShaka, type LoadedPlayer } from './load-shaka.ts';
import { SeekBar } from './seek-bar.tsx';

const FIGURES_MS = 500;

interface TitlePlayerProps {
  readonly playable: readonly Playable[];
  /** Seconds at which chunks begin. */
  readonly seamsS: readonly number[];
}

export function TitlePlayer({ playable, seamsS }: TitlePlayerProps) {
  const [variant, setVariant] = useState(0);
  const shown = playable[Math.min(variant, playable.length - 1)]!;
  return (
    <section class="panel title-player" aria-label="Player">
      <header class="panel-head">
        <h2>What was published</h2>
        {playable.length > 1 && (
          <fieldset class="segments">
            {playable.map(({ protection, dash }, position) => (
              <button key={dash} type="button" aria-pressed={position === variant} onClick={() => setVariant(position)}>
                {protectionWords(protection)}
              </button>
            ))}
          </fieldset>
        )}
        {playable.length === 1 && <span class="muted">{protectionWords(shown.protection)}</span>}
      </header>
      <Playing key={shown.dash} of={shown} seamsS={seamsS} />
    </section>
  );
}

function Playing({ of, seamsS }: { of: Playable; seamsS: readonly number[] }) {
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<LoadedPlayer | null>(null);
  const [tracks, setTracks] = useState<readonly ShakaTrack[]>([]);
  const [chosen, setChosen] = useState<number | null>(null);
  const [figures, setFigures] = useState<PlaybackFigures | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isPaused, setPaused] = useState(true);
  useEffect(() => {
    let isGone = false;
    const element = video.current!;
    const watch = watchPlayback(element);
    const timer = setInterval(() => {
      setFigures(watch.figures());
      if (player.current !== null) setTracks(player.current.getVariantTracks());
    }, FIGURES_MS);
    const begin = async () => {
      const loaded = await loadShaka();
      if (isGone) return;
      const made = loaded();
      player.current = made;
      made.addEventListener('error', ({ detail }) => setProblem(`the player failed: shaka error ${detail.code}`));
      await made.attach(element);
      fetchWhatIsPlayed(made);
      if (of.licence !== null) useLicence(made, of.licence, location.href);
      await made.load(new URL(of.dash, location.href).href);
      setTracks(made.getVariantTracks());
    };
    begin().catch((error: unknown) => {
      if (isGone) return;
      const { code } = error as { readonly code?: number };
      setProblem(code === undefined ? String(error) : `this can't be played here: shaka error ${code}`);
    });
    return () => {
      isGone = true;
      clearInterval(timer);
      watch.stop();
      void player.current?.destroy();
      player.current = null;
    };
  }, []);
  const toggle = () => {
    const element = video.current!;
    // A play that is broken off by a pause is no failure; what can't be played has told so already.
    if (element.paused) element.play().catch(() => undefined);
    else element.pause();
  };
  const active = tracks.find((track) => track.active);
  return (
    <>
      <video
        ref={video}
        playsInline
        aria-label="Published video"
        onPlay={() => setPaused(false)}
        onPause={() => setPaused(true)}
        onClick={toggle}
      />
      {problem !== null && (
        <p class="bad pad" role="alert">
          {problem}
        </p>
      )}
      <div class="player-bar">
        <button type="button" onClick={toggle} aria-label={isPaused ? 'Play' : 'Pause'}>
          {isPaused ? '▶' : '‖'}
        </button>
        <SeekBar video={video} player={player} seamsS={seamsS} />
      </div>
      <div class="player-facts">
        <label>
          <span class="muted">rung </span>
          <select
            value={chosen === null ? '' : String(chosen)}
            disabled={tracks.length === 0}
            onChange={(event) => {
              const { value } = event.currentTarget;
              const id = value === '' ? null : Number(value);
              setChosen(id);
              if (player.current !== null) chooseRung(player.current, id);
            }}
          >
            <option value="">by itself</option>
            {tracks
              .toSorted((a, b) => b.bandwidth - a.bandwidth)
              .map((track) => (
                <option key={track.id} value={String(track.id)}>
                  {trackWords(track)}
                </option>
              ))}
          </select>
        </label>
        <span>
          <span class="muted">plays</span> {active === undefined ? '–' : trackWords(active)}
        </span>
        <span>
          <span class="muted">frames</span> {formatNumber(figures?.frames)}
        </span>
        <span class={figures !== null && figures.droppedFrames > 0 ? 'warn' : undefined}>
          <span class="muted">dropped</span> {formatNumber(figures?.droppedFrames)}
        </span>
        <span class={figures !== null && figures.stalls > 0 ? 'warn' : undefined}>
          <span class="muted">stalls</span> {formatNumber(figures?.stalls)}
          {figures !== null && figures.stalls > 0 && ` (${formatQuantity(figures.stalledS, 's')})`}
        </span>
        <span class="muted">
          {seamsS.length} seam{seamsS.length === 1 ? '' : 's'} of chunks, marked on the bar
        </span>
      </div>
    </>
  );
}

function trackWords({ width, height, bandwidth, videoCodec }: ShakaTrack): string {
  const codec = videoCodec?.split('.')[0] ?? '';
  return `${width ?? '?'}x${height ?? '?'} ${codec} ${formatQuantity(bandwidth, 'bit/s')}`;
}

function protectionWords(protection: Playable['protection']): string {
  return protection === 'none' ? 'clear' : `protected by ${protection}, played by ClearKey`;
}
