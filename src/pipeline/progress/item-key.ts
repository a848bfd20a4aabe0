// What the key of an item says of it: `encode/00007/v1-h264-720` is chunk 7 of a rendition.

export interface ItemPlace {
  /** What items are told apart by beside their kind: their renditions; empty where there is one of the kind. */
  readonly group: string;
  /** 0 where it is no chunk. */
  readonly chunk: number;
}

export function itemPlace(key: string): ItemPlace {
  const first = key.indexOf('/');
  if (first < 0) return { group: '', chunk: 0 };
  const last = key.lastIndexOf('/');
  const chunk = last === first ? 0 : Number(key.slice(first + 1, last));
  return { group: key.slice(last + 1), chunk: Number.isInteger(chunk) && chunk >= 0 ? chunk : 0 };
}
