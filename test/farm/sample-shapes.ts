// Rows of shapes for tests.

import { WHOLE, type ShapeRow } from '#core/shape';

/** An encode of 100 frames of 1080p by libx264 with two threads, that took 10 s. */
export function sampleShape(change: Partial<ShapeRow> = {}): ShapeRow {
  return {
    id: 'shape',
    title: 'title',
    item: 'encode/00000',
    source: 'source',
    phase: WHOLE,
    endedAt: 0,
    outcome: 'ok',
    kind: 'encode',
    codec: 'h264',
    encoder: 'libx264',
    engine: 'bundled',
    preset: 'medium',
    rateControl: 'crf',
    rateValue: 23,
    width: 1920,
    height: 1080,
    outputs: 1,
    outputPixels: 1920 * 1080,
    sourcePixels: 1920 * 1080,
    frameRate: 25,
    frames: 100,
    bitDepth: 8,
    passes: 1,
    spatial: null,
    temporal: null,
    sourceFrameBytes: null,
    threads: 2,
    machine: 'cpu × 2',
    durationS: 10,
    cpuS: 18,
    cpuPeak: 2,
    memoryPeak: 4e8,
    diskRead: 0,
    diskWritten: 1e6,
    network: 0,
    ...change,
  };
}
