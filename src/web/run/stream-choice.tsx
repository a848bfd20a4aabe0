// Which of the streams that were encoded at once the frames are of.

import { query, setQuery } from '../shell/route.ts';

/** The stream that the address names, else the first; null where the run has none. */
export function chosenStream(streams: readonly string[]): string | null {
  const asked = query.value.get('stream');
  return streams.find((name) => name === asked) ?? streams[0] ?? null;
}

/** Nothing where there is no choice. */
export function StreamChoice({ streams }: { streams: readonly string[] }) {
  if (streams.length < 2) return null;
  const at = streams.indexOf(chosenStream(streams)!);
  return (
    <section class="panel stream-choice" aria-label="Stream">
      <label>
        Frames of stream{' '}
        <select value={streams[at]} onChange={(event) => chooseStream(event.currentTarget.value, streams)}>
          {streams.map((name, position) => (
            <option key={name} value={name}>
              {position + 1}
            </option>
          ))}
        </select>
      </label>
      <span class="muted">
        stream {at + 1} of {streams.length}: the others are equal encodes at the same time · CPU and memory are of all
        of them
      </span>
    </section>
  );
}

/** The first one needs no name in the address. */
export function chooseStream(name: string, streams: readonly string[]): void {
  setQuery({ stream: name === streams[0] ? null : name });
}
