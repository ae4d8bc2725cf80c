import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type KafkaClient, ListClustersV2Command } from '@aws-sdk/client-kafka';
import { DescribeDatabaseCommand, type TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { deploymentNames } from '../deployment-names.ts';
import { errorChain } from './error-chain.ts';

/** Clients of the services whose resources outlive their stack. */
export interface LeftoverClients {
  readonly timestream: Pick<TimestreamWriteClient, 'send'>;
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly kafka: Pick<KafkaClient, 'send'>;
}

/**
 * What a stack of this name would make and the account has already, in words: resources with names of their own
 * that are retained when their stack goes.
 */
export async function leftovers(name: string, clients: LeftoverClients): Promise<readonly string[]> {
  const { database } = deploymentNames(name);
  const table = `${name}-state`;
  const [hasCluster, hasTable, hasDatabase] = await Promise.all([
    clients.kafka
      .send(new ListClustersV2Command({ ClusterNameFilter: name }))
      .then(({ ClusterInfoList = [] }) => ClusterInfoList.some(({ ClusterName }) => ClusterName === name)),
    isThere(clients.dynamodb.send(new DescribeTableCommand({ TableName: table }))),
    isThere(clients.timestream.send(new DescribeDatabaseCommand({ DatabaseName: database }))),
  ]);
  return [
    ...(hasCluster ? [`the MSK cluster ${name}`] : []),
    ...(hasTable ? [`the DynamoDB table ${table}`] : []),
    ...(hasDatabase ? [`the Timestream database ${database}`] : []),
  ];
}

async function isThere(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (errorChain(error).some(({ name }) => name === 'ResourceNotFoundException')) return false;
    throw error;
  }
}
