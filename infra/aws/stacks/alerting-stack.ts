import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import { alarmCatalogue } from '../../../shared/alarms/alarm-catalogue.ts';
import type { Bundle } from '../bundle.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { catalogueAlarm } from '../constructs/alarms.ts';
import { pipelineDashboard } from '../constructs/dashboard.ts';
import { GrafanaAccess } from '../constructs/grafana-access.ts';
import { monthlyBudget } from '../constructs/monthly-budget.ts';
import { SlackAlerts } from '../constructs/slack-alerts.ts';
import { monthlyCost, totalUsd } from '../cost/monthly-cost.ts';
import type { Deployment } from '../deployment.ts';
import type { DataStack } from './data-stack.ts';
import type { PipelineStack } from './pipeline-stack.ts';

/** Who is told what: alarms of the catalogue, SNS, notify, e-mail, dashboard, Grafana's role, the budget. */
export class AlertingStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    deployment: Deployment,
    parts: { readonly data: DataStack; readonly pipeline: PipelineStack; readonly notify: Bundle },
    props: StackProps = {},
  ) {
    super(scope, id, {
      ...props,
      description: 'Crypto Market Monitor: alarms, alerts, dashboard and budget.',
    });
    const { name, symbols, email } = deployment;
    const { data, pipeline } = parts;
    const topic = new AlarmTopic(this, 'Topic', { name, email });
    const slack = new SlackAlerts(this, 'Slack', {
      deployment,
      alarms: topic.alarms,
      key: topic.key,
      bundle: parts.notify,
      store: data.store,
      state: data.state,
    });
    const consumers = Object.values(pipeline.functionNames);
    const functionNames = [...consumers, slack.functionName];
    const action = new SnsAction(topic.alarms);
    const catalogue = alarmCatalogue(symbols, {
      functionNames,
      consumerNames: consumers,
      notifyDeadLetterQueue: `${name}-notify-dead-letters`,
    });
    for (const alarm of catalogue) catalogueAlarm(this, alarm, action);
    pipelineDashboard(this, 'Dashboard', { name, functionNames });
    const grafana = new GrafanaAccess(this, 'Grafana', { deployment, store: data.store });
    monthlyBudget(this, 'Budget', {
      name,
      limitUsd: deployment.budgetUsd ?? Math.ceil(totalUsd(monthlyCost(deployment)) * 1.5),
      topic: topic.budget,
    });
    const output = (key: string, value: string, description: string): void => {
      new CfnOutput(this, key, { value, description });
    };
    output('WebhookSecret', slack.secretArn, 'Put the webhook of Slack here');
    output('GrafanaRole', grafana.role.roleArn, 'The role that Grafana assumes');
    output('DashboardName', `${name}-pipeline`, 'The dashboard in CloudWatch');
  }
}
