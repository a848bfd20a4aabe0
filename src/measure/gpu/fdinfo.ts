// /proc/PID/fdinfo/N of an open DRM device: what one client of a GPU used of it, by engine.
// Format: the kernel's Documentation/gpu/drm-usage-stats.rst.

import type { ByteCursor } from '../byte-cursor.ts';
import { ENGINE_KINDS, ENGINE_NAMES, OTHER } from './engine-kind.ts';

/** What one reading tells. What it does not tell is NaN. */
export interface DrmUsage {
  /** One client has one number, whatever number of descriptors; unique for its device. */
  clientId: number;
  /** The device's PCI address as a number; NaN where it is no PCI device (then client numbers are unique on the host). */
  device: number;
  /** Of each engine kind: nanoseconds in which engines worked for the client, one after the other. */
  readonly busyNs: Float64Array;
  /** The same in cycles of the engine's clock (xe), and the cycles of that clock altogether. */
  readonly cycles: Float64Array;
  readonly totalCycles: Float64Array;
  /** Buffers of the client in all regions: resident ones where the driver tells them apart, bytes. */
  memoryBytes: number;
}

export function newDrmUsage(): DrmUsage {
  const column = () => new Float64Array(ENGINE_KINDS.length).fill(NaN);
  return {
    clientId: NaN,
    device: NaN,
    busyNs: column(),
    cycles: column(),
    totalCycles: column(),
    memoryBytes: NaN,
  };
}

const DRM = Buffer.from('drm-');
const DRIVER = Buffer.from('driver:');
const CLIENT_ID = Buffer.from('client-id:');
const DEVICE = Buffer.from('pdev:');
const ENGINE_CAPACITY = Buffer.from('engine-capacity-');
const ENGINE = Buffer.from('engine-');
const CYCLES = Buffer.from('cycles-');
const TOTAL_CYCLES = Buffer.from('total-cycles-');
const RESIDENT = Buffer.from('resident-');
const MEMORY = Buffer.from('memory-');
const TOTAL = Buffer.from('total-');
const COLON = 58;

/** Reads a whole file; false where it is none of a DRM device. */
export function parseFdinfo(cursor: ByteCursor, into: DrmUsage): boolean {
  into.clientId = NaN;
  into.device = NaN;
  into.busyNs.fill(NaN);
  into.cycles.fill(NaN);
  into.totalCycles.fill(NaN);
  let found = false;
  let resident = NaN;
  let memory = NaN;
  let total = NaN;
  for (; !cursor.done; cursor.skipLine()) {
    if (!take(cursor, DRM)) continue;
    if (take(cursor, ENGINE_CAPACITY)) continue;
    else if (take(cursor, ENGINE)) add(cursor, into.busyNs);
    else if (take(cursor, TOTAL_CYCLES)) add(cursor, into.totalCycles);
    else if (take(cursor, CYCLES)) add(cursor, into.cycles);
    else if (take(cursor, RESIDENT)) resident = plus(resident, size(cursor));
    else if (take(cursor, MEMORY)) memory = plus(memory, size(cursor));
    else if (take(cursor, TOTAL)) total = plus(total, size(cursor));
    else if (take(cursor, CLIENT_ID)) into.clientId = cursor.number();
    else if (take(cursor, DEVICE)) into.device = address(cursor);
    else if (take(cursor, DRIVER)) found = true;
  }
  into.memoryBytes = Number.isNaN(resident) ? (Number.isNaN(memory) ? total : memory) : resident;
  return found;
}

/** Steps over a word that stands here. */
function take(cursor: ByteCursor, word: Uint8Array): boolean {
  if (!cursor.startsWith(word)) return false;
  cursor.at += word.length;
  return true;
}

/** `video: 123 ns`: engines of one kind add up (amdgpu's `enc` and `dec` are both video). */
function add(cursor: ByteCursor, byKind: Float64Array): void {
  let kind = OTHER;
  for (const name of ENGINE_NAMES) {
    if (cursor.startsWith(name.bytes)) {
      kind = name.kind;
      break;
    }
  }
  if (cursor.skipPast(COLON)) byKind[kind] = plus(byKind[kind]!, cursor.number());
}

function plus(sum: number, value: number): number {
  if (Number.isNaN(value)) return sum;
  return Number.isNaN(sum) ? value : sum + value;
}

/** `vram0: 23992 KiB`: bytes where no unit is told. */
function size(cursor: ByteCursor): number {
  if (!cursor.skipPast(COLON)) return NaN;
  const value = cursor.number();
  cursor.skipBlanks();
  switch (cursor.peek()) {
    case 75: // K
    case 107: // k
      return value * 2 ** 10;
    case 77: // M
      return value * 2 ** 20;
    case 71: // G
      return value * 2 ** 30;
    default:
      return value;
  }
}

/** `0000:03:00.0`: its hexadecimal digits as one number (13 digits at most, 52 bits). */
function address(cursor: ByteCursor): number {
  cursor.skipBlanks();
  let value = NaN;
  for (let digits = 0; digits < 13;) {
    const byte = cursor.peek();
    const digit =
      byte >= 48 && byte <= 57 ? byte - 48 : (byte | 32) >= 97 && (byte | 32) <= 102 ? (byte | 32) - 87 : -1;
    if (digit >= 0) {
      value = (Number.isNaN(value) ? 0 : value) * 16 + digit;
      digits++;
    } else if (byte !== COLON && byte !== 46) {
      break;
    }
    cursor.at++;
  }
  return value;
}
