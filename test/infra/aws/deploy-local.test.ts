import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ensureStateTable } from '../../../functions/adapters/dynamodb/ensure-state-table.ts';
import { textsOf, unsigned } from '../../../infra/aws/emulator/emulator-api.ts';
import { freePort } from '../../kafka/broker/free-port.ts';
import { skipWithoutMoto } from './moto/install-moto.ts';
import { type MotoServer, startMoto } from './moto/moto-server.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Runs the command as npm does; what it printed, and its exit code. */
async function deployLocal(endpoint: string | undefined, ...args: readonly string[]) {
  const { AWS_ENDPOINT_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, ['infra/aws/deploy-local.ts', ...args], {
    cwd: ROOT,
    // Credentials of a person, which must not reach anything.
    env: {
      ...env,
      ...(endpoint && { AWS_ENDPOINT_URL: endpoint }),
      AWS_PROFILE: 'somebody',
      AWS_REGION: 'eu-west-1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      printed += chunk;
    });
  const [code] = await once(child, 'close');
  return { code, printed };
}

test('deploy:local without an emulator says what to set, and goes nowhere near AWS', async () => {
  for (const endpoint of [undefined, 'https://sts.eu-west-1.amazonaws.com']) {
    const { code, printed } = await deployLocal(endpoint);
    assert.equal(code, 1);
    assert.match(printed, /^AWS_ENDPOINT_URL is ".*"\. Set it to the emulator/);
  }
});

test('deploy:local says that no emulator answers', async () => {
  const { code, printed } = await deployLocal(`http://127.0.0.1:${await freePort()}`);
  assert.equal(code, 1);
  assert.match(printed, /^Nothing answers at http:\/\/127\.0\.0\.1:\d+\. Start the emulator/);
});

describe('deploy:local, by the CDK’s command line into moto', { skip: skipWithoutMoto }, () => {
  let moto: MotoServer;
  before(async () => {
    moto = await startMoto();
  });
  after(() => moto.close());

  const common = () => ({
    endpoint: moto.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

  const found = async () => {
    const { TableNames } = await new DynamoDBClient(common()).send(new ListTablesCommand());
    const { QueueUrls } = await new SQSClient(common()).send(new ListQueuesCommand());
    const { SecretList } = await new SecretsManagerClient(common()).send(new ListSecretsCommand());
    const listed = await fetch(`${moto.endpoint}/2015-03-31/functions/`, {
      headers: { authorization: unsigned('lambda') },
    });
    return {
      stacks: textsOf(await moto.query('cloudformation', 'ListStacks'), 'StackName').includes(
        'market-monitor-local',
      ),
      functions: [...(await listed.text()).matchAll(/"FunctionName": ?"([^"]+)"/g)]
        .map(([, made]) => made)
        .sort(),
      tables: TableNames,
      topics: textsOf(await moto.query('sns', 'ListTopics'), 'TopicArn').map((arn) => arn.split(':').at(-1)),
      queues: (QueueUrls ?? []).map((url) => url.split('/').at(-1)).sort(),
      secrets: (SecretList ?? []).map(({ Name }) => Name),
    };
  };

  test('deploys, changes nothing the second time, sends an alarm’s message to a queue, and removes', async (t) => {
    const first = await deployLocal(moto.endpoint);
    assert.equal(first.code, 0, first.printed);
    assert.deepEqual(await found(), {
      stacks: true,
      functions: ['aggregate', 'dead-letter', 'notify', 'validate'].map((part) => `market-monitor-${part}`),
      tables: ['market-monitor-state'],
      topics: ['market-monitor-alarms', 'market-monitor-budget'],
      queues: ['market-monitor-notify', 'market-monitor-notify-dead-letters'],
      secrets: ['market-monitor/slack-webhook'],
    });
    const told = first.printed.slice(first.printed.indexOf('market-monitor-local is in'));
    for (const line of told.split('\n')) t.diagnostic(line);
    assert.match(told, /made: {6}1 DynamoDB::Table, .*4 Lambda::Function, .*2 SNS::Topic, 2 SQS::Queue\n/);
    // moto's CloudFormation knows none of these, and the command says so.
    assert.match(
      told,
      /not made: {2}\d+ CloudWatch::Alarm, 1 SNS::Subscription, 2 SNS::TopicPolicy, 2 SQS::QueuePolicy /,
    );
    assert.match(told, new RegExp(`AWS_ENDPOINT_URL=${moto.endpoint} npm start`));

    const second = await deployLocal(moto.endpoint);
    assert.equal(second.code, 0, second.printed);
    assert.match(second.printed, /market-monitor-local \(no changes\)/);

    const tried = await deployLocal(moto.endpoint, '--try-alarm');
    assert.equal(tried.code, 0, tried.printed);
    assert.match(tried.printed, /A queue received:\n.*socket-down/s);
    assert.equal((await found()).queues.length, 2);

    const removed = await deployLocal(moto.endpoint, '--remove');
    assert.equal(removed.code, 0, removed.printed);
    const none = await found();
    assert.deepEqual([none.functions, none.tables, none.queues, none.secrets], [[], [], [], []]);
    const nothing = await deployLocal(moto.endpoint, '--try-alarm');
    assert.equal(nothing.code, 1);
    assert.match(nothing.printed, /There is no topic market-monitor-alarms\. Deploy first/);
  });

  test('says what to do where the local run made the table before', async () => {
    await moto.reset();
    const dynamodb = new DynamoDBClient(common());
    await ensureStateTable(dynamodb, 'market-monitor-state');
    const { code, printed } = await deployLocal(moto.endpoint);
    assert.equal(code, 1);
    assert.match(
      printed,
      /^The table market-monitor-state is there and the stack market-monitor-local is not/,
    );
  });
});
