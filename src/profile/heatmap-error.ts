// How far a cell that was counted from samples can be from the truth, and how long a cell must be to be worth showing.

/** A cell is worth showing from so many samples on. */
const LEAST_SAMPLES = 20;
/** 95 % of a normal distribution lie within so many deviations. */
const DEVIATIONS = 1.96;
/** 999 Hz is meant as 1000. */
const NEARLY = 0.01;
/** Cells that people count in, nanoseconds. */
const CELL_LENGTHS_NS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((ms) => ms * 1e6);

/**
 * CPUs by which a cell's busy CPUs are wrong at most, 19 times in 20. Samples are taken to find a CPU busy as often as it is: a
 * binomial share, moved by one of each kind so that a cell of none or all busy is not called certain (Agresti and Coull,
 * "Approximate is better than exact", The American Statistician 52, 1998). Samples at even times do no worse.
 * @param busyCpus as counted
 * @param samples that a CPU fully watched would have had in the cell, of all its CPUs
 */
export function cellErrorCpus(busyCpus: number, capacityCpus: number, samples: number): number {
  if (!(samples > 0) || !(capacityCpus > 0)) return NaN;
  const busy = Math.max(0, Math.min(1, busyCpus / capacityCpus)) * samples;
  const share = (busy + 1) / (samples + 2);
  return DEVIATIONS * capacityCpus * Math.sqrt((share * (1 - share)) / samples);
}

/** The shortest cell of CELL_LENGTHS_NS that holds enough samples; the longest where none does. */
export function leastCellNs(frequencyHz: number, cpus: number): number {
  return (
    CELL_LENGTHS_NS.find((ns) => (frequencyHz * cpus * ns) / 1e9 >= LEAST_SAMPLES * (1 - NEARLY)) ??
    CELL_LENGTHS_NS.at(-1)!
  );
}
