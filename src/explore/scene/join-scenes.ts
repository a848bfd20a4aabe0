// Several pictures as one: each with its upper left corner at a place of the page.

import type { Look, Mark, Panel, Scene, SceneText } from './scene.ts';

export interface ScenePart {
  readonly scene: Scene;
  readonly x: number;
  readonly y: number;
}

/**
 * Panels, looks and marks of all parts in one list each, moved to their places. What is in `about` stands as it is.
 * @param lookOf what a look of a part becomes: series of one name must look alike on the whole page
 */
export function joinScenes(
  about: Omit<Scene, 'panels' | 'looks' | 'marks'> & { readonly texts: readonly SceneText[] },
  parts: readonly ScenePart[],
  lookOf: (look: Look, scene: Scene) => Look,
): Scene {
  const { texts, ...rest } = about;
  const panels: Panel[] = [];
  const looks: Look[] = [];
  const marks: Mark[] = [];
  for (const { scene, x, y } of parts) {
    const shift: Shift = { x, y, panels: panels.length, looks: looks.length };
    marks.push(...scene.marks.map((mark) => shifted(mark, shift)));
    panels.push(...scene.panels.map((panel) => ({ ...panel, x: panel.x + x, y: panel.y + y })));
    looks.push(...scene.looks.map((look) => lookOf(look, scene)));
  }
  return { ...rest, panels, looks, marks: [...marks, { kind: 'texts', panel: -1, texts }] };
}

interface Shift {
  readonly x: number;
  readonly y: number;
  readonly panels: number;
  readonly looks: number;
}

function shifted(mark: Mark, { x, y, panels, looks }: Shift): Mark {
  const panel = mark.panel === -1 ? -1 : mark.panel + panels;
  if (mark.kind === 'texts')
    return { ...mark, panel, texts: mark.texts.map((text) => ({ ...text, x: text.x + x, y: text.y + y })) };
  const of = { panel, looks: mark.looks.map((look) => look + looks) };
  const by = (values: Float32Array, offset: number) => values.map((value) => value + offset);
  switch (mark.kind) {
    case 'points':
    case 'lines':
    case 'rects':
      return { ...mark, ...of, x: by(mark.x, x), y: by(mark.y, y) };
    case 'bands':
      return { ...mark, ...of, x: by(mark.x, x), low: by(mark.low, y), high: by(mark.high, y) };
    case 'segments':
      return { ...mark, ...of, x1: by(mark.x1, x), y1: by(mark.y1, y), x2: by(mark.x2, x), y2: by(mark.y2, y) };
  }
}
