import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { STATE_TABLE_KEYS } from '../../../functions/adapters/dynamodb/ensure-state-table.ts';
import { mappingSettings } from '../../../infra/aws/constructs/topic-mapping.ts';
import { POLLINGS, RESERVING_FUNCTIONS, SIZE_TABLE, SIZES } from '../../../infra/aws/sizes.ts';
import { alarmCatalogue } from '../../../shared/alarms/alarm-catalogue.ts';
import { DEFAULT_TOPIC_NAMES, topicSpecs } from '../../../shared/log/topics.ts';
import { mappingFaults } from '../../../shared/mapping-settings.ts';
import { MAPPINGS, mappingGroupId } from '../../../shared/mappings.ts';
import { type Deployable, deployableVariables } from '../../../shared/settings/deployable-settings.ts';
import { TABLE_SPECS } from '../../../shared/tables.ts';
import { at, list, text } from './json-path.ts';
import { deploymentOf, type Synthesised, synthesise } from './synthesise.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const made = new Map<string, Synthesised>();

/** Each is synthesised once, by the first test that asks. */
function of(given: Readonly<Record<string, string>> = {}): Synthesised {
  const key = JSON.stringify(given);
  const found = made.get(key) ?? synthesise(given);
  made.set(key, found);
  return found;
}

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
      const { name, symbols: watched } = deploymentOf(given);
      const consumers = ['validate', 'aggregate', 'dead-letter'].map((part) => `${name}-${part}`);
      const catalogue = alarmCatalogue(watched, {
        functionNames: [...consumers, `${name}-notify`],
        consumerNames: consumers,
        notifyDeadLetterQueue: `${name}-notify-dead-letters`,
      });
      const alarms = of(given).ofType('AWS::CloudWatch::Alarm');
      assert.deepEqual(
        alarms.map(({ Properties }) => Properties.AlarmName).sort(),
        catalogue.map((alarm) => alarm.name).sort(),
      );
      for (const { Properties } of alarms) {
        assert.equal(list(Properties.AlarmActions).length, 1);
        assert.equal(list(Properties.OKActions).length, 1);
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
      const [task] = of(given).ofType('AWS::ECS::TaskDefinition');
      const [container] = list(at(task?.Properties, 'ContainerDefinitions'));
      const environment = list(at(container, 'Environment')).map((entry) => [
        text(at(entry, 'Name')),
        at(entry, 'Value'),
      ]);
      variables.set('ingest', Object.fromEntries(environment));
      assert.equal(variables.size, 5);
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

describe('the templates', () => {
  test('retain and protect what keeps data, and nothing else', () => {
    const { stacks } = of({ size: 'standard', polling: 'provisioned' });
    const kept = (resources: Synthesised['stacks']['data']) =>
      [
        ...new Set(
          Object.values(resources)
            .filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain')
            .map(({ Type }) => Type),
        ),
      ].sort();
    assert.deepEqual(kept(stacks.data), [
      'AWS::DynamoDB::Table',
      'AWS::MSK::Cluster',
      'AWS::MSK::Topic',
      'AWS::S3::Bucket',
      'AWS::Timestream::Database',
      'AWS::Timestream::Table',
    ]);
    assert.deepEqual(kept(stacks.pipeline), []);
    assert.deepEqual(kept(stacks.alerting), ['AWS::KMS::Key']);
  });

  test('keep rows as long as the code says, and late ones too', () => {
    const tables = of({ size: 'standard', polling: 'provisioned' }).ofType('AWS::Timestream::Table');
    for (const spec of TABLE_SPECS) {
      const table = tables.find(({ Properties }) => Properties.TableName === spec.name)?.Properties;
      assert.deepEqual(at(table, 'RetentionProperties'), {
        MemoryStoreRetentionPeriodInHours: String(spec.memoryHours),
        MagneticStoreRetentionPeriodInDays: String(spec.magneticDays),
      });
      assert.equal(at(table, 'MagneticStoreWriteProperties', 'EnableMagneticStoreWrites'), true);
      assert.ok(
        at(table, 'MagneticStoreWriteProperties', 'MagneticStoreRejectedDataLocation', 'S3Configuration'),
      );
    }
  });

  test('make the state table as the code uses it: on demand, expiring, recoverable, encrypted', () => {
    const [table] = of({ size: 'standard', polling: 'provisioned' }).ofType('AWS::DynamoDB::Table');
    const properties = table?.Properties;
    assert.deepEqual(
      list(properties?.KeySchema).map((key) => at(key, 'AttributeName')),
      [STATE_TABLE_KEYS.partition, STATE_TABLE_KEYS.sort],
    );
    assert.equal(at(properties, 'TimeToLiveSpecification', 'AttributeName'), STATE_TABLE_KEYS.expiry);
    assert.equal(properties?.BillingMode, 'PAY_PER_REQUEST');
    assert.equal(at(properties, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled'), true);
    assert.equal(at(properties, 'SSESpecification', 'SSEEnabled'), true);
  });

  test('run the functions on Node 24 and arm64, traced, with logs that end', () => {
    const built = of({ size: 'standard', polling: 'provisioned' });
    const functions = built.ofType('AWS::Lambda::Function');
    assert.equal(functions.length, 4);
    for (const { Properties } of functions) {
      assert.equal(Properties.Runtime, 'nodejs24.x');
      assert.deepEqual(Properties.Architectures, ['arm64']);
      assert.deepEqual(Properties.TracingConfig, { Mode: 'Active' });
    }
    const inVpc = functions.filter(({ Properties }) => Properties.VpcConfig !== undefined);
    assert.deepEqual(inVpc.map(({ Properties }) => Properties.FunctionName).sort(), [
      'market-monitor-aggregate',
      'market-monitor-validate',
    ]);
    const reserved = functions.filter(({ Properties }) => Properties.ReservedConcurrentExecutions === 24);
    // What preflight counts with.
    assert.equal(reserved.length, RESERVING_FUNCTIONS);
    for (const { Properties } of built.ofType('AWS::Logs::LogGroup'))
      assert.ok(Number(Properties.RetentionInDays) > 0);
  });

  test('run ingest as a plain user on a read-only filesystem, with time to drain and a way back', () => {
    const built = of({ size: 'dev', polling: 'on-demand' });
    const [task] = built.ofType('AWS::ECS::TaskDefinition');
    const [container] = list(at(task?.Properties, 'ContainerDefinitions'));
    assert.equal(at(container, 'ReadonlyRootFilesystem'), true);
    assert.equal(at(container, 'User'), 'node');
    assert.equal(at(container, 'StopTimeout'), 60);
    assert.deepEqual(at(container, 'HealthCheck', 'Command'), ['CMD', 'node', '/app/health-check.mjs']);
    assert.equal(at(task?.Properties, 'RuntimePlatform', 'CpuArchitecture'), 'ARM64');
    const [service] = built.ofType('AWS::ECS::Service');
    assert.deepEqual(at(service?.Properties, 'DeploymentConfiguration', 'DeploymentCircuitBreaker'), {
      Enable: true,
      Rollback: true,
    });
    assert.equal(at(service?.Properties, 'DeploymentConfiguration', 'MinimumHealthyPercent'), 100);
  });

  test('encrypt queues and topics, and create the webhook’s secret empty', () => {
    const built = of({ size: 'dev', polling: 'on-demand' });
    for (const { Properties } of built.ofType('AWS::SQS::Queue'))
      assert.equal(Properties.SqsManagedSseEnabled, true);
    for (const { Properties } of built.ofType('AWS::SNS::Topic')) assert.ok(Properties.KmsMasterKeyId);
    const [secret] = built.ofType('AWS::SecretsManager::Secret');
    assert.equal(secret?.Properties.SecretString, undefined);
    assert.equal(secret?.Properties.GenerateSecretString, undefined);
    assert.equal(built.ofType('AWS::Budgets::Budget').length, 1);
  });

  test('ask mappings for the metrics that their source has: errors and lag are Kafka’s alone', () => {
    for (const { Properties } of of({ size: 'dev', polling: 'on-demand' }).ofType(
      'AWS::Lambda::EventSourceMapping',
    )) {
      const isKafka = Properties.Topics !== undefined;
      assert.deepEqual(
        at(Properties, 'MetricsConfig', 'Metrics'),
        isKafka ? ['EventCount', 'ErrorCount', 'KafkaMetrics'] : ['EventCount'],
      );
    }
  });

  test('are otherwise as they were', (t) => {
    const { stacks } = of({ size: 'dev', polling: 'on-demand' });
    for (const [name, resources] of Object.entries(stacks)) {
      const rest = Object.entries(resources).filter(([, { Type }]) => Type !== 'AWS::CloudWatch::Alarm');
      const json = JSON.stringify(Object.fromEntries(rest), null, 1);
      // The name of an asset follows its content, which has tests of its own.
      const stable = json.replace(/[0-9a-f]{64}/g, '<asset>');
      t.assert.fileSnapshot(stable, join(import.meta.dirname, 'snapshots', `dev-${name}.snapshot`), {
        serializers: [(value: string) => `${value}\n`],
      });
    }
  });
});
