import { expect, test } from 'vitest';
import { FrameNotes } from './frame-notes.ts';

test('What is noted of a frame is found by its number, until so many others came that its place is taken', () => {
  const notes = new FrameNotes();
  notes.begin(7, 1_000, 3);
  notes.encodeFrom(7, 1_500);
  notes.addBusy(7, 20);
  notes.addBusy(7, 30);
  expect([notes.captureUs(7), notes.sourceFrame(7), notes.encodeUs(7), notes.busyUs(7)]).toEqual([1_000, 3, 1_500, 50]);
  expect([notes.has(7), notes.has(8), notes.has(7 + 4096)]).toEqual([true, false, false]);
  notes.begin(7 + 4096, 2_000, 4);
  expect(notes.has(7)).toBe(false);
});

test('A frame whose bytes left is no longer lost with a connection, and each is lost once', () => {
  const notes = new FrameNotes();
  for (const frame of [0, 1, 2]) {
    notes.begin(frame, frame, frame);
    notes.sendFrom(frame, 100 + frame);
  }
  expect(notes.sent(1)).toBe(101);
  expect(notes.sent(1)).toBeNaN();
  expect(notes.sent(99)).toBeNaN();
  const lost: [number, number][] = [];
  const tell = (frame: number, startUs: number) => void lost.push([frame, startUs]);
  notes.loseUnsent(tell);
  notes.loseUnsent(tell);
  expect(lost).toEqual([
    [0, 100],
    [2, 102],
  ]);
});

test('The time before the link is told of the frames that were handed over, and of no others', () => {
  const notes = new FrameNotes();
  for (const [frame, beforeUs] of [
    [0, 5_000],
    [1, 9_000],
    [3, 7_000],
  ] as const) {
    notes.begin(frame, 100_000 * frame, frame);
    notes.sendFrom(frame, 100_000 * frame + beforeUs);
  }
  notes.begin(4, 400_000, 4);
  expect(notes.shortestBeforeUs(-1, 4)).toBe(5_000);
  expect(notes.shortestBeforeUs(0, 4)).toBe(7_000);
  expect(notes.shortestBeforeUs(3, 4)).toBeNull();
  expect(notes.shortestBeforeUs(4, 1e9)).toBeNull();
});
