/**
 * The headers that a failure destination of kind Kafka topic adds to the record it gets. AWS says that the
 * record comes with failure metadata and does not publish the names of its headers; these follow the fields
 * of Lambda's invocation record. A reader must do without them.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html
 */
export const FAILURE_HEADERS = {
  /** One of {@link FailureCondition}. */
  condition: 'lambda.condition',
  functionArn: 'lambda.function-arn',
  requestId: 'lambda.request-id',
  /** How often the function was called with the record. */
  invokeCount: 'lambda.approximate-invoke-count',
  /** What the function last threw, as text. */
  error: 'lambda.error',
  topic: 'lambda.topic',
  partition: 'lambda.partition',
  offset: 'lambda.offset',
  /** The source record's own timestamp, milliseconds. */
  timestamp: 'lambda.timestamp',
} as const;

/** Why a record went to the failure destination. */
export type FailureCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded' | 'PayloadSizeExceeded';
