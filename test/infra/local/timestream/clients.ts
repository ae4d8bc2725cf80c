import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { type _Record, TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import { ensureStore } from '../../../../functions/adapters/timestream/ensure-store.ts';
import { type QueryResult, runQuery } from '../../../../functions/adapters/timestream/query.ts';
import {
  type LocalTimestream,
  startTimestream,
  type TimestreamOptions,
} from '../../../../infra/local/timestream/timestream-server.ts';

/** A local Timestream with the SDK's clients on it. */
export interface TestStore {
  readonly timestream: LocalTimestream;
  readonly write: TimestreamWriteClient;
  readonly query: TimestreamQueryClient;
  put(
    table: string,
    records: _Record[],
    common?: _Record,
  ): Promise<{ total: number; memory: number; magnetic: number }>;
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
  result(sql: string): Promise<QueryResult>;
  close(): Promise<void>;
}

/** Starts one, with database `market` and its tables. */
export async function startStore(options: Partial<TimestreamOptions> = {}): Promise<TestStore> {
  const timestream = await startTimestream({ dir: null, ...options });
  const config = {
    endpoint: timestream.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const write = new TimestreamWriteClient(config);
  const query = new TimestreamQueryClient(config);
  if (options.readOnly !== true) await ensureStore(write);
  return {
    timestream,
    write,
    query,
    async put(table, records, common) {
      const answer = await write.send(
        new WriteRecordsCommand({
          DatabaseName: 'market',
          TableName: table,
          Records: records,
          ...(common === undefined ? {} : { CommonAttributes: common }),
        }),
      );
      const ingested = answer.RecordsIngested;
      return {
        total: ingested?.Total ?? 0,
        memory: ingested?.MemoryStore ?? 0,
        magnetic: ingested?.MagneticStore ?? 0,
      };
    },
    rows: async (sql) => (await runQuery(query, sql)).rows,
    result: (sql) => runQuery(query, sql),
    async close() {
      write.destroy();
      query.destroy();
      await timestream.close();
    },
  };
}

/** A multi-measure record of `symbol` at a time in milliseconds, with one DOUBLE measure `close`. */
export function closeRecord(symbol: string, timeMs: number, close: number, version = 1): _Record {
  return {
    Dimensions: [{ Name: 'symbol', Value: symbol }],
    MeasureName: 'candle',
    MeasureValueType: 'MULTI',
    MeasureValues: [{ Name: 'close', Type: 'DOUBLE', Value: String(close) }],
    Time: String(timeMs),
    TimeUnit: 'MILLISECONDS',
    Version: version,
  };
}
