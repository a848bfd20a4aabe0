// What a page needs around a player of DASH and HLS (shaka-player), whatever the page looks like: keys from the lab's
// licence endpoint, rungs chosen by hand, and what the viewer got.

/** As `GET /api/media/NAME` tells it. */
export interface Licence {
  readonly url: string;
  readonly token: string;
}

/** The parts of `shaka.Player` that are used here. */
export interface ShakaPlayer {
  configure(config: object): boolean;
  getNetworkingEngine(): {
    registerRequestFilter(filter: (type: number, request: { headers: Record<string, string> }) => void): void;
  } | null;
  getVariantTracks(): ShakaTrack[];
  selectVariantTrack(track: ShakaTrack, clearBuffer?: boolean): void;
}

export interface ShakaTrack {
  readonly id: number;
  readonly active: boolean;
  readonly bandwidth: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly videoCodec: string | null;
}

const CLEAR_KEY = 'org.w3.clearkey';
/** `shaka.net.NetworkingEngine.RequestType.LICENSE`. */
const LICENCE_REQUEST = 2;

/** Before anything is loaded: shaka-player 5.2 waits for ever for a prefetched initialization segment that a seek broke off. */
export function fetchWhatIsPlayed(player: ShakaPlayer): void {
  player.configure({ streaming: { segmentPrefetchLimit: 0 } });
}

/** Before a protected title is loaded. @param base address that the licence's is relative to */
export function useLicence(player: ShakaPlayer, licence: Licence, base: string): void {
  player.configure({ drm: { servers: { [CLEAR_KEY]: new URL(licence.url, base).href } } });
  player.getNetworkingEngine()?.registerRequestFilter((type, request) => {
    if (type !== LICENCE_REQUEST) return;
    request.headers['authorization'] = `Bearer ${licence.token}`;
    request.headers['content-type'] = 'application/json';
  });
}

/** Plays this rung from now on, or with null whatever the connection carries. */
export function chooseRung(player: ShakaPlayer, id: number | null): void {
  player.configure({ abr: { enabled: id === null } });
  const track = player.getVariantTracks().find((one) => one.id === id);
  // What is buffered already of another rung is thrown away: the choice is seen at once.
  if (track !== undefined) player.selectVariantTrack(track, true);
}

export interface PlaybackFigures {
  /** Frames that were due, and those of them that were not shown. */
  readonly frames: number;
  readonly droppedFrames: number;
  /** Times that the picture stood still for want of data, those after a seek not counted; and how long in all. */
  readonly stalls: number;
  readonly stalledS: number;
}

export interface PlaybackWatch {
  figures(): PlaybackFigures;
  stop(): void;
}

/** Counts from now on what a viewer gets. */
export function watchPlayback(video: HTMLVideoElement): PlaybackWatch {
  let stalls = 0;
  let stalledMs = 0;
  let sinceMs: number | null = null;
  let hasPlayed = false;
  const onWaiting = () => {
    // Waiting for the first frame, or for the place that was gone to, is no stall.
    if (!hasPlayed || video.seeking || sinceMs !== null) return;
    stalls++;
    sinceMs = performance.now();
  };
  const onPlaying = () => {
    hasPlayed = true;
    if (sinceMs !== null) stalledMs += performance.now() - sinceMs;
    sinceMs = null;
  };
  const onSeeking = () => {
    onPlaying();
    hasPlayed = false;
  };
  const listeners = { waiting: onWaiting, playing: onPlaying, seeking: onSeeking } as const;
  for (const [name, listener] of Object.entries(listeners)) video.addEventListener(name, listener);
  return {
    figures() {
      const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
      const openMs = sinceMs === null ? 0 : performance.now() - sinceMs;
      return {
        frames: totalVideoFrames,
        droppedFrames: droppedVideoFrames,
        stalls,
        stalledS: (stalledMs + openMs) / 1000,
      };
    },
    stop() {
      for (const [name, listener] of Object.entries(listeners)) video.removeEventListener(name, listener);
    },
  };
}
