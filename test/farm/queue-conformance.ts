// What every store of the queue must do: `queueConformance` registers the tests for one.

import { modelConforms } from './queue-against-model.ts';
import { queueFixture, type MakeQueue } from './queue-fixture.ts';
import { leasesConform } from './queue-leases.ts';
import { titlesConform } from './queue-titles.ts';

/** @param make an empty queue, which keeps to the rules that it is given */
export function queueConformance(make: MakeQueue): void {
  const on = queueFixture(make);
  titlesConform(on);
  leasesConform(on);
  modelConforms(on);
}
