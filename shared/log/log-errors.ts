import { CodedError } from '../coded-error.ts';

/** The codes of the errors that any log may throw; what only one kind of log knows has its own. */
export const LOG_ERRORS = {
  unknownTopic: 'LOG_UNKNOWN_TOPIC',
  unknownPartition: 'LOG_UNKNOWN_PARTITION',
  keyRequired: 'LOG_KEY_REQUIRED',
  recordTooLarge: 'LOG_RECORD_TOO_LARGE',
  closed: 'LOG_CLOSED',
  inUse: 'LOG_IN_USE',
  readOnly: 'LOG_READ_ONLY',
  offsetOutOfRange: 'LOG_OFFSET_OUT_OF_RANGE',
  readShort: 'LOG_READ_SHORT',
} as const;

/** The topic does not exist; `ensureTopics` creates it. */
export function unknownTopic(topic: string, cause?: unknown): CodedError {
  return new CodedError(
    LOG_ERRORS.unknownTopic,
    `The log has no topic ${topic}. Create the topics first, or check the topic name in the settings.`,
    { data: { topic }, cause },
  );
}

/** The topic has fewer partitions. */
export function unknownPartition(topic: string, partition: number): CodedError {
  return new CodedError(
    LOG_ERRORS.unknownPartition,
    `Topic ${topic} has no partition ${partition}. Name one that exists, or leave the choice to the key.`,
    { data: { topic, partition } },
  );
}

/** A compacted topic keeps the newest record of each key, so every record needs one. */
export function keyRequired(topic: string): CodedError {
  return new CodedError(
    LOG_ERRORS.keyRequired,
    `Topic ${topic} is compacted: a record without a key cannot go there. Give the record a key.`,
    { data: { topic } },
  );
}

/** The record is over the log's limit; sending it again cannot help. What is not known is left out. */
export function recordTooLarge(
  topic: string,
  size: { readonly sizeBytes?: number; readonly limitBytes?: number } = {},
  cause?: unknown,
): CodedError {
  const of = size.sizeBytes === undefined ? '' : ` of ${size.sizeBytes} bytes`;
  const limit = size.limitBytes === undefined ? 'the limit' : `the limit of ${size.limitBytes} bytes`;
  return new CodedError(
    LOG_ERRORS.recordTooLarge,
    `A record${of} for topic ${topic} is over ${limit}. Send less in one record, or raise max.message.bytes of the topic.`,
    { data: { topic, ...size }, cause },
  );
}

/** The log, or this producer or consumer of it, was closed before. */
export function logClosed(what: string): CodedError {
  return new CodedError(LOG_ERRORS.closed, `The ${what} is closed; open the log again to use it.`);
}
