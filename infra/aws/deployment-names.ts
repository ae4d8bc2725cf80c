import { METRIC_NAMESPACE } from '../../shared/metrics/metric-catalogue.ts';
import { SETTINGS } from '../../shared/settings/settings.ts';

/** The name of a deployment that was given none. */
export const DEFAULT_NAME = 'market-monitor';

/** What a deployment calls the things that an account and region has once, so that two can stand side by side. */
export interface DeploymentNames {
  /** The Timestream database. */
  readonly database: string;
  /** The CloudWatch namespace of its own metrics. */
  readonly metricNamespace: string;
  /** What the names of its alarms begin with. */
  readonly alarmPrefix: string;
}

/** The names of a deployment. The default one has those of the local run, which dashboards and queries know. */
export function deploymentNames(name: string): DeploymentNames {
  const database = SETTINGS.timestreamDatabase.default ?? '';
  const isDefault = name === DEFAULT_NAME;
  return {
    // An underscore needs no quotes in SQL, and no name holds one, so that two names never become one.
    database: isDefault ? database : `${database}_${name.replaceAll('-', '_')}`,
    metricNamespace: isDefault ? METRIC_NAMESPACE : `${METRIC_NAMESPACE}/${name}`,
    alarmPrefix: `${name}-`,
  };
}
