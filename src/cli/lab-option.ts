// The option that names the lab, the same for every command.

import { Option } from 'commander';

export function labOption(): Option {
  return new Option('--lab <dir>', 'folder of the lab: benchmarks, recordings and catalogue')
    .env('ENCODELAB_LAB')
    .default('./lab');
}
