import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The keys of the state table, as CDK and the local run create it. */
export const STATE_TABLE_KEYS = { partition: 'feed', sort: 'item', expiry: 'expires_at' } as const;

/** Creates the state table where it is missing: on one machine, where nothing else does. */
export async function ensureStateTable(client: DynamoDBClient, table: string): Promise<void> {
  try {
    await client.send(new DescribeTableCommand({ TableName: table }));
    return;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
  }
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: STATE_TABLE_KEYS.partition, AttributeType: 'S' },
        { AttributeName: STATE_TABLE_KEYS.sort, AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: STATE_TABLE_KEYS.partition, KeyType: 'HASH' },
        { AttributeName: STATE_TABLE_KEYS.sort, KeyType: 'RANGE' },
      ],
    }),
  );
}
