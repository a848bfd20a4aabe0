// The small clip on which live changes are tried: made up, the same each time, with everything that encoders react to.

export interface ClipSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Small, since there are hundreds of encodes; and QCIF, the least that H.261 takes. With fewer than 96 lines x265 4.1 gives
 * another output each time.
 */
export const CLIP_SIZES: readonly ClipSize[] = [
  { width: 128, height: 96 },
  { width: 176, height: 144 },
];
/** Frames from one hard cut to the next. */
const SCENE_FRAMES = 13;
/** Side of the block that crosses the picture. */
const BLOCK = 24;
/** Grain, in steps of brightness to both sides: enough that every quantizer shows. */
const GRAIN = 2;

/**
 * Frame `index` as planar 4:2:0 with 8 bits: a moving gradient with stripes, a block that crosses it, grain, and another
 * scene every now and then.
 */
export function clipPicture(index: number, { width, height }: ClipSize): Buffer {
  const luma = width * height;
  const picture = Buffer.alloc((luma * 3) / 2);
  const scene = Math.floor(index / SCENE_FRAMES);
  const step = index % SCENE_FRAMES;
  let noise = (index * 2_654_435_761 + 12_345) >>> 0;
  const blockX = (20 + scene * 31 + step * 3) % (width - BLOCK);
  const blockY = (10 + scene * 17 + step) % (height - BLOCK);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      // A linear congruential generator (Numerical Recipes): good enough for grain, and equal everywhere.
      noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
      const grain = (noise >>> 24) % (2 * GRAIN + 1);
      const inBlock = x >= blockX && x < blockX + BLOCK && y >= blockY && y < blockY + BLOCK;
      const ground = scene * 23 + (x + 2 * step) + (((x + step) >> 4) ^ ((y + scene * 5) >> 3)) * 6;
      const stripes = ((x + y + step) >> 3) % 2 === 0 ? 25 : 0;
      picture[y * width + x] = ((inBlock ? 235 - (x - blockX) * 3 : (ground % 150) + 30 + stripes) + grain) & 255;
    }
  const chromaWidth = width / 2;
  const chroma = luma / 4;
  for (let i = 0; i < chroma; i++) {
    const x = i % chromaWidth;
    const y = Math.floor(i / chromaWidth);
    picture[luma + i] = 100 + ((x + step + scene * 13) % 56);
    picture[luma + chroma + i] = 100 + ((y + 2 * step + scene * 29) % 56);
  }
  return picture;
}
