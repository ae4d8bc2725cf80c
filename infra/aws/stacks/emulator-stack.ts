import { ArnFormat, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import { alarmCatalogue } from '../../../shared/alarms/alarm-catalogue.ts';
import { MAPPINGS } from '../../../shared/mappings.ts';
import { SETTINGS } from '../../../shared/settings/settings.ts';
import type { Bundle, BundleName } from '../bundle.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { catalogueAlarm } from '../constructs/alarms.ts';
import { PipelineFunction } from '../constructs/pipeline-function.ts';
import { SlackAlerts } from '../constructs/slack-alerts.ts';
import { stateTable } from '../constructs/state-table.ts';
import type { Store } from '../constructs/store/store.ts';
import type { Deployment } from '../deployment.ts';
import { webhookSecretName } from '../emulator/webhook-secret.ts';
import { allowedSymbols, environmentOf, metricSymbols } from '../environment.ts';

/** No emulator that is free has Timestream: the local run has. Nothing is granted. */
const NO_STORE: Store = {
  kind: 'liveanalytics',
  database: SETTINGS.timestreamDatabase.default ?? '',
  grantWrite: () => {},
  grantQuery: () => {},
};

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
          stateTable: state.tableName,
        }),
      });
      state.grantReadWriteData(role);
    }
    const topic = new AlarmTopic(this, 'Topic', { name, email: null });
    const slack = new SlackAlerts(this, 'Slack', {
      deployment,
      alarms: topic.alarms,
      key: topic.key,
      bundle: bundleOf('notify'),
      store: NO_STORE,
      state,
      // Made by the command itself: moto's CloudFormation knows no secrets.
      webhookSecretArn: this.formatArn({
        service: 'secretsmanager',
        resource: 'secret',
        resourceName: webhookSecretName(name),
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    });
    const names = consumers.map((part) => `${name}-${part}`);
    const action = new SnsAction(topic.alarms);
    const catalogue = alarmCatalogue(symbols, {
      functionNames: [...names, slack.functionName],
      consumerNames: names,
      notifyDeadLetterQueue: `${name}-notify-dead-letters`,
    });
    for (const alarm of catalogue) catalogueAlarm(this, alarm, action);
  }
}
