import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_ELEMENTS, TracerReader } from './tracer-reader.ts';

// As GStreamer 1.22 writes it.
const LOG = `0:00:00.011267 14546 0x5570f2b18a30 DEBUG             GST_TRACER gsttracer.c:159:gst_tracer_register:<registry0> update existing feature 0x5570f2a4c1c0 (latency)
0:00:00.019918862 15607 0x563f51cccc30 INFO     GST_ELEMENT_FACTORY gstelementfactory.c:489:gst_element_factory_create_with_properties: creating element "x264enc"
0:00:00.025696554 14546 0x5570f2cf9800 TRACE             GST_TRACER :0:: element-latency, element-id=(string)0x5570f2cfa1b0, element=(string)capsfilter0, src=(string)src, time=(guint64)35075, ts=(guint64)25683950;
0:00:00.057133168 14546 0x5570f2cf9800 TRACE             GST_TRACER :0:: element-latency, element-id=(string)0x5570f2ce1700, element=(string)x264enc0, src=(string)src, time=(guint64)31393013, ts=(guint64)57106829;
0:00:00.057311401 14546 0x5570f2cf9800 TRACE             GST_TRACER :0:: latency, src-element-id=(string)0x5570f2cd04b0, src-element=(string)videotestsrc0, src=(string)src, sink-element-id=(string)0x5570f2cd1ba0, sink-element=(string)filesink0, sink=(string)sink, time=(guint64)31646086, ts=(guint64)57294961;
0:00:00.058000000 14546 0x5570f2cf9800 TRACE             GST_TRACER :0:: element-latency, element-id=(string)0x5570f2ce1701, element=(string)x264enc0, src=(string)src, time=(guint64)5, ts=(guint64)58000000;
0:00:00.324952766 15607 0x563f51cccc30 DEBUG               pipeline gstpipeline.c:432:gst_pipeline_change_state:<pipeline0> selecting clock and base_time
0:00:00.325006737 15607 0x563f51cccc30 DEBUG               pipeline gstpipeline.c:494:gst_pipeline_change_state:<pipeline0> start_time=0:00:00.000000000, now=3:22:02.587686237, base_time 3:22:02.587686237
0:00:01.000000000 15607 0x563f51cccc30 WARN                 x264enc gstx264enc.c:1:gst:<x264enc0> VBV underflow
`;

function read(chunks: readonly Buffer[]): string[] {
  const told: string[] = [];
  const reader = new TracerReader({
    record: (...values) => told.push(`record ${values.join(' ')}`),
    element: (...values) => told.push(`element ${values.join(' ')}`),
    clock: (...values) => told.push(`clock ${values.join(' ')}`),
    factory: (name) => told.push(`factory ${name}`),
    other: (line) => told.push(`other ${line.slice(-13)}`),
  });
  for (const chunk of chunks) reader.push(chunk);
  return told;
}

const TOLD = [
  'factory x264enc',
  'element 0 capsfilter0',
  'record 0 35075 25683950',
  'element 1 x264enc0',
  'record 1 31393013 57106829',
  'element 2 videotestsrc0..filesink0',
  'record 2 31646086 57294961',
  'element 3 x264enc0#2',
  'record 3 5 58000000',
  'clock 12122587686237 325006737',
  'other VBV underflow',
];

test('a log is read by its records, the clock, and what made the elements', () => {
  expect(read([Buffer.from(LOG)])).toEqual(TOLD);
});

test('a log that is cut anywhere tells the same', () => {
  const bytes = Buffer.from(LOG);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      expect(read(places.slice(1).map((to, i) => bytes.subarray(places[i], to)))).toEqual(TOLD);
    }),
    { numRuns: 200 },
  );
});

test('senseless bytes and endless lines are no records and take no memory', () => {
  const noise = Buffer.alloc(200_000, 'x element-latency, element-id=(string)0x');
  expect(read([noise, noise, Buffer.from('\n'), Buffer.from(LOG)])).toEqual(TOLD);
});

test('more elements than a pipeline has are counted and not followed', () => {
  let records = 0;
  const reader = new TracerReader({
    record: () => records++,
    element: () => {},
    clock: () => {},
    factory: () => {},
    other: () => {},
  });
  for (let i = 0; i < MAX_ELEMENTS + 10; i++)
    reader.push(
      Buffer.from(
        `TRACE GST_TRACER :0:: element-latency, element-id=(string)0x${i.toString(16)}, element=(string)e${i}, src=(string)src, time=(guint64)1, ts=(guint64)2;\n`,
      ),
    );
  expect([records, reader.dropped]).toEqual([MAX_ELEMENTS, 10]);
});
