// Pixel formats by what their names say: chroma subsampling and bit depth.

export interface PixelLayout {
  /** Chroma as in 4:2:0; `gray` has none, `rgb` has full colour. */
  readonly chroma: '420' | '422' | '444' | '440' | '411' | '410' | 'gray' | 'rgb';
  readonly depth: number;
  readonly alpha: boolean;
}

/** What an FFmpeg name says (`yuv420p10le`, `nv12`, `p010le`, `gbrp12le`); null for a name that is not understood. */
export function pixelLayout(name: string): PixelLayout | null {
  const planar = /^yuv(j|a)?(420|422|444|440|411|410)p(\d+)?(?:le|be)?$/.exec(name);
  if (planar !== null)
    return { chroma: planar[2] as PixelLayout['chroma'], depth: Number(planar[3] ?? 8), alpha: planar[1] === 'a' };
  const gray = /^gray(\d+)?(?:le|be)?$/.exec(name);
  if (gray !== null) return { chroma: 'gray', depth: Number(gray[1] ?? 8), alpha: false };
  const packed = /^[py]([024])(10|12|16)(?:le|be)?$/.exec(name);
  if (packed !== null)
    return {
      chroma: packed[1] === '0' ? '420' : packed[1] === '2' ? '422' : '444',
      depth: Number(packed[2]),
      alpha: false,
    };
  if (/^nv(12|21)$/.test(name)) return { chroma: '420', depth: 8, alpha: false };
  if (/^nv(16|20)/.test(name)) return { chroma: '422', depth: name.startsWith('nv20') ? 10 : 8, alpha: false };
  if (/^nv(24|42)$/.test(name)) return { chroma: '444', depth: 8, alpha: false };
  if (/^(yuyv422|uyvy422|yvyu422)$/.test(name)) return { chroma: '422', depth: 8, alpha: false };
  const planarRgb = /^gbr(a)?p(\d+)?(?:le|be)?$/.exec(name);
  if (planarRgb !== null) return { chroma: 'rgb', depth: Number(planarRgb[2] ?? 8), alpha: planarRgb[1] === 'a' };
  if (/^(rgb24|bgr24|0rgb|rgb0|0bgr|bgr0|argb|rgba|abgr|bgra|pal8)$/.test(name))
    return { chroma: 'rgb', depth: 8, alpha: name.includes('a') && name !== 'pal8' };
  return null;
}

/** True where chroma has half the lines or columns, so that a picture needs an even size in that direction. */
export function needsEven(name: string): { readonly width: boolean; readonly height: boolean } {
  const chroma = pixelLayout(name)?.chroma;
  return { width: chroma === '420' || chroma === '422', height: chroma === '420' || chroma === '440' };
}

/** The source's own format where the encoder takes it, else the one that loses least, then costs least. */
export function nearestPixelFormat(source: string, supported: readonly string[]): string | null {
  if (supported.length === 0 || supported.includes(source)) return source;
  const wanted = pixelLayout(source) ?? { chroma: '420', depth: 8, alpha: false };
  let best: string | null = null;
  let bestCost = Infinity;
  for (const name of supported) {
    const layout = pixelLayout(name);
    if (layout === null) continue;
    const cost =
      lossBetween(wanted, layout) + (name.startsWith('yuvj') ? 0.5 : 0) + (/^(yuv|gbr|gray)/.test(name) ? 0 : 0.25);
    if (cost < bestCost) {
      best = name;
      bestCost = cost;
    }
  }
  return best;
}

const CHROMA_DETAIL: Readonly<Record<PixelLayout['chroma'], number>> = {
  gray: 0,
  '410': 1,
  '411': 2,
  '420': 3,
  '440': 4,
  '422': 4,
  '444': 5,
  rgb: 5,
};

/** Losing bits or chroma is worse than carrying more of them than needed. */
function lossBetween(from: PixelLayout, to: PixelLayout): number {
  const bits = to.depth - from.depth;
  const detail = CHROMA_DETAIL[to.chroma] - CHROMA_DETAIL[from.chroma];
  const colour = (from.chroma === 'rgb') === (to.chroma === 'rgb') ? 0 : 3;
  return (bits < 0 ? -20 * bits : bits) + (detail < 0 ? -100 * detail : 4 * detail) + colour + (to.alpha ? 2 : 0);
}
