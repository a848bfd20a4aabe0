// Lines rising through a rectangle, cut at its edges: how a place looks where nothing was measured.

/** Pixels between two lines. */
const STEP = 7;

/** Calls with the ends of each line. */
export function eachHatch(
  x: number,
  y: number,
  width: number,
  height: number,
  draw: (x1: number, y1: number, x2: number, y2: number) => void,
): void {
  for (let offset = STEP / 2; offset < width + height; offset += STEP) {
    const fromX = offset <= height ? x : x + offset - height;
    const fromY = offset <= height ? y + offset : y + height;
    const toX = offset <= width ? x + offset : x + width;
    const toY = offset <= width ? y : y + offset - width;
    draw(fromX, fromY, toX, toY);
  }
}
