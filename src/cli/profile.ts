// encodelab profile: where CPU time went.

import type { Command } from 'commander';
import { addProfileDiagnose } from './profile-diagnose.ts';
import { addProfileExport } from './profile-export.ts';
import { addProfileImport } from './profile-import.ts';
import { addProfileRecord } from './profile-record.ts';
import type { SetExitCode } from './program.ts';

/** @returns the group, for what else belongs to it */
export function addProfileCommands(program: Command, setExitCode: SetExitCode): Command {
  const profile = program.command('profile').description('profiles: record, import, export and read them');
  addProfileRecord(profile, setExitCode);
  addProfileImport(profile);
  addProfileExport(profile);
  addProfileDiagnose(profile);
  return profile;
}
