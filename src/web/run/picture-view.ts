// Which part of a picture is in view, and how large.

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface PictureView {
  /** Pixels of the page for one of the picture. */
  readonly scale: number;
  /** Point of the picture in the middle of the view. */
  readonly x: number;
  readonly y: number;
}

const MAX_SCALE = 48;

/** All of the picture, as large as it can be. */
export function fitted(picture: Size, pane: Size): PictureView {
  const scale = Math.min(pane.width / picture.width, pane.height / picture.height);
  return { scale, x: picture.width / 2, y: picture.height / 2 };
}

/**
 * Nearer or farther, with the point under the pointer where it was; never farther than all of the picture, or a pixel for
 * a pixel where the pane is larger.
 * @param at the pointer in the pane, pixels
 */
export function zoomed(view: PictureView, factor: number, at: Pointer, picture: Size, pane: Size): PictureView {
  const least = Math.min(1, fitted(picture, pane).scale);
  const scale = Math.min(MAX_SCALE, Math.max(least, view.scale * factor));
  const under = pictureAt(view, at, pane);
  return within(
    {
      scale,
      x: under.x - (at.x - pane.width / 2) / scale,
      y: under.y - (at.y - pane.height / 2) / scale,
    },
    picture,
    pane,
  );
}

/** Moved by so many pixels of the page. */
export function moved(view: PictureView, dx: number, dy: number, picture: Size, pane: Size): PictureView {
  return within({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale }, picture, pane);
}

export interface Pointer {
  readonly x: number;
  readonly y: number;
}

/** The point of the picture under a point of the pane. */
export function pictureAt(view: PictureView, at: Pointer, pane: Size): Pointer {
  return { x: view.x + (at.x - pane.width / 2) / view.scale, y: view.y + (at.y - pane.height / 2) / view.scale };
}

/** No more ground than needed: the picture fills the pane, or stands in its middle. */
function within(view: PictureView, picture: Size, pane: Size): PictureView {
  const keep = (at: number, length: number, shown: number) => {
    const half = shown / view.scale / 2;
    return half * 2 >= length ? length / 2 : Math.min(length - half, Math.max(half, at));
  };
  return {
    ...view,
    x: keep(view.x, picture.width, pane.width),
    y: keep(view.y, picture.height, pane.height),
  };
}
