// The calibration of a lab's machine, beside its models: `models/calibration.json`.

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '#system/atomic-file';
import { CALIBRATION_VERSION, type Calibration } from './calibration.ts';
import { MODELS_FOLDER } from './model-file.ts';

const FILE = 'calibration.json';

const STORED = z.object({
  version: z.literal(CALIBRATION_VERSION),
  machine: z.string(),
  measuredAt: z.number(),
  rates: z.array(
    z.object({
      engine: z.string().nullable(),
      codec: z.string().nullable(),
      encoder: z.string(),
      preset: z.string().nullable(),
      threads: z.number().positive(),
      secondsPerMegapixel: z.number().positive(),
      cpuPerMegapixel: z.number().nullable(),
      memoryPeak: z.number().nullable(),
      pixels: z.number().positive(),
    }),
  ),
  problems: z.array(z.string()),
});

export interface FoundCalibration {
  readonly calibration: Calibration | null;
  /** Why one that is there can't be used. */
  readonly problems: readonly string[];
}

/** @param lab the lab's folder */
export async function readCalibration(lab: string): Promise<FoundCalibration> {
  const path = join(lab, MODELS_FOLDER, FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return { calibration: null, problems: [] };
  try {
    return { calibration: STORED.parse(JSON.parse(text)), problems: [] };
  } catch {
    return { calibration: null, problems: [`${path}: damaged, or of another version: encodelab shapes calibrate`] };
  }
}

/** @param lab the lab's folder */
export async function writeCalibration(lab: string, calibration: Calibration): Promise<void> {
  const folder = join(lab, MODELS_FOLDER);
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(join(folder, FILE), `${JSON.stringify(calibration)}\n`);
}
