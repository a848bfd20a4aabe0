// What a person reads of a run's id.

/** The whole time in a UUIDv7, milliseconds: its first 8 digits alone are those of all runs of the same minute. */
const SHOWN_CHARACTERS = '01a202cc-e9e3'.length;

/** Tells apart what was not begun in the same millisecond; every command takes it as the id. */
export function shownId(id: string): string {
  return id.slice(0, SHOWN_CHARACTERS);
}
