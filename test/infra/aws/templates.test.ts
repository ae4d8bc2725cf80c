import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { buildSync } from 'esbuild';
import { STATE_TABLE_KEYS } from '../../../functions/adapters/dynamodb/ensure-state-table.ts';
import { BUNDLES, type BundleName } from '../../../infra/aws/bundle.ts';
import { IMAGE_CONTEXT } from '../../../infra/aws/constructs/ingest-image.ts';
import { mappingSettings } from '../../../infra/aws/constructs/topic-mapping.ts';
import { awsResources, deployedAlarms } from '../../../infra/aws/deployed-alarms.ts';
import { operatorNames } from '../../../infra/aws/operator/operator-names.ts';
import { POLLINGS, RESERVING_FUNCTIONS, SIZE_TABLE, SIZES } from '../../../infra/aws/sizes.ts';
import { ALARM_FAMILIES } from '../../../shared/alarms/alarm-catalogue.ts';
import { DEFAULT_TOPIC_NAMES, topicSpecs } from '../../../shared/log/topics.ts';
import { mappingFaults } from '../../../shared/mapping-settings.ts';
import { MAPPINGS, mappingGroupId } from '../../../shared/mappings.ts';
import { type Deployable, deployableVariables } from '../../../shared/settings/deployable-settings.ts';
import { TABLE_SPECS } from '../../../shared/tables.ts';
import { at, list, text } from './json-path.ts';
import { deploymentOf, type Resource, type Synthesised, synthesise } from './synthesise.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const made = new Map<string, Synthesised>();

/** Each is synthesised once, by the first test that asks. */
function of(given: Readonly<Record<string, string>> = {}): Synthesised {
  const key = JSON.stringify(given);
  const found = made.get(key) ?? synthesise(given);
  made.set(key, found);
  return found;
}

