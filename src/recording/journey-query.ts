// The statement of the export `frames`: the journey of each frame, a row for each role that it passed.

import { STEPS, type Step } from '#core/recording';
import { PART_ROLES } from '#core/session';
import { CLOCK_DOUBT, CLOCK_DRIFT } from './clocks.ts';
import { quoteText } from './sql-text.ts';
import { columnsOf } from './table-layout.ts';

/** Steps whose columns are there whether or not a frame went through them: encodes have them. */
const USUAL_STEPS: readonly Step[] = ['decode', 'scale', 'encode'];
const STEP_TIMES = ['start_us', 'duration_us', 'busy_us'] as const;

/** Relations that a journey is made of. */
export interface JourneyTables {
  readonly frames: string;
  readonly steps: string;
  /** Where any of the runs is a stream: its clocks. Wants the temporary table `agents (position, role, agent)` then. */
  readonly clocks: string | null;
}

/**
 * What came out of the encoder, and beside it the time of every step of one role. Frames that were dropped on their way have
 * their steps and nothing else; those of streams also when they were captured on the reference clock, and how far the clock of the
 * row's times is ahead of it.
 * Frames of a stock SPICE server have no such time: nobody saw them captured.
 * @param occurring steps that occur in any of the runs: each brings three columns
 */
export function journeyQuery(tables: JourneyTables, occurring: ReadonlySet<string>): string {
  const shown = STEPS.filter((step) => USUAL_STEPS.includes(step) || occurring.has(step));
  const frameColumns = columnsOf('frames')
    .map(({ name }) => name)
    .filter((name) => !['run', 'stream', 'frame'].includes(name));
  const stepColumns = shown.flatMap((step) => STEP_TIMES.map((name) => `${step}_${name}`));
  const { clocks } = tables;
  const columns = [...frameColumns, 'role', 'outcome', ...stepColumns, ...(clocks === null ? [] : CLOCK_COLUMNS)];
  return `WITH journeys AS (${stepsByRole(tables.steps, shown)}),
      rows AS (SELECT * FROM ${tables.frames} AS frames FULL JOIN journeys USING (position, stream, frame))
      ${clocks === null ? '' : `, ${clockLines(clocks)}, ${captures(tables)}`}
    SELECT run, stream, frame, ${columns.join(', ')}
    FROM rows JOIN runs USING (position) ${clocks === null ? '' : CLOCK_JOINS}
    ORDER BY position, stream, frame, ${ROLE_ORDER}`;
}

/** One row for each frame and role. Where a role took the same step more than once, the first is shown. */
function stepsByRole(steps: string, shown: readonly Step[]): string {
  const times = shown.flatMap((step) =>
    STEP_TIMES.map((name) => `arg_min(${name}, start_us) FILTER (step = '${step}') AS ${step}_${name}`),
  );
  return `SELECT position, stream, frame, role, min(start_us) AS first_us,
      coalesce(max(CAST(outcome AS VARCHAR)) FILTER (outcome <> 'ok'), min(CAST(outcome AS VARCHAR))) AS outcome,
      ${times.join(', ')}
    FROM ${steps} GROUP BY position, stream, frame, role`;
}

/** In the order in which a frame passes them. */
const ROLE_ORDER = `coalesce(list_position([${Object.values(PART_ROLES).map(quoteText).join(', ')}], role), 99), role`;

const CLOCK_COLUMNS = ['capture_us', 'clock_offset_us', 'clock_error_us'];

/**
 * Straight lines between what `clocks` tells, level before the first and after the last; what others tell much better is passed
 * over, as `readClocks` does.
 */
function clockLines(clocks: string): string {
  const slope = `(lead(offset_us) OVER later - offset_us) / nullif(lead(time_us) OVER later - time_us, 0)`;
  const bound = (sign: string, rows: string) =>
    `min(error_us ${sign === '+' ? '-' : '+'} ${CLOCK_DRIFT} * time_us) OVER (PARTITION BY position, agent ORDER BY time_us ${rows})
      ${sign} ${CLOCK_DRIFT} * time_us`;
  const before = bound('+', 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW');
  const after = bound('-', 'ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING');
  return `bounds AS (SELECT *, least(${before}, ${after}) AS bound_us FROM ${clocks}),
    sure AS (SELECT * FROM bounds WHERE error_us <= ${CLOCK_DOUBT} * bound_us + ${ROUNDING_US}),
    lines AS (
      SELECT position, agent, time_us AS from_us, CAST(offset_us AS DOUBLE) AS offset_us,
        greatest(error_us, coalesce(lead(error_us) OVER later, error_us)) AS error_us, coalesce(${slope}, 0) AS slope
      FROM sure WINDOW later AS (PARTITION BY position, agent ORDER BY time_us)
      UNION ALL
      SELECT position, agent, ${BEFORE_ALL_US}, arg_min(offset_us, time_us), arg_min(error_us, time_us), 0
      FROM sure GROUP BY position, agent)`;
}

/** Of sums of times that are some 10^12 long. */
const ROUNDING_US = 0.01;
const BEFORE_ALL_US = '-9000000000000000';

/** When each frame was captured, on the clock of its sender and on the reference clock; nothing where no agent in `agents` is the sender's. */
function captures({ frames, steps }: JourneyTables): string {
  const sender = quoteText(PART_ROLES.sender);
  return `captured AS (
      SELECT position, stream, frame, ${sender} AS role,
        coalesce(max(start_us), max(CAST(pts * time_base_num * 1e6 / time_base_den AS BIGINT))) AS sent_us
      FROM (SELECT position, stream, frame, start_us FROM ${steps} WHERE role = ${sender} AND step = 'capture') AS steps
        FULL JOIN ${frames} AS frames USING (position, stream, frame)
      GROUP BY position, stream, frame),
    captures AS (
      SELECT captured.position, stream, frame, CAST(round(sent_us - ${offsetAt('sent_us')}) AS BIGINT) AS capture_us
      FROM captured JOIN agents USING (position, role)
        ASOF JOIN lines ON captured.position = lines.position AND agents.agent = lines.agent
          AND captured.sent_us >= lines.from_us)`;
}

function offsetAt(timeUs: string): string {
  return `(lines.offset_us + lines.slope * (${timeUs} - lines.from_us))`;
}

const CLOCK_JOINS = `LEFT JOIN captures USING (position, stream, frame)
    LEFT JOIN agents USING (position, role)
    LEFT JOIN (
      SELECT journeys.position, stream, frame, role, CAST(round(${offsetAt('first_us')}) AS BIGINT) AS clock_offset_us,
        lines.error_us AS clock_error_us
      FROM journeys JOIN agents USING (position, role)
        ASOF JOIN lines ON journeys.position = lines.position AND agents.agent = lines.agent
          AND journeys.first_us >= lines.from_us
    ) AS offsets USING (position, stream, frame, role)`;
