import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { mappingSettings } from '../../../infra/aws/constructs/topic-mapping.ts';
import { awsResources, deployedAlarms } from '../../../infra/aws/deployed-alarms.ts';
import { POLLINGS, SIZE_TABLE, SIZES } from '../../../infra/aws/sizes.ts';
import { ALARM_FAMILIES } from '../../../shared/alarms/alarm-catalogue.ts';
import { DEFAULT_TOPIC_NAMES, topicSpecs } from '../../../shared/log/topics.ts';
import { mappingFaults } from '../../../shared/mapping-settings.ts';
import { MAPPINGS, mappingGroupId } from '../../../shared/mappings.ts';
import { type Deployable, deployableVariables } from '../../../shared/settings/deployable-settings.ts';
import { at, list, text } from './json-path.ts';
import { deploymentOf } from './synthesise.ts';
import { containerOf, templatesOf as of } from './templates-of.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const thousand = Array.from({ length: 1_000 }, (_, index) => `COIN${index}USDT`).join(',');
const variants = [
  ...SIZES.flatMap((size) => POLLINGS.map((polling) => ({ size, polling }))),
  { size: 'standard', symbols: thousand, email: 'ops@example.com', managedGrafana: 'yes' },
] as const;

describe('the templates of every size and polling', () => {
  for (const given of variants) {
    const { symbols = '3', ...named } = { symbols: undefined, ...given };
    const title = `${Object.values(named).join(' ')}, ${symbols.split(',').length > 3 ? '1,000 symbols' : '3 symbols'}`;

    test(`${title}: pass cdk-nag and CloudFormation's limits`, () => {
      const { stacks, sizes } = of(given);
      for (const resources of Object.values(stacks)) assert.ok(Object.keys(resources).length < 500);
      for (const size of sizes) assert.ok(size < 1_000_000, `a template has ${size} bytes`);
    });

    test(`${title}: allow no action by wildcard, and all resources only where an action knows none`, () => {
      const unbound =
        /^(ec2|xray|ecr:GetAuthorizationToken|timestream:(Describe|List|Select|Cancel)|cloudwatch:)/;
      for (const { id, Properties } of [
        ...of(given).ofType('AWS::IAM::Policy'),
        ...of(given).ofType('AWS::IAM::Role'),
      ]) {
        const documents = [
          at(Properties, 'PolicyDocument'),
          ...list(at(Properties, 'Policies')).map((policy) => at(policy, 'PolicyDocument')),
        ];
        for (const statement of documents.flatMap((document) => list(at(document, 'Statement')))) {
          for (const action of list(at(statement, 'Action'))) {
            assert.doesNotMatch(text(action), /\*/, `${id} allows ${action}`);
            if (list(at(statement, 'Resource')).includes('*'))
              assert.match(text(action), unbound, `${id}: ${action}`);
          }
        }
      }
    });

    test(`${title}: let nothing in from outside`, () => {
      const groups = of(given).ofType('AWS::EC2::SecurityGroup');
      const rules = [
        ...groups.flatMap(({ Properties }) => list(at(Properties, 'SecurityGroupIngress'))),
        ...of(given)
          .ofType('AWS::EC2::SecurityGroupIngress')
          .map(({ Properties }) => Properties),
      ];
      assert.ok(rules.length >= 3);
      for (const rule of rules) assert.doesNotMatch(JSON.stringify(rule), /0\.0\.0\.0\/0|::\/0/);
      assert.deepEqual(of(given).ofType('AWS::ElasticLoadBalancingV2::LoadBalancer'), []);
    });

    test(`${title}: make a CloudWatch alarm of every alarm of the catalogue, each with actions and a runbook`, () => {
      const deployment = deploymentOf(given);
      const catalogue = deployedAlarms(deployment, awsResources(deployment));
      const families = new Set(catalogue.map(({ family }) => family));
      const never = given.size === 'express' ? ['broker-disk', 'broker-credits'] : [];
      if (given.size === 'standard') never.push('broker-credits');
      assert.deepEqual(
        ALARM_FAMILIES.map(({ family }) => family).filter((family) => !families.has(family)),
        never,
      );
      const alarms = of(given).ofType('AWS::CloudWatch::Alarm');
      assert.deepEqual(
        alarms.map(({ Properties }) => Properties.AlarmName).sort(),
        catalogue.map((alarm) => alarm.name).sort(),
      );
      for (const { Properties } of alarms) {
        assert.equal(list(Properties.AlarmActions).length, 1);
        assert.equal(list(Properties.OKActions).length, 1);
        assert.match(text(Properties.AlarmName), /^market-monitor-/);
        const definition = catalogue.find((alarm) => alarm.name === Properties.AlarmName);
        assert.deepEqual(
          [Properties.Threshold, Properties.Period, Properties.MetricName, Properties.TreatMissingData],
          [definition?.threshold, definition?.periodSeconds, definition?.metric, definition?.missingData],
        );
        const runbook = /Runbook: (\S+)$/.exec(text(Properties.AlarmDescription))?.[1] ?? '';
        assert.ok(existsSync(join(ROOT, runbook)), `${Properties.AlarmName} names ${runbook}`);
      }
    });

    test(`${title}: set exactly the variables that the code reads, within what Lambda takes`, () => {
      const functions = of(given).ofType('AWS::Lambda::Function');
      const variables = new Map<Deployable, Record<string, unknown>>();
      for (const { Properties } of functions) {
        const deployable = /-(validate|aggregate|dead-letter|notify)$/.exec(
          text(Properties.FunctionName),
        )?.[1];
        const { NODE_OPTIONS, ...rest } = at(Properties, 'Environment', 'Variables') as Record<
          string,
          string
        >;
        assert.equal(NODE_OPTIONS, '--enable-source-maps');
        assert.ok(JSON.stringify(rest).length < 4_000, `${deployable} has too many bytes of variables`);
        variables.set(deployable as Deployable, rest);
      }
      for (const deployable of ['ingest', 'operator'] as const) {
        const environment = list(at(containerOf(of(given), deployable), 'Environment')).map((entry) => [
          text(at(entry, 'Name')),
          at(entry, 'Value'),
        ]);
        variables.set(deployable, Object.fromEntries(environment));
      }
      assert.equal(variables.size, 6);
      for (const [deployable, set] of variables) {
        assert.deepEqual(Object.keys(set).sort(), deployableVariables(deployable).toSorted(), deployable);
      }
    });

    test(`${title}: give the mappings the settings of the local run`, () => {
      const { polling } = deploymentOf(given);
      const mappings = of(given)
        .ofType('AWS::Lambda::EventSourceMapping')
        .filter(({ Properties }) => Properties.Topics !== undefined);
      assert.equal(mappings.length, MAPPINGS.length);
      for (const mapping of MAPPINGS) {
        const settings = mappingSettings(mapping, polling);
        assert.deepEqual(mappingFaults(settings), []);
        const found = mappings.find(
          ({ Properties }) =>
            at(Properties, 'AmazonManagedKafkaEventSourceConfig', 'ConsumerGroupId') ===
            mappingGroupId(mapping),
        )?.Properties;
        assert.deepEqual(found?.Topics, [DEFAULT_TOPIC_NAMES[mapping.topic]]);
        const isProvisioned = polling === 'provisioned';
        assert.deepEqual(
          {
            batchSize: found?.BatchSize,
            window: found?.MaximumBatchingWindowInSeconds,
            retries: found?.MaximumRetryAttempts,
            age: found?.MaximumRecordAgeInSeconds,
            bisect: found?.BisectBatchOnFunctionError,
            responses: found?.FunctionResponseTypes,
            pollers: at(found, 'ProvisionedPollerConfig', 'MaximumPollers'),
            destination: at(found, 'DestinationConfig', 'OnFailure', 'Destination'),
            start: found?.StartingPosition,
          },
          {
            batchSize: settings.batchSize,
            window: settings.batchingWindowMs === 500 ? undefined : settings.batchingWindowMs / 1_000,
            retries: isProvisioned ? settings.retryAttempts : undefined,
            age: isProvisioned ? settings.maxRecordAgeMs : undefined,
            bisect: isProvisioned ? settings.bisectOnFunctionError : undefined,
            responses: isProvisioned ? ['ReportBatchItemFailures'] : undefined,
            pollers: isProvisioned ? settings.maximumPollers : undefined,
            destination:
              mapping.onFailure === null ? undefined : `kafka://${DEFAULT_TOPIC_NAMES[mapping.onFailure]}`,
            start: 'TRIM_HORIZON',
          },
          mapping.name,
        );
      }
    });

    test(`${title}: have the topics of the code, and brokers that speak TLS and IAM alone`, () => {
      const size = SIZE_TABLE[given.size];
      const topics = of(given).ofType('AWS::MSK::Topic');
      for (const spec of topicSpecs(DEFAULT_TOPIC_NAMES)) {
        const topic = topics.find(({ Properties }) => Properties.TopicName === spec.name);
        assert.equal(topic?.Properties.PartitionCount, spec.partitions);
        assert.equal(topic?.Properties.ReplicationFactor, size.replication);
        const configs = JSON.parse(Buffer.from(text(topic?.Properties.Configs), 'base64').toString('utf8'));
        assert.equal(configs['retention.ms'], String(spec.retentionMs));
        assert.equal(configs['cleanup.policy'], spec.compacted ? 'compact' : 'delete');
        const isBounded = size.broker.storageGib !== null && !spec.compacted;
        assert.equal(Number(configs['retention.bytes']) > 0, isBounded, spec.name);
      }
      const [cluster] = of(given).ofType('AWS::MSK::Cluster');
      assert.equal(at(cluster?.Properties, 'EncryptionInfo', 'EncryptionInTransit', 'ClientBroker'), 'TLS');
      assert.equal(at(cluster?.Properties, 'ClientAuthentication', 'Sasl', 'Iam', 'Enabled'), true);
      assert.equal(at(cluster?.Properties, 'ClientAuthentication', 'Unauthenticated', 'Enabled'), false);
      assert.equal(cluster?.Properties.NumberOfBrokerNodes, size.broker.count);
      assert.equal(
        of(given).ofType('AWS::ApplicationAutoScaling::ScalableTarget').length,
        size.broker.storageGib === null ? 0 : 1,
      );
    });
  }
});
