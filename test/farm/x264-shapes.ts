// The public x264 encodes beside the checkout (its README tells what they are), as rows to learn from.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { columnsOf } from '#farm/predict/features';
import type { LearnTable } from '#farm/predict/cross-fit';
import type { LearnRow } from '#farm/predict/interval-model';

const FOLDER = fileURLToPath(new URL('../../../shared/data/x264-shapes/', import.meta.url));

/** An encode: what was known before it, and the CPU seconds that it took. */
export interface Encode extends LearnRow {
  readonly video: number;
  readonly cpuS: number;
  /** Natural logarithm of CPU seconds for a pixel of a frame. */
  readonly target: number;
}

/** Options that are no numbers, in the order of what they cost. */
const ORDERS: Readonly<Record<string, readonly string[]>> = {
  deblock: ['0:0:0', '1:0:0'],
  analyse: ['0:0', '0x3:0x3', '0x3:0x113', '0x3:0x133', '0x113:0x113'],
  me: ['dia', 'hex', 'umh', 'tesa'],
  direct: ['auto', 'spatial'],
};

/**
 * @param step only each so-many-th encode; a video has 201, one after the other
 * @returns null where the data is not there
 */
export function readEncodes(step = 1): { encodes: Encode[]; videos: number } | null {
  if (!existsSync(FOLDER)) return null;
  const configurations = new Map(
    records('configurations.csv').map(({ configurationID: id, ...options }) => [
      id!,
      Object.entries(options).map(([name, value]) => optionNumber(name, value)),
    ]),
  );
  const videos = records('videos.csv');
  const indexes = new Map(videos.map((video, index) => [video.FILENAME!, index]));
  const encodes = records('encodes.csv.gz', step).map((encode): Encode => {
    const video = indexes.get(encode.video!)!;
    const facts = videos[video]!;
    const width = Number(facts.WIDTH);
    const height = Number(facts.HEIGHT);
    const frames = Number(encode.frames);
    const spatial = Number(facts.SPATIAL_COMPLEXITY);
    const temporal = Number(facts.TEMPORAL_COMPLEXITY);
    const cpuS = Number(encode.usertime) + Number(encode.systemtime);
    const numbers = [
      ...configurations.get(encode.configurationID!)!,
      Math.log(width * height),
      Math.log(frames),
      width,
      height,
      width / height,
      spatial,
      temporal,
      temporal / spatial,
      spatial * temporal,
      Number(facts.CHUNK_COMPLEXITY_VARIATION),
      Number(facts.COLOR_COMPLEXITY),
    ];
    const target = Math.log(cpuS / (width * height * frames));
    return { video, cpuS, target, numbers, words: [encode.configurationID!] };
  });
  return { encodes, videos: videos.length };
}

export function tableOf(encodes: readonly Encode[]): LearnTable {
  const groups = Int32Array.from(encodes, ({ video }) => video);
  const target = Float64Array.from(encodes, (encode) => encode.target);
  return { ...columnsOf(encodes), target, groups, siblings: groups };
}

/** NaN for `None`: the option does not apply. */
function optionNumber(name: string, value: string): number {
  const order = ORDERS[name];
  if (order !== undefined) return value === 'None' ? NaN : order.indexOf(value);
  return Number(value);
}

function records(file: string, step = 1): Record<string, string>[] {
  const bytes = readFileSync(FOLDER + file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  const [header, ...lines] = text.trim().split(/\r?\n/);
  const names = header!.split(',');
  const kept = lines.filter((_, index) => index % step === 0);
  return kept.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index]!]));
  });
}
