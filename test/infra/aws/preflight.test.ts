import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { monthlyCost, totalUsd } from '../../../infra/aws/cost/monthly-cost.ts';
import { nextSteps } from '../../../infra/aws/next-steps.ts';
import { type PreflightDeps, preflight } from '../../../infra/aws/preflight.ts';
import { type StubAnswer, stubTimestream } from './account/stub-timestream.ts';
import { deploymentOf } from './synthesise.ts';

const GOOD: StubAnswer = { kind: 'databases', names: ['market'] };

function deps(answer: StubAnswer, given: Partial<PreflightDeps> = {}): PreflightDeps {
  return {
    region: 'eu-west-1',
    timestream: stubTimestream(answer),
    lambdaConcurrency: async () => ({ limit: 1_000, unreserved: 1_000 }),
    canBuildImages: async () => true,
    ...given,
  };
}

async function codes(given: PreflightDeps, context: Record<string, string> = { size: 'standard' }) {
  const findings = await preflight(deploymentOf(context), given);
  return findings.map(({ kind, code }) => `${kind} ${code}`);
}

function refusal(type: string, message: string): StubAnswer {
  return { kind: 'refusal', type, message };
}

describe('preflight', () => {
  test('finds nothing where all is well', async () => {
    assert.deepEqual(await codes(deps(GOOD)), []);
  });

  test('says that a store without a database is unproven', async () => {
    assert.deepEqual(await codes(deps({ kind: 'databases', names: [] })), ['notice STORE_UNPROVEN']);
  });

  test('stops an account that LiveAnalytics does not take, and says what there is instead', async () => {
    const closed = refusal(
      'AccessDeniedException',
      'Only existing Timestream for LiveAnalytics customers can access the service.',
    );
    const [finding] = await preflight(deploymentOf({ size: 'standard' }), deps(closed));
    assert.equal(finding?.code, 'STORE_CLOSED');
    assert.match(finding?.message ?? '', /store=influxdb.*Only existing Timestream/);
  });

  for (const type of ['ExpiredTokenException', 'UnrecognizedClientException', 'InvalidSignatureException']) {
    test(`knows ${type} for credentials that AWS does not take`, async () => {
      const [finding] = await preflight(
        deploymentOf({ size: 'standard' }),
        deps(refusal(type, 'The security token included in the request is not good')),
      );
      assert.equal(finding?.code, 'NO_CREDENTIALS');
      assert.ok(finding?.message.includes(type), finding?.message);
    });
  }

  test('tells a missing permission, missing credentials, a region without the store and no network apart', async () => {
    const denied = refusal(
      'AccessDeniedException',
      'User: x is not authorized to perform: timestream:DescribeEndpoints',
    );
    assert.deepEqual(await codes(deps(denied)), ['fault STORE_UNKNOWN']);
    const without = new TimestreamWriteClient({
      region: 'eu-west-1',
      credentials: async () => {
        throw Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' });
      },
    });
    assert.deepEqual(await codes(deps(GOOD, { timestream: without })), ['fault NO_CREDENTIALS']);
    const unknown: StubAnswer = { kind: 'unreachable', code: 'ENOTFOUND' };
    assert.deepEqual(await codes(deps(unknown)), ['fault STORE_NOT_IN_REGION']);
    const lost: StubAnswer = { kind: 'unreachable', code: 'EAI_AGAIN' };
    assert.deepEqual(await codes(deps(lost)), ['fault NO_NETWORK']);
    assert.deepEqual(await codes(deps(GOOD, { region: undefined })), ['fault NO_REGION']);
  });

  test('stops where the account has too few concurrent executions for what the size reserves', async () => {
    const having = (limit: number, unreserved = limit) =>
      deps(GOOD, { lambdaConcurrency: async () => ({ limit, unreserved }) });
    assert.deepEqual(await codes(having(10)), ['fault CONCURRENCY_TOO_LOW']);
    assert.deepEqual(await codes(having(57)), ['fault CONCURRENCY_TOO_LOW']);
    assert.deepEqual(await codes(having(58)), ['notice CONCURRENCY_TIGHT']);
    assert.deepEqual(await codes(having(1_000, 147)), ['notice CONCURRENCY_TIGHT']);
    assert.deepEqual(await codes(having(148)), []);
    const [finding] = await preflight(deploymentOf({ size: 'standard' }), having(10));
    assert.match(
      finding?.message ?? '',
      /reserves 48 .*has 10 in all in eu-west-1.*Service Quotas.*-c size=dev/,
    );
  });

  test('asks nothing of the concurrency in dev, which reserves none, and goes on where it cannot be asked', async () => {
    const lambdaConcurrency = async () => {
      throw new Error('not authorized to perform: lambda:GetAccountSettings');
    };
    assert.deepEqual(await codes(deps(GOOD, { lambdaConcurrency })), ['notice CONCURRENCY_UNKNOWN']);
    assert.deepEqual(await codes(deps(GOOD, { lambdaConcurrency }), { size: 'dev' }), [
      'notice POLLED_ON_DEMAND',
    ]);
  });

  test('stops where nothing can build the image', async () => {
    assert.deepEqual(await codes(deps(GOOD, { canBuildImages: async () => false })), [
      'fault NO_IMAGE_BUILDER',
    ]);
  });

  test('says that the exchange may refuse the region, and what polling on demand lacks', async () => {
    assert.deepEqual(await codes(deps(GOOD, { region: 'us-east-1' }), { size: 'dev' }), [
      'notice EXCHANGE_MAY_REFUSE',
      'notice POLLED_ON_DEMAND',
    ]);
  });

  test('gives both costs of polling as the cost table has them', async () => {
    const usd = (polling: string) => totalUsd(monthlyCost(deploymentOf({ polling }))).toFixed(0);
    const findings = await preflight(deploymentOf(), deps(GOOD));
    const message = findings.find(({ code }) => code === 'POLLED_ON_DEMAND')?.message ?? '';
    assert.ok(
      message.includes(`about ${usd('provisioned')} USD a month instead of ${usd('on-demand')}`),
      message,
    );
  });
});

test('the next steps name the secret, the dashboard and the mail to confirm', () => {
  const outputs = {
    'market-monitor-alerting': { WebhookSecret: 'arn:secret', DashboardName: 'd', GrafanaRole: 'arn:role' },
  };
  const text = nextSteps(deploymentOf({ email: 'ops@example.com' }), outputs, 'eu-west-1');
  for (const part of ['arn:secret', 'dashboards/dashboard/d', 'arn:role', 'ops@example.com'])
    assert.ok(text.includes(part), part);
});
