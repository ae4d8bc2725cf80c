import { ArnFormat, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import { MAPPINGS } from '../../../shared/mappings.ts';
import type { Bundle, BundleName } from '../bundle.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { catalogueAlarm } from '../constructs/alarms.ts';
import { PipelineFunction } from '../constructs/pipeline-function.ts';
import { SlackAlerts } from '../constructs/slack-alerts.ts';
import { stateTable } from '../constructs/state-table.ts';
import type { Store } from '../constructs/store/store.ts';
import { deployedAlarms } from '../deployed-alarms.ts';
import type { Deployment } from '../deployment.ts';
import { deploymentNames } from '../deployment-names.ts';
import { webhookSecretName } from '../emulator/webhook-secret.ts';
import { allowedSymbols, environmentOf, metricSymbols } from '../environment.ts';

/** No emulator that is free has Timestream: the local run has. Nothing is granted. */
function noStore(database: string): Store {
  return { kind: 'liveanalytics', database, grantWrite: () => {}, grantQuery: () => {} };
}

/**
 * The parts that an emulator's free edition knows: state, functions, alarms, SNS, SQS, notify. Network, brokers,
 * mappings, store and Fargate are left out; `npm start` has their like.
 */
export class EmulatorStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    deployment: Deployment,
    bundles: ReadonlyMap<BundleName, Bundle>,
    props: StackProps = {},
  ) {
    super(scope, id, { ...props, description: 'Crypto Market Monitor: what an AWS emulator knows.' });
    const { name, symbols, size } = deployment;
    const { database, metricNamespace } = deploymentNames(name);
    const bundleOf = (part: BundleName): Bundle => {
      const bundle = bundles.get(part);
      if (bundle === undefined) throw new Error(`There is no bundle of ${part}.`);
      return bundle;
    };
    const state = stateTable(this, 'State', `${name}-state`, RemovalPolicy.DESTROY);
    const proof = { kafkaSecurityProtocol: 'PLAINTEXT', kafkaSaslMechanism: '' };
    const consumers = [...new Set(MAPPINGS.map((mapping) => mapping.functionName))];
    for (const deployable of consumers) {
      const { role } = new PipelineFunction(this, deployable, {
        deployable,
        functionName: `${name}-${deployable}`,
        description: `${deployable}, to be called by hand`,
        bundle: bundleOf(deployable),
        size,
        memoryMib: 512,
        timeoutMs: 60_000,
        environment: environmentOf(deployable, {
          ...proof,
          allowedSymbols: allowedSymbols(symbols),
          metricSymbols: metricSymbols(symbols),
          metricNamespace,
          timestreamDatabase: database,
          stateTable: state.tableName,
        }),
      });
      state.grantReadWriteData(role);
    }
    const topic = new AlarmTopic(this, 'Topic', { name, email: null });
    new SlackAlerts(this, 'Slack', {
      deployment,
      alarms: topic.alarms,
      key: topic.key,
      bundle: bundleOf('notify'),
      store: noStore(database),
      state,
      // Made by the command itself: moto's CloudFormation knows no secrets.
      webhookSecretArn: this.formatArn({
        service: 'secretsmanager',
        resource: 'secret',
        resourceName: webhookSecretName(name),
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    });
    const action = new SnsAction(topic.alarms);
    for (const alarm of deployedAlarms(deployment)) catalogueAlarm(this, alarm, action);
  }
}
