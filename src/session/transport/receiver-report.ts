// How a ReceiverReport travels, and what of it is believed.

import type { ReceiverReport } from '#core/session';
import { PACKET, encodeJson, parseJson, type Packet } from './packet.ts';

const FIELDS = [
  'intervalUs',
  'frame',
  'framesReceived',
  'framesLost',
  'framesPresented',
  'bytes',
  'minDelayUs',
  'meanDelayUs',
  'decodeUs',
] as const satisfies readonly (keyof ReceiverReport)[];

export function encodeReport(report: ReceiverReport, sequence: number): Buffer {
  return encodeJson(PACKET.report, report, { sequence });
}

/** Null where it is no report. What was not measured in an interval travels as null and is NaN. */
export function parseReport(packet: Packet): ReceiverReport | null {
  const value = parseJson(packet);
  if (value === null) return null;
  const report: Record<string, number> = {};
  for (const field of FIELDS) {
    const number = value[field];
    if (typeof number !== 'number' && number !== null) return null;
    report[field] = number ?? NaN;
  }
  return report as unknown as ReceiverReport;
}
