import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillTemplate, parseTemplate } from './placeholders.ts';

const settings = {
  preset: 8,
  bitrate: '4M',
  crf: 23.5,
  fast: true,
  resolution: '1280x720',
  framerate: '30000/1001',
  frames: [10, 19],
  'x264:opts': 'a=b',
};
const run = { frames: 10, fps: '24000/1001', width: 640, source: '/videos/a clip.mp4', output: '/out.mkv' };
const fill = (text: string) => fillTemplate(text, settings, run);

test.each([
  ['{preset}', '8'],
  ['--preset={preset}', '--preset=8'],
  ['{bitrate}', '4M'],
  ['{bitrate:bps}', '4000000'],
  ['{bitrate:kbps}', '4000'],
  ['{bitrate:Mbps}', '4'],
  ['{crf}', '23.5'],
  ['{fast}', 'true'],
  ['{fast:number}', '1'],
  ['{resolution:width}:{resolution:height}', '1280:720'],
  ['{framerate:num}/{framerate:den}', '30000/1001'],
  ['{frames}', '10'],
  ['{frames:first}-{frames:last}', '10-19'],
  ['{fps}', '23.976023976'],
  ['{fps:num}/{fps:den}', '24000/1001'],
  ['{width}', '640'],
  ['{source}', '/videos/a clip.mp4'],
  ['{{preset}}', '{preset}'],
  ['{{{preset}}}', '{8}'],
  ['', ''],
])('%s becomes %s', (text, filled) => expect(fill(text)).toBe(filled));

test.each([
  ['{crop}', 'no value'],
  ['{height}', 'no value'],
  ['{toString}', 'no value'],
  ['{bitrate:kpbs}', 'no converter'],
  ['{bitrate:toString}', 'no converter'],
  ['{resolution:kbps}', 'unfit'],
])('%s has %s', (text, why) => expect(fill(text)).toMatchObject({ text, why }));

test.each(['{', '}', 'a{b', '{a b}', '{}', '{{}', '{-a}'])('%s is no template', (text) =>
  expect(typeof parseTemplate(text)).toBe('string'),
);

test('a value comes out of an argument as it went in, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (value, around) => {
      const plain = around.replaceAll('{', '{{').replaceAll('}', '}}');
      expect(fillTemplate(`${plain}{v}${plain}`, { v: value }, {})).toBe(`${around}${value}${around}`);
    }),
  );
});
