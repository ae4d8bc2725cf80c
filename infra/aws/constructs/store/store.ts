import type { IGrantable } from 'aws-cdk-lib/aws-iam';

/**
 * The store of the rows as the stacks see it. Timestream for LiveAnalytics implements it; Timestream for InfluxDB
 * is to come for accounts that cannot have the former.
 */
export interface Store {
  readonly kind: 'liveanalytics' | 'influxdb';
  /** The database's name, for `TIMESTREAM_DATABASE`. */
  readonly database: string;
  /** To write rows. */
  grantWrite(grantee: IGrantable): void;
  /** To run queries. */
  grantQuery(grantee: IGrantable): void;
}
