import { App, type AppProps, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { Bundle, BundleName } from './bundle.ts';
import { COST_TAG } from './constructs/monthly-budget.ts';
import type { Deployment } from './deployment.ts';
import { AlertingStack } from './stacks/alerting-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { PipelineStack } from './stacks/pipeline-stack.ts';

/** The app with its stacks. */
export interface BuiltApp {
  readonly app: App;
  readonly data: DataStack;
  readonly pipeline: PipelineStack;
  readonly alerting: AlertingStack;
}

/**
 * The whole deployment as an app, checked by cdk-nag. It knows neither account nor region and looks nothing up, so
 * that it synthesises anywhere.
 */
export function buildApp(
  deployment: Deployment,
  bundles: ReadonlyMap<BundleName, Bundle>,
  props: AppProps = {},
): BuiltApp {
  const app = new App(props);
  const notify = bundles.get('notify');
  if (notify === undefined) throw new Error('There is no bundle of notify.');
  const prefix = deployment.name;
  const data = new DataStack(app, `${prefix}-data`, deployment);
  const pipeline = new PipelineStack(app, `${prefix}-pipeline`, deployment, data, bundles);
  // Topics before what reads them.
  pipeline.addStackDependency(data);
  const alerting = new AlertingStack(app, `${prefix}-alerting`, deployment, { data, pipeline, notify });
  Tags.of(app).add(COST_TAG, prefix);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return { app, data, pipeline, alerting };
}
