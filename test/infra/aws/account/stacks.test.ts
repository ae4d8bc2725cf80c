import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KafkaClient } from '@aws-sdk/client-kafka';
import { bootstrapVersion } from '../../../../infra/aws/account/bootstrap-version.ts';
import { leftovers } from '../../../../infra/aws/account/leftovers.ts';
import { ServiceClient } from '../../../../infra/aws/account/service-client.ts';
import {
  CloudFormationStacks,
  neverCameToBe,
  unprotectUnfinished,
} from '../../../../infra/aws/account/stacks.ts';
import { REGION, skipWithoutMoto, startMoto } from '../moto-server.ts';

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** A CloudFormation that answers with this text. */
function answering(status: number, text: string): ServiceClient {
  return new ServiceClient({
    region: 'eu-west-1',
    credentials: async () => CREDENTIALS,
    fetch: async () => new Response(text, { status }),
    nowMs: () => 0,
    environment: {},
  });
}

const MEMBER = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>
  <StackName>market-monitor-data</StackName><StackStatus>ROLLBACK_COMPLETE</StackStatus>
  <EnableTerminationProtection>true</EnableTerminationProtection>
  <Outputs><member><Description>x</Description><OutputKey>Size</OutputKey><OutputValue>dev</OutputValue></member></Outputs>
</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;

describe('a stack', () => {
  test('is read from the answer of CloudFormation', async () => {
    const stack = await new CloudFormationStacks(answering(200, MEMBER)).describe('market-monitor-data');
    assert.deepEqual(stack, {
      name: 'market-monitor-data',
      status: 'ROLLBACK_COMPLETE',
      isProtected: true,
      outputs: new Map([['Size', 'dev']]),
    });
    assert.ok(stack !== undefined && neverCameToBe(stack));
  });

  test('that does not exist is none; any other refusal is an error with the code of AWS', async () => {
    const refused = (code: string, message: string) =>
      new CloudFormationStacks(
        answering(
          400,
          `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
        ),
      ).describe('x');
    assert.equal(await refused('ValidationError', 'Stack with id x does not exist'), undefined);
    await assert.rejects(refused('ExpiredToken', 'The security token is expired'), {
      code: 'ExpiredToken',
      message: 'cloudformation in eu-west-1 answered 400: The security token is expired',
    });
  });
});

test('the protection is taken off a stack by the order that CloudFormation knows for it', async () => {
  const asked: string[] = [];
  const client = new ServiceClient({
    region: 'eu-west-1',
    credentials: async () => CREDENTIALS,
    fetch: async (url, request) => {
      asked.push(`${url} ${request?.body}`);
      return new Response('<UpdateTerminationProtectionResponse/>');
    },
    nowMs: () => 0,
    environment: {},
  });
  await new CloudFormationStacks(client).unprotect('market-monitor-data');
  assert.deepEqual(asked, [
    'https://cloudformation.eu-west-1.amazonaws.com/ Action=UpdateTerminationProtection&Version=2010-05-15' +
      '&StackName=market-monitor-data&EnableTerminationProtection=false',
  ]);
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

test('a bootstrap that never was is told from a refusal', async () => {
  const missing = '{"__type":"ParameterNotFound","message":""}';
  assert.equal(await bootstrapVersion(answering(400, missing)), undefined);
  await assert.rejects(
    bootstrapVersion(answering(400, '{"__type":"com.amazon#AccessDeniedException","Message":"no"}')),
    { code: 'AccessDeniedException' },
  );
});

describe('an account on loopback', { skip: skipWithoutMoto }, () => {
  test('answers what a deployment asks', async (t) => {
    const moto = await startMoto();
    t.after(() => moto.close());
    const client = new ServiceClient({
      region: REGION,
      credentials: async () => CREDENTIALS,
      fetch,
      nowMs: Date.now,
      environment: { AWS_ENDPOINT_URL: moto.url },
    });
    const stacks = new CloudFormationStacks(client);
    const template = {
      Resources: { Queue: { Type: 'AWS::SQS::Queue' } },
      Outputs: { Size: { Value: 'dev' } },
    };
    assert.equal(await stacks.describe('market-monitor-data'), undefined);
    assert.equal(await bootstrapVersion(client), undefined);
    await moto.query('cloudformation', {
      Action: 'CreateStack',
      Version: '2010-05-15',
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
    assert.equal(await bootstrapVersion(client), '31');
  });

  test('tells what a removed deployment left', async (t) => {
    const moto = await startMoto();
    t.after(() => moto.close());
    const options = { region: REGION, endpoint: moto.url, credentials: CREDENTIALS };
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
