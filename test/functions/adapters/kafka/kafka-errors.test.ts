import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isRebalance,
  isSequenceError,
  toLogError,
} from '../../../../functions/adapters/kafka/kafka-errors.ts';
import { CodedError } from '../../../../shared/coded-error.ts';

const ACTION = { what: 'send to Kafka', topic: 'trades', groupId: 'group', brokers: 'b:9092' } as const;
const named = (name: string, fields: object = {}) =>
  Object.assign(new Error(name), { name, retriable: false, ...fields });
const told = (type: string, retriable = false) =>
  Object.assign(new Error(`text of ${type}`), { name: 'KafkaJSProtocolError', type, retriable });

test('errors are told apart by their fields, also inside the wrappers of kafkajs', () => {
  const cases: readonly (readonly [error: unknown, code: string, canRetry: boolean])[] = [
    [told('UNKNOWN_TOPIC_OR_PARTITION', true), 'LOG_UNKNOWN_TOPIC', false],
    [told('TOPIC_AUTHORIZATION_FAILED'), 'KAFKA_NOT_AUTHORISED', false],
    [told('GROUP_AUTHORIZATION_FAILED'), 'KAFKA_NOT_AUTHORISED', false],
    [told('CLUSTER_AUTHORIZATION_FAILED'), 'KAFKA_NOT_AUTHORISED', false],
    [told('SASL_AUTHENTICATION_FAILED'), 'KAFKA_LOGIN_REFUSED', false],
    [named('KafkaJSSASLAuthenticationError'), 'KAFKA_LOGIN_REFUSED', false],
    [told('MESSAGE_TOO_LARGE'), 'LOG_RECORD_TOO_LARGE', false],
    [told('INVALID_RECORD'), 'LOG_KEY_REQUIRED', false],
    [named('KafkaJSConnectionError', { code: 'ECONNREFUSED', retriable: true }), 'KAFKA_UNREACHABLE', true],
    [told('NOT_LEADER_FOR_PARTITION', true), 'KAFKA_BUSY', true],
    [named('KafkaJSGroupCoordinatorNotFound'), 'KAFKA_BUSY', true],
    [told('UNSUPPORTED_VERSION'), 'KAFKA_FAILED', false],
    ['a text', 'KAFKA_FAILED', false],
  ];
  for (const [error, code, canRetry] of cases) {
    const wrapped = named('KafkaJSNumberOfRetriesExceeded', { cause: error });
    for (const given of error instanceof Error ? [error, wrapped] : [error]) {
      const coded = toLogError(given, ACTION);
      assert.equal(coded.code, code, String(error));
      assert.equal(coded.canRetry, canRetry, String(error));
      assert.equal(coded.cause === undefined || coded.cause === given, true);
    }
  }
});

test('an error of ours stays what it is', () => {
  const error = new CodedError('MINE', 'mine');
  assert.equal(toLogError(error, ACTION), error);
});

test('a rebalance and a broken numbering are recognised', () => {
  assert.ok(isRebalance(told('ILLEGAL_GENERATION')));
  assert.ok(!isRebalance(told('MESSAGE_TOO_LARGE')));
  assert.ok(isSequenceError(told('OUT_OF_ORDER_SEQUENCE_NUMBER')));
  assert.ok(!isSequenceError(told('NOT_LEADER_FOR_PARTITION')));
});
