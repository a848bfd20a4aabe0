// The numbers beside the pointer, on the side where there is room.

export interface ReadOutBoxProps {
  readonly at: { readonly x: number; readonly y: number };
  /** Pixels of the scene. */
  readonly width: number;
  /** The telling one first. */
  readonly lines: readonly string[];
}

/** Room that the box may take; beyond the middle it stands on the left. */
const GAP_PX = 12;

export function ReadOutBox({ at, width, lines }: ReadOutBoxProps) {
  const side = at.x > width / 2 ? { right: `${width - at.x + GAP_PX}px` } : { left: `${at.x + GAP_PX}px` };
  return (
    <div class="scene-read-out" style={{ ...side, top: `${Math.max(0, at.y - GAP_PX)}px` }} aria-hidden="true">
      {lines.map((line, i) => (i === 0 ? <strong key={line}>{line}</strong> : <span key={line}>{line}</span>))}
    </div>
  );
}
