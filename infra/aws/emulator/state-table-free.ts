import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CodedError } from '../../../shared/coded-error.ts';
import type { EmulatorApi } from './emulator-api.ts';

/**
 * Fails with `TABLE_TAKEN` where the table is there and the stack is not: the local run made it on this emulator,
 * and CloudFormation would find out in the middle.
 */
export async function stateTableFree(
  deps: { readonly api: EmulatorApi; readonly dynamodb: Pick<DynamoDBClient, 'send'> },
  names: { readonly stack: string; readonly table: string },
): Promise<void> {
  const { stack: StackName, table } = names;
  const described = await deps.api.query('cloudformation', 'DescribeStacks', { StackName }).catch(refusal);
  if (described !== undefined) return;
  const found = await deps.dynamodb
    .send(new DescribeTableCommand({ TableName: table }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
      throw error;
    });
  if (found === undefined) return;
  throw new CodedError(
    'TABLE_TAKEN',
    `The table ${table} is there and the stack ${StackName} is not: npm start made it. Start the emulator afresh, or delete ` +
      'the table, and deploy before the local run.',
  );
}

/** There is no stack of that name. */
function refusal(error: unknown): undefined {
  if (error instanceof CodedError && error.code === 'EMULATOR_REFUSED' && error.data.status === 400)
    return undefined;
  throw error;
}
