/**
 * The event with which Lambda's event source mapping calls a function for Amazon MSK, and the answer that it
 * takes. Own declarations: `@types/aws-lambda` has no batch response for Kafka.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 */
export interface MSKEvent {
  readonly eventSource: 'aws:kafka';
  readonly eventSourceArn: string;
  /** One comma-separated list. */
  readonly bootstrapServers: string;
  /** By `<topic>-<partition>`; in offset order within each. */
  readonly records: { readonly [topicPartition: string]: readonly MSKRecord[] };
}

/** One record of the event. */
export interface MSKRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME';
  /** Base64; absent or empty where the record has no key. */
  readonly key?: string;
  /** Base64; null for a tombstone. */
  readonly value: string | null;
  /** One object per header, its value as SIGNED bytes: `ë` is `[-61, -85]`. */
  readonly headers: readonly { readonly [key: string]: readonly number[] }[];
}

/** The answer of a function with `ReportBatchItemFailures`: an empty list means that all went well. */
export interface KafkaBatchResponse {
  readonly batchItemFailures: readonly KafkaBatchItemFailure[];
}

/** A record that failed. Everything of its partition from the lowest failed offset on comes again. */
export interface KafkaBatchItemFailure {
  readonly itemIdentifier: {
    /** `<topic>-<partition>`, as in the event. */
    readonly partition: string;
    readonly offset: number;
  };
}

/** What a handler may know of its invocation: the part of Lambda's context that the handlers use. */
export interface InvocationContext {
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** A function behind an event source mapping: on AWS, locally and in tests. */
export type KafkaHandler = (event: MSKEvent, context: InvocationContext) => Promise<unknown>;
