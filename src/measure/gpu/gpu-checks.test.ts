import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeHost, type FakeHost } from '../../../test/measure/fake-host.ts';
import { i915Fdinfo, intelObject } from '../../../test/measure/gpu-formats.ts';
import { gpuChecks } from './gpu-checks.ts';

let host: FakeHost;
beforeEach(() => {
  host = fakeHost();
});
afterEach(() => host.remove());

async function checks() {
  const found = await gpuChecks(host.place);
  return Object.fromEntries(found.map((check) => [check.name, check]));
}

test('a host without a GPU fails nothing, and each line says why', async () => {
  const found = Object.values(await checks());
  expect(found.map(({ ok }) => ok)).toEqual([null, null, null, null]);
  expect(found.map(({ detail }) => detail.replaceAll(host.folder, ''))).toEqual([
    'none: there is no /dev/dri and no /dev/nvidia0',
    'not known: there is no /dev/dri',
    'not needed: no GPU here has the driver i915',
    'not needed: there is no /dev/nvidia0',
  ]);
});

test('an Intel GPU with all that is needed', async () => {
  host.card('card0', 'i915', '0000:00:02.0', '0x8086');
  host.write('dev/dri/card0', '');
  host.write('dev/dri/renderD128', '');
  // The number that the check's own descriptor gets is not known: the same text stands for all.
  for (let descriptor = 0; descriptor < 200; descriptor++)
    host.write(`proc/self/fdinfo/${descriptor}`, i915Fdinfo(0, 0));
  host.write('bin/text', `[\n${intelObject(1, 0.3)},\n${intelObject(5)},\n`);
  host.program('intel_gpu_top', `cat ${host.folder}/bin/text; exec sleep 100`);
  const found = await checks();
  expect(found['GPU']).toMatchObject({
    ok: true,
    detail: 'Intel (i915) at 0000:00:02.0; devices: card0, renderD128',
  });
  expect(found['GPU use by process']).toMatchObject({
    ok: true,
    detail: 'renderD128: the driver tells the work of its engines',
  });
  expect(found['intel_gpu_top']).toMatchObject({ ok: true });
});

test('what is missing or refused says what to do', async () => {
  host.card('card0', 'i915', '0000:00:02.0', '0x8086');
  host.write('dev/nvidia0', '');
  const missing = await checks();
  expect(missing['intel_gpu_top']).toMatchObject({ ok: null, todo: 'apt install intel-gpu-tools' });
  expect(missing['nvidia-smi']!.todo).toMatch(/NVIDIA_DRIVER_CAPABILITIES/);
  host.program('intel_gpu_top', 'echo "Failed to initialize PMU! (Permission denied)" >&2; exit 1');
  host.program('nvidia-smi', 'echo "Failed to initialize NVML: Driver/library version mismatch"; exit 18');
  const refused = await checks();
  expect(refused['intel_gpu_top']).toMatchObject({
    ok: null,
    detail: `${host.place.path}/intel_gpu_top ended (exit 1): Failed to initialize PMU! (Permission denied)`,
    todo: `allow it to read the counters: sudo setcap cap_perfmon=+ep ${host.place.path}/intel_gpu_top, or run as root`,
  });
  expect(refused['nvidia-smi']!.detail).toMatch(/ended \(exit 18\): Failed to initialize NVML: Driver\/library/);
});

test('an NVIDIA GPU is named with its driver; a card without its device is told', async () => {
  host.write('dev/nvidia0', '');
  host.program('nvidia-smi', 'echo "NVIDIA L4, 550.54.15"');
  expect((await checks())['nvidia-smi']).toEqual({
    name: 'nvidia-smi',
    ok: true,
    detail: 'NVIDIA L4, driver 550.54.15',
  });
  host.take('dev/nvidia0');
  host.card('card0', 'amdgpu', '0000:0a:00.0', '0x1002');
  expect((await checks())['GPU']).toMatchObject({ ok: null, todo: expect.stringMatching(/--device/) });
});
