import { Agent } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';

/** Any credentials do for an endpoint on this machine; an emulator's own stand in the environment. */
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Where the AWS calls of a local run go. */
export interface LocalEndpoints {
  readonly dynamodb: string;
  readonly timestreamWrite: string;
  readonly timestreamQuery: string;
}

/** The clients of a local run; they are the ones that run on AWS, with other endpoints. */
export interface LocalClients {
  readonly dynamodb: DynamoDBClient;
  readonly timestreamWrite: TimestreamWriteClient;
  readonly timestreamQuery: TimestreamQueryClient;
  destroy(): void;
}

export function localClients(endpoints: LocalEndpoints, region = 'us-east-1'): LocalClients {
  const common = {
    region,
    credentials: CREDENTIALS,
    requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: 16 }) },
  };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb });
  // The row writer retries by itself.
  const timestreamWrite = new TimestreamWriteClient({
    ...common,
    endpoint: endpoints.timestreamWrite,
    maxAttempts: 1,
  });
  const timestreamQuery = new TimestreamQueryClient({ ...common, endpoint: endpoints.timestreamQuery });
  return {
    dynamodb,
    timestreamWrite,
    timestreamQuery,
    destroy: () => {
      dynamodb.destroy();
      timestreamWrite.destroy();
      timestreamQuery.destroy();
    },
  };
}
