// The thread that looks for findings: seconds of work for a large lab, and the server answers others meanwhile.

import { parentPort, workerData } from 'node:worker_threads';
import { findInJob, type FindingsJob } from './explore-findings-job.ts';

parentPort!.postMessage(findInJob(workerData as FindingsJob));
