// How a command finds the live system: the server of a lab on this machine, or any by its address and token.

import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { UserError } from '#core/user-error';
import { labPath } from '#lab/lab';
import { connectLive, type LiveClient } from '#live/live-client';
import { labServer } from '#server/server-address';
import { labOption } from './lab-option.ts';

const TOKEN_VARIABLE = 'ENCODELAB_TOKEN';

export interface LiveOptions {
  readonly lab: string;
  readonly collector?: string;
  readonly token?: string;
}

export function addLiveOptions(command: Command): Command {
  return command
    .addOption(labOption())
    .option('--collector <url>', 'a server on another machine, in place of the one of the lab')
    .addOption(new Option('--token <token>', 'its token (its file server-token)').env(TOKEN_VARIABLE));
}

/** @throws UserError where there is no server, or nothing to show it */
export async function connect({ lab, collector, token }: LiveOptions): Promise<LiveClient> {
  if (collector === undefined) return connectLive(await labServer(labPath(lab)), operatorName());
  if (token === undefined)
    throw new UserError({
      what: 'a server on another machine wants its token',
      where: '--token',
      todo: `it stands in server-token in its lab: --token …, or ${TOKEN_VARIABLE}=…`,
    });
  return connectLive({ url: collector, token }, operatorName());
}

/** What the others see beside a change. */
function operatorName(): string {
  try {
    return userInfo().username.slice(0, 64) || 'operator';
  } catch (error) {
    // A user that the system does not know by name, as in some containers.
    if ((error as NodeJS.ErrnoException).syscall === 'uv_os_get_passwd') return 'operator';
    throw error;
  }
}
