// The numbers beside the pointer, on the side where there is room.

export interface ReadOutBoxProps {
  readonly at: { readonly x: number; readonly y: number };
  /** Pixels. */
  readonly scene: { readonly width: number; readonly height: number };
  /** The telling one first. */
  readonly lines: readonly string[];
}

/** Between the place and the box: beyond the middle it stands on the left, and rises where it would else hang out below. */
const GAP_PX = 12;

export function ReadOutBox({ at, scene: { width, height }, lines }: ReadOutBoxProps) {
  const side = at.x > width / 2 ? { right: `${width - at.x + GAP_PX}px` } : { left: `${at.x + GAP_PX}px` };
  const upright =
    at.y > height / 2
      ? { bottom: `${Math.max(0, height - at.y - GAP_PX)}px` }
      : { top: `${Math.max(0, at.y - GAP_PX)}px` };
  return (
    <div class="scene-read-out" style={{ ...side, ...upright }} aria-hidden="true">
      {lines.map((line, i) => (i === 0 ? <strong key={line}>{line}</strong> : <span key={line}>{line}</span>))}
    </div>
  );
}
