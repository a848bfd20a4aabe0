// What the columns of a `.rec` record are here: which become frames and steps, which an indicator, in which unit.

import type { Indicator } from '#core/indicator';

/** Columns of the tables of frames that steps and frames hold, by `role.table`; all else is a series. */
export const FRAME_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  'guest.guest': ['msg_ts', 'time', 'frame_size', 'capture_duration', 'encode_duration', 'send_duration'],
  'server.host': ['msg_ts', 'frame_size'],
  'client.new_frame': ['msg_ts', 'frame_size', 'keyframe'],
  'client.client': ['msg_ts', 'frame_size', 'decode_duration', 'keyframe'],
};

/** The column with a row's time: microseconds of the wall clock, or seconds. */
export const TIME_FIELDS: Readonly<Record<string, number>> = { msg_ts: 1, time: 1e6 };

interface Known {
  readonly name: string;
  readonly unit: string;
  /** The value here by the value there. */
  readonly factor: number;
  readonly description: string;
}

const share = (name: string, description: string): Known => ({ name, unit: '1', factor: 0.01, description });
const rate = (name: string, description: string): Known => ({ name, unit: 'frame/s', factor: 1, description });

/** By `table.field`, or `.field` in any table; `-pid` stands for the table of a process. */
const KNOWN: Readonly<Record<string, Known>> = {
  'mem.free': { name: 'memory.free', unit: 'byte', factor: 1024, description: 'memory that nobody used' },
  'cpu.idle': share('cpu.idle.share', 'share of the time of all cores in which they had nothing to do'),
  'cpu.guest': share('cpu.guest.share', 'share of the time of all cores that virtual machines had'),
  'gpu.render': share('gpu.render', 'share of the time in which its engines for drawing worked'),
  'gpu.blitter': share('gpu.copy', 'share of the time in which its engines for copies worked'),
  'gpu.video': share('gpu.video', 'share of the time in which its engines for video worked'),
  'gpu.videoenhance': share('gpu.video.enhance', 'share of the time in which its engines for scaling video worked'),
  '-pid.cpu_user': { ...share('process.cpu.user', 'cores that its process used in user mode'), unit: 'core' },
  '-pid.cpu_system': { ...share('process.cpu.system', 'cores that the kernel used for its process'), unit: 'core' },
  '.framerate_actual': rate('frame.rate', 'frames a second over the last seconds'),
  '.framerate_requested': rate('frame.rate.requested', 'frames a second that were asked for'),
  'client.queue': {
    name: 'decoder.queue',
    unit: 'frame',
    factor: 1,
    description: 'frames in its queue behind a frame',
  },
  'client.queue_before': {
    name: 'decoder.queue.before',
    unit: 'frame',
    factor: 1,
    description: 'frames in its queue before a frame',
  },
};

/** The indicator of a column, and what its values are multiplied by. What is not known keeps its name and its numbers. */
export function indicatorOf(role: string, table: string, field: string): { indicator: Indicator; factor: number } {
  const known = KNOWN[`${table.replace(/^.*-pid$/, '-pid')}.${field}`] ?? KNOWN[`.${field}`];
  if (known === undefined) {
    const name = `${role}.${table}.${field}`;
    const description = `the column ${field} of the table ${role}.${table}, as it was recorded`;
    return { indicator: { name, unit: unitOf(field), description }, factor: 1 };
  }
  const { name, unit, description, factor } = known;
  return { indicator: { name, unit, description }, factor };
}

function unitOf(field: string): string {
  if (field.endsWith('duration') || field === 'creation_time' || field === 'time') return 's';
  if (field === 'frame_size') return 'byte';
  if (field === 'mm_time') return 'ms';
  return field === 'in_queue_time' || field === 'msg_ts' ? 'µs' : '1';
}
