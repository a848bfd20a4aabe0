import { expect, test } from 'vitest';
import { ProfileSignals } from './profile-signals.ts';

/** What comes of some signals; `over` is where the command ends. */
function heard(...signals: readonly (NodeJS.Signals | 'over')[]) {
  const command = { isOver: false, interrupts: 0, interrupt: () => void command.interrupts++ };
  const told: string[] = [];
  const its = new ProfileSignals(command, (text) => told.push(text));
  for (const signal of signals) {
    if (signal === 'over') command.isOver = true;
    else its.hear(signal);
  }
  return { interrupts: command.interrupts, kills: its.kill.aborted, givesUp: its.giveUp.aborted, by: its.heard, told };
}

test('each Ctrl-C is more than the one before: it interrupts, kills, and gives the profile up', () => {
  expect(heard()).toEqual({ interrupts: 0, kills: false, givesUp: false, by: null, told: [] });
  expect(heard('SIGINT')).toMatchObject({ interrupts: 1, kills: false, by: 'SIGINT' });
  expect(heard('SIGINT', 'SIGINT')).toMatchObject({ interrupts: 1, kills: true, givesUp: false });
  const all = heard('SIGINT', 'SIGINT', 'SIGINT', 'SIGINT');
  expect(all).toMatchObject({ interrupts: 1, kills: true, givesUp: true });
  expect(all.told).toHaveLength(3);
});

test('SIGTERM and SIGHUP kill at once and keep the profile; they are what ended it', () => {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    expect(heard(signal)).toMatchObject({ interrupts: 0, kills: true, givesUp: false, by: signal });
    expect(heard('SIGINT', signal, 'SIGINT')).toMatchObject({ kills: true, givesUp: true, by: signal });
  }
});

test('where the command is over, the first Ctrl-C tells what is still done, and the second gives it up', () => {
  const first = heard('over', 'SIGINT');
  expect(first).toMatchObject({ interrupts: 0, givesUp: false });
  expect(first.told).toEqual([expect.stringContaining('its profile is made')]);
  expect(heard('over', 'SIGINT', 'SIGINT').givesUp).toBe(true);
  expect(heard('SIGINT', 'over', 'SIGINT').givesUp).toBe(false);
});
