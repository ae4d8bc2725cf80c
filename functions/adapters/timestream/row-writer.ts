import {
  type RejectedRecord,
  RejectedRecordsException,
  type TimestreamWriteClient,
  WriteRecordsCommand,
} from '@aws-sdk/client-timestream-write';
import { CodedError } from '../../../shared/coded-error.ts';
import { type Row, type RowWriter, VERSION_CONFLICT, type WriteOutcome } from '../../../shared/row.ts';
import { integerOf } from './exact-integer.ts';
import { type RecordBatch, recordBatches } from './record-batches.ts';
import { type RetryDeps, type RetryLimits, withRetries } from './retries.ts';

/** What the writer needs from outside. */
export interface RowWriterDeps extends RetryDeps {
  /** Its own retries should be off (`maxAttempts: 1`): the writer retries. */
  readonly client: Pick<TimestreamWriteClient, 'send'>;
  /** Hears how many rows are sent again, before each further try. */
  readonly onRetry?: (rows: number) => void;
}

/** How the writer behaves. */
export interface RowWriterOptions extends Partial<RetryLimits> {
  /** The database of the tables. @default 'market' */
  readonly database?: string;
  /** Calls on their way at the same time. @default 4 */
  readonly callsInFlight?: number;
}

interface Tally {
  written: number;
  superseded: number;
  readonly refused: { readonly row: Row; readonly reason: string }[];
}

/**
 * The store's writer on Timestream for LiveAnalytics: 100 records a call, common attributes shared, a few
 * calls at once, throttling and faults of server or network retried with backoff and jitter.
 *
 * `write` fails with `STORE_UNAVAILABLE` (can be retried) when the attempts are used up, and with
 * `STORE_REFUSED` where the call itself is refused: no such table, no permission, a malformed request.
 */
export function timestreamRowWriter(deps: RowWriterDeps, options: RowWriterOptions = {}): RowWriter {
  const database = options.database ?? 'market';
  const callsInFlight = Math.max(1, options.callsInFlight ?? 4);
  const limits: RetryLimits = {
    maxAttempts: options.maxAttempts ?? 8,
    baseDelayMs: options.baseDelayMs ?? 50,
    maxDelayMs: options.maxDelayMs ?? 5000,
  };

  async function send(batch: RecordBatch, tally: Tally): Promise<void> {
    const command = new WriteRecordsCommand({
      DatabaseName: database,
      TableName: batch.table,
      CommonAttributes: batch.common,
      Records: [...batch.records],
    });
    let isSent = false;
    try {
      await withRetries(
        () => {
          if (isSent) deps.onRetry?.(batch.rows.length);
          isSent = true;
          return deps.client.send(command);
        },
        `WriteRecords to ${database}.${batch.table}`,
        deps,
        limits,
      );
      tally.written += batch.rows.length;
    } catch (error) {
      if (!(error instanceof RejectedRecordsException)) throw error;
      takeRejections(batch, error, tally);
    }
  }

  return {
    async write(rows): Promise<WriteOutcome> {
      const { batches, superseded, conflicting } = recordBatches(rows);
      const refused = conflicting.map((row) => ({ row, reason: VERSION_CONFLICT }));
      const tally: Tally = { written: 0, superseded, refused };
      const waiting = batches.values();
      const worker = async (): Promise<void> => {
        for (const batch of waiting) await send(batch, tally);
      };
      const workers = Array.from({ length: Math.min(callsInFlight, batches.length) }, worker);
      const results = await Promise.allSettled(workers);
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return tally;
    },
  };
}

/** Records of the call that are not among the rejected ones were written. */
function takeRejections(batch: RecordBatch, error: RejectedRecordsException, tally: Tally): void {
  const rejected = error.RejectedRecords ?? [];
  if (rejected.length === 0) {
    throw new CodedError(
      'STORE_REFUSED',
      `Timestream rejected records of ${batch.table} and does not say which.`,
      {
        cause: error,
      },
    );
  }
  const indexes = new Set<number>();
  for (const entry of rejected) {
    const index = entry.RecordIndex ?? 0;
    const row = batch.rows[index];
    if (row === undefined || indexes.has(index)) continue;
    indexes.add(index);
    const reason = reasonOf(row, entry);
    if (reason === undefined) tally.superseded += 1;
    else tally.refused.push({ row, reason });
  }
  tally.written += batch.rows.length - indexes.size;
}

/** Why a row was refused; undefined where a newer one is there already, which is as good as written. */
function reasonOf(row: Row, entry: RejectedRecord): string | undefined {
  const existing = integerOf(entry.ExistingVersion);
  if (existing === undefined) return entry.Reason ?? 'The store gave no reason.';
  const version = BigInt(row.version);
  if (existing > version) return undefined;
  return existing === version ? VERSION_CONFLICT : (entry.Reason ?? 'The store gave no reason.');
}
