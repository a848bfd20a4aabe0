// The rates of a machine, measured in half a minute before it has any work of its own to learn from: each encoder encodes a small synthetic piece.

/** Of the stored form. */
export const CALIBRATION_VERSION = 1;

/** An encoder as it is calibrated. */
export interface CalibratedEncoder {
  readonly engine: string | null;
  readonly codec: string | null;
  readonly encoder: string;
  readonly preset: string | null;
  readonly threads: number;
}

/** What one megapixel of one frame costs. */
export interface CalibrationRate extends CalibratedEncoder {
  readonly secondsPerMegapixel: number;
  /** CPU seconds. */
  readonly cpuPerMegapixel: number | null;
  /** Peak bytes of the piece, and its pixels a frame. */
  readonly memoryPeak: number | null;
  readonly pixels: number;
}

export interface Calibration {
  readonly version: typeof CALIBRATION_VERSION;
  /** As in `WorkFeatures`. */
  readonly machine: string;
  /** UTC, milliseconds. */
  readonly measuredAt: number;
  readonly rates: readonly CalibrationRate[];
  /** Encoders that could not be measured, and why. */
  readonly problems: readonly string[];
}

/** A synthetic piece to encode. */
export interface CalibrationPiece extends CalibratedEncoder {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** What it took; null where it could not be measured. */
export interface CalibrationUse {
  readonly durationS: number;
  readonly cpuS: number | null;
  readonly memoryPeak: number | null;
}

export interface CalibrationRequest {
  /** Encodes a piece and measures it; its rejection is that encoder's problem only. */
  readonly encode: (piece: CalibrationPiece, signal: AbortSignal) => Promise<CalibrationUse>;
  readonly encoders: readonly CalibratedEncoder[];
  readonly machine: string;
  /** UTC, milliseconds. */
  readonly now: () => number;
  /** Seconds for all encoders together, by default {@link CALIBRATION_S}; a piece that takes more than its encoder's share is broken off. */
  readonly budgetS?: number;
  readonly signal?: AbortSignal;
}

/** Half a minute. */
const CALIBRATION_S = 30;
const WIDTH = 640;
const HEIGHT = 360;

/** Pieces begin with so many frames, and grow while the time allows: a long one hides the encoder's start. */
const FIRST_FRAMES = 24;
const MOST_FRAMES = 1536;
const GROWTH = 4;

/** A longer piece is begun only where it would end within this share of the encoder's time. */
const SAFE_SHARE = 0.8;

/** Measures each encoder within an equal share of the time. */
export async function calibrate(request: CalibrationRequest): Promise<Calibration> {
  const { encoders, machine, now } = request;
  const rates: CalibrationRate[] = [];
  const problems: string[] = [];
  for (const encoder of encoders) {
    const shareS = (request.budgetS ?? CALIBRATION_S) / encoders.length;
    try {
      rates.push(await measureRate(encoder, shareS, request));
    } catch (error) {
      request.signal?.throwIfAborted();
      problems.push(`${encoder.encoder}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { version: CALIBRATION_VERSION, machine, measuredAt: now(), rates, problems };
}

/** The rate of the longest piece that the time allowed. */
async function measureRate(
  encoder: CalibratedEncoder,
  shareS: number,
  { encode, signal }: CalibrationRequest,
): Promise<CalibrationRate> {
  let leftS = shareS;
  let frames = FIRST_FRAMES;
  for (;;) {
    const timeout = AbortSignal.timeout(Math.max(1, Math.ceil(shareS * 1000)));
    const ends = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    const used = await encode({ ...encoder, width: WIDTH, height: HEIGHT, frames }, ends);
    leftS -= used.durationS;
    const nextS = used.durationS * GROWTH;
    if (frames * GROWTH <= MOST_FRAMES && nextS <= SAFE_SHARE * leftS) {
      frames *= GROWTH;
      continue;
    }
    const megapixels = (WIDTH * HEIGHT * frames) / 1e6;
    return {
      ...encoder,
      secondsPerMegapixel: used.durationS / megapixels,
      cpuPerMegapixel: used.cpuS === null ? null : used.cpuS / megapixels,
      memoryPeak: used.memoryPeak,
      pixels: WIDTH * HEIGHT,
    };
  }
}
