import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { AwsTasks } from '../../../../infra/aws/operator/aws-tasks.ts';
import { type FakeAws, FakeFault, type FakeTask, startFakeAws } from './fake-aws.ts';

const NETWORK = { subnets: ['subnet-1'], securityGroups: ['sg-1'], assignPublicIp: 'ENABLED' } as const;

/** The tasks of a deployment whose ECS and logs are the fake's. */
function tasksOf(fake: FakeAws, deployment = 'market-monitor'): AwsTasks {
  const common = {
    endpoint: fake.environment.AWS_ENDPOINT_URL_ECS ?? '',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  return new AwsTasks(deployment, { ecs: new ECSClient(common), logs: new CloudWatchLogsClient(common) });
}

describe('the tasks of a deployment, by the SDK', () => {
  let fake: FakeAws;
  let task: FakeTask | undefined;
  before(async () => {
    fake = await startFakeAws((started) => {
      task = started;
    });
  });
  after(() => fake.close());

  it('start in the network of ingest with the arguments as their command, and are read page by page', async () => {
    // Prepare
    const tasks = tasksOf(fake);
    // Act
    const network = await tasks.network();
    const id = await tasks.start(network, ['dlq', 'list', '--limit=3']);
    const before = await tasks.messages(id, undefined);
    const lines = Array.from({ length: 120 }, (_, at) => `${at} out| ${at}`);
    task?.log(...lines);
    task?.status('RUNNING');
    const running = await tasks.state(id);
    const read: string[] = [];
    for (let token: string | undefined; ; ) {
      const page = await tasks.messages(id, token);
      read.push(...page.messages);
      if (page.token === token) break;
      token = page.token;
    }
    task?.end({
      exitCode: 3,
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container exited',
    });
    const stopped = await tasks.state(id);
    // Assess
    assert.deepEqual(network, NETWORK);
    assert.equal(id, '0a1b2c');
    assert.deepEqual(before, { messages: [], token: undefined });
    assert.deepEqual(read, lines);
    assert.equal(running?.status, 'RUNNING');
    assert.deepEqual([stopped?.status, stopped?.exitCode], ['STOPPED', 3]);
    const input = fake.calls.find(({ operation }) => operation === 'RunTask')?.input as Record<
      string,
      unknown
    >;
    const { clientToken, ...rest } = input;
    assert.equal(typeof clientToken, 'string', 'a retried call starts one task');
    assert.deepEqual(rest, {
      cluster: 'market-monitor',
      taskDefinition: 'market-monitor-operator',
      launchType: 'FARGATE',
      count: 1,
      startedBy: 'operator/dlq',
      networkConfiguration: { awsvpcConfiguration: NETWORK },
      overrides: { containerOverrides: [{ name: 'operator', command: ['dlq', 'list', '--limit=3'] }] },
    });
    const logs = fake.calls.find(({ operation }) => operation === 'GetLogEvents')?.input;
    assert.deepEqual(logs, {
      logGroupName: '/market-monitor/operator',
      logStreamName: 'operator/operator/0a1b2c',
      startFromHead: true,
    });
  });

  const faults = [
    ['RunTask', 'ClientException: Unable to describe task definition.', 'OPERATOR_MISSING', /npm run deploy/],
    [
      'RunTask',
      'InvalidParameterException: TaskDefinition is inactive',
      'OPERATOR_MISSING',
      /npm run deploy/,
    ],
    ['RunTask', 'ClientException: TaskDefinition not found.', 'OPERATOR_MISSING', /npm run deploy/],
    ['RunTask', 'InvalidParameterException: not valid for this task definition', 'AWS_FAILED', /not valid/],
    ['RunTask', 'AccessDeniedException: not authorized to perform ecs:RunTask', 'AWS_DENIED', /ecs:RunTask/],
    ['RunTask', 'ServerException', 'AWS_FAILED', /ServerException/],
    ['DescribeServices', 'ClusterNotFoundException', 'DEPLOYMENT_MISSING', /eu-west-1/],
    ['DescribeServices', 'ExpiredTokenException', 'AWS_CREDENTIALS', /aws sso login/],
    ['DescribeServices', 'UnrecognizedClientException', 'AWS_CREDENTIALS', /aws sso login/],
    ['DescribeTasks', 'AccessDeniedException', 'AWS_DENIED', /describe the task/],
    ['GetLogEvents', 'AccessDeniedException', 'AWS_DENIED', /\/market-monitor\/operator/],
  ] as const;
  for (const [operation, said, code, message] of faults) {
    it(`name ${code} where ${operation} answers ${said}`, async () => {
      const refusing = await startFakeAws(() => {}, {
        [operation]: () => {
          throw new FakeFault(said);
        },
      });
      try {
        const tasks = tasksOf(refusing);
        const work = async () => {
          await tasks.start(await tasks.network(), ['dlq']);
          await tasks.state('x');
          await tasks.messages('x', undefined);
        };
        await assert.rejects(work, { code, message });
      } finally {
        await refusing.close();
      }
    });
  }

  it('name DEPLOYMENT_MISSING where the cluster has no such service, or one that is gone', async () => {
    await assert.rejects(tasksOf(fake, 'other').network(), { code: 'DEPLOYMENT_MISSING', message: /--name/ });
    const gone = await startFakeAws(() => {}, {
      DescribeServices: () => ({ services: [{ serviceName: 'market-monitor-ingest', status: 'INACTIVE' }] }),
    });
    await assert.rejects(tasksOf(gone).network(), { code: 'DEPLOYMENT_MISSING' });
    await gone.close();
  });

  it('name TASK_NOT_PLACED with the reasons of ECS', async () => {
    const full = await startFakeAws(() => {}, {
      RunTask: () => ({ tasks: [], failures: [{ reason: 'RESOURCE:FARGATE', detail: 'no capacity' }] }),
    });
    await assert.rejects(tasksOf(full).start(NETWORK, ['dlq']), {
      code: 'TASK_NOT_PLACED',
      message: /RESOURCE:FARGATE: no capacity/,
    });
    await full.close();
  });

  it('name AWS_UNREACHABLE where nobody answers', async () => {
    const gone = await startFakeAws(() => {});
    const tasks = tasksOf(gone);
    await gone.close();
    await assert.rejects(tasks.network(), { code: 'AWS_UNREACHABLE' });
  });
});
