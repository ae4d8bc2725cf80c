import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KafkaClient } from '@aws-sdk/client-kafka';
import { SSMClient } from '@aws-sdk/client-ssm';
import { bootstrapVersion } from '../../../../infra/aws/account/bootstrap-version.ts';
import { lambdaConcurrency } from '../../../../infra/aws/account/lambda-concurrency.ts';
import { leftovers } from '../../../../infra/aws/account/leftovers.ts';
import {
  CloudFormationStacks,
  neverCameToBe,
  unprotectUnfinished,
} from '../../../../infra/aws/account/stacks.ts';
import { EMULATOR_REGION } from '../../../../infra/aws/emulator/emulator-environment.ts';
import { skipWithoutMoto } from '../moto/install-moto.ts';
import { startMoto } from '../moto/moto-server.ts';

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** A client of CloudFormation that answers with this, or throws it. */
function answering(answer: unknown): Pick<CloudFormationClient, 'send'> {
  return {
    send: async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

describe('a stack', () => {
  test('is read from the answer of CloudFormation', async () => {
    const answer = {
      Stacks: [
        {
          StackStatus: 'ROLLBACK_COMPLETE',
          EnableTerminationProtection: true,
          Outputs: [{ OutputKey: 'Size', OutputValue: 'dev' }],
        },
      ],
    };
    const stack = await new CloudFormationStacks(answering(answer)).describe('market-monitor-data');
    assert.deepEqual(stack, {
      name: 'market-monitor-data',
      status: 'ROLLBACK_COMPLETE',
      isProtected: true,
      outputs: new Map([['Size', 'dev']]),
    });
    assert.ok(stack !== undefined && neverCameToBe(stack));
  });

  test('that does not exist is none; any other refusal is an error of AWS', async () => {
    const refused = (name: string, message: string) =>
      new CloudFormationStacks(answering(Object.assign(new Error(message), { name }))).describe('x');
    assert.equal(await refused('ValidationError', 'Stack with id x does not exist'), undefined);
    await assert.rejects(refused('ExpiredToken', 'The security token is expired'), { name: 'ExpiredToken' });
  });
});

test('the protection is taken off a stack by the order that CloudFormation knows for it', async () => {
  const sent: unknown[] = [];
  const send = async ({ input }: { readonly input: unknown }) => void sent.push(input);
  await new CloudFormationStacks({ send }).unprotect('market-monitor-data');
  assert.deepEqual(sent, [{ StackName: 'market-monitor-data', EnableTerminationProtection: false }]);
});

test('what Lambda does not say of its concurrency is an error', async () => {
  const found = { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 8 };
  assert.deepEqual(await lambdaConcurrency({ send: async () => ({ AccountLimit: found }) }), {
    limit: 10,
    unreserved: 8,
  });
  await assert.rejects(lambdaConcurrency({ send: async () => ({}) }), { code: 'LAMBDA_SETTINGS' });
});

test('only a protected stack that never came to be loses its protection', async () => {
  for (const [status, isProtected, expected] of [
    ['ROLLBACK_COMPLETE', true, ['data']],
    ['ROLLBACK_FAILED', true, ['data']],
    ['ROLLBACK_COMPLETE', false, []],
    ['CREATE_COMPLETE', true, []],
    ['UPDATE_ROLLBACK_COMPLETE', true, []],
  ] as const) {
    const taken: string[] = [];
    await unprotectUnfinished(
      {
        describe: async (name) => ({ name, status, isProtected, outputs: new Map() }),
        unprotect: async (name) => void taken.push(name),
      },
      'data',
    );
    assert.deepEqual(taken, expected, status);
  }
});

test('a refusal to say whether there is a bootstrap is no missing bootstrap', async () => {
  const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
  const send = async () => {
    throw denied;
  };
  await assert.rejects(bootstrapVersion({ send }), denied);
});

describe('an account on loopback', { skip: skipWithoutMoto }, () => {
  test('answers what a deployment asks', async (t) => {
    const moto = await startMoto();
    t.after(() => moto.close());
    const options = { region: EMULATOR_REGION, endpoint: moto.endpoint, credentials: CREDENTIALS };
    const stacks = new CloudFormationStacks(new CloudFormationClient(options));
    const ssm = new SSMClient(options);
    const template = {
      Resources: { Queue: { Type: 'AWS::SQS::Queue' } },
      Outputs: { Size: { Value: 'dev' } },
    };
    assert.equal(await stacks.describe('market-monitor-data'), undefined);
    assert.equal(await bootstrapVersion(ssm), undefined);
    await moto.query('cloudformation', 'CreateStack', {
      StackName: 'market-monitor-data',
      TemplateBody: JSON.stringify(template),
      EnableTerminationProtection: 'true',
    });
    await moto.json('ssm', 'AmazonSSM.PutParameter', {
      Name: '/cdk-bootstrap/hnb659fds/version',
      Value: '31',
      Type: 'String',
    });
    const made = await stacks.describe('market-monitor-data');
    assert.equal(made?.status, 'CREATE_COMPLETE');
    assert.equal(made.outputs.get('Size'), 'dev');
    assert.equal(made.isProtected, true);
    assert.equal(await bootstrapVersion(ssm), '31');
  });

  test('tells what a removed deployment left', async (t) => {
    const moto = await startMoto();
    t.after(() => moto.close());
    const options = { region: EMULATOR_REGION, endpoint: moto.endpoint, credentials: CREDENTIALS };
    const clients = {
      timestream: {
        send: async () => {
          const reason = Object.assign(new Error('none'), { name: 'ResourceNotFoundException' });
          throw Object.assign(new Error('wrapped'), { reason });
        },
      },
      dynamodb: new DynamoDBClient(options),
      kafka: new KafkaClient(options),
    };
    assert.deepEqual(await leftovers('market-monitor', clients), []);
    await moto.json('dynamodb', 'DynamoDB_20120810.CreateTable', {
      TableName: 'market-monitor-state',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    assert.deepEqual(await leftovers('market-monitor', clients), ['the DynamoDB table market-monitor-state']);
    const has = { ...clients, timestream: { send: async () => ({}) } };
    assert.deepEqual(await leftovers('another', has), ['the Timestream database market_another']);
  });
});
