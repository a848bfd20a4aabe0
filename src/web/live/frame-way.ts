// A frame's way from its capture to its being presented, in pieces that do not overlap: together they are its latency. Of a SPICE
// session as much of it as is told.

import type { SessionWay } from './session-way.ts';

/** Steps on the way, in their order; what lies between two of them is the network's, or waiting. */
const WAY = [
  'guest capture',
  'guest scale',
  'guest encode',
  'guest send',
  'server encode',
  'server receive',
  'server send',
  'client receive',
  'client decode',
  'client present',
] as const;
export type WayStep = (typeof WAY)[number];
export const WAY_STEPS: readonly WayStep[] = WAY;

/** The pieces, in the order in which they are stacked. */
export const WAY_PIECES = [
  'capture',
  'scale',
  'encode',
  'send',
  'network',
  'relay',
  'receive',
  'decode',
  'present',
  'waiting',
] as const;
export type WayPiece = (typeof WAY_PIECES)[number];

interface Place {
  readonly step: WayStep;
  /** Whose the time of the step is, and whose the time between the step before and this one. */
  readonly piece: WayPiece;
  readonly before: WayPiece;
}

export interface FrameWay {
  readonly places: readonly Place[];
  /** It begins with the capture; else with the first step that is told. */
  readonly isCaptured: boolean;
  /** Steps that end it, the last one first. */
  readonly ends: readonly WayStep[];
  /** Steps without which a frame is not complete. A frame need not be scaled. */
  readonly expected: readonly WayStep[];
  /** Every expected step is told in every session; else only what was ever told is waited for. */
  readonly isStrict: boolean;
}

const SENT: readonly WayStep[] = ['guest capture', 'guest scale', 'guest encode', 'guest send'];
const SHOWN: readonly WayStep[] = ['client decode', 'client present'];

export const FRAME_WAYS: Readonly<Record<SessionWay, FrameWay>> = {
  loopback: wayOf([...SENT, 'server receive', 'server send', 'client receive', ...SHOWN], {
    ends: ['client present'],
    isStrict: true,
  }),
  guest: wayOf([...SENT, 'server receive', 'server send', ...SHOWN], { ends: ['client present', 'server send'] }),
  stock: wayOf(['server encode', 'server send', ...SHOWN], {
    ends: ['client present', 'server send'],
    isCaptured: false,
  }),
};

function wayOf(
  steps: readonly WayStep[],
  { ends, isCaptured = true, isStrict = false }: Pick<FrameWay, 'ends'> & Partial<FrameWay>,
): FrameWay {
  const places = steps.map((step, position): Place => {
    const [role, name] = step.split(' ') as [string, WayPiece];
    const roleBefore = steps[position - 1]?.split(' ')[0] ?? role;
    const isRelay = isCaptured && role === 'server';
    // What the relay holds back on purpose lies between its two steps.
    const before = role !== roleBefore ? 'network' : isRelay ? 'relay' : 'waiting';
    return { step, piece: isRelay ? 'relay' : name, before };
  });
  return { places, isCaptured, isStrict, ends, expected: steps.filter((step) => step !== 'guest scale') };
}

/** When a frame's way began: with its capture, else with the first step that is told. Seconds; NaN where neither is. */
export function beginOf(
  { places, isCaptured }: FrameWay,
  capturedS: number,
  startOf: (step: WayStep) => number,
): number {
  if (isCaptured) return capturedS;
  const first = places.find(({ step }) => !Number.isNaN(startOf(step)));
  return first === undefined ? NaN : startOf(first.step);
}

/**
 * Parts the time from capture to present: each step has what it took after the end of the one before it, since a frame is
 * sent, relayed and received at the same time.
 * @param beganS seconds: `beginOf`
 * @param startOf seconds; NaN where a step is not told
 * @param endOf the same; a step without an end has no length
 * @param ms by piece, in the order of WAY_PIECES, milliseconds: NaN where the frame has none of it. Written
 * @returns seconds: when its way ended, as far as it is told; NaN while it is on its way
 */
export function partWay(
  { places, ends }: FrameWay,
  beganS: number,
  startOf: (step: WayStep) => number,
  endOf: (step: WayStep) => number,
  ms: Float64Array,
): number {
  ms.fill(NaN);
  let endS = NaN;
  for (let i = 0; i < ends.length && Number.isNaN(endS); i++)
    endS = Number.isNaN(endOf(ends[i]!)) ? startOf(ends[i]!) : endOf(ends[i]!);
  let at = beganS;
  const give = (piece: WayPiece, untilS: number) => {
    const place = WAY_PIECES.indexOf(piece);
    // Nothing is behind the end: clocks are not known better than that.
    const until = Math.min(untilS, endS);
    ms[place] = (Number.isNaN(ms[place]!) ? 0 : ms[place]!) + Math.max(0, until - at) * 1e3;
    at = Math.max(at, until);
  };
  for (const { step, piece, before } of places) {
    const startS = startOf(step);
    if (Number.isNaN(startS)) continue;
    const stepEndS = endOf(step);
    give(before, startS);
    give(piece, Number.isNaN(stepEndS) ? startS : stepEndS);
  }
  return endS;
}
