import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AccountQuestions, accountFindings } from '../../../../infra/aws/account/account-findings.ts';
import type { StackState } from '../../../../infra/aws/account/stacks.ts';
import { CodedError } from '../../../../shared/coded-error.ts';
import { deploymentOf } from '../synthesise.ts';

function account(given: Partial<AccountQuestions> = {}): AccountQuestions {
  return {
    region: 'eu-west-1',
    stack: async () => undefined,
    bootstrapVersion: async () => '31',
    leftovers: async () => [],
    ...given,
  };
}

function stack(status: string, size?: string): StackState {
  const outputs = new Map(size === undefined ? [] : [['Size', size]]);
  return { name: 'market-monitor-data', status, isProtected: true, outputs };
}

async function found(given: Partial<AccountQuestions>, size = 'dev') {
  return accountFindings(deploymentOf({ size }), account(given));
}

const kinds = (findings: Awaited<ReturnType<typeof found>>) =>
  findings.map(({ kind, code }) => `${kind} ${code}`);

describe('what an account already has', () => {
  test('is no obstacle where it has nothing, or the same size', async () => {
    assert.deepEqual(await found({}), []);
    assert.deepEqual(await found({ stack: async () => stack('UPDATE_COMPLETE', 'dev') }), []);
  });

  test('stops a deployment of another size, and says which one to ask for', async () => {
    const [finding, ...others] = await found(
      { stack: async () => stack('CREATE_COMPLETE', 'dev') },
      'standard',
    );
    assert.deepEqual(others, []);
    assert.equal(finding?.code, 'OTHER_SIZE');
    assert.match(finding?.message ?? '', /-c size=dev/);
  });

  for (const status of ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED']) {
    test(`tells of a first deployment that failed (${status}) and of its protection`, async () => {
      const findings = await found({ stack: async () => stack(status) });
      assert.deepEqual(kinds(findings), ['notice STACK_UNFINISHED']);
      assert.match(findings[0]?.message ?? '', /termination protection taken off/);
    });
  }

  test('stops where retained resources bear the names of the deployment, and names them', async () => {
    const kept = { leftovers: async (name: string) => [`the DynamoDB table ${name}-state`] };
    const findings = await found(kept);
    assert.deepEqual(kinds(findings), ['fault LEFTOVERS']);
    assert.match(findings[0]?.message ?? '', /the DynamoDB table market-monitor-state.*Remove them/);
    const after = await found({ ...kept, stack: async () => stack('ROLLBACK_COMPLETE') });
    assert.deepEqual(kinds(after), ['notice STACK_UNFINISHED', 'fault LEFTOVERS']);
  });

  test('stops an account without the CDK’s bootstrap, and gives the command', async () => {
    const findings = await found({ bootstrapVersion: async () => undefined });
    assert.deepEqual(kinds(findings), ['fault NOT_BOOTSTRAPPED']);
    assert.match(findings[0]?.message ?? '', /npm exec cdk bootstrap/);
  });

  test('says what it was not let look at, and goes on', async () => {
    const denied = async () => {
      throw new CodedError('AccessDenied', 'not authorized to perform: cloudformation:DescribeStacks');
    };
    assert.deepEqual(kinds(await found({ stack: denied })), ['notice ACCOUNT_UNREAD']);
  });

  test('stops once where the credentials ran out', async () => {
    const expired = async () => {
      throw new CodedError('ExpiredToken', 'The security token included in the request is expired');
    };
    assert.deepEqual(kinds(await found({ stack: expired, bootstrapVersion: expired })), [
      'fault NO_CREDENTIALS',
    ]);
  });
});
