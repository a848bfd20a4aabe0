// Graphics devices (child only): which one an encoder or decoder works on, opening it, and what is missing where it can't be.

import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { Codec, FFmpegError, HardwareDeviceContext } from 'node-av/lib';
import { AV_HWDEVICE_TYPE_NONE, AV_PIX_FMT_NONE } from 'node-av/constants';
import type { AVHWDeviceType, AVPixelFormat } from 'node-av/constants';
import { EncodeFailure } from './encode-failure.ts';

/** How a codec takes a device (AV_CODEC_HW_CONFIG_METHOD_*, libavcodec/codec.h). */
const METHOD_DEVICE_CONTEXT = 1;
const METHOD_FRAMES_CONTEXT = 2;

export interface CodecDevice {
  /** `vaapi`, `cuda`, `qsv`, `vulkan`, `amf`. */
  readonly name: string;
  /** The format of pictures that lie in its memory. */
  readonly format: AVPixelFormat;
}

/** The device whose pictures an encoder takes; null for one that takes only those in main memory. */
export function encoderDevice(codec: Codec): CodecDevice | null {
  return findConfig(codec, METHOD_FRAMES_CONTEXT, () => true);
}

/** The kind of device that an encoder works on, also where it is never handed pictures in its memory; null for software. */
export function deviceNameOf(codec: Codec): string | null {
  return encoderDevice(codec)?.name ?? (codec.wrapper?.startsWith('v4l2') === true ? 'v4l2' : null);
}

/** The decoder of a codec that works on the device, with the format of its pictures; null where there is none. */
export function deviceDecoder(codec: Codec, device: string): { codec: Codec; format: AVPixelFormat } | null {
  // Quick Sync has decoders of its own; the other devices help FFmpeg's.
  const own = Codec.findDecoderByName(`${codec.name}_${device}` as never);
  for (const candidate of own === null ? [codec] : [codec, own]) {
    const config =
      findConfig(candidate, METHOD_DEVICE_CONTEXT, (name) => name === device) ??
      findConfig(candidate, METHOD_FRAMES_CONTEXT, (name) => name === device);
    if (config !== null) return { codec: candidate, format: config.format };
  }
  return null;
}

function findConfig(codec: Codec, method: number, wanted: (name: string) => boolean): CodecDevice | null {
  for (let i = 0; ; i++) {
    const config = codec.getHwConfig(i);
    if (config === null) return null;
    const name = HardwareDeviceContext.getTypeName(config.deviceType);
    if ((config.methods & method) !== 0 && config.pixFmt !== AV_PIX_FMT_NONE && name !== null && wanted(name))
      return { name, format: config.pixFmt };
  }
}

const opened = new Map<string, HardwareDeviceContext>();

/**
 * The machine's device of this kind, opened once in a process, so that a decoder and an encoder share it.
 * @throws EncodeFailure with what is missing
 */
export function openDevice(name: string): HardwareDeviceContext {
  const known = opened.get(name);
  if (known !== undefined) return known;
  const type: AVHWDeviceType = HardwareDeviceContext.findTypeByName(name as never);
  if (type === AV_HWDEVICE_TYPE_NONE) throw new EncodeFailure(`this FFmpeg knows no ${name} devices`);
  const device = new HardwareDeviceContext();
  const code = device.create(type, null, null);
  if (code < 0) {
    device.free();
    throw new EncodeFailure(missingDevice(name) ?? `no ${label(name)} device: ${FFmpegError.strerror(code)}`);
  }
  opened.set(name, device);
  return device;
}

/**
 * Why a device can't work on this machine, in words; null where nothing is seen to be missing.
 * @param name `vaapi`, `cuda` …, or `v4l2`, which needs no opening
 */
export function missingDevice(name: string): string | null {
  switch (name) {
    case 'vaapi':
    case 'qsv':
    case 'drm':
      return missingRenderNode(label(name));
    case 'cuda':
      if (!existsSync('/dev/nvidiactl')) return 'no NVIDIA GPU: there is no /dev/nvidiactl, so no NVIDIA driver runs';
      return null;
    case 'amf':
      return missingRenderNode(label(name)) ?? "no AMF device: AMD's libamfrt64.so.1 can't be loaded";
    case 'v4l2':
      return existsSync('/dev/video0') ? null : 'no V4L2 encoder: there is no /dev/video0';
    default:
      return null;
  }
}

const LABELS: Readonly<Record<string, string>> = { vaapi: 'VAAPI', qsv: 'Quick Sync', amf: 'AMF', vulkan: 'Vulkan' };

function label(name: string): string {
  return LABELS[name] ?? name;
}

/** Nodes through which programs without a screen use a GPU. */
function missingRenderNode(kind: string): string | null {
  const folder = '/dev/dri';
  const nodes = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('renderD')) : [];
  if (nodes.length === 0) return `no ${kind} device: there is no ${folder}/renderD128`;
  const usable = nodes.some((node) => {
    try {
      accessSync(`${folder}/${node}`, constants.R_OK | constants.W_OK);
      return true;
    } catch {
      return false;
    }
  });
  return usable ? null : `no ${kind} device: this user may not open ${folder}/${nodes[0]} (group render)`;
}
