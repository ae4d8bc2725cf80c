import { GetBootstrapBrokersCommand, KafkaClient } from '@aws-sdk/client-kafka';
import type { BootstrapBrokers } from './bootstrap-brokers.ts';

/** Asks MSK for the brokers of a cluster. Needs the permission `kafka:GetBootstrapBrokers`. */
export async function askMsk(clusterArn: string): Promise<BootstrapBrokers> {
  const region = clusterArn.split(':')[3];
  const client = new KafkaClient(region === undefined ? {} : { region });
  try {
    return await client.send(new GetBootstrapBrokersCommand({ ClusterArn: clusterArn }));
  } finally {
    client.destroy();
  }
}
