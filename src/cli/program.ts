// The commands and their options. docs/cli.md is generated from here.

import { Command } from 'commander';
import { addAgentCommand } from './agent.ts';
import { addBenchCommands } from './bench.ts';
import { addCampaignCommands } from './campaign.ts';
import { addControlCommands } from './control.ts';
import { addCurvesCommand } from './curves.ts';
import { addDemoCommand } from './demo.ts';
import { addDoctorCommand } from './doctor.ts';
import { addEncodeCommand } from './encode.ts';
import { addEncodersCommand } from './encoders.ts';
import { addExploreCommands } from './explore-findings.ts';
import { addInspectCommand } from './inspect.ts';
import { packageVersion } from './package-version.ts';
import { addProfileCommands } from './profile.ts';
import { addRecordCommand } from './record.ts';
import { addRunsCommands } from './runs.ts';
import { addServeCommand } from './serve.ts';
import { addShapesCommands } from './shapes.ts';
import { addShapesLearnCommands } from './shapes-learn.ts';
import { addSimulateCommand } from './simulate.ts';
import { addSpiceCommands } from './spice.ts';
import { addTitlesCommands } from './titles.ts';
import { addWorkerCommand } from './worker.ts';

/** Hands the exit code of a command to `main`. */
export type SetExitCode = (code: number) => void;

export function createProgram(setExitCode: SetExitCode): Command {
  const program = new Command('encodelab')
    .description(
      'A lab bench for video encoding: measures an encoder frame by frame, benchmarks it over a matrix of settings, and shows it.',
    )
    .version(packageVersion(), '-V, --version')
    .showSuggestionAfterError()
    .showHelpAfterError('(encodelab --help tells more)')
    .exitOverride();
  addInspectCommand(program);
  addEncodersCommand(program);
  addCurvesCommand(addBenchCommands(program, setExitCode));
  addRunsCommands(program, setExitCode);
  addEncodeCommand(program, setExitCode);
  addTitlesCommands(program);
  addCampaignCommands(program, setExitCode);
  addWorkerCommand(program, setExitCode);
  addSimulateCommand(program, setExitCode);
  addShapesLearnCommands(addShapesCommands(program), setExitCode);
  addExploreCommands(program);
  addServeCommand(program);
  addAgentCommand(program, setExitCode);
  addControlCommands(program, setExitCode);
  addSpiceCommands(program, setExitCode);
  addRecordCommand(program, setExitCode);
  addProfileCommands(program, setExitCode);
  addDemoCommand(program, setExitCode);
  addDoctorCommand(program, setExitCode);
  return program;
}
