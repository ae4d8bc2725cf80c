import type { IngestConfig } from '../../../functions/ingest/ingest-config.ts';
import type { QueueLimits } from '../../../functions/ingest/record-queue.ts';

/** Queues that are full with so few records, where those that are deployed hold thousands. */
export function pressedQueues(pauseAbove: number): IngestConfig['queues'] {
  const limits: QueueLimits = {
    maxRecords: 500,
    maxBytes: 900_000,
    lingerMs: 5,
    pauseAbove,
    resumeBelow: pauseAbove >> 1,
    conflateAbove: null,
  };
  return { trades: limits, quotes: { ...limits, conflateAbove: pauseAbove >> 1 } };
}
