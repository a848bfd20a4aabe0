// Why a session in some state is none: what is told where no frame of it came, or hardly one.

import type { AgentState, LiveState } from '#core/live';
import { PART_ROLES } from '#core/session';
import type { Problem } from '#core/user-error';
import { endedPrograms } from './ended-programs.ts';

/** From the start of a session to its first frame: agents start processes, encoders open devices. */
export const FIRST_FRAME_MS = 30_000;

/**
 * Why a session in that state is no session yet.
 * @param other codec that a SPICE server sends in place of the one that was asked for; null where it sends nothing
 * @param gone what the tap, and agents beside it, say of a server or client that is not there
 * @param network of the tap, in force; null where that is not known
 */
export function noFrame(
  isSpice: boolean,
  other: string | null,
  gone: readonly string[],
  network: string | null,
): Problem {
  if (other !== null)
    return {
      what: `the server sends ${other}, and not what was asked for`,
      where: 'codec',
      todo: 'start it with that codec among its own: XSPICE_VIDEO_CODECS, or QEMU: streaming-video',
    };
  const withinS = FIRST_FRAME_MS / 1000;
  if (!isSpice) return { what: `no frame with these settings was presented within ${withinS} s` };
  const what = `no video frame with these settings passed the tap within ${withinS} s`;
  return { what: [what, ...(gone.length > 0 ? [gone.join('; ')] : [])].join(': '), todo: videoAdvice(gone, network) };
}

/** What to do where no video, or next to none, passes the tap. */
function videoAdvice(gone: readonly string[], network: string | null): string {
  if (gone.length > 0) return 'see that the server runs, and connect a client to the tap';
  if (network?.includes('rate=') === true)
    return `take a wider network, and let something move on the display: where ${network} is too narrow for its video, a server ends it and sends pictures`;
  return 'connect a client to the tap, and let something move on the display: a server makes no video of a still one';
}

/**
 * What is said of a desktop's recording of no frame, and of one of so few that little can be known by them.
 * @param isStock whether its server encodes: frames of our own sender come as they were asked for, and few may be wanted
 * @param network of the tap, in force at the end of the recording; null where that is not known
 */
export function scarceWords(isStock: boolean, network: string | null): { none: string; few: string | null } {
  const advice = videoAdvice([], network);
  return {
    none: `no frame was recorded: ${advice}`,
    few: isStock ? `rates and times of so few tell little: ${advice}` : null,
  };
}

/** What keeps the tap from being of use, and programs that were to be measured and are gone; nothing where the tap has both its ends. */
export function whoIsGone(session: LiveState['session'], agents: readonly AgentState[]): string[] {
  const note = session?.parts.find(({ part }) => part === 'relay')?.note ?? null;
  if (note === null) return [];
  return [note, ...endedPrograms(agents.filter(({ connected, role }) => connected && role !== PART_ROLES.sender))];
}
