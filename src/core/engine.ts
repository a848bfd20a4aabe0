// An engine: what carries out an encode. It is a setting, so that builds can be compared.

/** The engine that comes with us: FFmpeg 8 in a child process of ours. */
export const BUNDLED_ENGINE = 'bundled';
/** The `ffmpeg` that stands on the PATH. */
export const PATH_ENGINE = 'ffmpeg';

/**
 * The value of the setting `engine`: `bundled`, `ffmpeg`, or the absolute path of an executable that understands
 * ffmpeg's command line.
 */
export type EngineSetting = string;

export interface EngineInfo {
  readonly setting: EngineSetting;
  readonly kind: 'bundled' | 'ffmpeg';
  /** Of FFmpeg, as it tells it: `8.1-Jellyfin`, `5.1.9-0+deb12u1`. */
  readonly version: string;
  /** Absolute path of the executable; null for the bundled one. */
  readonly path: string | null;
  /** Versions of FFmpeg's libraries by name. */
  readonly libraries: Readonly<Record<string, string>>;
  /**
   * Tells two builds apart, whatever their version says: a hash of the executable and of the codec libraries that it
   * loads, or the package version of the bundled one.
   */
  readonly build: string;
  /** What can't be learned from this version, and why: `encode.time: …`. */
  readonly absent: readonly string[];
  /** Names of its filters that score pictures: `psnr`, `ssim`, `xpsnr`, `libvmaf`. */
  readonly qualityFilters: readonly string[];
}

/** True for a setting that names an executable of the user's. */
export function isExecutableEngine(engine: EngineSetting): boolean {
  return engine !== BUNDLED_ENGINE;
}

/** Whether a value may name an engine; whether there is one is known when it is asked. */
export function isEngineSetting(value: string): boolean {
  return value === BUNDLED_ENGINE || value === PATH_ENGINE || value.startsWith('/');
}
