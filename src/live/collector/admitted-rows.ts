// Whose rows go into a recording: anybody's series, but frames and steps only of agents with a part of the session.

import { SESSION_PARTS, type SessionPart } from '#core/session';
import type { StreamRows } from '#run/stream-run';
import type { Agent } from './agent.ts';
import type { RecordMemo } from './record-memo.ts';

/**
 * @param session that is wanted now; null where none is
 * @param holders agents that had a part while it was recorded: what they kept may come late
 * @param lead the part that numbers the frames
 */
export function admittedRows(
  agent: Agent,
  rows: StreamRows,
  session: string | null,
  holders: RecordMemo['holders'],
  lead: SessionPart,
): StreamRows {
  if (rows.frames.length === 0 && rows.steps.length === 0) return rows;
  const parts = SESSION_PARTS.filter(
    (part) =>
      (session !== null && agent.parts.get(part)?.spec?.session === session) ||
      holders.some((holder) => holder.part === part && holder.agent === agent.name),
  );
  return {
    series: rows.series,
    frames: parts.includes(lead) ? rows.frames : [],
    steps: parts.length > 0 ? rows.steps.filter(({ role }) => role === agent.role) : [],
  };
}
