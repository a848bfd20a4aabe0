// A profiled encode of a clip in which one frame is much harder than all others, and the same run as if somebody had marked moments of it.

import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordingHeader } from '#core/recording';
import type { Lab } from '#lab/lab';
import { startRecording } from '#recording/recorder';
import { sampleRecording, sampleRun } from '../lab/sample-run.ts';

/** Number of the frame that is all noise. */
export const HARD_FRAME = 26;

/** A benchmark of one libx264 encode with lookahead and threads: 48 frames, a keyframe each 16. */
export function hardFrameBenchmark(folder: string): string {
  const clip = join(folder, 'hard-frame.mp4');
  const noise = `noise=alls=100:allf=t+u:enable='eq(n,${HARD_FRAME})'`;
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=24:duration=2', '-vf', noise];
  const made = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '6', '-pix_fmt', 'yuv420p', clip];
  execFileSync('ffmpeg', ['-v', 'error', ...source, ...made]);
  const file = join(folder, 'hard-frame.yaml');
  writeFileSync(
    file,
    `name: hard-frame
source: ${JSON.stringify(clip)}
settings: {encoder: libx264, preset: medium, sc_threshold: 0, threads: 3, rc-lookahead: 12}
matrix: {g: [16]}
quality: none
`,
  );
  return file;
}

/**
 * The same run once more, with messages.
 * @returns its id
 */
export async function withMessages(
  lab: Lab,
  run: string,
  messages: readonly { readonly timeUs: number; readonly source: string; readonly text: string }[],
): Promise<string> {
  const record = sampleRun(lab, { cell: 'marked', kind: 'encode' });
  await lab.catalogue.startRun(record);
  const folder = lab.recordingFolder(record.id);
  const recorder = await startRecording(folder, sampleRecording(record));
  recorder.addMessages(messages);
  await recorder.finish('complete', { absent: [] });
  const from = lab.recordingFolder(run);
  cpSync(from, folder, { recursive: true, filter: (path) => !path.endsWith('recording.json') });
  const header = JSON.parse(readFileSync(join(from, 'recording.json'), 'utf8')) as RecordingHeader;
  const rows = { ...header.rows, messages: messages.length };
  writeFileSync(join(folder, 'recording.json'), JSON.stringify({ ...header, run: record.id, rows }));
  const end = { outcome: 'ok', reason: null, interrupted: false, durationS: 1, metrics: {} } as const;
  await lab.catalogue.endRun(record.id, end);
  return record.id;
}
