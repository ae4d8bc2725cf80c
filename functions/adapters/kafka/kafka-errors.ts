import { CodedError } from '../../../shared/coded-error.ts';
import { keyRequired, recordTooLarge, unknownTopic } from '../../../shared/log/log-errors.ts';

/** The codes of errors that only Kafka knows. `KAFKA_UNREACHABLE` and `KAFKA_BUSY` may pass by themselves. */
export const KAFKA_ERRORS = {
  unreachable: 'KAFKA_UNREACHABLE',
  busy: 'KAFKA_BUSY',
  loginRefused: 'KAFKA_LOGIN_REFUSED',
  notAuthorised: 'KAFKA_NOT_AUTHORISED',
  queueFull: 'LOG_QUEUE_FULL',
  failed: 'KAFKA_FAILED',
} as const;

/** What was being done when an error came. */
export interface KafkaAction {
  /** Such as "send to Kafka"; completes the sentence "Could not …". */
  readonly what: string;
  readonly topic?: string;
  readonly groupId?: string;
  readonly brokers?: string;
}

/** What an error of kafkajs says of itself, read field by field: never by its message. */
interface ErrorFacts {
  readonly name: string;
  readonly type: string | undefined;
  readonly code: string | undefined;
  readonly retriable: boolean;
  readonly message: string;
}

const LOGIN = ['SASL_AUTHENTICATION_FAILED', 'ILLEGAL_SASL_STATE', 'UNSUPPORTED_SASL_MECHANISM'];
const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];
/** The idempotent producer's numbering broke: it must begin anew with another producer id. */
const SEQUENCE = [
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'DUPLICATE_SEQUENCE_NUMBER',
];
/** Errors that kafkajs calls final, though they only say that brokers are away at the moment. */
const MAY_PASS = [
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSBrokerNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSTimeout',
  'KafkaJSMetadataNotLoaded',
];
const REBALANCE = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
];

/** Whether only a new producer id helps. */
export function isSequenceError(error: unknown): boolean {
  return SEQUENCE.includes(factsOf(error).type ?? '');
}

/** Whether the group is changing, so that the call may be repeated once it has settled. */
export function isRebalance(error: unknown): boolean {
  return REBALANCE.includes(factsOf(error).type ?? '');
}

/** Whether the broker's own error type is the given one. */
export function hasType(error: unknown, type: string): boolean {
  return factsOf(error).type === type;
}

/** An error of kafkajs as one of ours, with its code, whether it may pass, and what to do. */
export function toLogError(error: unknown, action: KafkaAction): CodedError {
  if (error instanceof CodedError) return error;
  const facts = factsOf(error);
  const data = { ...action, type: facts.type, name: facts.name };
  const make = (code: string, message: string, canRetry: boolean) =>
    new CodedError(code, `Could not ${action.what}: ${message}`, { cause: error, data, canRetry });
  const { type } = facts;
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION' && action.topic !== undefined) {
    return unknownTopic(action.topic, error);
  }
  if (type !== undefined && TOO_LARGE.includes(type)) {
    return recordTooLarge(action.topic ?? '?', {}, error);
  }
  if (type === 'INVALID_RECORD' && action.topic !== undefined) return keyRequired(action.topic);
  if (type?.endsWith('_AUTHORIZATION_FAILED')) {
    return make(KAFKA_ERRORS.notAuthorised, `${refusal(type, action)} Grant it on the cluster.`, false);
  }
  if (facts.name === 'KafkaJSSASLAuthenticationError' || (type !== undefined && LOGIN.includes(type))) {
    return make(
      KAFKA_ERRORS.loginRefused,
      `the brokers refused the login (${facts.message}). Check KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD.`,
      false,
    );
  }
  if (facts.name.startsWith('KafkaJSConnection') || facts.name === 'KafkaJSRequestTimeoutError') {
    const at = action.brokers === undefined ? '' : ` at ${action.brokers}`;
    return make(
      KAFKA_ERRORS.unreachable,
      `the brokers${at} do not answer (${facts.code ?? facts.message}). Check KAFKA_BOOTSTRAP_SERVERS, the ` +
        'security protocol, and that the brokers run.',
      true,
    );
  }
  if (facts.retriable || MAY_PASS.includes(facts.name))
    return make(KAFKA_ERRORS.busy, `${facts.message}. It may pass by itself.`, true);
  return make(KAFKA_ERRORS.failed, facts.message, false);
}

function refusal(type: string, action: KafkaAction): string {
  if (type.startsWith('TOPIC')) return `this login has no permission for topic ${action.topic ?? '?'}.`;
  if (type.startsWith('GROUP')) return `this login has no permission for group ${action.groupId ?? '?'}.`;
  return 'this login has no permission for that on the cluster.';
}

/** The facts of the innermost error that says something: kafkajs wraps its errors in those of its retrier. */
function factsOf(error: unknown): ErrorFacts {
  let facts = ownFacts(error);
  let current = error;
  for (let depth = 0; depth < 8; depth++) {
    current = property(current, 'cause') ?? property(current, 'originalError') ?? firstOf(current);
    if (current === undefined) break;
    const inner = ownFacts(current);
    if (inner.type !== undefined || inner.name.startsWith('KafkaJS')) facts = inner;
  }
  return facts;
}

function ownFacts(error: unknown): ErrorFacts {
  const text = (name: string) => {
    const value = property(error, name);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    name: text('name') ?? '',
    type: text('type'),
    code: text('code'),
    retriable: property(error, 'retriable') === true,
    message: text('message') ?? String(error),
  };
}

/** kafkajs gathers the errors of several topics in one. */
function firstOf(error: unknown): unknown {
  const errors = property(error, 'errors');
  return Array.isArray(errors) ? errors[0] : undefined;
}

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
}
