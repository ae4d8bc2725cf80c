import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STATE_TABLE_KEYS } from '../../../functions/adapters/dynamodb/ensure-state-table.ts';
import { TABLE_SPECS } from '../../../shared/tables.ts';
import { at, list } from './json-path.ts';
import type { Synthesised } from './synthesise.ts';
import { templatesOf as of } from './templates-of.ts';

describe('the stack of the data', () => {
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
});
