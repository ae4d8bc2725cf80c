import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Tells when the month's cost has passed four fifths of the limit, or is on its way past it. */
export function monthlyBudget(
  scope: Construct,
  id: string,
  props: { readonly name: string; readonly limitUsd: number; readonly topic: Topic },
): CfnBudget {
  const subscribers = [{ subscriptionType: 'SNS', address: props.topic.topicArn }];
  const notify = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notification: {
      notificationType,
      comparisonOperator: 'GREATER_THAN',
      threshold,
      thresholdType: 'PERCENTAGE',
    },
    subscribers,
  });
  return new CfnBudget(scope, id, {
    budget: {
      budgetName: `${props.name}-month`,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: props.limitUsd, unit: 'USD' },
    },
    notificationsWithSubscribers: [notify('ACTUAL', 80), notify('FORECASTED', 100)],
  });
}
