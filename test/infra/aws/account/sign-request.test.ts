import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signRequest } from '../../../../infra/aws/account/sign-request.ts';

// From AWS's own suite of signature version 4: https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html
const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

test("signs a form as AWS's own example post-x-www-form-urlencoded does", () => {
  const headers = signRequest(
    {
      service: 'service',
      region: 'us-east-1',
      url: new URL('https://example.amazonaws.com/'),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Param1=value1',
    },
    CREDENTIALS,
    Date.UTC(2015, 7, 30, 12, 36, 0),
  );
  assert.equal(headers['x-amz-date'], '20150830T123600Z');
  assert.equal(
    headers.authorization,
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
      'SignedHeaders=content-type;host;x-amz-date, ' +
      'Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  );
});

test('signs the token of a session with the rest', () => {
  const headers = signRequest(
    { service: 'ssm', region: 'eu-west-1', url: new URL('https://ssm.example/'), headers: {}, body: '{}' },
    { ...CREDENTIALS, sessionToken: 'token' },
    0,
  );
  assert.equal(headers['x-amz-security-token'], 'token');
  assert.match(headers.authorization ?? '', /SignedHeaders=host;x-amz-date;x-amz-security-token,/);
});
