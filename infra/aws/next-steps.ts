import type { Deployment } from './deployment.ts';

/** The outputs file of `cdk deploy`: outputs by stack. */
export type StackOutputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a person does after a deployment, as text. Pure. */
export function nextSteps(deployment: Deployment, outputs: StackOutputs, region: string): string {
  const { name, email } = deployment;
  const alerting = outputs[`${name}-alerting`] ?? {};
  const dashboard = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${alerting.DashboardName ?? ''}`;
  const steps = [
    `Put the webhook of Slack into its secret (it is empty, and until then alarms reach e-mail alone):\n   aws secretsmanager put-secret-value --region ${region} --secret-id ${alerting.WebhookSecret ?? ''} --secret-string 'https://hooks.slack.com/…'`,
    email === null
      ? 'Nobody is told by e-mail. To change that: npm run deploy -- -c email=you@example.com'
      : `Confirm the two mails that AWS sent to ${email}; before that it sends no alarm.`,
    `Look at the pipeline: ${dashboard}`,
    `Give Grafana this role for Timestream and CloudWatch: ${alerting.GrafanaRole ?? ''}\n   (database ${alerting.Database ?? ''}, metrics in ${alerting.MetricNamespace ?? ''})`,
    `Follow ingest: aws logs tail --region ${region} --follow /${name}/ingest`,
  ];
  return `Deployed. What is left to do:\n${steps.map((step, index) => `${index + 1}. ${step}`).join('\n')}`;
}
