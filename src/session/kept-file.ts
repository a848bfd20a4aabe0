// What is kept of a stream while it is recorded: the received bitstream, or every Nth source picture. kept-format.ts says how
// such a file looks; here is what others need of it.

export { KeptFileWriter, type KeptResult } from './kept-writer.ts';
export { readKept, type KeptFrame, type KeptRecord } from './kept-reader.ts';
export type { KeptHeader, KeptPictures } from './kept-format.ts';
