import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { STATE_TABLE_KEYS } from '../../../functions/adapters/dynamodb/ensure-state-table.ts';

/**
 * The table of the windows' state and of notify's incidents: the keys that the code uses. Retained tables are also
 * protected from deletion.
 */
export function stateTable(
  scope: Construct,
  id: string,
  tableName: string,
  removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
): Table {
  return new Table(scope, id, {
    tableName,
    partitionKey: { name: STATE_TABLE_KEYS.partition, type: AttributeType.STRING },
    sortKey: { name: STATE_TABLE_KEYS.sort, type: AttributeType.STRING },
    timeToLiveAttribute: STATE_TABLE_KEYS.expiry,
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.AWS_MANAGED,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: removalPolicy === RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    removalPolicy,
  });
}
