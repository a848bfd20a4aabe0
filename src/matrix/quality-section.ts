// The section `quality`: what is measured of the pictures after each run.

import { QUALITY_METRICS, USUAL_QUALITY, type QualityMetric, type QualityWanted } from '#core/quality';
import { nearestName } from '#core/nearest-name';
import { resolveEngine } from '#media/settings-file/engine-value';
import { quoteName, type ProblemList } from '#system/yaml/problem-list';
import type { YamlEntry, YamlNode, YamlScalar } from '#system/yaml/yaml-tree';

const KEYS = ['metrics', 'vmaf_engine', 'vmaf_model'];
const USUAL: QualityWanted = { metrics: USUAL_QUALITY, vmafEngine: null, vmafModel: null };
const EXAMPLE = 'quality: [psnr, ssim, xpsnr, vmaf], or none';

/**
 * Reads `quality`; without it the usual metrics are measured.
 * @param folder of the file: paths are relative to it
 * @returns null for nothing
 */
export function readQuality(entry: YamlEntry | undefined, folder: string, problems: ProblemList): QualityWanted | null {
  if (entry === undefined) return USUAL;
  const { value } = entry;
  if (value.kind === 'scalar' && (value.value === false || value.value === 'none')) return null;
  if (value.kind === 'scalar' && value.value === true) return USUAL;
  if (value.kind !== 'map') return { ...USUAL, metrics: readMetrics(value, problems) };
  const wanted = { metrics: USUAL_QUALITY, vmafEngine: null as string | null, vmafModel: null as string | null };
  for (const { key, keyAt, value: inner } of value.entries) {
    if (key === 'metrics') wanted.metrics = readMetrics(inner, problems);
    else if (!KEYS.includes(key)) problems.addUnknown(keyAt, 'key of quality', key, KEYS);
    else if (inner.kind !== 'scalar' || inner.value === null) problems.add(inner.at, `${key} is a text`, EXAMPLE);
    else if (key === 'vmaf_engine') wanted.vmafEngine = resolveEngine(inner.text, folder);
    else wanted.vmafModel = resolveEngine(inner.text, folder);
  }
  return wanted;
}

/** One metric or a list of them, each once, in the order in which they are always told. */
function readMetrics(node: YamlNode, problems: ProblemList): readonly QualityMetric[] {
  const items = node.kind === 'list' ? node.items : [node];
  const found = new Set<string>();
  if (items.length === 0) problems.add(node.at, 'quality has an empty list', 'write quality: none to measure nothing');
  for (const item of items) {
    if (item.kind !== 'scalar' || item.value === null) problems.add(item.at, 'quality is a list of metrics', EXAMPLE);
    else if ((QUALITY_METRICS as readonly string[]).includes(item.text)) found.add(item.text);
    else problems.add(item.at, `there is no quality metric ${quoteName(item.text)}`, hint(item));
  }
  return QUALITY_METRICS.filter((metric) => found.has(metric));
}

function hint({ text }: YamlScalar): string {
  const near = nearestName(text, QUALITY_METRICS);
  return near === null ? `there are: ${QUALITY_METRICS.join(', ')}` : `did you mean ${near}?`;
}
