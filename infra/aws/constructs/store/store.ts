import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { TableName } from '../../../../shared/tables.ts';

/**
 * The store of the rows as the stacks see it. Timestream for LiveAnalytics implements it; Timestream for InfluxDB
 * is to come for accounts that cannot have the former.
 */
export interface Store {
  readonly kind: 'liveanalytics' | 'influxdb';
  /** The database's name, for `TIMESTREAM_DATABASE`. */
  readonly database: string;
  /** To write rows of these tables. */
  grantWrite(grantee: IGrantable, tables: readonly TableName[]): void;
  /** To query these tables. */
  grantQuery(grantee: IGrantable, tables: readonly TableName[]): void;
}
