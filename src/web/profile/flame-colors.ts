// Fills of a flame graph and the ink on each. The hues are those of Okabe and Ito (2008), told apart by all common kinds of sight.

import { GROUPING_KIND, INSTRUCTION_CODES, type CallTree } from '#profile/call-tree';
import { isChangeSure, nodeChange } from '#profile/call-difference';
import { FUNCTION_KINDS } from '#core/profile';
import { contrast, tileShade } from '../benchmark/tile-shade.ts';
import { color } from '../shell/theme.ts';
import type { FlameColor } from './flame-choice.ts';

export interface FlamePaint {
  readonly fills: readonly string[];
  /** Of the text on each fill. */
  readonly inks: readonly string[];
  /** Position in `fills` of a node. */
  readonly fillOf: (node: number) => number;
  /** What fills mean; empty where there are too many to tell. */
  readonly legend: readonly { readonly fill: string; readonly words: string }[];
}

/** Of code that is in no file that is known. */
const NO_LIBRARY = '[unknown]';
const LIBRARY_HUES = 8;
const SHADES = 5;
/** A change of this share of the whole has the strongest colour. */
const STRONGEST_CHANGE = 0.05;
/** Where nothing is vector code there still is a node. */
const SCALAR_STRENGTH = 0.16;
const KIND_WORDS = ['unknown', 'user', 'kernel', 'JIT', 'group'];

/**
 * Read from the style sheet, in the scheme that the page has.
 * @param libraries those that most of a profile is of first: none of the first has the hue of another
 */
export function flamePaint(
  tree: CallTree,
  by: FlameColor,
  isNormalised: boolean,
  libraries: readonly string[] = [],
): FlamePaint {
  const neutral = color('--flame-neutral');
  switch (by) {
    case 'library': {
      const fills = [neutral, ...Array.from({ length: LIBRARY_HUES }, (_, hue) => color(`--flame-${hue}`))];
      const hues = libraryHues([...libraries, ...tree.labels.library]);
      const ofLabel = Uint8Array.from(tree.labels.library, (library) => hues.get(library)!);
      return painted(fills, (node) => ofLabel[tree.label[node]!]!, libraryLegend(tree, fills, ofLabel));
    }
    case 'kind': {
      const fills = [...FUNCTION_KINDS.map((kind) => color(`--flame-${kind}`)), neutral];
      const { kind } = tree.labels;
      const there = new Set(Array.from(tree.label, (label) => kind[label]!));
      const legend = fills
        .map((fill, one) => ({ fill, words: KIND_WORDS[one]!, one }))
        .filter(({ one }) => there.has(one) && one !== GROUPING_KIND);
      return painted(fills, (node) => kind[tree.label[node]!]!, legend);
    }
    case 'vector': {
      // Unknown, then from all scalar to all SSE or all AVX: the wider of the two gives the hue.
      const scale = (hue: string) =>
        Array.from(
          { length: SHADES },
          (_, i) =>
            tileShade(SCALAR_STRENGTH + ((1 - SCALAR_STRENGTH) * i) / (SHADES - 1), color(hue), color('--surface'))
              .fill,
        );
      const fills = [neutral, ...scale('--flame-sse'), ...scale('--flame-avx')];
      const legend = [
        { fill: fills[1]!, words: 'scalar' },
        { fill: fills[SHADES]!, words: 'SSE' },
        { fill: fills[2 * SHADES]!, words: 'AVX, AVX-512' },
        { fill: neutral, words: 'unknown' },
      ];
      return painted(fills, (node) => vectorFill(tree, node), legend);
    }
    case 'difference': {
      const scale = (hue: string) =>
        Array.from({ length: SHADES }, (_, i) => tileShade((i + 1) / SHADES, color(hue), color('--surface')).fill);
      const [less, more] = [scale('--flame-less'), scale('--flame-more')];
      const fills = [...less.toReversed(), neutral, ...more];
      const fillOf = (node: number) => {
        const change = nodeChange(tree, node, isNormalised) / STRONGEST_CHANGE;
        if (Math.abs(change) < 0.01 || !isChangeSure(tree, node, isNormalised)) return SHADES;
        return SHADES + Math.sign(change) * Math.min(SHADES, Math.ceil(Math.abs(change) * SHADES));
      };
      const legend = [
        { fill: less.at(-1)!, words: '− less' },
        { fill: neutral, words: 'the same, or not to be told from chance' },
        { fill: more.at(-1)!, words: '+ more' },
      ];
      return painted(fills, fillOf, legend);
    }
  }
}

function painted(fills: readonly string[], fillOf: (node: number) => number, legend: FlamePaint['legend']): FlamePaint {
  const inks = fills.map((fill) => (contrast(fill, '#000000') >= contrast(fill, '#ffffff') ? '#000000' : '#ffffff'));
  return { fills, inks, fillOf, legend };
}

/** The libraries that most of the graph is of, as many as there are hues. */
function libraryLegend(tree: CallTree, fills: readonly string[], ofLabel: Uint8Array): FlamePaint['legend'] {
  const weights = new Map<string, { weight: number; fill: number }>();
  for (let node = 1; node < tree.label.length; node++) {
    const label = tree.label[node]!;
    const library = tree.labels.library[label]!;
    if (library === '') continue;
    const known = weights.get(library);
    if (known === undefined) weights.set(library, { weight: tree.total[node]!, fill: ofLabel[label]! });
    else known.weight += tree.total[node]!;
  }
  return [...weights]
    .toSorted(([, a], [, b]) => b.weight - a.weight)
    .slice(0, LIBRARY_HUES)
    .map(([words, { fill }]) => ({ fill: fills[fill]!, words }));
}

function vectorFill({ instructions }: CallTree, node: number): number {
  if (instructions === null) return 0;
  const at = node * INSTRUCTION_CODES;
  const [, scalar, sse, vex, evex] = instructions.subarray(at, at + INSTRUCTION_CODES);
  const wide = vex! + evex!;
  const known = scalar! + sse! + wide;
  if (known === 0) return 0;
  return 1 + (wide > sse! ? SHADES : 0) + Math.round(((sse! + wide) / known) * (SHADES - 1));
}

/**
 * The hue of each library, by its name's hash: the same in every profile, but that of the first few of this one none has the hue of
 * another. 0 of what is no library.
 */
function libraryHues(libraries: readonly string[]): Map<string, number> {
  const hues = new Map([
    ['', 0],
    [NO_LIBRARY, 0],
  ]);
  const isFree = Array.from({ length: LIBRARY_HUES }, () => true);
  for (const library of libraries) {
    if (hues.has(library)) continue;
    const first = hashOf(library) % LIBRARY_HUES;
    const next = isFree.findIndex((_, step) => isFree[(first + step) % LIBRARY_HUES]);
    const hue = next < 0 ? first : (first + next) % LIBRARY_HUES;
    isFree[hue] = false;
    hues.set(library, hue + 1);
  }
  return hues;
}

/** FNV-1a (Fowler, Noll, Vo): the same library has the same colour everywhere. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
