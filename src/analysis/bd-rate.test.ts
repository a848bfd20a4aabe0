import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bdQuality, bdRate, meanDifference, type BdRefusal, type BdResult } from './bd-rate.ts';
import type { RatePoint } from './rate-quality.ts';

const zip = (rates: readonly number[], qualities: readonly number[]): RatePoint[] =>
  rates.map((rate, i) => ({ rate, quality: qualities[i] }));

function value(result: BdResult | BdRefusal): number {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

test('the examples of JCTVC-E137 have the values that are published for them', () => {
  // Points and values: python/test/bd_rate_calculator_test.py of Netflix' VMAF, from the sheets of JCTVC-E137 (2011).
  const first = bdRate(
    zip([108048.8736, 61279.976, 33905.6656, 18883.6928], [43.6471, 40.3953, 37.247, 34.2911]),
    zip([108061.2784, 61299.9936, 33928.7472, 18910.912], [43.6768, 40.4232, 37.2761, 34.3147]),
  );
  expect(value(first)).toBeCloseTo(-0.00465215420752807, 12);
  const second = bdRate(
    zip([40433.8848, 7622.7456, 2394.488, 1017.6184], [37.5761, 35.3756, 33.8977, 32.0603]),
    zip([40370.12, 7587.0024, 2390.0944, 1017.0984], [37.5982, 35.4025, 33.9194, 32.0822]),
  );
  expect(value(second)).toBeCloseTo(-0.018779823450567612, 12);
});

test('the curves of 46 and 45 points in Netflix’ own test have its value', () => {
  // The same file, test_bd_rate_calculator_different. Of its first curve the points up to the overlap and the two after it
  // are here: those further on do not reach into it.
  expect(value(bdRate(NETFLIX_A, NETFLIX_B))).toBeCloseTo(0.08267113720900943, 8);
});

test('the examples of the package bjontegaard come out as by SciPy', () => {
  // Points: example_usage.py of FAU-LMS/bjontegaard (libx265 at two presets). Values: PchipInterpolator of SciPy 1.17.1.
  const one = [
    zip([9487.76, 4593.6, 2486.44, 1358.24], [40.037, 38.615, 36.845, 34.851]),
    zip([9787.8, 4469.0, 2451.52, 1356.24], [40.121, 38.651, 36.97, 34.987]),
  ] as const;
  expect(value(bdRate(...one))).toBeCloseTo(-0.04417485350589111, 12);
  expect(value(bdQuality(...one))).toBeCloseTo(0.11969278542479916, 12);
  const six = [
    zip([82472.76, 26875.24, 9487.76, 4593.6, 3600, 2900], [43.825, 41.404, 40.037, 38.615, 36.5, 35.1]),
    zip([99896.96, 33952.04, 9787.8, 4469.0, 4040, 3300], [44.731, 41.875, 40.121, 38.651, 37, 36.5]),
  ] as const;
  expect(value(bdRate(...six))).toBeCloseTo(-0.0295280241164279, 12);
  expect(value(bdQuality(...six))).toBeCloseTo(0.08953590194999556, 12);
});

test('on the example of VCEG-M33 PCHIP and the cubic polynomial of 2001 nearly agree', () => {
  // Points and the cubic's values (-13.261773 %, 0.800713 dB): example.cpp of tbr/bjontegaard_cpp.
  const reference = zip([90.33, 181.03, 332.99, 547.79], [27.95, 31.17, 34.44, 38.11]);
  const better = zip([127.1719, 186.14, 307.2924, 481.5588], [29.9286, 32.4165, 34.7013, 37.4561]);
  expect(Math.abs(value(bdRate(reference, better)) + 0.13261773)).toBeLessThan(0.005);
  expect(Math.abs(value(bdQuality(reference, better)) - 0.800713)).toBeLessThan(0.03);
});

test('the range of the mean is what both reach, with its share of each', () => {
  const reference = zip([1e6, 2e6, 4e6, 8e6], [30, 34, 38, 42]);
  const result = bdRate(reference, zip([1e6, 2e6, 4e6, 8e6], [36, 38, 40, 44]));
  expect(result).toMatchObject({ ok: true, low: 36, high: 42, coverage: { reference: 0.5, test: 0.75 } });
});

const curve = fc
  .array(fc.tuple(fc.double({ min: 1.02, max: 3, noNaN: true }), fc.double({ min: 0.05, max: 4, noNaN: true })), {
    minLength: 4,
    maxLength: 10,
  })
  .map((steps) => {
    let rate = 1e5;
    let quality = 30;
    return steps.map(([factor, rise]) => ({ rate: (rate *= factor), quality: (quality += rise) }));
  });

test('all rates times k make k - 1, whatever the curve', () => {
  fc.assert(
    fc.property(curve, fc.double({ min: 0.1, max: 10, noNaN: true }), (points, k) => {
      const scaled = points.map(({ rate, quality }) => ({ rate: rate * k, quality }));
      expect(value(bdRate(points, scaled))).toBeCloseTo(k - 1, 8);
    }),
  );
});

test('all qualities higher by d make d', () => {
  fc.assert(
    fc.property(curve, fc.double({ min: -5, max: 5, noNaN: true }), (points, d) => {
      const better = points.map(({ rate, quality }) => ({ rate, quality: quality + d }));
      expect(value(bdQuality(points, better))).toBeCloseTo(d, 8);
    }),
  );
});

test('with the curves exchanged r turns into 1/(1+r) - 1, and the order of points does not matter', () => {
  fc.assert(
    fc.property(curve, curve, (a, b) => {
      const there = bdRate(a, b);
      if (!there.ok) return;
      expect(1 + value(bdRate(b, a))).toBeCloseTo(1 / (1 + there.value), 8);
      expect(value(bdRate(a.toReversed(), b.toReversed()))).toBe(there.value);
    }),
  );
});

const good = zip([1e6, 2e6, 4e6, 8e6], [30, 34, 38, 42]);

test.each([
  [good.slice(1), good, "the reference can't be compared: it has 3 points, and at least 4 are needed"],
  [good, good.slice(1), "this curve can't be compared: it has 3 points, and at least 4 are needed"],
  [
    good,
    zip([1e6, 2e6, 4e6, 8e6], [30, 34, 33, 42]),
    "this curve can't be compared: its quality falls while the rate rises: 34 at 2 Mbit/s, then 33 at 4 Mbit/s",
  ],
  [
    good,
    zip([1e6, 2e6, 4e6, 8e6], [43, 44, 45, 46]),
    'the curves have no qualities in common: the reference reaches 30 to 42, this curve 43 to 46',
  ],
])('what can not be compared is refused with the reason %#', (reference, other, reason) => {
  expect(bdRate(reference, other)).toEqual({ ok: false, reason });
});

test('curves that only touch have nothing in common', () => {
  expect(bdRate(good, zip([1e6, 2e6, 4e6, 8e6], [42, 44, 45, 46]))).toMatchObject({ ok: false });
  expect(bdQuality(good, zip([8e6, 9e6, 10e6, 11e6], [42, 44, 45, 46]))).toEqual({
    ok: false,
    reason:
      'the curves have no rates in common: the reference reaches 1 Mbit/s to 8 Mbit/s, this curve 8 Mbit/s to 11 Mbit/s',
  });
});

test('on the hull a stray point does not count', () => {
  const strayed = [...good, { rate: 3e6, quality: 33 }];
  expect(bdRate(good, strayed)).toMatchObject({ ok: false });
  expect(value(bdRate(good, strayed, { hull: true }))).toBeCloseTo(0, 12);
  expect(bdRate(good, strayed.slice(1), { hull: true })).toEqual({
    ok: false,
    reason: "this curve can't be compared on its hull: it has 3 points, and at least 4 are needed",
  });
});

test('two points are enough for a mean of anything over anything', () => {
  const mean = meanDifference({ x: [0, 10], y: [0, 10] }, { x: [5, 20], y: [7, 22] });
  expect(mean).toMatchObject({ ok: true, low: 5, high: 10 });
  expect(mean.ok ? mean.value : NaN).toBeCloseTo(2, 12);
});

const NETFLIX_A = zip(
  [
    35.99646889759373, 37.99471487409067, 39.970621712367105, 42.346972697257975, 44.7457131337437, 47.154365304980416,
    49.85285605484052, 52.668811762730826, 55.623246648013435, 58.709821225517615, 61.95339030218243, 65.39086712367096,
    69.07053575825405, 72.92296374930051, 77.04220356463348, 81.27714736989365, 85.80023587017347, 90.70151323447116,
    95.61377568550643, 101.18490854504753, 106.70571125909345, 112.80107593732511, 118.71002956351424,
    125.49624718522664, 132.55080280358143, 140.1958864969222, 147.88641993844433, 156.33494113598206,
    164.76788195858984, 173.94668501398993, 184.07738357022944, 194.3000549748181, 205.02014116955786,
    216.48558646334627, 228.6963740850587, 241.1654202574147, 254.97357365976498, 269.34394547845557,
    284.15034977056513, 300.33591073866813, 317.0971573363177, 334.6360977616115, 353.52509696138776,
    373.29134338556247, 393.9552307218803, 415.95752090095135,
  ],
  [
    21.955645250419696, 25.51236452853944, 28.044365039171787, 30.479270893956333, 32.55129509653048, 34.35170492445439,
    36.159880512031336, 37.817858687744824, 39.4236739227756, 40.97726075825405, 42.47586071628426, 43.94792672076104,
    45.38187315332959, 46.7512838066592, 48.12043552042529, 49.42854125629547, 50.72125632344712, 52.02140726776721,
    53.247009597090084, 54.54781877448235, 55.77207227895914, 57.05675384023505, 58.22286424174595, 59.4644650601567,
    60.67429805540012, 61.90510035674314, 63.041928063794046, 64.22106624930048, 65.33567544767766, 66.48116736149971,
    67.64570549104643, 68.7236593242865, 69.79909077364297, 70.86179997202017, 71.91020905148292, 72.91811104504754,
    73.96942905008393, 74.9730472439843, 75.93786445159483, 76.91376459149411, 77.86057887520982, 78.78165542809175,
    79.69565129406824, 80.57908869613874, 81.44409020705092, 82.30904120733068,
  ],
);
const NETFLIX_B = zip(
  [
    49.87328328483493, 52.38326659205375, 55.48787012870734, 58.73340142697256, 61.38781766088415, 65.24973810856183,
    68.91803592053719, 72.90461613878006, 76.50681894795746, 81.22743775601566, 85.8963679574706, 90.6221019585898,
    95.65390898712923, 101.13434360380525, 106.40240546726353, 112.42335666480132, 118.79365039171795,
    125.05231551203133, 132.43335461667598, 139.88996440962507, 146.16949280917734, 155.7417632232793, 163.313640956911,
    173.5439432232792, 182.53828067711245, 193.15859545047564, 204.38533732512593, 215.95536735310577,
    227.63617066032455, 241.31498514829323, 253.7268753273643, 267.2595965472859, 283.9250800223839, 294.27475915500827,
    316.458982495803, 334.1048723838837, 352.4061945998881, 369.71439789031893, 388.71730656966986, 416.22584212646893,
    431.8296127756015, 456.8111591046446, 489.9550944711808, 505.8411566927812, 531.839469233352,
  ],
  [
    28.61330510632344, 32.39771999160604, 35.43877945579183, 37.81863505176273, 39.45287702853945, 41.51289594991606,
    43.25002306939003, 44.95657251678791, 46.343293172915494, 48.06086461947399, 49.55961627728036, 50.90070572887522,
    52.23381047146056, 53.61339359960829, 54.8475233841634, 56.18486674594291, 57.459968270844996, 58.63419768466705,
    59.89586900531618, 61.0835185996083, 62.04168247761612, 63.3899363878008, 64.36612914101849, 65.58913973139342,
    66.58945198656969, 67.70600593172915, 68.81500302182431, 69.90734120033578, 70.90756786513711, 71.9597451385003,
    72.82036908925575, 73.70446921516509, 74.66681882344713, 75.23454667039732, 76.38518377867935, 77.20506813094572,
    77.96106693480695, 78.57269429910465, 79.09373393956353, 79.73839594292109, 80.04573062395076, 80.4380911723559,
    80.81746619334079, 80.9060061345831, 81.04617807078903,
  ],
);
