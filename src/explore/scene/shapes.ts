// Shapes of points: what a colour says, a shape says too.

export const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'cross', 'down', 'ring'] as const;
export type Shape = (typeof SHAPES)[number];

/** The sign nearest to a shape, for legends in text. */
export const SHAPE_SIGNS: Readonly<Record<Shape, string>> = {
  circle: '●',
  square: '■',
  triangle: '▲',
  diamond: '◆',
  cross: '✚',
  down: '▼',
  ring: '○',
};

/** What a shape is drawn with: a canvas, a Path2D, or what writes the path of an SVG. */
export interface ShapePath {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, startAngle: number, endAngle: number): void;
  rect(x: number, y: number, width: number, height: number): void;
  closePath(): void;
}

/** Adds a shape to a path, centred, of about the same area whichever it is. */
export function addShape(path: ShapePath, shape: Shape, x: number, y: number, radius: number): void {
  const r = radius;
  switch (shape) {
    case 'circle':
    case 'ring':
      path.moveTo(x + r, y);
      path.arc(x, y, r, 0, 2 * Math.PI);
      return;
    case 'square':
      path.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
      return;
    case 'triangle':
      polygon(path, [x, y - r * 1.2, x + r * 1.15, y + r * 0.85, x - r * 1.15, y + r * 0.85]);
      return;
    case 'down':
      polygon(path, [x, y + r * 1.2, x + r * 1.15, y - r * 0.85, x - r * 1.15, y - r * 0.85]);
      return;
    case 'diamond':
      polygon(path, [x, y - r * 1.3, x + r * 1.3, y, x, y + r * 1.3, x - r * 1.3, y]);
      return;
    case 'cross':
      path.rect(x - r * 1.15, y - r * 0.38, r * 2.3, r * 0.76);
      path.rect(x - r * 0.38, y - r * 1.15, r * 0.76, r * 2.3);
      return;
  }
}

function polygon(path: ShapePath, points: readonly number[]): void {
  path.moveTo(points[0]!, points[1]!);
  for (let i = 2; i < points.length; i += 2) path.lineTo(points[i]!, points[i + 1]!);
  path.closePath();
}
