// encodelab shapes train|model|advise|calibrate: what a lab has learned of the work, and how well it predicts.

import type { Command } from 'commander';
import { advise } from '#farm/advice/advise';
import type { CalibrationRate } from '#farm/predict/calibration';
import { readCalibration } from '#farm/predict/calibration-file';
import type { AccuracyAfter } from '#farm/predict/held-out';
import { train } from '#farm/predict/learn';
import { readModel } from '#farm/predict/model-file';
import { TARGET_NAMES, type ShapeModel, type Target } from '#farm/predict/model';
import type { Lab } from '#lab/lab';
import { compactShapes } from '#lab/shapes/compact-shapes';
import { readShapes, shapeRow } from '#lab/shapes/read-shapes';
import { calibrateMachine } from '#pipeline/calibrate-machine';
import { EXIT, type ExitCode } from './exit-code.ts';
import { onInterrupt } from './interrupt.ts';
import { labOption } from './lab-option.ts';
import { packageVersion } from './package-version.ts';
import type { SetExitCode } from './program.ts';
import { adviceText } from './simulate-report.ts';
import { tellOnce } from './tell-once.ts';
import { textTable } from './text-table.ts';
import { withLab } from './with-lab.ts';

interface Options {
  readonly lab: string;
  readonly json?: true;
}

/** Pieces of work that advice stands on, the newest. */
const MAX_ADVISED = 100_000;

const TARGET_WORDS: Readonly<Record<Target, string>> = {
  durationS: 'duration',
  cpuS: 'CPU seconds',
  memoryPeak: 'peak memory',
};

export function addShapesLearnCommands(shapes: Command, setExitCode: SetExitCode): void {
  shapes
    .command('train')
    .description('learn from all finished work; it is done by itself too, as work comes in')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .action((options: Options) =>
      withLab(options.lab, async (lab) => setExitCode(await interruptible((signal) => learn(lab, options, signal))), {
        existing: true,
      }),
    );
  shapes
    .command('model')
    .description('the model that holds: how well it predicted titles that it had not seen')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .action((options: Options) =>
      withLab(options.lab, async (lab) => setExitCode(await show(lab.path, options)), { readonly: true }),
    );
  shapes
    .command('advise')
    .description('what to change in threads and chunks by what was measured, and what it would gain')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .action((options: Options) => withLab(options.lab, (lab) => tellAdvice(lab, options), { existing: true }));
  shapes
    .command('calibrate')
    .description(
      'measure the usual encoders of this machine for half a minute: predictions stand on it until there is a model',
    )
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .action((options: Options) =>
      withLab(options.lab, async (lab) =>
        setExitCode(await interruptible((signal) => calibrate(lab, options, signal))),
      ),
    );
}

/** Ends at once at Ctrl-C; what was there before stays. */
async function interruptible(act: (signal: AbortSignal) => Promise<ExitCode>): Promise<ExitCode> {
  const interrupt = onInterrupt(() => undefined);
  try {
    return await act(interrupt.drain);
  } catch (error) {
    if (!interrupt.drain.aborted || (error as Error).name !== 'AbortError') throw error;
    console.error('interrupted: nothing was changed');
    return EXIT.interrupted;
  } finally {
    interrupt.release();
  }
}

async function learn(lab: Lab, { json }: Options, signal: AbortSignal): Promise<ExitCode> {
  const trained = await train(lab, { signal, tell: tellOnce() });
  if (json === true)
    console.log(JSON.stringify(typeof trained === 'string' ? { model: null, reason: trained } : inNumbers(trained)));
  else console.log(typeof trained === 'string' ? trained : modelText(trained));
  return typeof trained === 'string' ? EXIT.failed : EXIT.ok;
}

async function calibrate(lab: Lab, { json }: Options, signal: AbortSignal): Promise<ExitCode> {
  const calibration = await calibrateMachine(lab, { signal, version: packageVersion() });
  if (json === true) console.log(JSON.stringify(calibration));
  else console.log(rateTable(calibration.rates));
  for (const problem of calibration.problems) console.error(problem);
  return calibration.rates.length === 0 ? EXIT.failed : EXIT.ok;
}

async function tellAdvice(lab: Lab, { json }: Options): Promise<void> {
  const tell = tellOnce();
  for (const why of (await compactShapes(lab)).leftOut) tell(why);
  const columns = await readShapes({ path: lab.path, tell }, {}, { limit: MAX_ADVISED });
  const advice = advise(
    columns.id.map((_, row) => shapeRow(columns, row)),
    null,
  );
  console.log(json === true ? JSON.stringify({ advice }) : adviceText(advice));
}

async function show(lab: string, { json }: Options): Promise<ExitCode> {
  const { model, problems } = await readModel(lab);
  const calibration = await readCalibration(lab);
  for (const problem of [...problems, ...calibration.problems]) console.error(problem);
  if (json === true) console.log(JSON.stringify(model === null ? { model: null } : inNumbers(model)));
  else if (model !== null) console.log(modelText(model));
  else
    console.log(
      calibration.calibration === null
        ? 'no model yet, and no calibration: predictions are guesses by codec and pixels\nencodelab shapes calibrate measures this machine, encodelab shapes train learns from finished work'
        : `no model yet: predictions stand on the calibration of ${new Date(calibration.calibration.measuredAt).toISOString()}`,
    );
  return EXIT.ok;
}

/** Of a model what people and scripts want to know: not its trees. */
function inNumbers({ number, trainedAt, rows, titles, targets }: ShapeModel): object {
  const accuracy = Object.fromEntries(TARGET_NAMES.map((name) => [name, targets[name]?.accuracy ?? null]));
  return { model: number, trainedAt: new Date(trainedAt).toISOString(), rows, titles, accuracy };
}

function modelText({ number, trainedAt, rows, titles, targets }: ShapeModel): string {
  const when = new Date(trainedAt).toISOString().slice(0, 19).replace('T', ' ');
  const right = (title: string) => ({ title, align: 'right' as const });
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const table = textTable(
    [
      { title: 'on titles that it had not seen' },
      right('finished items of the title'),
      right('median error'),
      right('inside the interval'),
      right('not above it'),
      right('reserved / used, median'),
    ],
    TARGET_NAMES.flatMap((name) =>
      (targets[name]?.accuracy.after ?? []).map((after: AccuracyAfter) => [
        TARGET_WORDS[name],
        String(after.siblings),
        percent(after.mdape),
        percent(after.covered),
        percent(after.notAbove),
        `${after.reservedMedian.toFixed(2)} x`,
      ]),
    ),
  );
  const absent = TARGET_NAMES.filter((name) => targets[name] === null).map(
    (name) => `${TARGET_WORDS[name]}: measured for too few titles`,
  );
  return [`model ${number} of ${when} UTC: ${rows} pieces of work of ${titles} titles`, table, ...absent].join('\n');
}

function rateTable(rates: readonly CalibrationRate[]): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  return textTable(
    [
      { title: 'encoder' },
      { title: 'preset' },
      right('threads'),
      right('s / Mpixel'),
      right('CPU s / Mpixel'),
      right('memory'),
    ],
    rates.map((rate) => [
      rate.encoder,
      rate.preset ?? '',
      String(rate.threads),
      rate.secondsPerMegapixel.toPrecision(3),
      rate.cpuPerMegapixel?.toPrecision(3) ?? '',
      rate.memoryPeak === null ? '' : `${Math.round(rate.memoryPeak / 1e6)} MB`,
    ]),
  );
}
