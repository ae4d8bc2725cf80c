import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct, IConstruct } from 'constructs';
import { DEFAULT_TOPIC_NAMES, topicSpecs } from '../../../shared/log/topics.ts';
import { SIZE_OUTPUT } from '../account/account-findings.ts';
import { Network } from '../constructs/network.ts';
import { stateTable } from '../constructs/state-table.ts';
import { LiveAnalyticsStore } from '../constructs/store/live-analytics-store.ts';
import type { Store } from '../constructs/store/store.ts';
import { Stream } from '../constructs/stream.ts';
import type { Deployment } from '../deployment.ts';
import { deploymentNames } from '../deployment-names.ts';
import { storageWanted } from '../storage-growth.ts';
import { topicRetentionBytes } from '../topic-shares.ts';

/**
 * What keeps data: the network that the brokers stand in, the brokers, the store, the state. Protected and retained,
 * except by a first deployment that fails: that leaves nothing behind, so that it can be tried again.
 */
export class DataStack extends Stack {
  readonly network: Network;
  readonly stream: Stream;
  readonly store: Store & IConstruct;
  readonly state: Table;

  constructor(scope: Construct, id: string, deployment: Deployment, props: StackProps = {}) {
    super(scope, id, {
      ...props,
      terminationProtection: true,
      description: 'Crypto Market Monitor: network, log, store and state.',
    });
    const { name, size } = deployment;
    this.network = new Network(this, 'Network', deployment);
    this.stream = new Stream(this, 'Stream', {
      name,
      size,
      network: this.network,
      topics: topicSpecs(DEFAULT_TOPIC_NAMES),
      retentionBytes: topicRetentionBytes(size, deployment.streams),
    });
    const wanted = storageWanted(deployment);
    if (wanted !== null) {
      Annotations.of(this).addWarningV2(
        'market-monitor:storageGib',
        `At the traffic expected of ${deployment.symbols.length} symbols the brokers’ disks fill faster than MSK lets them grow. Begin with more: -c storageGib=${wanted}.`,
      );
    }
    this.store = new LiveAnalyticsStore(this, 'Store', deploymentNames(name));
    this.state = stateTable(this, 'State', `${name}-state`);
    new CfnOutput(this, SIZE_OUTPUT, { value: size.name, description: 'Fixed as long as the stack is' });
    // Last of all: a first deployment that fails takes back what it made, and it cannot take back a protected table.
    this.state.node.addDependency(this.network, this.stream, this.store);
  }
}
