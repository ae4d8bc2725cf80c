import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import type { Bundle } from '../bundle.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { catalogueAlarm } from '../constructs/alarms.ts';
import { pipelineDashboard } from '../constructs/dashboard.ts';
import { GrafanaAccess } from '../constructs/grafana-access.ts';
import { monthlyBudget } from '../constructs/monthly-budget.ts';
import { SlackAlerts } from '../constructs/slack-alerts.ts';
import { monthlyCost, totalUsd } from '../cost/monthly-cost.ts';
import { awsResources, deployedAlarms } from '../deployed-alarms.ts';
import type { Deployment } from '../deployment.ts';
import { deploymentNames } from '../deployment-names.ts';
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
    const { name, email } = deployment;
    const { metricNamespace } = deploymentNames(name);
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
    const aws = awsResources(deployment, (mapping) => pipeline.mappingId(mapping));
    const action = new SnsAction(topic.alarms);
    for (const alarm of deployedAlarms(deployment, aws)) catalogueAlarm(this, alarm, action);
    pipelineDashboard(this, 'Dashboard', { name, metricNamespace, functionNames: aws.functionNames });
    const grafana = new GrafanaAccess(this, 'Grafana', { deployment, store: data.store });
    monthlyBudget(this, 'Budget', {
      name,
      scope: deployment.budgetScope,
      limitUsd: deployment.budgetUsd ?? Math.ceil(totalUsd(monthlyCost(deployment)) * 1.5),
      topic: topic.budget,
    });
    const output = (key: string, value: string, description: string): void => {
      new CfnOutput(this, key, { value, description });
    };
    output('WebhookSecret', slack.secretArn, 'Put the webhook of Slack here');
    output('GrafanaRole', grafana.role.roleArn, 'The role that Grafana assumes');
    output('Database', data.store.database, 'The Timestream database, for Grafana');
    output('MetricNamespace', metricNamespace, 'The CloudWatch namespace, for Grafana');
    output('DashboardName', `${name}-pipeline`, 'The dashboard in CloudWatch');
  }
}
