// A worker that records one piece, says so, and then does nothing until it is killed.

import { join } from 'node:path';
import { ROLLING } from '#lab/lab';
import { startRecording } from '#recording/recorder';
import { newId } from '#system/clock';
import { sampleRecording } from './sample-run.ts';
import { samplePiece } from './sample-shapes.ts';

const id = newId();
const recorder = await startRecording(
  join(process.argv[2]!, ROLLING, id),
  sampleRecording({ id, kind: 'encode', settings: {} }),
);
recorder.addShapes(samplePiece(1));
await recorder.flush();
console.log('recorded');
setInterval(() => undefined, 60_000);
