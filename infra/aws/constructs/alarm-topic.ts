import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** The SNS topics of alarms and of the budget, encrypted by a key that CloudWatch and AWS Budgets may use. */
export class AlarmTopic extends Construct {
  readonly alarms: Topic;
  readonly budget: Topic;
  readonly key: Key;

  constructor(scope: Construct, id: string, props: { readonly name: string; readonly email: string | null }) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: 'Alarms on their way to people',
      enableKeyRotation: true,
      pendingWindow: Duration.days(7),
      // It locks nothing that outlives the stack: what SNS holds is on its way.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const senders = ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'];
    this.key.addToResourcePolicy(
      new PolicyStatement({
        principals: senders.map((sender) => new ServicePrincipal(sender)),
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
        // In a key's policy the one resource is the key itself.
        resources: ['*'],
      }),
    );
    this.alarms = this.#topic('Alarms', `${props.name}-alarms`, 'cloudwatch.amazonaws.com');
    this.budget = this.#topic('Budget', `${props.name}-budget`, 'budgets.amazonaws.com');
    if (props.email === null) return;
    for (const topic of [this.alarms, this.budget]) {
      const subscription = topic.addSubscription(new EmailSubscription(props.email));
      acknowledge(
        subscription,
        'SNS gives no mail that was not taken to a queue; Slack has the same alarm.',
        'Serverless-SNSRedrivePolicy',
      );
    }
  }

  #topic(id: string, topicName: string, sender: string): Topic {
    const topic = new Topic(this, id, { topicName, masterKey: this.key, enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(sender)],
        actions: ['sns:Publish'],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
        resources: [topic.topicArn],
      }),
    );
    return topic;
  }
}
