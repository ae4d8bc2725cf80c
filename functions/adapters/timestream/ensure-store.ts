import {
  ConflictException,
  CreateDatabaseCommand,
  CreateTableCommand,
  type TimestreamWriteClient,
} from '@aws-sdk/client-timestream-write';
import { TABLE_SPECS, type TableSpec } from '../../../shared/tables.ts';

/**
 * Creates the database and its tables where they are missing, with their retention and with writes to the
 * magnetic store; what exists stays as it is. Safe to repeat and to run twice at once.
 */
export async function ensureStore(
  client: Pick<TimestreamWriteClient, 'send'>,
  database = 'market',
  tables: readonly TableSpec[] = TABLE_SPECS,
): Promise<void> {
  await unlessThere(() => client.send(new CreateDatabaseCommand({ DatabaseName: database })));
  for (const table of tables) {
    await unlessThere(() =>
      client.send(
        new CreateTableCommand({
          DatabaseName: database,
          TableName: table.name,
          RetentionProperties: {
            MemoryStoreRetentionPeriodInHours: table.memoryHours,
            MagneticStoreRetentionPeriodInDays: table.magneticDays,
          },
          MagneticStoreWriteProperties: { EnableMagneticStoreWrites: true },
        }),
      ),
    );
  }
}

async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof ConflictException)) throw error;
  }
}
