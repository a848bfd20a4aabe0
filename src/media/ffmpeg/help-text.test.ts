import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseCommandFlags, parseEncoderHelp, parseEncoderList, parseGenericOptions } from './help-text.ts';

/** As FFmpeg 4.4 printed it: `unsigned` and deprecated flags, fewer columns of flags. */
const HELP_4 = `Encoder libx264 [libx264 H.264 / AVC / MPEG-4 AVC / MPEG-4 part 10]:
    General capabilities: delay threads 
    Threading capabilities: auto
    Supported pixel formats: yuv420p yuvj420p yuv422p
libx264 AVOptions:
  -preset            <string>     E..V...... Set the encoding preset (cf. x264 --fullhelp) (default "medium")
  -crf               <float>      E..V...... Select the quality for constant quality mode (from -1 to FLT_MAX) (default -1)
  -aq-mode           <int>        E..V...... AQ method (from -1 to INT_MAX) (default -1)
     none            0            E..V...... 
     variance        1            E..V...... Variance AQ (complexity mask)
  -forced-idr        <boolean>    E..V...... If forcing keyframes, force them as IDR frames. (default false)
`;

/** As FFmpeg 7.1 and 8.0 print it, with a device. */
const HELP_8 = `Encoder h264_vaapi [H.264/AVC (VAAPI)]:
    General capabilities: dr1 delay hardware 
    Threading capabilities: none
    Supported hardware devices: vaapi 
    Supported pixel formats: vaapi
h264_vaapi AVOptions:
  -rc_mode           <int>        E..V....... Set rate control mode (from 0 to 6) (default auto)
     auto            0            E..V....... Choose mode automatically based on other parameters
     CQP             1            E..V....... Constant-quality
  -sei               <flags>      E..V....... Set SEI to include (default identifier+timing+recovery_point+a53_cc)
     identifier                   E..V....... Include encoder version identifier
     timing                       E..V....... Include timing parameters (buffering_period and pic_timing)
  -blbrc             <boolean>    E..V....... Block level based bitrate control (default false)

`;

test('the help of old and new versions gives the same facts', () => {
  const old = parseEncoderHelp(HELP_4)!;
  expect(old).toMatchObject({ hardware: false, threads: 'none', pixelFormats: ['yuv420p', 'yuvj420p', 'yuv422p'] });
  expect(old.parameters).toMatchObject([
    { name: 'preset', type: 'string', default: 'medium', min: null, max: null },
    {
      name: 'crf',
      type: 'float',
      min: -1,
      max: null,
      default: -1,
      description: 'Select the quality for constant quality mode',
    },
    {
      name: 'aq-mode',
      type: 'enum',
      values: [
        { name: 'none', value: 0, description: '' },
        { name: 'variance', value: 1, description: 'Variance AQ (complexity mask)' },
      ],
    },
    { name: 'forced-idr', type: 'bool', default: false },
  ]);
  const vaapi = parseEncoderHelp(HELP_8)!;
  expect(vaapi).toMatchObject({ hardware: true, devices: ['vaapi'], pixelFormats: ['vaapi'] });
  expect(vaapi.parameters.map(({ name, type, default: value }) => [name, type, value])).toEqual([
    ['rc_mode', 'enum', 'auto'],
    ['sei', 'flags', 'identifier+timing+recovery_point+a53_cc'],
    ['blbrc', 'bool', false],
  ]);
  expect(vaapi.parameters.every(({ live }) => live?.state === 'no')).toBe(true);
  expect(parseEncoderHelp("Codec 'nothing' is not recognized by FFmpeg.\n")).toBeNull();
});

test('the list of encoders gives codec, description and threads, and no audio', () => {
  const text = `Encoders:
 V..... = Video
 A..... = Audio
 ------
 VFS..D dnxhd                VC3/DNxHD
 V..... libsvtav1            SVT-AV1(Scalable Video Technology for AV1) encoder (codec av1)
 V.S.B. vc2                  SMPTE VC-2 (codec dirac)
 A..... aac                  AAC (Advanced Audio Coding)
`;
  expect(parseEncoderList(text)).toEqual([
    { name: 'dnxhd', codec: 'dnxhd', description: 'VC3/DNxHD', threads: 'frame' },
    {
      name: 'libsvtav1',
      codec: 'av1',
      description: 'SVT-AV1(Scalable Video Technology for AV1) encoder',
      threads: 'none',
    },
    { name: 'vc2', codec: 'dirac', description: 'SMPTE VC-2', threads: 'slice' },
  ]);
});

const programs = [
  'ffmpeg',
  ...(process.env['ENCODELAB_TEST_FFMPEG'] === undefined ? [] : [process.env['ENCODELAB_TEST_FFMPEG']]),
];
for (const program of programs)
  test(`every option of every encoder in the whole help of ${program.split('/').at(-1)} is read`, () => {
    const text = execFileSync(program, ['-hide_banner', '-h', 'full'], { encoding: 'utf8', maxBuffer: 1e8 });
    const generic = parseGenericOptions(text);
    const names = generic.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['b', 'g', 'bf', 'refs', 'qmin', 'maxrate', 'bufsize', 'flags']));
    expect(names).not.toContain('ab');
    expect(names).not.toContain('skip_top');
    expect(generic.find(({ name }) => name === 'flags')!.values.map(({ name }) => name)).toContain('cgop');
    expect(generic.find(({ name }) => name === 'flags')!.values.map(({ name }) => name)).not.toContain(
      'output_corrupt',
    );
    expect(parseCommandFlags(text)).toContain('stats');
    expect(parseCommandFlags(text)).not.toContain('crf');
    const help = execFileSync(program, ['-hide_banner', '-h', 'encoder=libx264'], { encoding: 'utf8' });
    const own = parseEncoderHelp(help)!.parameters;
    expect(own).toHaveLength(help.split('\n').filter((line) => /^ {2}-\S+ +</.test(line)).length);
    expect(own.flatMap(({ values }) => values)).toHaveLength(
      help.split('\n').filter((line) => /^ {5}\S+ .*E\.\.V/.test(line)).length,
    );
  });
