import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAPPINGS } from '../../../shared/mappings.ts';
import { at, list, text } from './json-path.ts';
import { templatesOf as of } from './templates-of.ts';

describe('the stack of the alarms, and names', () => {
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
});
