// A frame's way from its capture to its being presented, in pieces that do not overlap: together they are its latency.

/** Steps on the way, in their order; what lies between two of them is the network's, or waiting. */
const WAY = [
  'guest capture',
  'guest scale',
  'guest encode',
  'guest send',
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

const PLACES: readonly Place[] = WAY.map((step) => {
  const [role, name] = step.split(' ') as [string, WayPiece];
  const piece = role === 'server' ? 'relay' : name;
  const comesOver = step === 'server receive' || step === 'client receive';
  // What the relay holds back on purpose lies between its two steps.
  const before = step === 'server send' ? 'relay' : comesOver ? 'network' : 'waiting';
  return { step, piece, before };
});

/**
 * Parts the time from capture to present: each step has what it took after the end of the one before it, since a frame is
 * sent, relayed and received at the same time.
 * @param startOf seconds; NaN where a step is not told
 * @param endOf the same; a step without an end has no length
 * @param ms by piece, in the order of WAY_PIECES, milliseconds: NaN where the frame has none of it. Written
 * @returns seconds: when it was presented; NaN while it is on its way
 */
export function partWay(
  capturedS: number,
  startOf: (step: WayStep) => number,
  endOf: (step: WayStep) => number,
  ms: Float64Array,
): number {
  ms.fill(NaN);
  const present = startOf('client present');
  const shownS = Number.isNaN(endOf('client present')) ? present : endOf('client present');
  let at = capturedS;
  const give = (piece: WayPiece, untilS: number) => {
    const place = WAY_PIECES.indexOf(piece);
    // Nothing is behind the end: clocks are not known better than that.
    const until = Math.min(untilS, shownS);
    ms[place] = (Number.isNaN(ms[place]!) ? 0 : ms[place]!) + Math.max(0, until - at) * 1e3;
    at = Math.max(at, until);
  };
  for (const { step, piece, before } of PLACES) {
    const startS = startOf(step);
    if (Number.isNaN(startS)) continue;
    const endS = endOf(step);
    give(before, startS);
    give(piece, Number.isNaN(endS) ? startS : endS);
  }
  return shownS;
}
