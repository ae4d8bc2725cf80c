import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** The tag that every resource of a deployment carries, with its name as value. */
export const COST_TAG = 'application';

/**
 * Tells when the month's cost has passed four fifths of the limit, or is on its way past it: the account's cost, or
 * that of what carries the deployment's tag. AWS counts by a tag only once it is activated for cost allocation, and
 * nothing before that, so the account is the default: a budget that says nothing is worse than one that says too much.
 * It has no name of its own making, because a budget of a fixed name cannot be replaced.
 */
export function monthlyBudget(
  scope: Construct,
  id: string,
  props: {
    readonly name: string;
    readonly scope: 'account' | 'deployment';
    readonly limitUsd: number;
    readonly topic: Topic;
  },
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
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: props.limitUsd, unit: 'USD' },
      ...(props.scope === 'deployment' && {
        costFilters: { TagKeyValue: [`user:${COST_TAG}$${props.name}`] },
      }),
    },
    notificationsWithSubscribers: [notify('ACTUAL', 80), notify('FORECASTED', 100)],
  });
}
