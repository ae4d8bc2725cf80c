import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KafkaClient } from '@aws-sdk/client-kafka';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import type { AccountQuestions } from './account-findings.ts';
import { bootstrapVersion } from './bootstrap-version.ts';
import { type LambdaConcurrency, lambdaConcurrency } from './lambda-concurrency.ts';
import { leftovers } from './leftovers.ts';
import { CloudFormationStacks, type Stacks } from './stacks.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** An account in a region, as the commands of a deployment speak to it. */
export interface Account {
  readonly region: string | undefined;
  readonly timestream: TimestreamWriteClient;
  readonly stacks: Stacks;
  lambdaConcurrency(): Promise<LambdaConcurrency>;
  readonly questions: AccountQuestions;
}

/**
 * Opens the account that the variables, or a profile of the AWS configuration, lead to. Nothing is asked of AWS yet:
 * missing credentials show with the first question.
 */
export async function openAccount(profile: string | undefined, environment: Environment): Promise<Account> {
  const region = await regionOf(profile, environment);
  const options = {
    maxAttempts: 2,
    ...(profile !== undefined && { profile }),
    // No client is made without one; where none was found, none is used.
    region: region ?? 'us-east-1',
  };
  const timestream = new TimestreamWriteClient(options);
  const stacks = new CloudFormationStacks(new CloudFormationClient(options));
  const questions: AccountQuestions = {
    region: options.region,
    stack: (name) => stacks.describe(name),
    bootstrapVersion: () => bootstrapVersion(new SSMClient(options)),
    leftovers: (name) =>
      leftovers(name, { timestream, dynamodb: new DynamoDBClient(options), kafka: new KafkaClient(options) }),
  };
  return {
    region,
    timestream,
    stacks,
    lambdaConcurrency: () => lambdaConcurrency(new LambdaClient(options)),
    questions,
  };
}

/** The region of the variables, which win, or of the profile; undefined where neither names one. */
async function regionOf(profile: string | undefined, environment: Environment): Promise<string | undefined> {
  const named = environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
  if (named) return named;
  try {
    const client = new TimestreamWriteClient(profile === undefined ? {} : { profile });
    return await client.config.region();
  } catch {
    return undefined;
  }
}
