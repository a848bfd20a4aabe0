// The engines of a GPU by what they do: each driver has names of its own for them.

/** `other` is an engine whose name is not known here: its work is seen all the same. */
export const ENGINE_KINDS = ['render', 'video', 'video.enhance', 'copy', 'compute', 'other'] as const;

export type EngineKind = (typeof ENGINE_KINDS)[number];

export const OTHER: number = ENGINE_KINDS.indexOf('other');

/** What the engines of a kind do, for descriptions. */
export const ENGINE_WORK: Readonly<Record<EngineKind, string>> = {
  render: 'drawing, and what drivers run on the same engine',
  video: 'encoding and decoding of video',
  'video.enhance': 'scaling, colour and noise of video',
  copy: 'copies',
  compute: 'computing',
  other: 'engines that encodelab has no name for',
};

/** Names in /proc/PID/fdinfo: i915, xe, amdgpu, panfrost, panthor, msm, v3d and etnaviv. */
const NAMES: Readonly<Record<string, EngineKind>> = {
  render: 'render',
  rcs: 'render',
  gfx: 'render',
  gpu: 'render',
  fragment: 'render',
  'vertex-tiler': 'render',
  bin: 'render',
  panthor: 'render',
  '3D': 'render',
  VG: 'render',
  video: 'video',
  vcs: 'video',
  enc: 'video',
  enc_1: 'video',
  dec: 'video',
  vcn: 'video',
  jpeg: 'video',
  'video-enhance': 'video.enhance',
  vecs: 'video.enhance',
  vpe: 'video.enhance',
  copy: 'copy',
  bcs: 'copy',
  dma: 'copy',
  tfu: 'copy',
  '2D': 'copy',
  compute: 'compute',
  ccs: 'compute',
  csd: 'compute',
  'compute-only': 'compute',
};

/** Each name as bytes with the colon that ends it, and the position of its kind. */
export const ENGINE_NAMES: readonly { readonly bytes: Uint8Array; readonly kind: number }[] = Object.entries(NAMES).map(
  ([name, kind]) => ({ bytes: Buffer.from(`${name}:`), kind: ENGINE_KINDS.indexOf(kind) }),
);
