import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildApp } from '../../../../infra/aws/build-app.ts';
import { allPages } from '../../../../infra/aws/emulator/emulator-api.ts';
import { EMULATOR_REGION } from '../../../../infra/aws/emulator/emulator-environment.ts';
import { countsText, stackParts, type Template } from '../../../../infra/aws/emulator/stack-parts.ts';
import { SIZES } from '../../../../infra/aws/sizes.ts';
import { deploymentOf, standIns } from '../synthesise.ts';
import { skipWithoutMoto } from './install-moto.ts';
import { type MotoServer, startMoto } from './moto-server.ts';
import { reducedTemplate } from './reduced-template.ts';

const ASSETS = `cdk-hnb659fds-assets-123456789012-${EMULATOR_REGION}`;

/**
 * What moto 5.2 does not know (MSK, Timestream, budgets, scaling), knows wrongly (a tagged key, a secret's Ref), or
 * knows only in part (mappings of Kafka). These are left out, and what refers to them gets a text in their place.
 */
const LEFT_OUT =
  /^AWS::(MSK|ApplicationAutoScaling|Timestream|CDK|Budgets|KMS|SecretsManager)::|^AWS::Lambda::EventSourceMapping$/;

/** The types that this leaves out. Express brokers have no storage to scale. */
const LEFT_OUT_TYPES = [
  'AWS::Budgets::Budget',
  'AWS::KMS::Key',
  'AWS::Lambda::EventSourceMapping',
  'AWS::MSK::Cluster',
  'AWS::MSK::Configuration',
  'AWS::MSK::Topic',
  'AWS::SecretsManager::Secret',
  'AWS::Timestream::Database',
  'AWS::Timestream::Table',
];
const SCALING = ['AWS::ApplicationAutoScaling::ScalableTarget', 'AWS::ApplicationAutoScaling::ScalingPolicy'];

/** Types that moto takes without making anything of them. */
const NOT_MADE = [
  'AWS::CloudWatch::Alarm',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
];

describe('the stacks in a CloudFormation on loopback', { skip: skipWithoutMoto }, () => {
  let moto: MotoServer;
  before(async () => {
    moto = await startMoto();
  });
  after(() => moto.close());

  for (const size of SIZES) {
    test(`of size ${size} deploy one after the other, with all that it knows made`, async (t) => {
      await moto.reset();
      const folder = mkdtempSync(join(tmpdir(), 'market-moto-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      const { app } = buildApp(deploymentOf({ size, email: 'ops@example.com' }), standIns(folder), {
        outdir: join(folder, 'out'),
        autoSynth: false,
        analyticsReporting: false,
      });
      const out = app.synth().directory;
      await bootstrap(moto, folder, out);
      const made = new Map<string, number>();
      const notMade = new Map<string, number>();
      const leftOut = new Set<string>();
      for (const part of ['data', 'pipeline', 'alerting']) {
        const name = `market-monitor-${part}`;
        const whole: Template = JSON.parse(readFileSync(join(out, `${name}.template.json`), 'utf8'));
        for (const { Type } of Object.values(whole.Resources)) if (LEFT_OUT.test(Type)) leftOut.add(Type);
        const template = withPorts(reducedTemplate(whole, (type) => LEFT_OUT.test(type)));
        const parts = await deploy(moto, name, template);
        for (const [type, count] of parts.made) made.set(type, (made.get(type) ?? 0) + count);
        for (const [type, count] of parts.notMade) notMade.set(type, (notMade.get(type) ?? 0) + count);
      }
      t.diagnostic(`made: ${countsText(made)}`);
      t.diagnostic(`taken, and nothing made of it: ${countsText(notMade)}`);
      t.diagnostic(`left out, moto does not know it: ${[...leftOut].sort().join(', ')}`);
      const scaling = size === 'express' ? [] : SCALING;
      assert.deepEqual([...leftOut].sort(), [...scaling, ...LEFT_OUT_TYPES].sort());
      assert.deepEqual([...notMade.keys()].sort(), NOT_MADE);
      assert.deepEqual(
        ['AWS::Lambda::Function', 'AWS::DynamoDB::Table', 'AWS::ECS::Service'].map((type) => made.get(type)),
        [4, 1, 1],
      );
    });
  }
});

/** moto asks for the ports of a rule also where it is of all protocols; AWS itself says -1 there. */
function withPorts(template: Template): Template {
  return JSON.parse(JSON.stringify(template), (key, value) =>
    key === 'SecurityGroupIngress'
      ? value.map((rule: object) => ({ FromPort: -1, ToPort: -1, ...rule }))
      : value,
  );
}

/** What `cdk bootstrap` makes, as far as the templates need it, with the assets in place. */
async function bootstrap(moto: MotoServer, folder: string, out: string): Promise<void> {
  await moto.json('ssm', 'AmazonSSM.PutParameter', {
    Name: '/cdk-bootstrap/hnb659fds/version',
    Value: '30',
    Type: 'String',
  });
  await moto.putS3(ASSETS);
  for (const asset of readdirSync(out).filter((file) => /^asset\.[0-9a-f]{64}$/.test(file))) {
    const zip = join(folder, `${asset}.zip`);
    // The asset of the image has no such file.
    if (spawnSync('python3', ['-m', 'zipfile', '-c', zip, join(out, asset, 'index.mjs')]).status !== 0)
      continue;
    await moto.putS3(`${ASSETS}/${asset.slice('asset.'.length)}.zip`, readFileSync(zip));
  }
}

/** Deploys a stack; which of its resources were made. */
async function deploy(moto: MotoServer, name: string, template: Template) {
  await moto.query('cloudformation', 'CreateStack', {
    StackName: name,
    TemplateBody: JSON.stringify(template),
    'Capabilities.member.1': 'CAPABILITY_NAMED_IAM',
  });
  const described = await allPages(moto, 'cloudformation', 'DescribeStacks', { StackName: name });
  assert.match(described, /<StackStatus>CREATE_COMPLETE</);
  return stackParts(moto, name, template);
}
