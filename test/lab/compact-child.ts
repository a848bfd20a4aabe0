// Merges the shapes of a lab again and again, until it is killed.

import { openLab } from '#lab/lab';
import { compactShapes } from '#lab/shapes/compact-shapes';

const lab = await openLab(process.argv[2]!);
process.stdout.write('ready\n');
for (;;) await compactShapes(lab);
