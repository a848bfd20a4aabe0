// Values along an axis of names that runs have, but no number: said in their place, which would else look like a zero.

import type { Panel, SceneText } from '../scene/scene.ts';
import { widthOfText } from '../scene/text-width.ts';
import { TICK_SIZE } from './facet-layout.ts';
import type { Groups } from './grouping.ts';

const ABSENT = 'absent';
const SHORT = '–';

/** A word at the foot of each slot that has no group in any panel. */
export function absentTexts({ digits }: Groups, slots: number, { x, y, width, height }: Panel): SceneText[] {
  const known = new Set(digits[2]);
  if (known.size === slots) return [];
  const slot = width / slots;
  const text = widthOfText(ABSENT, TICK_SIZE) + 4 <= slot ? ABSENT : SHORT;
  return Array.from({ length: slots }, (_, at) => at)
    .filter((at) => !known.has(at))
    .map((at) => ({
      x: x + (at + 0.5) * slot,
      y: y + height - 6,
      text,
      anchor: 'middle',
      size: TICK_SIZE,
      ink: 'muted',
    }));
}
