// The bar of a player: where one is, what is loaded, the seams of chunks, and a small picture of where one would go.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import type { LoadedPlayer, Thumbnail } from './load-shaka.ts';

/** More seams than these are not told apart on a bar. */
const MAX_MARKS = 400;
const STEP_S = 5;

interface SeekBarProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly player: RefObject<LoadedPlayer | null>;
  readonly seamsS: readonly number[];
}

export function SeekBar({ video, player, seamsS }: SeekBarProps) {
  const [now, setNow] = useState(0);
  const [length, setLength] = useState(0);
  const [loaded, setLoaded] = useState(0);
  const [preview, setPreview] = useState<{ readonly share: number; readonly picture: Thumbnail | null } | null>(null);
  const asked = useRef(0);
  useEffect(() => {
    const element = video.current!;
    const update = () => {
      setNow(element.currentTime);
      setLength(Number.isFinite(element.duration) ? element.duration : 0);
      setLoaded(element.buffered.length === 0 ? 0 : element.buffered.end(element.buffered.length - 1));
    };
    const events = ['timeupdate', 'durationchange', 'progress', 'seeking', 'loadedmetadata'];
    for (const name of events) element.addEventListener(name, update);
    return () => {
      for (const name of events) element.removeEventListener(name, update);
    };
  }, []);
  const every = Math.ceil(seamsS.length / MAX_MARKS);
  const share = (seconds: number) => (length === 0 ? 0 : Math.min(100, (100 * seconds) / length));
  const onHover = async (event: MouseEvent) => {
    const bar = event.currentTarget as HTMLElement;
    const at = Math.max(0, Math.min(1, event.offsetX / Math.max(1, bar.clientWidth)));
    const mine = ++asked.current;
    const track = player.current?.getImageTracks()[0];
    const picture =
      track === undefined ? null : await player.current!.getThumbnails(track.id, at * length).catch(() => null);
    if (mine === asked.current) setPreview({ share: at, picture });
  };
  return (
    <>
      <div
        class="seek"
        onMouseMove={(event) => void onHover(event)}
        onMouseLeave={() => {
          asked.current++;
          setPreview(null);
        }}
      >
        <i class="loaded" style={{ width: `${share(loaded)}%` }} />
        <i class="played" style={{ width: `${share(now)}%` }} />
        {seamsS
          .filter((_, i) => i % every === 0)
          .map((seam) => (
            <i key={seam} class="seam" style={{ left: `${share(seam)}%` }} title={`seam at ${seam.toFixed(2)} s`} />
          ))}
        <input
          type="range"
          aria-label="Position"
          min={0}
          max={length}
          step="any"
          value={now}
          aria-valuetext={clock(now)}
          onInput={(event) => {
            video.current!.currentTime = Number(event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            const by = event.key === 'ArrowLeft' ? -STEP_S : event.key === 'ArrowRight' ? STEP_S : 0;
            if (by === 0) return;
            event.preventDefault();
            video.current!.currentTime = Math.max(0, Math.min(length, now + by));
          }}
        />
        {preview !== null && length > 0 && (
          <Preview share={preview.share} picture={preview.picture} at={preview.share * length} />
        )}
      </div>
      <span class="clock">
        {clock(now)} <span class="muted">/ {clock(length)}</span>
      </span>
    </>
  );
}

function Preview({ share, picture, at }: { share: number; picture: Thumbnail | null; at: number }) {
  return (
    <span class="seek-preview" style={{ left: `${share * 100}%` }}>
      {picture !== null && picture.uris[0] !== undefined && (
        <i
          style={{
            width: `${picture.width}px`,
            height: `${picture.height}px`,
            backgroundImage: `url("${picture.uris[0]}")`,
            backgroundPosition: `-${picture.positionX}px -${picture.positionY}px`,
          }}
        />
      )}
      {clock(at)}
    </span>
  );
}

/** `1:02:03`, `2:03`. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
