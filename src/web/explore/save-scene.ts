// A scene as a file: as SVG with its title and its legend, and that as PNG.

import { paletteOf } from '#explore/scene/palette';
import type { Scene } from '#explore/scene/scene';
import { sceneSvg } from '#explore/scene/scene-svg';
import { saveBlob, saveText } from '../chart/save-file.ts';
import { scheme } from '../shell/theme.ts';

/** Pixels of a PNG for one of the page's: as sharp as print wants it. */
const PNG_SCALE = 2;

export function saveSceneSvg(scene: Scene, title: string): void {
  saveText(svgOf(scene, title), `${title}.svg`, 'image/svg+xml');
}

/** Resolves when the file was handed to the browser. */
export async function saveScenePng(scene: Scene, title: string): Promise<void> {
  const address = URL.createObjectURL(new Blob([svgOf(scene, title)], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth * PNG_SCALE;
    canvas.height = image.naturalHeight * PNG_SCALE;
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    if (blob !== null) saveBlob(blob, `${title}.png`);
  } finally {
    URL.revokeObjectURL(address);
  }
}

function svgOf(scene: Scene, title: string): string {
  return sceneSvg(scene, paletteOf(scheme.peek()), { title });
}
