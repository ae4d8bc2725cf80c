import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  emulatorEndpoint,
  emulatorEnvironment,
} from '../../../../infra/aws/emulator/emulator-environment.ts';

test('an endpoint that is none, or AWS itself, is refused', () => {
  for (const text of [
    undefined,
    '',
    'localhost:4566',
    'https://sts.amazonaws.com',
    'https://s3.cn-north-1.amazonaws.com.cn',
  ])
    assert.throws(() => emulatorEndpoint(text), { code: 'NO_EMULATOR' }, String(text));
  assert.equal(emulatorEndpoint('http://127.0.0.1:4566/').origin, 'http://127.0.0.1:4566');
});

test('S3 is asked by the address, because bucket.localhost is nobody; behind a certificate by the name', () => {
  const of = (text: string) =>
    emulatorEnvironment(emulatorEndpoint(text), '127.0.0.1', '/home').AWS_ENDPOINT_URL_S3;
  assert.equal(of('http://localhost:4566'), 'http://127.0.0.1:4566');
  assert.equal(of('https://emulator.example.com'), 'https://emulator.example.com');
});

test('the profile and the session of a person are put aside', () => {
  const environment = emulatorEnvironment(emulatorEndpoint('http://localhost:4566'), '127.0.0.1', '/home');
  for (const name of ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN']) {
    assert.ok(name in environment, name);
    assert.equal(environment[name], undefined, name);
  }
  assert.equal(environment.AWS_ACCESS_KEY_ID, 'test');
});
