// The colour of a tile by the strength of its value, and ink that can be read on it. Page and canvas share it.
// Oklab: Björn Ottosson (2020), https://bottosson.github.io/posts/oklab/. Contrast: WCAG 2.2, 1.4.3.

type Rgb = readonly [red: number, green: number, blue: number];

export interface TileShade {
  readonly fill: string;
  readonly ink: string;
}

/** Share of the tile's colour at strength 0 and at 1: the weakest is still a tile. */
const LEAST_SHARE = 0.06;
const MOST_SHARE = 0.92;

/** Black and white: whatever lies between them, one of the two has a contrast of 4.58 or more to it. */
const INKS = ['#000000', '#ffffff'] as const;

/**
 * @param strength 0 to 1
 * @param tile colour of the strongest, `#4f9ee3`
 * @param surface colour of what it lies on
 */
export function tileShade(strength: number, tile: string, surface: string): TileShade {
  const share = LEAST_SHARE + strength * (MOST_SHARE - LEAST_SHARE);
  const [a, b] = [toOklab(parseHex(tile)), toOklab(parseHex(surface))];
  const mixed = fromOklab([mix(a[0], b[0], share), mix(a[1], b[1], share), mix(a[2], b[2], share)]);
  const fill = formatHex(mixed);
  return { fill, ink: contrast(fill, INKS[0]) >= contrast(fill, INKS[1]) ? INKS[0] : INKS[1] };
}

/** 1 to 21; text is read well from 4.5 on. */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].toSorted((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red, green, blue] = parseHex(hex);
  return 0.2126 * toLinear(red) + 0.7152 * toLinear(green) + 0.0722 * toLinear(blue);
}

const mix = (a: number, b: number, share: number) => a * share + b * (1 - share);
const toLinear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const fromLinear = (value: number) => (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);

function toOklab([red, green, blue]: Rgb): Rgb {
  const [r, g, b] = [toLinear(red), toLinear(green), toLinear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export function fromOklab([lightness, a, b]: Rgb): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** `#4f9ee3` or `#fff`; the style sheet is minified. */
function parseHex(hex: string): Rgb {
  const digits = hex.slice(1).replace(/^(.)(.)(.)$/, '$1$1$2$2$3$3');
  const part = (at: number) => Number.parseInt(digits.slice(at, at + 2), 16) / 255;
  return [part(0), part(2), part(4)];
}

function formatHex(rgb: Rgb): string {
  const part = (value: number) =>
    Math.round(Math.max(0, Math.min(1, value)) * 255)
      .toString(16)
      .padStart(2, '0');
  return `#${rgb.map(part).join('')}`;
}
