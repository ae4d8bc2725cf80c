import { Stack } from 'aws-cdk-lib';
import { CfnWorkspace } from 'aws-cdk-lib/aws-grafana';
import { AccountRootPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { TABLES } from '../../../shared/tables.ts';
import type { Deployment } from '../deployment.ts';
import { acknowledge } from './acknowledge.ts';
import type { Store } from './store/store.ts';

/** The role that Grafana assumes to read the rows and the metrics, and the managed workspace where one is wanted. */
export class GrafanaAccess extends Construct {
  readonly role: Role;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly deployment: Deployment; readonly store: Store },
  ) {
    super(scope, id);
    const { deployment, store } = props;
    const { account } = Stack.of(this);
    this.role = new Role(this, 'Role', {
      description: 'Reads rows and metrics for Grafana',
      assumedBy: deployment.managedGrafana
        ? new ServicePrincipal('grafana.amazonaws.com', {
            conditions: { StringEquals: { 'aws:SourceAccount': account } },
          })
        : new AccountRootPrincipal(),
    });
    store.grantQuery(this.role, Object.values(TABLES));
    this.role.addToPolicy(
      new PolicyStatement({
        // Grafana's datasource lists what there is; none of these knows a resource.
        actions: [
          'timestream:ListDatabases',
          'timestream:SelectValues',
          'timestream:CancelQuery',
          'cloudwatch:ListMetrics',
          'cloudwatch:GetMetricData',
          'cloudwatch:DescribeAlarms',
        ],
        resources: ['*'],
      }),
    );
    acknowledge(
      this.role,
      'Listing databases, ad-hoc values and metrics know no resources; all of it reads.',
      'AwsSolutions-IAM5[Resource::*]',
    );
    if (deployment.managedGrafana) {
      new CfnWorkspace(this, 'Workspace', {
        name: deployment.name,
        accountAccessType: 'CURRENT_ACCOUNT',
        authenticationProviders: ['AWS_SSO'],
        permissionType: 'CUSTOMER_MANAGED',
        roleArn: this.role.roleArn,
        dataSources: ['TIMESTREAM', 'CLOUDWATCH'],
      });
    }
  }
}
