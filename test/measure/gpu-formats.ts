// What drivers and programs tell of GPUs, in the words of their formats: for tests and benchmarks.

const POSITION = 'pos:\t0\nflags:\t0100002\nmnt_id:\t26\nino:\t685\n';

/** i915 since Linux 5.19, memory since 6.8. */
export function i915Fdinfo(renderNs: number, videoNs: number, clientId = 7): string {
  return `${POSITION}drm-driver:\ti915
drm-client-id:\t${clientId}
drm-pdev:\t0000:00:02.0
drm-total-system0:\t5120 KiB
drm-shared-system0:\t0
drm-active-system0:\t0
drm-resident-system0:\t2048 KiB
drm-purgeable-system0:\t0
drm-total-stolen-system0:\t0
drm-resident-stolen-system0:\t0
drm-engine-render:\t${renderNs} ns
drm-engine-copy:\t0 ns
drm-engine-video:\t${videoNs} ns
drm-engine-capacity-video:\t2
drm-engine-video-enhance:\t0 ns
`;
}

/** xe since Linux 6.11: cycles of the engine's class, and of the clock. */
export function xeFdinfo(videoCycles: number, totalCycles: number): string {
  const engines = ['rcs', 'bcs', 'vcs', 'vecs', 'ccs'].map((name) => {
    const cycles = name === 'vcs' ? videoCycles : 0;
    const capacity = name === 'vcs' ? 'drm-engine-capacity-vcs:\t2\n' : '';
    return `drm-cycles-${name}:\t${cycles}\ndrm-total-cycles-${name}:\t${totalCycles}\n${capacity}`;
  });
  return `${POSITION}drm-driver:\txe
drm-client-id:\t3
drm-pdev:\t0000:03:00.0
drm-total-system:\t0
drm-resident-system:\t0
drm-total-gtt:\t192 KiB
drm-resident-gtt:\t192 KiB
drm-total-vram0:\t23992 KiB
drm-shared-vram0:\t16 MiB
drm-active-vram0:\t0
drm-resident-vram0:\t23992 KiB
${engines.join('')}`;
}

/** amdgpu of Linux 6.1: memory without the word resident, engines by their rings, a blank before some values. */
export function amdgpuFdinfo(gfxNs: number, encNs: number, decNs: number): string {
  return `${POSITION}drm-driver:\tamdgpu
drm-client-id:\t14
drm-pdev:\t0000:0a:00.0
pasid:\t32770
drm-memory-vram:\t65536 KiB
drm-memory-gtt: \t2048 KiB
drm-memory-cpu: \t0 KiB
amd-memory-visible-vram:\t65536 KiB
amd-evicted-vram:\t0 KiB
drm-engine-gfx:\t${gfxNs} ns
drm-engine-compute:\t5000 ns
drm-engine-dma:\t0 ns
drm-engine-dec:\t${decNs} ns
drm-engine-enc:\t${encNs} ns
drm-engine-enc_1:\t0 ns
drm-engine-jpeg:\t0 ns
`;
}

/** panfrost since Linux 6.7: no PCI address, cycles beside the nanoseconds. */
export const PANFROST_FDINFO = `${POSITION}drm-driver:\tpanfrost
drm-client-id:\t83
drm-engine-fragment:\t5005 ns
drm-cycles-fragment:\t3104
drm-maxfreq-fragment:\t800000000 Hz
drm-curfreq-fragment:\t400000000 Hz
drm-engine-vertex-tiler:\t1000 ns
drm-cycles-vertex-tiler:\t600
drm-maxfreq-vertex-tiler:\t800000000 Hz
drm-total-memory:\t8 MiB
drm-shared-memory:\t0
drm-active-memory:\t0
drm-resident-memory:\t1 MiB
drm-purgeable-memory:\t0
`;

/** msm: one engine, cycles without the clock's total. */
export const MSM_FDINFO = `${POSITION}drm-driver:\tmsm
drm-client-id:\t5
drm-engine-gpu:\t123456 ns
drm-cycles-gpu:\t99
drm-maxfreq-gpu:\t585000000 Hz
drm-memory-other:\t4096
drm-engine-npu:\t7 ns
`;

/** One object of `intel_gpu_top -J`, 1.27 and later: engines by class. */
export function intelObject(videoPercent: number, periodMs = 100.25): string {
  const engine = (busy: number) =>
    `{\n\t\t\t"busy": ${busy.toFixed(6)},\n\t\t\t"sema": 0.000000,\n\t\t\t"wait": 0.000000,\n\t\t\t"unit": "%"\n\t\t}`;
  return `{
\t"period": {\n\t\t"duration": ${periodMs.toFixed(6)},\n\t\t"unit": "ms"\n\t},
\t"frequency": {\n\t\t"requested": 1350.000000,\n\t\t"actual": 1300.000000,\n\t\t"unit": "MHz"\n\t},
\t"interrupts": {\n\t\t"count": 724.534235,\n\t\t"unit": "irq/s"\n\t},
\t"rc6": {\n\t\t"value": 12.500000,\n\t\t"unit": "%"\n\t},
\t"power": {\n\t\t"GPU": 4.250000,\n\t\t"Package": 19.011466,\n\t\t"unit": "W"\n\t},
\t"imc-bandwidth": {\n\t\t"reads": 4457.550173,\n\t\t"writes": 814.062466,\n\t\t"unit": "MiB/s"\n\t},
\t"engines": {
\t\t"Render/3D": ${engine(8.314239)},
\t\t"Blitter": ${engine(0)},
\t\t"Video": ${engine(videoPercent)},
\t\t"VideoEnhance": ${engine(0)}
\t},
\t"clients": {
\t\t"4293539623": {
\t\t\t"name": "ff}mpeg \\"{",
\t\t\t"pid": "1427673",
\t\t\t"engine-classes": { "Video": { "busy": "${videoPercent.toFixed(6)}", "unit": "%" } }
\t\t}
\t}
}`;
}

/** 1.26 and before: each engine by itself. No power: a GPU without that counter. */
export const INTEL_OBJECT_BY_ENGINE = `{
\t"period": { "duration": 25.262162, "unit": "ms" },
\t"frequency": { "requested": 0.000000, "actual": 0.000000, "unit": "MHz" },
\t"interrupts": { "count": 0.000000, "unit": "irq/s" },
\t"rc6": { "value": 100.000000, "unit": "%" },
\t"engines": {
\t\t"Render/3D/0": { "busy": 2.000000, "sema": 0.000000, "wait": 0.000000, "unit": "%" },
\t\t"Blitter/0": { "busy": 1.000000, "sema": 0.000000, "wait": 0.000000, "unit": "%" },
\t\t"Video/0": { "busy": 80.000000, "sema": 0.000000, "wait": 0.000000, "unit": "%" },
\t\t"Video/1": { "busy": 20.000000, "sema": 0.000000, "wait": 0.000000, "unit": "%" },
\t\t"VideoEnhance/0": { "busy": 4.000000, "sema": 0.000000, "wait": 0.000000, "unit": "%" }
\t}
}`;

/** A GPU that leads NVENC, in the order of the fields that are asked for. */
export const NVIDIA_LINE = '00000000:01:00.0, 0, 37, 52, 0, 11, 1523, 1920, 1695, 74.21, 58, 2, 119, 4210';
/** A data centre GPU without encoders, in MIG mode, whose utilisation is not told. */
export const NVIDIA_LINE_ABSENT =
  '00000000:C1:00.0, 1, [N/A], [N/A], [N/A], [N/A], 0, 345, 765, [Unknown Error], 31, [Not Supported], [Not Supported], [Insufficient Permissions]';