/** The container of ingest's task definition, or of the operator's. */
function containerOf(built: Synthesised, part: 'ingest' | 'operator'): unknown {
  const task = built
    .ofType('AWS::ECS::TaskDefinition')
    .find(({ Properties }) => Properties.Family === `market-monitor-${part}`);
  return list(at(task?.Properties, 'ContainerDefinitions'))[0];
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

describe('the templates', () => {
  test('retain and protect what keeps data, and nothing else', () => {
    const { stacks } = of({ size: 'standard', polling: 'provisioned' });
    const kept = (resources: Synthesised['stacks']['data']) =>
      [
        ...new Set(
          Object.values(resources)
            .filter(({ DeletionPolicy }) => /^Retain/.test(DeletionPolicy ?? ''))
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
    assert.deepEqual(kept(stacks.alerting), []);
  });

  test('leave nothing behind of a first deployment that fails, so that it can be tried again', () => {
    const { data } = of({ size: 'standard', polling: 'provisioned' }).stacks;
    const kept = Object.entries(data).filter(([, { UpdateReplacePolicy }]) =>
      /^Retain/.test(UpdateReplacePolicy ?? ''),
    );
    assert.ok(kept.length > 10);
    for (const [id, { DeletionPolicy }] of kept) assert.equal(DeletionPolicy, 'RetainExceptOnCreate', id);
    // A protected table cannot be taken back: it is made when nothing is left that could fail.
    const [table] = Object.values(data).filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
    assert.equal(table?.Properties.DeletionProtectionEnabled, true);
    const before = new Set(table?.DependsOn);
    for (const [id, { Type }] of Object.entries(data)) {
      const isSlow = /^AWS::(MSK|Timestream|ApplicationAutoScaling|S3|EC2::(Instance|NatGateway))/.test(Type);
      if (isSlow) assert.ok(before.has(id), `${id} may fail after the table`);
    }
  });

  test('give the NAT instance a public address: the public subnets give out none', () => {
    const [instance] = of({ size: 'dev', polling: 'on-demand' }).ofType('AWS::EC2::Instance');
    const [face] = list(instance?.Properties.NetworkInterfaces);
    assert.equal(at(face, 'AssociatePublicIpAddress'), true);
    // Its first start fetches packages, for which the way out must stand.
    assert.ok(instance?.DependsOn?.some((id) => id.includes('DefaultRoute')));
  });

  test('write to Timestream by the endpoint of a given cell, without a NAT where nothing else leaves', () => {
    const given = { size: 'standard', polling: 'provisioned', timestreamCell: 'cell2' };
    const built = of(given);
    const endpoints = built
      .ofType('AWS::EC2::VPCEndpoint')
      .filter(({ Properties }) => Properties.VpcEndpointType === 'Interface');
    assert.equal(endpoints.length, 1);
    assert.match(JSON.stringify(endpoints[0]?.Properties.ServiceName), /timestream\.ingest-cell2/);
    assert.equal(endpoints[0]?.Properties.PrivateDnsEnabled, true);
    assert.equal(list(endpoints[0]?.Properties.SubnetIds).length, 3);
    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::Instance', 'AWS::EC2::EIP'])
      assert.deepEqual(built.ofType(type), [], type);
    const variables = (part: string) =>
      built
        .ofType('AWS::Lambda::Function')
        .find(({ Properties }) => Properties.FunctionName === `market-monitor-${part}`)?.Properties
        .Environment;
    const name = 'AWS_ENDPOINT_URL_TIMESTREAM_WRITE';
    assert.match(JSON.stringify(at(variables('aggregate'), 'Variables', name)), /ingest-cell2\.timestream\./);
    // It stands outside of the VPC.
    assert.equal(at(variables('dead-letter'), 'Variables', name), undefined);
    const polled = of({ ...given, polling: 'on-demand' });
    assert.equal(polled.ofType('AWS::EC2::NatGateway').length, 1, 'the pollers call Lambda and STS');
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
    const container = containerOf(built, 'ingest');
    assert.equal(at(container, 'ReadonlyRootFilesystem'), true);
    assert.equal(at(container, 'User'), 'node');
    assert.equal(at(container, 'StopTimeout'), 60);
    assert.deepEqual(at(container, 'HealthCheck', 'Command'), ['CMD', 'node', '/app/health-check.mjs']);
    for (const task of built.ofType('AWS::ECS::TaskDefinition'))
      assert.equal(at(task.Properties, 'RuntimePlatform', 'CpuArchitecture'), 'ARM64');
    const [service] = built.ofType('AWS::ECS::Service');
    assert.deepEqual(at(service?.Properties, 'DeploymentConfiguration', 'DeploymentCircuitBreaker'), {
      Enable: true,
      Rollback: true,
    });
    assert.equal(at(service?.Properties, 'DeploymentConfiguration', 'MinimumHealthyPercent'), 100);
  });

  test('run the operator’s commands by a role, a log and a program of their own, and lose no line of it', () => {
    const built = of({ size: 'dev', polling: 'on-demand' });
    const names = operatorNames('market-monitor');
    const container = containerOf(built, 'operator');
    assert.equal(at(container, 'Name'), names.container);
    assert.equal(at(container, 'ReadonlyRootFilesystem'), true);
    assert.equal(at(container, 'User'), 'node');
    assert.equal(at(container, 'HealthCheck'), undefined);
    assert.equal(list(at(container, 'EntryPoint')).at(-1), '/app/operator/index.mjs');
    assert.deepEqual(at(container, 'Image'), at(containerOf(built, 'ingest'), 'Image'));
    const { mode, 'awslogs-stream-prefix': prefix } = at(container, 'LogConfiguration', 'Options') as Record<
      string,
      unknown
    >;
    assert.deepEqual([mode, prefix], ['blocking', names.logPrefix]);
    assert.ok(
      built
        .ofType('AWS::Logs::LogGroup')
        .some(({ Properties }) => Properties.LogGroupName === names.logGroup),
    );
    const [service] = built.ofType('AWS::ECS::Service');
    assert.equal(service?.Properties.ServiceName, names.service);
    const [cluster] = built.ofType('AWS::ECS::Cluster');
    assert.equal(cluster?.Properties.ClusterName, names.cluster);
    assert.equal(built.ofType('AWS::ECS::Service').length, 1);
  });

  test('let the operator’s commands do what they do, and nothing else', () => {
    const built = of({ size: 'dev', polling: 'on-demand' });
    const policy = built
      .ofType('AWS::IAM::Policy')
      .find(({ id }) => /^OperatorTaskTaskRole/.test(id))?.Properties;
    const rights = list(at(policy, 'PolicyDocument', 'Statement')).flatMap((statement) => {
      const resources = JSON.stringify(at(statement, 'Resource'));
      const topics = [...resources.matchAll(/\/(binance[\w.-]+|signals[\w.-]+)"/g)].map(([, topic]) => topic);
      return list(at(statement, 'Action')).map((action) => [text(action), topics.sort().join(' ')]);
    });
    const { rawTrades, rawQuotes, trades, deadLetters } = DEFAULT_TOPIC_NAMES;
    const readable = [deadLetters, rawQuotes, rawTrades, trades].sort().join(' ');
    const writable = [deadLetters, rawQuotes, rawTrades].sort().join(' ');
    assert.deepEqual(
      rights.map((right) => right.join(' ').trim()).sort(),
      [
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:UpdateItem',
        'kafka-cluster:Connect',
        'kafka-cluster:DescribeCluster',
        `kafka-cluster:DescribeTopic ${readable}`,
        `kafka-cluster:DescribeTopic ${writable}`,
        `kafka-cluster:ReadData ${readable}`,
        `kafka-cluster:WriteData ${writable}`,
        'kafka-cluster:WriteDataIdempotently',
        'kafka:GetBootstrapBrokers',
        'timestream:DescribeEndpoints',
        'timestream:DescribeTable',
        'timestream:ListMeasures',
        'timestream:Select',
        'timestream:WriteRecords',
      ].sort(),
    );
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

  test('of two deployments share no name: alarms, database, namespace, and what IAM and Budgets know once', () => {
    const namesOf = (given: Readonly<Record<string, string>>) => {
      const built = of({ size: 'dev', polling: 'on-demand', ...given });
      const own = (type: string, property: string) =>
        built.ofType(type).map(({ Properties }) => text(Properties[property]));
      const variables = built
        .ofType('AWS::Lambda::Function')
        .map(({ Properties }) => at(Properties, 'Environment', 'Variables'));
      const set = (name: string) => new Set(variables.map((each) => at(each, name)).filter(Boolean));
      return {
        alarms: own('AWS::CloudWatch::Alarm', 'AlarmName'),
        databases: own('AWS::Timestream::Database', 'DatabaseName'),
        namespaces: new Set(own('AWS::CloudWatch::Alarm', 'Namespace')),
        set,
        built,
      };
    };
    const plain = namesOf({});
    const desk = namesOf({ name: 'desk-2' });
    assert.deepEqual(
      plain.alarms.filter((name) => desk.alarms.includes(name)),
      [],
    );
    assert.deepEqual([plain.databases, desk.databases], [['market'], ['market_desk_2']]);
    assert.deepEqual([...plain.set('TIMESTREAM_DATABASE')], ['market']);
    assert.deepEqual([...desk.set('TIMESTREAM_DATABASE')], ['market_desk_2']);
    assert.ok(plain.namespaces.has('MarketMonitor'));
    assert.ok(desk.namespaces.has('MarketMonitor/desk-2') && !desk.namespaces.has('MarketMonitor'));
    assert.deepEqual([...desk.set('METRIC_NAMESPACE')], ['MarketMonitor/desk-2']);
    assert.deepEqual([...desk.set('ALARM_PREFIX')], ['desk-2-']);
    const [task] = desk.built.ofType('AWS::ECS::TaskDefinition');
    assert.match(JSON.stringify(task), /"METRIC_NAMESPACE","Value":"MarketMonitor\/desk-2"/);
    assert.match(JSON.stringify(desk.built.ofType('AWS::CloudWatch::Dashboard')), /MarketMonitor\/desk-2/);
    for (const { Properties } of desk.built.ofType('AWS::IAM::Role'))
      assert.equal(Properties.RoleName, undefined);
    assert.equal(
      at(desk.built.ofType('AWS::Budgets::Budget')[0]?.Properties, 'Budget', 'BudgetName'),
      undefined,
    );
  });

  test('link an alarm’s runbook where it is known where the repository can be read', () => {
    const built = of({ size: 'dev', polling: 'on-demand', runbookUrl: 'https://example.com/repo/' });
    for (const { Properties } of built.ofType('AWS::CloudWatch::Alarm')) {
      assert.match(
        text(Properties.AlarmDescription),
        / Severity: \w+\. Runbook: https:\/\/example\.com\/repo\/docs\/runbooks\/[a-z-]+\.md$/,
      );
    }
  });

  test('watch each mapping by the id that Lambda gives it', () => {
    const alarms = of({ size: 'dev', polling: 'on-demand' })
      .ofType('AWS::CloudWatch::Alarm')
      .filter(({ Properties }) => /-mapping-/.test(text(Properties.AlarmName)));
    // One without a destination of its own.
    assert.equal(alarms.length, 2 * MAPPINGS.length - 1);
    for (const { Properties } of alarms) {
      const [dimension] = list(Properties.Dimensions);
      assert.equal(at(dimension, 'Name'), 'EventSourceMappingUUID');
      assert.match(text(at(dimension, 'Value', 'Fn::ImportValue')), /Mapping.*Id/);
    }
  });

  test('let each function write and read the tables that it needs, and no other', () => {
    const tables = (given: Readonly<Record<string, string>>, action: string) =>
      Object.fromEntries(
        of({ size: 'dev', polling: 'on-demand', ...given })
          .ofType('AWS::IAM::Policy')
          .flatMap(({ Properties }) => {
            const found = list(at(Properties, 'PolicyDocument', 'Statement'))
              .filter((statement) => list(at(statement, 'Action')).includes(action))
              .flatMap((statement) => list(at(statement, 'Resource')))
              .map((resource) => /table\/(\w+)/.exec(JSON.stringify(resource))?.[1]);
            const role = text(at(list(Properties.Roles)[0], 'Ref')).replace(/(?:Task)?Role[0-9A-F]{8}$/, '');
            return found.length === 0 ? [] : [[role, found.sort()]];
          }),
      );
    const write = 'timestream:WriteRecords';
    const { OperatorTask, ...functions } = tables({}, write);
    assert.deepEqual(functions, {
      Aggregate: ['candles', 'signals', 'spreads'],
      DeadLetter: ['dead_letters'],
    });
    assert.equal(
      OperatorTask?.length,
      TABLE_SPECS.length,
      'a refused row that is put back may be of any table',
    );
    assert.deepEqual(tables({ keepEvents: 'yes' }, write).Aggregate, [
      'candles',
      'quotes',
      'signals',
      'spreads',
      'trades',
    ]);
    const { Grafana, ...others } = tables({}, 'timestream:Select');
    assert.deepEqual(others, {
      OperatorTask: ['candles', 'signals', 'spreads'],
      SlackNotify: ['signals'],
    });
    assert.equal(Grafana?.length, TABLE_SPECS.length);
  });

  test('budget the account, or what carries the deployment’s tag', () => {
    const budget = (given: Readonly<Record<string, string>>) =>
      at(
        of({ size: 'dev', polling: 'on-demand', ...given }).ofType('AWS::Budgets::Budget')[0]?.Properties,
        'Budget',
        'CostFilters',
      );
    assert.equal(budget({}), undefined);
    assert.deepEqual(budget({ budgetScope: 'deployment' }), {
      TagKeyValue: ['user:application$market-monitor'],
    });
    const [bucket] = of({ size: 'dev', polling: 'on-demand' }).ofType('AWS::S3::Bucket');
    assert.ok(
      JSON.stringify(bucket?.Properties.Tags).includes('"Key":"application","Value":"market-monitor"'),
    );
  });

  test('build the image of ingest from what it needs and nothing else', () => {
    const dockerfile = readFileSync(join(ROOT, 'infra/aws/Dockerfile'), 'utf8');
    const isInside = (path: string) =>
      IMAGE_CONTEXT.some(
        (part) => path === part || path.startsWith(`${part}/`) || part.startsWith(`${path}/`),
      );
    const [, names = ''] = /^RUN node infra\/aws\/bundle\.ts \/out (.+)$/m.exec(dockerfile) ?? [];
    for (const name of names.split(' ') as BundleName[]) {
      const { metafile } = buildSync({
        absWorkingDir: ROOT,
        entryPoints: [BUNDLES[name]],
        bundle: true,
        platform: 'node',
        format: 'esm',
        packages: 'external',
        metafile: true,
        write: false,
      });
      for (const path of Object.keys(metafile.inputs))
        assert.ok(isInside(path), `${path} is not in the context`);
    }
    for (const [, paths = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
      for (const path of paths.split(' ')) assert.ok(isInside(path), path);
    assert.ok(!isInside('infra/aws/stacks/data-stack.ts') && !isInside('functions/notify/lambda.ts'));
    assert.match(dockerfile, /^FROM --platform=\$BUILDPLATFORM node:24-slim AS build$/m);
    // No RUN in the last stage: nothing is to be emulated.
    assert.doesNotMatch(dockerfile.slice(dockerfile.lastIndexOf('\nFROM ')), /^RUN /m);
  });

  test('are otherwise as they were: those of dev, and what standard has otherwise', (t) => {
    const dev = of({ size: 'dev', polling: 'on-demand' }).stacks;
    const standard = of({ size: 'standard', polling: 'provisioned' }).stacks;
    const snapshot = (name: string, resources: Readonly<Record<string, Resource>>): void => {
      const rest = Object.entries(resources).filter(([, { Type }]) => Type !== 'AWS::CloudWatch::Alarm');
      const json = JSON.stringify(Object.fromEntries(rest), null, 1);
      // The name of an asset follows its content, which has tests of its own.
      const stable = json.replace(/[0-9a-f]{64}/g, '<asset>');
      t.assert.fileSnapshot(stable, join(import.meta.dirname, 'snapshots', `${name}.snapshot`), {
        serializers: [(value: string) => `${value}\n`],
      });
    };
    for (const part of ['data', 'pipeline', 'alerting'] as const) {
      snapshot(`dev-${part}`, dev[part]);
      const other = Object.entries(standard[part]).filter(
        ([id, resource]) => !isDeepStrictEqual(resource, dev[part][id]),
      );
      snapshot(`standard-${part}`, Object.fromEntries(other));
    }
  });
});
