// How well the time of encodes is predicted, on the public x264 encodes beside the checkout: titles that the model never saw, over random splits.
//   npm run bench prediction [SPLITS] [FIRST]

import { cpus } from 'node:os';
import { mean, median } from '#analysis/quantile';
import { seededRandom, shuffled } from '#analysis/random';
import { fitIntervals, IntervalPredictor } from '#farm/predict/interval-model';
import { type Encode, readEncodes, tableOf } from '../test/farm/x264-shapes.ts';

const SPLITS = Number(process.argv[2] ?? 20);
const FIRST = Number(process.argv[3] ?? 1);
/** Share of the videos that is judged; the others are learned from. Some encodes of each, at random. */
const JUDGED = 0.2;
const ENCODES_EACH = 100;
const FINISHED = [0, 3, 10];

interface Judged {
  readonly mdape: number;
  readonly covered: number;
  readonly notAbove: number;
  readonly reservedMean: number;
  readonly reservedMedian: number;
  readonly reservedTotal: number;
}

const data = readEncodes();
if (data === null) throw new Error('the encodes are not there: ../shared/data/x264-shapes beside the checkout');
const { encodes, videos } = data;
const all = Map.groupBy(encodes, (encode) => encode.video);
const results = new Map(FINISHED.map((count) => [count, [] as Judged[]]));
const trainS: number[] = [];
const rowUs: number[] = [];
for (let split = FIRST; split < FIRST + SPLITS; split++) {
  runSplit(split);
  const line = FINISHED.map((count) => {
    const { mdape, notAbove, reservedMean } = results.get(count)!.at(-1)!;
    return `after ${count}: ${percent(mdape)}, ${percent(notAbove)}, ${reservedMean.toFixed(3)} x`;
  });
  console.error(`split ${split}: ${line.join('; ')}; ${trainS.at(-1)!.toFixed(1)} CPU s`);
}
print();

function runSplit(split: number): void {
  const random = seededRandom(split);
  const order = shuffled([...Array(videos).keys()], random);
  const judged = new Set(order.slice(0, Math.round(JUDGED * videos)));
  const byVideo = new Map(
    [...all].map(([video, each]) => [video, shuffled(each, random).slice(0, ENCODES_EACH)] as const),
  );
  const learned = order.filter((video) => !judged.has(video)).flatMap((video) => byVideo.get(video)!);
  const started = process.cpuUsage().user;
  const predictor = new IntervalPredictor(fitIntervals(tableOf(learned), split));
  trainS.push((process.cpuUsage().user - started) / 1e6);
  const predicted = process.cpuUsage().user;
  let rows = 0;
  const residuals = new Map<number, Float64Array>();
  for (const video of judged) {
    const all = byVideo.get(video)!;
    residuals.set(
      video,
      Float64Array.from(all, (each) => each.target - predictor.value(each)),
    );
    rows += all.length;
  }
  rowUs.push((process.cpuUsage().user - predicted) / rows);
  for (const count of FINISHED) {
    results
      .get(count)!
      .push(
        judge(
          [...judged].flatMap((video) =>
            judgeVideo(predictor, byVideo.get(video)!, residuals.get(video)!, count, random),
          ),
        ),
      );
  }
}

interface Outcome {
  readonly encode: Encode;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Each encode after so many others of its video, drawn at random. */
function judgeVideo(
  predictor: IntervalPredictor,
  all: readonly Encode[],
  residuals: Float64Array,
  count: number,
  random: () => number,
): Outcome[] {
  return all.map((encode, index) => {
    const finished = new Set<number>();
    while (finished.size < count) {
      const other = random() % all.length;
      if (other !== index) finished.add(other);
    }
    return {
      encode,
      ...predictor.interval(
        encode,
        Array.from(finished, (each) => residuals[each]!),
      ),
    };
  });
}

function judge(outcomes: readonly Outcome[]): Judged {
  const share = (holds: (outcome: Outcome) => boolean) => outcomes.filter(holds).length / outcomes.length;
  const reserved = outcomes.map(({ encode, high }) => Math.exp(high - encode.target));
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  return {
    mdape: median(outcomes.map(({ encode, value }) => Math.abs(Math.exp(value - encode.target) - 1))),
    covered: share(({ encode, low, high }) => encode.target <= high && encode.target >= low),
    notAbove: share(({ encode, high }) => encode.target <= high),
    reservedMean: mean(reserved),
    reservedMedian: median(reserved),
    reservedTotal:
      sum(outcomes.map(({ encode }, index) => reserved[index]! * encode.cpuS)) /
      sum(outcomes.map(({ encode }) => encode.cpuS)),
  };
}

function print(): void {
  console.log(
    `${SPLITS} splits by video, ${videos - Math.round(JUDGED * videos)} to learn from, ${Math.round(JUDGED * videos)} judged; ${cpus().length} x ${cpus()[0]!.model}\n`,
  );
  console.log(
    `| median of the splits (range) | ${FINISHED.map((count) => `${count} finished`).join(' | ')} | target |`,
  );
  console.log(`|---|${'--:|'.repeat(FINISHED.length + 1)}`);
  row('CPU seconds, MdAPE', (each) => each.mdape, percent, '10.5 %, 7.5 %');
  row('covered by the 95 % bound, mean', (each) => each.notAbove, percent, '94 to 96 %', mean);
  row('inside the interval, mean', (each) => each.covered, percent, '94 to 96 %', mean);
  row('reserved / used, mean', (each) => each.reservedMean, times, '1.35 x');
  row('reserved / used, median', (each) => each.reservedMedian, times);
  row('reserved / used, of the sums', (each) => each.reservedTotal, times);
  console.log(
    `\ntraining ${spread(trainS, (s) => `${s.toFixed(1)} CPU s`)}; a row ${spread(rowUs, (us) => `${us.toFixed(0)} µs`)}`,
  );
}

function row(
  name: string,
  pick: (each: Judged) => number,
  format: (value: number) => string,
  target = '',
  middle: typeof median = median,
): void {
  const cells = FINISHED.map((count) => spread(results.get(count)!.map(pick), format, middle));
  console.log(`| ${name} | ${cells.join(' | ')} | ${target} |`);
}

function spread(values: readonly number[], format: (value: number) => string, middle: typeof median = median): string {
  return `${format(middle(values))} (${format(Math.min(...values))} to ${format(Math.max(...values))})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function times(ratio: number): string {
  return `${ratio.toFixed(3)} x`;
}
