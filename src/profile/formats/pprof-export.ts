// Writes pprof's format (google/pprof, proto/profile.proto): samples by stack and thread, without their times. On disk it is gzipped.

import type { Profile, ProfileSelection } from '#core/profile';
import { countStacks, exportedNames, functionsOf } from './exported-samples.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Field numbers of profile.proto. */
const PROFILE = {
  sampleType: 1,
  sample: 2,
  mapping: 3,
  location: 4,
  function: 5,
  stringTable: 6,
  durationNanos: 10,
  periodType: 11,
  period: 12,
  comment: 13,
} as const;
const VALUE_TYPE = { type: 1, unit: 2 } as const;
const SAMPLE = { locationId: 1, value: 2, label: 3 } as const;
const LABEL = { key: 1, str: 2, num: 3 } as const;
const MAPPING = { id: 1, filename: 5, hasFunctions: 7 } as const;
const LOCATION = { id: 1, mappingId: 2, line: 4 } as const;
const LINE = { functionId: 1 } as const;
const FUNCTION = { id: 1, name: 2, systemName: 3, filename: 4 } as const;

/**
 * A profile.proto, not compressed. Functions are their own locations: addresses are not kept. Values are samples, and CPU time or
 * bytes where they are known; labels tell thread and process.
 */
export function* pprofBytes(profile: Profile, selection: ProfileSelection): Generator<Uint8Array> {
  const texts = new Map<string, number>([['', 0]]);
  const text = (value: string) => {
    const known = texts.get(value);
    if (known !== undefined) return known;
    texts.set(value, texts.size);
    return texts.size - 1;
  };
  const message = (fill: (writer: ProtobufWriter) => void) => {
    const writer = new ProtobufWriter();
    fill(writer);
    return writer;
  };
  /** A field of the profile that is a message. */
  const field = (number: number, fill: (writer: ProtobufWriter) => void) =>
    message((writer) => writer.message(number, message(fill))).bytes();

  const { header, functions, libraries, threads } = profile;
  const second = valueType(header);
  const types: (readonly [string, string])[] = [['samples', 'count'], ...(second === null ? [] : [second])];
  for (const [type, unit] of types)
    yield field(PROFILE.sampleType, (writer) => {
      writer.number(VALUE_TYPE.type, text(type));
      writer.number(VALUE_TYPE.unit, text(unit));
    });

  const counted = header.weightUnit === 'samples';
  for (const { thread, stack, samples, weight } of countStacks(profile, selection))
    yield field(PROFILE.sample, (writer) => {
      writer.numbers(
        SAMPLE.locationId,
        functionsOf(profile, stack).map((called) => called + 1),
      );
      const count = Math.round(counted ? weight : samples);
      writer.numbers(SAMPLE.value, second === null ? [count] : [count, Math.round(weight)]);
      const label = (key: string, value: string | number) => {
        if (value === '' || value === -1) return;
        writer.message(
          SAMPLE.label,
          message((each) => {
            each.number(LABEL.key, text(key));
            if (typeof value === 'string') each.number(LABEL.str, text(value));
            else each.number(LABEL.num, value);
          }),
        );
      };
      label('thread', threads.name[thread]!);
      label('tid', threads.thread[thread]!);
      label('process', threads.processName[thread]!);
      label('pid', threads.process[thread]!);
    });

  for (const [i, library] of libraries.entries())
    yield field(PROFILE.mapping, (writer) => {
      writer.number(MAPPING.id, i + 1);
      writer.number(MAPPING.filename, text(library));
      writer.number(MAPPING.hasFunctions, 1);
    });
  for (const [i, name] of exportedNames(profile).entries()) {
    const library = functions.library[i]!;
    yield field(PROFILE.location, (writer) => {
      writer.number(LOCATION.id, i + 1);
      writer.number(LOCATION.mappingId, library + 1);
      writer.message(
        LOCATION.line,
        message((line) => line.number(LINE.functionId, i + 1)),
      );
    });
    yield field(PROFILE.function, (writer) => {
      writer.number(FUNCTION.id, i + 1);
      writer.number(FUNCTION.name, text(name));
      writer.number(FUNCTION.systemName, text(name));
      writer.number(FUNCTION.filename, text(libraries[library]!));
    });
  }

  yield message((writer) => {
    writer.number(PROFILE.durationNanos, Math.round(header.endNs - header.startNs));
    if (header.sampleNs !== null) {
      const type = message((each) => {
        each.number(VALUE_TYPE.type, text('cpu'));
        each.number(VALUE_TYPE.unit, text('nanoseconds'));
      });
      writer.message(PROFILE.periodType, type);
      writer.number(PROFILE.period, Math.round(header.sampleNs));
    }
    writer.numbers(PROFILE.comment, [text(header.tool)]);
  }).bytes();
  for (const value of texts.keys()) yield message((writer) => writer.text(PROFILE.stringTable, value)).bytes();
}

function valueType({ weightUnit }: Profile['header']): readonly [string, string] | null {
  if (weightUnit === 'ns') return ['cpu', 'nanoseconds'];
  return weightUnit === 'bytes' ? ['space', 'bytes'] : null;
}
