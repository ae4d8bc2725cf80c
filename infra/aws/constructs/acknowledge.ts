import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Leaves a finding of cdk-nag or of CloudFormation's own validation as it is, for a reason that stands beside it. */
export function acknowledge(scope: IConstruct, reason: string, ...ids: readonly string[]): void {
  for (const id of ids) Validations.of(scope).acknowledge({ id, reason });
}
