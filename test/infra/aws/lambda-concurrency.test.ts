import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askLambdaConcurrency, signedGet } from '../../../infra/aws/lambda-concurrency.ts';

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const now = new Date('2015-08-30T12:36:00Z');

test('a request is signed as AWS’s own test suite has it (get-vanilla)', () => {
  const signed = signedGet({
    host: 'example.amazonaws.com',
    path: '/',
    service: 'service',
    region: 'us-east-1',
    credentials,
    now,
  });
  assert.equal(
    signed.authorization,
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, ' +
      'Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  );
});

describe('askLambdaConcurrency', () => {
  const ask = async (answer: Response) => {
    const asked: { url: string; headers: Record<string, string> }[] = [];
    const found = askLambdaConcurrency({
      region: 'eu-west-1',
      credentials: { ...credentials, sessionToken: 'token' },
      now,
      fetch: async (url, { headers }) => {
        asked.push({ url, headers });
        return answer;
      },
    });
    return { found, asked };
  };

  test('reads quota and rest of the account from Lambda’s answer, and signs a session’s token too', async () => {
    const limits = { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 8, TotalCodeSize: 1 };
    const { found, asked } = await ask(Response.json({ AccountLimit: limits, AccountUsage: {} }));
    assert.deepEqual(await found, { limit: 10, unreserved: 8 });
    assert.equal(asked[0]?.url, 'https://lambda.eu-west-1.amazonaws.com/2016-08-19/account-settings/');
    assert.match(
      asked[0]?.headers.authorization ?? '',
      /SignedHeaders=host;x-amz-date;x-amz-security-token,/,
    );
  });

  test('fails with LAMBDA_SETTINGS where the call is refused or says nothing', async () => {
    for (const answer of [new Response('{"Message":"no"}', { status: 403 }), Response.json({})])
      await assert.rejects((await ask(answer)).found, { code: 'LAMBDA_SETTINGS' });
  });
});
