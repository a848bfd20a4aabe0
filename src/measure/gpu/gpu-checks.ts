// What can be told of this host's GPUs, and what a person can do to be told more: for `doctor`.

import { closeSync, openSync } from 'node:fs';
import type { Check } from '#core/check';
import { runChild, startChild } from '#system/child-process';
import { ByteCursor } from '../byte-cursor.ts';
import { codeOf, HeldFile, READ_BYTES } from '../held-file.ts';
import type { ProbePlace } from '../probe.ts';
import { newDrmUsage, parseFdinfo } from './fdinfo.ts';
import { listGpus, namesIn, nvidiaNodes, type Gpu } from './gpu-list.ts';
import { isFor, parseIntelGpuTop } from './intel-gpu-top.ts';
import { JsonObjects } from './json-objects.ts';
import { driFailure } from './tree-gpu.ts';
import { endOf, findProgram } from './watched-program.ts';

/** A program that has not answered by then is told as such. */
const ANSWER_TIMEOUT_MS = 5_000;
const VENDORS: Readonly<Record<string, string>> = { '0x8086': 'Intel', '0x1002': 'AMD', '0x10de': 'NVIDIA' };

/** Looks at everything that GPU indicators need. A host without a GPU is no failure. Never throws for what it finds. */
export async function gpuChecks(place: ProbePlace): Promise<Check[]> {
  const gpus = listGpus(place);
  return [gpusFound(place, gpus), useByProcess(place), await intelGpuTop(place, gpus), await nvidiaSmi(place)];
}

function gpusFound(place: ProbePlace, gpus: readonly Gpu[]): Check {
  const name = 'GPU';
  const nodes = [
    ...namesIn(`${place.dev}/dri`).filter((node) => /^(card|renderD)\d+$/.test(node)),
    ...nvidiaNodes(place.dev),
  ];
  const found = gpus.map(
    ({ vendor, driver, address, card }) =>
      `${VENDORS[vendor ?? ''] ?? vendor ?? 'a GPU'} (${driver ?? 'no driver'}) at ${address ?? card ?? 'an unknown place'}`,
  );
  if (nodes.length > 0) {
    const what = found.length === 0 ? 'GPUs that /sys does not tell' : found.join(', ');
    return { name, ok: true, detail: `${what}; devices: ${nodes.toSorted().join(', ')}` };
  }
  if (found.length === 0) {
    return { name, ok: null, detail: `none: there is no ${place.dev}/dri and no ${place.dev}/nvidia0` };
  }
  return {
    name,
    ok: null,
    detail: `${found.join(', ')}, but no device in ${place.dev}/dri and no ${place.dev}/nvidia0`,
    todo: 'in a container: hand in the device (--device /dev/dri, --gpus all)',
  };
}

/** Opens each render node and reads what the driver tells of that very descriptor. */
function useByProcess(place: ProbePlace): Check {
  const name = 'GPU use by process';
  const none = driFailure(place.dev);
  if (none !== null) return { name, ok: null, detail: `not known: ${none}` };
  const nodes = namesIn(`${place.dev}/dri`).filter((node) => node.startsWith('renderD'));
  const answers = nodes.map((node) => `${node}: ${engineAnswer(place, node)}`);
  if (answers.some((answer) => answer.endsWith(TOLD))) return { name, ok: true, detail: answers.join(', ') };
  const refused = answers.some((answer) => answer.includes('EACCES'));
  return {
    name,
    ok: null,
    detail: nodes.length === 0 ? `${place.dev}/dri has no render node` : answers.join(', '),
    ...(refused
      ? { todo: 'join the groups of the devices: sudo usermod -aG render,video $USER, and log in again' }
      : { todo: 'i915 tells it from Linux 5.19 on, amdgpu from 5.19, xe from 6.11' }),
  };
}

const TOLD = 'the driver tells the work of its engines';

function engineAnswer(place: ProbePlace, node: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(`${place.dev}/dri/${node}`, 'r');
  } catch (error) {
    return codeOf(error);
  }
  const file = HeldFile.open(`${place.proc}/self/fdinfo/${descriptor}`);
  try {
    if (typeof file === 'string') return `no fdinfo: ${file}`;
    const usage = newDrmUsage();
    const cursor = new ByteCursor(Buffer.alloc(READ_BYTES));
    if (!file.read(cursor) || !parseFdinfo(cursor, usage)) return 'the driver tells nothing';
    const engines = [...usage.busyNs, ...usage.totalCycles].some((value) => !Number.isNaN(value));
    return engines ? TOLD : 'the driver tells no engines';
  } finally {
    if (typeof file !== 'string') file.close();
    closeSync(descriptor);
  }
}

async function intelGpuTop(place: ProbePlace, gpus: readonly Gpu[]): Promise<Check> {
  const name = 'intel_gpu_top';
  const path = findProgram(name, place.path);
  if (!gpus.some(isFor)) {
    const installed = path === null ? '' : `, though ${path} is there`;
    return { name, ok: null, detail: `not needed: no GPU here has the driver i915${installed}` };
  }
  if (path === null) {
    return {
      name,
      ok: null,
      detail: 'not installed: no load and power of the Intel GPU',
      todo: 'apt install intel-gpu-tools',
    };
  }
  let answered = false;
  const objects = new JsonObjects((text) => {
    if (parseIntelGpuTop(text) === null) return;
    answered = true;
    child.kill();
  });
  const child = startChild(path, ['-J', '-s', '100'], {
    timeoutMs: ANSWER_TIMEOUT_MS,
    graceMs: 0,
    onStdout: (chunk) => {
      if (!objects.push(chunk)) child.kill();
    },
  });
  const result = await child.result;
  if (answered) return { name, ok: true, detail: `${path} tells load and power of the Intel GPU` };
  return {
    name,
    ok: null,
    detail: `${path} ${endOf(result)}`,
    todo: `allow it to read the counters: sudo setcap cap_perfmon=+ep ${path}, or run as root`,
  };
}

async function nvidiaSmi(place: ProbePlace): Promise<Check> {
  const name = 'nvidia-smi';
  const path = findProgram(name, place.path);
  if (nvidiaNodes(place.dev).length === 0) {
    const installed = path === null ? '' : `, though ${path} is there`;
    return { name, ok: null, detail: `not needed: there is no ${place.dev}/nvidia0${installed}` };
  }
  if (path === null) {
    return {
      name,
      ok: null,
      detail: 'not installed: no load and power of the NVIDIA GPU',
      todo: "install the package of nvidia-smi that fits the driver; in a container NVIDIA_DRIVER_CAPABILITIES needs 'utility'",
    };
  }
  const args = ['--query-gpu=name,driver_version', '--format=csv,noheader'];
  const result = await runChild(path, args, { timeoutMs: ANSWER_TIMEOUT_MS, graceMs: 0 });
  const gpus = result.stdout.split('\n').filter((line) => line.trim() !== '');
  if (result.code === 0 && gpus.length > 0) {
    return { name, ok: true, detail: gpus.map((line) => line.trim().replace(', ', ', driver ')).join('; ') };
  }
  return { name, ok: null, detail: `${path} ${endOf(result)}`, todo: 'mend the driver until nvidia-smi lists the GPU' };
}
