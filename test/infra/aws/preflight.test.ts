import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nextSteps } from '../../../infra/aws/next-steps.ts';
import { type PreflightDeps, preflight } from '../../../infra/aws/preflight.ts';
import { deploymentOf } from './synthesise.ts';

function deps(answer: unknown, given: Partial<PreflightDeps> = {}): PreflightDeps {
  const send = async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return {
    region: 'eu-west-1',
    timestream: { send },
    lambdaConcurrency: async () => ({ limit: 1_000, unreserved: 1_000 }),
    canBuildImages: async () => true,
    ...given,
  };
}

function error(name: string, message: string, code?: string): Error {
  return Object.assign(new Error(message), { name, ...(code !== undefined && { code }) });
}

const GOOD = { Databases: [{ DatabaseName: 'market' }] };

async function codes(given: PreflightDeps, context: Record<string, string> = { size: 'standard' }) {
  const findings = await preflight(deploymentOf(context), given);
  return findings.map(({ kind, code }) => `${kind} ${code}`);
}

describe('preflight', () => {
  test('finds nothing where all is well', async () => {
    assert.deepEqual(await codes(deps(GOOD)), []);
  });

  test('stops an account that LiveAnalytics does not take, and says what there is instead', async () => {
    const refusal = error(
      'AccessDeniedException',
      'Only existing Timestream for LiveAnalytics customers can access the service.',
    );
    const [finding] = await preflight(deploymentOf({ size: 'standard' }), deps(refusal));
    assert.equal(finding?.code, 'STORE_CLOSED');
    assert.match(finding?.message ?? '', /store=influxdb/);
  });

  test('tells a missing permission, missing credentials and a region without the store apart', async () => {
    const denied = error(
      'AccessDeniedException',
      'User: x is not authorized to perform: timestream:ListDatabases',
    );
    assert.deepEqual(await codes(deps(denied)), ['fault STORE_UNKNOWN']);
    assert.deepEqual(await codes(deps(error('CredentialsProviderError', 'none'))), ['fault NO_CREDENTIALS']);
    assert.deepEqual(await codes(deps(error('Error', 'getaddrinfo', 'ENOTFOUND'))), [
      'fault STORE_NOT_IN_REGION',
    ]);
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
      throw error('LAMBDA_SETTINGS', 'Lambda answers 403: {}');
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
});

test('the next steps name the secret, the dashboard and the mail to confirm', () => {
  const outputs = {
    'market-monitor-alerting': { WebhookSecret: 'arn:secret', DashboardName: 'd', GrafanaRole: 'arn:role' },
  };
  const text = nextSteps(deploymentOf({ email: 'ops@example.com' }), outputs, 'eu-west-1');
  for (const part of ['arn:secret', 'dashboards/dashboard/d', 'arn:role', 'ops@example.com'])
    assert.ok(text.includes(part), part);
});
