import { expect, test } from 'vitest';
import { changesBetween } from './changes-between.ts';

test('only what differs is asked for, and what is not wanted any more is taken back', () => {
  const from = { encoder: 'libx264', bitrate: '1M', gop: 30, network: 'rate=1M' };
  expect(changesBetween(from, { ...from })).toEqual({});
  expect(changesBetween(from, { encoder: 'libx264', bitrate: '2M', network: 'rate=1M' })).toEqual({
    bitrate: '2M',
    gop: null,
  });
});

test('a network that changes over time begins anew', () => {
  const settings = { network: 'rate=4M,1M@5s' };
  expect(changesBetween(settings, settings)).toEqual(settings);
});

test('with another codec of SPICE the network is asked for again: it is put in after the switch', () => {
  const from = { session: 'spice', codec: 'mjpeg', network: 'rate=1M' };
  expect(changesBetween(from, { ...from, codec: 'vp8' })).toEqual({ codec: 'vp8', network: 'rate=1M' });
  // Without a switch, or a network, there is nothing to wait for; of our own sessions a codec is no switch of a server's.
  expect(changesBetween(from, { ...from, compression: 'lz4' })).toEqual({ compression: 'lz4' });
  expect(changesBetween({ session: 'spice' }, { session: 'spice', codec: 'vp8' })).toEqual({ codec: 'vp8' });
  const own = { codec: 'a', network: 'rate=1M' };
  expect(changesBetween(own, { ...own, codec: 'b' })).toEqual({ codec: 'b' });
});
