// Computes the metrics of the recording that its argument names, and prints them as JSON.

import { sessionMetrics } from '#analysis/session-metrics';
import { sessionColumns } from './session-result.ts';

process.stdout.write(JSON.stringify(sessionMetrics(await sessionColumns(process.argv[2]!))));
