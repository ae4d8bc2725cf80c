import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { StateTable } from '../../functions/adapters/dynamodb/state-table.ts';
import { askMsk } from '../../functions/adapters/kafka/ask-msk.ts';
import { openKafkaLog } from '../../functions/adapters/kafka/open-kafka-log.ts';
import { LOG_RETENTION_DAYS } from '../../functions/aggregate/aggregate-options.ts';
import type { Clock } from '../../shared/clock.ts';
import { CodedError } from '../../shared/coded-error.ts';
import type { Log } from '../../shared/log/log.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import type { StateStore } from '../../shared/state/state-store.ts';

/** What a deployment keeps: its log, the state of its windows, its store. */
export interface OpenDeployment {
  readonly log: Log;
  readonly state: StateStore;
  readonly timestreamWrite: TimestreamWriteClient;
  readonly timestreamQuery: TimestreamQueryClient;
  close(): Promise<void>;
}

/** Opens them as ingest and the functions do. Fails with `SETTINGS_INVALID` where no brokers are named. */
export async function openDeployment(settings: Settings, clock: Clock): Promise<OpenDeployment> {
  if (settings.kafka === null) {
    throw new CodedError(
      'SETTINGS_INVALID',
      'The log of a deployment is Kafka: set MSK_CLUSTER_ARN or KAFKA_BOOTSTRAP_SERVERS.',
    );
  }
  const log = await openKafkaLog(settings.kafka, { clock, askMsk });
  const dynamodb = new DynamoDBClient({});
  // The row writer retries by itself; an emulator's endpoint must be given, see openRowWriter.
  const timestreamWrite = new TimestreamWriteClient({
    maxAttempts: 1,
    ...endpoint(settings.awsEndpointUrlTimestreamWrite),
  });
  const timestreamQuery = new TimestreamQueryClient(endpoint(settings.awsEndpointUrlTimestreamQuery));
  return {
    log,
    state: new StateTable(dynamodb, {
      table: settings.stateTable,
      nowMs: () => clock.nowUs() / 1_000,
      retentionMs: LOG_RETENTION_DAYS * 86_400_000,
    }),
    timestreamWrite,
    timestreamQuery,
    close: async () => {
      await log.close();
      for (const client of [dynamodb, timestreamWrite, timestreamQuery]) client.destroy();
    },
  };
}

function endpoint(url: string | null): { readonly endpoint?: string } {
  return url === null ? {} : { endpoint: url };
}
