import type { InvocationContext } from '../../shared/log/kafka-event.ts';

/** The context of an invocation in tests. */
export const INVOCATION: InvocationContext = {
  functionName: 'under-test',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:under-test',
  awsRequestId: '00000000-0000-0000-0000-000000000000',
  getRemainingTimeInMillis: () => 30_000,
};
