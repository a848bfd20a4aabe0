import { beforeAll, describe, expect, test } from 'vitest';
import type { EncoderInfo } from '#core/encoder';
import { discoverEncoders } from '#media/encoders';
import { planChanges } from './plan-changes.ts';

let encoders: readonly EncoderInfo[] = [];
beforeAll(async () => {
  encoders = await discoverEncoders({ only: ['libx264', 'libvpx'] });
});

const SETTINGS = { source: 'a.mp4', preset: 'fast', crf: 30 };

describe('changes of a stream', () => {
  test('put in, replace and take back', () => {
    const plan = planChanges(SETTINGS, { crf: null, preset: 'slow', bitrate: '2M' }, encoders);
    expect(plan.settings).toEqual({ source: 'a.mp4', preset: 'slow', bitrate: '2M' });
    expect(plan.session.bitrate).toBe(2_000_000);
    expect(plan.taken.toSorted()).toEqual(['bitrate', 'crf', 'preset']);
    expect(plan.refused.size).toBe(0);
  });

  test('that are wrong are refused with the reason, and the others hold', () => {
    const plan = planChanges(SETTINGS, { crf: 'low', prest: 'slow', gop: 12 }, encoders);
    expect(plan.settings).toEqual({ ...SETTINGS, gop: 12 });
    expect([...plan.refused.keys()].toSorted()).toEqual(['crf', 'prest']);
    expect(plan.refused.get('prest')).toContain('did you mean preset?');
  });

  test('to another encoder take back what it does not have, and nothing else', () => {
    const plan = planChanges(SETTINGS, { encoder: 'libvpx' }, encoders);
    expect(plan.settings).toEqual({ source: 'a.mp4', crf: 30, encoder: 'libvpx' });
    expect(plan.dropped).toEqual(['preset']);
  });

  test('that only together do not go with the rest are all refused', () => {
    const plan = planChanges({ source: 'a.mp4' }, { source: null }, encoders);
    expect(plan.settings).toEqual({ source: 'a.mp4' });
    expect(plan.refused.get('source')).toContain('no source is named');
  });
});
