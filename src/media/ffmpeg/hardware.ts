// Encoders that work on a device, by the names that FFmpeg gives them.

/** Ends of encoders' names, and FFmpeg's name of the device. */
const DEVICES: readonly (readonly [end: string, device: string])[] = [
  ['_vaapi', 'vaapi'],
  ['_nvenc', 'cuda'],
  ['_qsv', 'qsv'],
  ['_vulkan', 'vulkan'],
  ['_amf', 'amf'],
  ['_v4l2m2m', 'v4l2'],
  ['_omx', 'omx'],
  ['_videotoolbox', 'videotoolbox'],
  ['_mediacodec', 'mediacodec'],
  ['_mf', 'mediafoundation'],
  ['_d3d12va', 'd3d12va'],
];

/** Those that take pictures only in the device's memory, which the command uploads. */
const UPLOADED: ReadonlySet<string> = new Set(['vaapi', 'vulkan', 'd3d12va']);

/** What such an encoder is offered, 8 and 10 bits: what their drivers upload. */
export const UPLOADED_FORMATS: readonly string[] = ['nv12', 'p010le'];

/** The device that an encoder works on; null for software. */
export function deviceOf(encoder: string): string | null {
  return DEVICES.find(([end]) => encoder.endsWith(end))?.[1] ?? null;
}

/** The device to which pictures have to be uploaded for an encoder; null where it takes them from memory. */
export function uploadDeviceOf(encoder: string): string | null {
  const device = deviceOf(encoder);
  return device !== null && UPLOADED.has(device) ? device : null;
}
