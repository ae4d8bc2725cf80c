import { GetAccountSettingsCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { CodedError } from '../../../shared/coded-error.ts';

/** The part of Lambda's `GetAccountSettings` that a deployment depends on, in concurrent executions. */
export interface LambdaConcurrency {
  /** The account's quota in the region. */
  readonly limit: number;
  /** What of it no function has reserved. */
  readonly unreserved: number;
}

/** Asks Lambda for the account's concurrency. Fails with `LAMBDA_SETTINGS` where the answer does not say. */
export async function lambdaConcurrency(client: Pick<LambdaClient, 'send'>): Promise<LambdaConcurrency> {
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  const { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: unreserved } = AccountLimit ?? {};
  if (limit !== undefined && unreserved !== undefined) return { limit, unreserved };
  throw new CodedError(
    'LAMBDA_SETTINGS',
    'Lambda did not say how many concurrent executions the account has.',
  );
}
