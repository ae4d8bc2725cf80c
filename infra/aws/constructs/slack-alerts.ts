import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { TABLES } from '../../../shared/tables.ts';
import type { Bundle } from '../bundle.ts';
import type { Deployment } from '../deployment.ts';
import { deploymentNames } from '../deployment-names.ts';
import { environmentOf } from '../environment.ts';
import { acknowledge } from './acknowledge.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { Store } from './store/store.ts';

const TIMEOUT_MS = 60_000;

/** What the path of alarms to Slack is made of. */
export interface SlackAlertsProps {
  readonly deployment: Deployment;
  readonly alarms: Topic;
  readonly key: Key;
  readonly bundle: Bundle;
  readonly store: Store;
  readonly state: Table;
  /** A secret that is there already, by its ARN without the random end. @default one is made, empty */
  readonly webhookSecretArn?: string;
}

/** Alarms by SNS to a queue, from there by notify to Slack; the webhook stands in a secret that is made empty. */
export class SlackAlerts extends Construct {
  readonly functionName: string;
  readonly deadLetterQueue: Queue;
  readonly secretArn: string;

  constructor(scope: Construct, id: string, props: SlackAlertsProps) {
    super(scope, id);
    const { deployment, store, state } = props;
    const { name } = deployment;
    const { alarmPrefix, metricNamespace } = deploymentNames(name);
    this.functionName = `${name}-notify`;
    this.deadLetterQueue = new Queue(this, 'GivenUp', {
      queueName: `${name}-notify-dead-letters`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(
      this.deadLetterQueue,
      'It is the end of the line itself; an alarm watches it.',
      'Serverless-SQSRedrivePolicy',
    );
    const queue = new Queue(this, 'Queue', {
      queueName: `${name}-notify`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // Six times the function's timeout, as Lambda advises for queues.
      visibilityTimeout: Duration.millis(6 * TIMEOUT_MS),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: 5 },
    });
    props.alarms.addSubscription(new SqsSubscription(queue, { deadLetterQueue: this.deadLetterQueue }));
    this.secretArn = props.webhookSecretArn ?? this.#emptySecret(`${name}/slack-webhook`);
    const made = new PipelineFunction(this, 'Notify', {
      deployable: 'notify',
      functionName: this.functionName,
      description: 'Alarms to Slack',
      bundle: props.bundle,
      memoryMib: 512,
      timeoutMs: TIMEOUT_MS,
      size: deployment.size,
      environment: environmentOf('notify', {
        slackWebhookSecretArn: this.secretArn,
        stateTable: state.tableName,
        notifyQueueUrl: queue.queueUrl,
        alarmPrefix,
        metricNamespace,
        timestreamDatabase: store.database,
        grafanaUrl: deployment.grafanaUrl ?? '',
        runbookUrl: deployment.runbookUrl ?? '',
      }),
    });
    const { role } = made;
    const allow = (actions: string[], resources: string[]): void => {
      role.addToPolicy(new PolicyStatement({ actions, resources }));
    };
    const { webhookSecretArn } = props;
    allow(
      ['secretsmanager:GetSecretValue'],
      [webhookSecretArn === undefined ? this.secretArn : `${webhookSecretArn}-??????`],
    );
    allow(['sqs:SendMessage'], [queue.queueArn]);
    allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      [queue.queueArn],
    );
    state.grant(role, 'dynamodb:GetItem', 'dynamodb:PutItem');
    // The evidence of market alarms.
    store.grantQuery(role, [TABLES.signals]);
    const mapping = new CfnEventSourceMapping(this, 'Mapping', {
      functionName: made.lambda.functionName,
      eventSourceArn: queue.queueArn,
      batchSize: 10,
      functionResponseTypes: ['ReportBatchItemFailures'],
      // Slack takes about a message a second; the least that SQS allows.
      scalingConfig: { maximumConcurrency: 2 },
      // The other two are Kafka's.
      metricsConfig: { metrics: ['EventCount'] },
    });
    mapping.node.addDependency(role);
    acknowledge(
      mapping,
      'What fails five times goes to the dead-letter queue of the queue.',
      'Serverless-LambdaEventSourceMappingDestination',
    );
  }

  #emptySecret(secretName: string): string {
    const secret = new CfnSecret(this, 'Webhook', {
      name: secretName,
      description:
        'The incoming webhook of Slack: one address, or JSON with default, info, warning, critical.',
    });
    secret.applyRemovalPolicy(RemovalPolicy.DESTROY);
    acknowledge(
      secret,
      'Slack gives webhooks out by hand; notify reads a new one within five minutes.',
      'AwsSolutions-SMG4',
    );
    return secret.ref;
  }
}
