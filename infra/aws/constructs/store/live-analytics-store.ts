import { Arn, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-timestream';
import { Construct } from 'constructs';
import { TABLE_SPECS, type TableName } from '../../../../shared/tables.ts';
import { acknowledge } from '../acknowledge.ts';
import type { Store } from './store.ts';

/** Timestream for LiveAnalytics: the database and its tables. What happens to late rows: magnetic writes. */
export class LiveAnalyticsStore extends Construct implements Store {
  readonly kind = 'liveanalytics';
  readonly database: string;
  readonly #stack: Stack;

  constructor(scope: Construct, id: string, props: { readonly database: string }) {
    super(scope, id);
    this.database = props.database;
    this.#stack = Stack.of(this);
    const rejected = new Bucket(this, 'RejectedRows', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [{ expiration: Duration.days(30) }],
    });
    acknowledge(
      rejected,
      'Timestream alone writes here, and what it writes is a log itself.',
      'AwsSolutions-S1',
    );
    const database = new CfnDatabase(this, 'Database', { databaseName: this.database });
    database.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    for (const table of TABLE_SPECS) {
      const made = new CfnTable(this, `Table-${table.name}`, {
        databaseName: this.database,
        tableName: table.name,
        retentionProperties: {
          MemoryStoreRetentionPeriodInHours: String(table.memoryHours),
          MagneticStoreRetentionPeriodInDays: String(table.magneticDays),
        },
        magneticStoreWriteProperties: {
          EnableMagneticStoreWrites: true,
          MagneticStoreRejectedDataLocation: {
            S3Configuration: {
              BucketName: rejected.bucketName,
              EncryptionOption: 'SSE_S3',
              ObjectKeyPrefix: table.name,
            },
          },
        },
      });
      made.addResourceDependency(database);
      made.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    }
    acknowledge(
      database,
      'Encrypted by the key of AWS: the rows are public market data.',
      'AwsSolutions-TS3',
    );
    acknowledge(
      this,
      'The accounts that have the service keep it; preflight stops those that cannot have it.',
      'CloudFormation-Validate::W3697',
    );
  }

  grantWrite(grantee: IGrantable, tables: readonly TableName[]): void {
    this.#allow(grantee, tables, ['timestream:WriteRecords']);
  }

  grantQuery(grantee: IGrantable, tables: readonly TableName[]): void {
    const actions = ['timestream:Select', 'timestream:DescribeTable', 'timestream:ListMeasures'];
    this.#allow(grantee, tables, actions);
  }

  #allow(grantee: IGrantable, tables: readonly TableName[], actions: string[]): void {
    const resources = tables.map((name) =>
      Arn.format(
        { service: 'timestream', resource: 'database', resourceName: `${this.database}/table/${name}` },
        this.#stack,
      ),
    );
    const principal = grantee.grantPrincipal;
    principal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
    // The SDK asks for its cell's endpoint first; the action knows no resources.
    principal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['timestream:DescribeEndpoints'], resources: ['*'] }),
    );
  }
}
