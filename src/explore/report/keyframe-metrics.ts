// What a study of keyframes is about: where a setting of theirs varies, a report tells their count and period, and the sizes of them and of the other frames.

const KEYFRAME_SETTING = /^gop$|keyframe|keyint|(^|[-_.])kf([-_.]|$)/i;
const KEYFRAME_METRIC = /^keyframes$|^keyframe\.period$|^frame\.bytes\.(I|P|B|other) p50$/;

/** Whether a setting says how often there is a keyframe: `gop`, `keyframe-period`, `kf-max-dist`. */
export function isKeyframeSetting(name: string): boolean {
  return KEYFRAME_SETTING.test(name);
}

/** Those of the metrics that tell of keyframes and of the others, in their order. */
export function keyframeMetrics(names: readonly string[]): string[] {
  return names.filter((name) => KEYFRAME_METRIC.test(name));
}
