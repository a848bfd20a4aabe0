// A source: what is known of a video file before anything is encoded.

/** A fraction of integers: 30000/1001 frames a second, 1/90000 seconds a tick. */
export interface Fraction {
  readonly num: number;
  readonly den: number;
}

/** Chromaticity of CIE 1931. */
export type Chromaticity = readonly [x: number, y: number];

/** Colours and light of the display that the pictures were graded on (SMPTE ST 2086). */
export interface MasteringDisplay {
  readonly red: Chromaticity;
  readonly green: Chromaticity;
  readonly blue: Chromaticity;
  readonly white: Chromaticity;
  /** cd/m2. */
  readonly luminance: readonly [min: number, max: number];
}

/** Brightest pixel and brightest mean of a frame (CTA-861.3), cd/m2. */
export interface ContentLight {
  readonly maxCll: number;
  readonly maxFall: number;
}

/** Which of a frame's two fields comes first. */
export type FieldOrder = 'top-first' | 'bottom-first';

export interface VideoStreamInfo {
  readonly index: number;
  readonly codec: string;
  readonly profile: string | null;
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: string;
  readonly bitDepth: number | null;
  readonly sampleAspectRatio: Fraction | null;
  /** Clockwise degrees that a player turns the picture by. */
  readonly rotation: number;
  readonly color: {
    readonly range: string | null;
    readonly primaries: string | null;
    readonly transfer: string | null;
    readonly matrix: string | null;
    /** `SDR`, `HDR10` (PQ), `HLG`, or null where the stream does not say. */
    readonly dynamicRange: string | null;
  };
  /** Null where neither the container nor the first frame tells it. */
  readonly masteringDisplay: MasteringDisplay | null;
  readonly contentLight: ContentLight | null;
  /** Metadata that changes from frame to frame: `Dolby Vision`, `HDR10+`; null where there is none. */
  readonly dynamicMetadata: string | null;
  /** Of the first frame; null where it is progressive. */
  readonly fieldOrder: FieldOrder | null;
  /** True where the first frame carries captions (CEA-608, CEA-708). */
  readonly closedCaptions: boolean;
  readonly timeBase: Fraction;
  /** Exact rate where every frame has the same duration; null for a variable rate. */
  readonly frameRate: Fraction | null;
  /** Frames divided by duration, frames a second. */
  readonly averageFrameRate: number;
  readonly variableFrameRate: boolean;
  readonly frames: number;
  readonly keyframes: number;
  /** Largest distance between keyframes, in frames. */
  readonly longestGop: number;
  /** Seconds, from the first frame's start to the last frame's end. */
  readonly duration: number;
  /** Bits a second, from the packets themselves. */
  readonly bitrate: number;
}

/** What a container says that a stream is for. */
export const STREAM_ROLES = [
  'default',
  'dub',
  'original',
  'comment',
  'forced',
  'hearing-impaired',
  'visual-impaired',
] as const;
export type StreamRole = (typeof STREAM_ROLES)[number];

export interface AudioStreamInfo {
  readonly index: number;
  readonly codec: string;
  readonly sampleRate: number;
  readonly channels: number;
  readonly layout: string | null;
  readonly language: string | null;
  readonly roles: readonly StreamRole[];
  readonly duration: number | null;
}

export interface OtherStreamInfo {
  readonly index: number;
  readonly type: string;
  readonly codec: string;
  readonly language: string | null;
  readonly roles: readonly StreamRole[];
}

export interface SourceInfo {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the content, hex. */
  readonly hash: string;
  readonly container: string;
  /** Seconds, as the container declares it; null where it does not. */
  readonly declaredDuration: number | null;
  /** The video stream that is encoded: the container's default, else the first. */
  readonly video: VideoStreamInfo;
  readonly audio: readonly AudioStreamInfo[];
  readonly others: readonly OtherStreamInfo[];
  /** What is odd and yet no reason to refuse it. */
  readonly warnings: readonly string[];
}
