import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { buildSync } from 'esbuild';
import { BUNDLES, type BundleName } from '../../../infra/aws/bundle.ts';
import { IMAGE_CONTEXT } from '../../../infra/aws/constructs/ingest-image.ts';
import { operatorNames } from '../../../infra/aws/operator/operator-names.ts';
import { RESERVING_FUNCTIONS } from '../../../infra/aws/sizes.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { TABLE_SPECS } from '../../../shared/tables.ts';
import { at, list, text } from './json-path.ts';
import { containerOf, templatesOf as of } from './templates-of.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

describe('the stack of the pipeline', () => {
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
});
