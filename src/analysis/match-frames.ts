// The same frames seen in two places: found by the sequence of their sizes, though some are missing on either side. Pure.

/** Sizes in a row that tell one place in a stream from all others; fewer are tried where more find nothing. */
const KEY_LENGTHS = [3, 2, 1];
/** A gap between sure frames is searched by brute force up to so many pairs. */
const MAX_GAP_PAIRS = 250_000;
/** Less in common is taken for chance. */
const LEAST_MATCHES = 10;
const LEAST_SHARE = 0.5;

/**
 * Finds the frames of one list in another by their sizes: the same sizes in the same order, with losses on either side.
 * Runs of sizes that are unique on both sides are sure places (patience diff); what lies between is the longest common sequence.
 * @returns for each of `second` its position in `first`, ascending, or -1; null where the two have too little in common
 */
export function matchFrames(first: ArrayLike<number>, second: ArrayLike<number>): Int32Array | null {
  for (const length of KEY_LENGTHS) {
    const anchors = ascending(uniquePairs(first, second, length));
    if (anchors.length === 0) continue;
    const match = fillBetween(first, second, anchors);
    const matched = match.reduce((count, at) => count + (at < 0 ? 0 : 1), 0);
    if (matched >= LEAST_MATCHES && matched >= LEAST_SHARE * Math.min(first.length, second.length)) return match;
  }
  return null;
}

type Pair = readonly [first: number, second: number];

/** Places of runs of sizes that occur once in each list, in the order of the second. */
function uniquePairs(first: ArrayLike<number>, second: ArrayLike<number>, length: number): Pair[] {
  const places = (sizes: ArrayLike<number>) => {
    const found = new Map<string, number>();
    for (let i = 0; i + length <= sizes.length; i++) {
      let key = '';
      for (let k = 0; k < length; k++) key += `${sizes[i + k]} `;
      found.set(key, found.has(key) ? -1 : i);
    }
    return found;
  };
  const inFirst = places(first);
  const pairs: Pair[] = [];
  for (const [key, at] of places(second)) {
    const other = inFirst.get(key) ?? -1;
    if (at >= 0 && other >= 0) pairs.push([other, at]);
  }
  return pairs.toSorted((a, b) => a[1] - b[1]);
}

/** The longest part of the pairs that ascends on both sides. */
function ascending(pairs: readonly Pair[]): Pair[] {
  const ends: number[] = [];
  const before = new Int32Array(pairs.length);
  for (const [index, [place]] of pairs.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[ends[middle]!]![0] < place) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : ends[low - 1]!;
    ends[low] = index;
  }
  const chosen: Pair[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index]!) chosen.push(pairs[index]!);
  return chosen.toReversed();
}

function fillBetween(first: ArrayLike<number>, second: ArrayLike<number>, anchors: readonly Pair[]): Int32Array {
  const match = new Int32Array(second.length).fill(-1);
  let [left, right]: [number, number] = [0, 0];
  for (const [endLeft, endRight] of [...anchors, [first.length, second.length] as const]) {
    matchGap(first, second, match, [left, endLeft], [right, endRight]);
    if (endRight < second.length) match[endRight] = endLeft;
    [left, right] = [endLeft + 1, endRight + 1];
  }
  return match;
}

/** Matches what lies between two sure frames: from both ends while sizes agree, then the longest common sequence. */
function matchGap(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  match: Int32Array,
  [left, leftEnd]: readonly [number, number],
  [right, rightEnd]: readonly [number, number],
): void {
  let [a, b, aEnd, bEnd] = [left, right, leftEnd, rightEnd];
  // The ends of the lists are no sure places: only there nothing may be taken from the outer side.
  if (left > 0 && right > 0) while (a < aEnd && b < bEnd && first[a] === second[b]) match[b++] = a++;
  if (leftEnd < first.length && rightEnd < second.length)
    while (a < aEnd && b < bEnd && first[aEnd - 1] === second[bEnd - 1]) match[--bEnd] = --aEnd;
  const [rows, columns] = [aEnd - a, bEnd - b];
  if (rows <= 0 || columns <= 0 || rows * columns > MAX_GAP_PAIRS) return;
  const width = columns + 1;
  const lengths = new Int32Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--)
      lengths[i * width + j] =
        first[a + i] === second[b + j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  for (let i = 0, j = 0; i < rows && j < columns;)
    if (first[a + i] === second[b + j]) match[b + j++] = a + i++;
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
}
